"""Whether time tells a stranger's record from a missing one.

    PYTHONPATH=. .venv/bin/python bench/foreign.py [pairs]

In one process, on a fresh database with two counties: a coordinator asks for a record of the other
county and for one that does not exist, by turns. For each route it prints both medians, their
ratio, and the p of a two-sided Mann–Whitney test; a small p would say that times differ.
Bounded: pairs × 11 routes, about a minute with 200 pairs.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

from figures import figure, p_value
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from core import clock
from core.db import db, writing
from core.fences import everything
from tests.browser import Browser
from tests.conftest import NOON, settings_for
from tests.worlds import County, World, a_world

ROUTES = {
    "child": "/children/{child}",
    "child's reveal": "/children/{child}/reveal",
    "pairing": "/pairings/{pairing}",
    "visit": "/visits/{visit}",
    "visit's record": "/visits/{done_visit}/record",
    "volunteer": "/volunteers/{volunteer}",
    "team": "/teams/{team}",
    "approval": "/approvals/{approval}",
    "alert": "/alerts/{alert}",
    "export": "/exports/{export}",
    "request": "/rights/{child_request}",
}
PAIRS, WARM = 200, 20
MISSING = "A" * 22


def asked(client: FlaskClient, url: str) -> float:
    """Return how many milliseconds the refusal took."""
    began = time.perf_counter()
    answer = client.get(url)
    taken = (time.perf_counter() - began) * 1000
    if answer.status_code not in {403, 404}:
        raise SystemExit(f"{url}: {answer.status_code}")
    return taken


def address(route: str, county: County) -> tuple[str, str]:
    """Return the address of the county's record, and that of one that does not exist."""
    names = {name: getattr(county, name) for name in County.__dataclass_fields__}
    return route.format_map(names), route.format_map(dict.fromkeys(names, MISSING))


def measured(client: FlaskClient, pair: tuple[str, str], pairs: int) -> tuple[list[float], ...]:
    """Return the times of the foreign and of the missing record, asked for by turns."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(pairs + WARM):
        for side in ((0, 1), (1, 0))[turn % 2]:
            taken = asked(client, pair[side])
            if turn >= WARM:
                times[side].append(taken)
    return times


def report(app: Flask, world: World, pairs: int) -> None:
    client = Browser(app, world.secrets["coordinator"]).client
    ratios, ps = [], []
    for name, route in ROUTES.items():
        foreign, missing = measured(client, address(route, world.others), pairs)
        there, gone = statistics.median(foreign), statistics.median(missing)
        ratios.append(there / gone)
        ps.append(p_value(foreign, missing))
        print(f"{name:16}foreign {there:6.2f} ms, missing {gone:6.2f} ms,"
              f" ratio {ratios[-1]:.3f}, p {ps[-1]:.3f}", flush=True)  # fmt: skip
    gap = max(abs(ratio - 1) for ratio in ratios) * 100
    figure("foreign against missing, largest gap of medians", gap, "%", most=5)
    figure(
        "foreign against missing, smallest p times routes", min(1, min(ps) * len(ps)), least=0.01
    )


def main(pairs: int) -> None:
    with tempfile.TemporaryDirectory() as folder, patch.object(clock, "wall", lambda: NOON):
        app = create_app(settings_for(Path(folder)))
        with app.app_context():
            with writing():
                db.create_all()
            db.session.remove()
            with everything():
                world = a_world()
            db.session.remove()
        report(app, world, pairs)
        with app.app_context():
            db.engine.dispose()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS)
