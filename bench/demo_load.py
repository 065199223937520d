"""How long the demonstration's data take to load, each size into a fresh database.

    .venv/bin/python bench/demo_load.py [small city load]

Prints seconds of wall clock for places and data. Loopback and disk only.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import figure

ROOT = Path(__file__).parent.parent
MOST_SECONDS = {"small": 2.0}


def seconds(home: str, *words: str) -> float:
    """Return how long one of the site's commands takes, its start included."""
    env = os.environ | {"TONGXING_HOME": home, "TONGXING_DEMO": "1", "TONGXING_LOG_LEVEL": "error"}
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *words],
        cwd=ROOT, env=env, check=True, capture_output=True,
    )  # fmt: skip
    return time.perf_counter() - began


def main(sizes: list[str]) -> None:
    """Measure each size once and print a line for it."""
    areas = str(ROOT / "places/data/jinzhong/areas.csv")
    with tempfile.TemporaryDirectory() as probe:
        bare = seconds(probe, "routes")  # what every command's start costs
    for size in sizes:
        with tempfile.TemporaryDirectory() as home:
            seconds(home, "db", "upgrade")
            places = seconds(home, "places", "load", areas) - bare
            seconds(home, "places", "network", areas.replace("areas", "network"))
            seconds(home, "places", "units", areas.replace("areas", "member_units"))
            data = seconds(home, "demo", "load", "--size", size) - bare
        figure(f"demonstration, {size}: places", places, "s")
        figure(f"demonstration, {size}: data", data, "s", most=MOST_SECONDS.get(size))


if __name__ == "__main__":
    main(sys.argv[1:] or ["small", "city"])
