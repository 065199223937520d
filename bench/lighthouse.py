"""What Lighthouse says of the public pages: performance, accessibility, best practices, SEO.

    PYTHONPATH=. .venv/bin/python bench/lighthouse.py [http://HOST:PORT] [runs] [/path …]

Needs Node 18.16 or later with npm, and Chromium. Lighthouse itself comes through npm, as it is set
up on the machine, into a folder that is gone afterwards; nothing of it belongs to the site. Each
page is looked at as on a phone (Lighthouse's own defaults: a slow network and a slow processor,
reckoned), three times, and the median counts. By default the home page and the newest campaign in
Chinese and English, on a site of its own with the small demonstration. Audits that fail are named;
those without weight are Lighthouse's hints.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from figures import figure
from served import Visitor, site_at

from tests.servers import ServerMissing
from tests.walkers import QUIET, chromium

PACKAGE = "lighthouse@12.8.2"
NODE = (18, 16)
LEAST = 95
PASSED = 0.9
"""From this score on Lighthouse shows an audit in green."""
TRIES, AGAIN = 3, "Please run Lighthouse again"
"""What it says when the browser's trace was lost: of the page that says nothing."""
UNJUDGED = {"manual", "informative", "notApplicable"}


class Lighthouse(NamedTuple):
    """Its command, and the browser that it steers."""

    command: Path
    browser: str


def tools() -> tuple[str, str]:
    """Return the paths of npm and Chromium. Ends with what to install if one is missing."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not (node and npm):
        raise SystemExit("Node and npm are not installed: apt-get install nodejs npm")
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    version = tuple(int(part) for part in re.findall(r"\d+", said)[:2])
    if version < NODE:
        least = ".".join(map(str, NODE))
        raise SystemExit(f"{PACKAGE} needs Node {least} or later, here is {said.strip()}")
    try:
        return npm, chromium()
    except ServerMissing as missing:
        raise SystemExit(str(missing)) from None


def install(npm: str, folder: Path) -> Path:
    """Return the command of Lighthouse, installed in a folder."""
    done = subprocess.run(
        [npm, "install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund",
         "--no-package-lock", "--ignore-scripts", PACKAGE],
        cwd=folder, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    command = folder / "node_modules/.bin/lighthouse"
    if done.returncode or not command.exists():
        raise SystemExit(f"npm could not install {PACKAGE}:\n{done.stderr.strip()}")
    return command


def look(tool: Lighthouse, address: str) -> dict[str, Any]:
    """Return Lighthouse's report on one page; ends if it could not look at that very page."""
    for _try in range(TRIES):
        done = _run(tool, address)
        if AGAIN not in done.stderr:
            break
    if done.returncode:
        raise SystemExit(f"Lighthouse could not look at {address}:\n{done.stderr.strip()}")
    report: dict[str, Any] = json.loads(done.stdout)
    if "runtimeError" in report or report["finalDisplayedUrl"] != address:
        raise SystemExit(f"Lighthouse saw something else than {address}: "
                         f"{report.get('runtimeError', report['finalDisplayedUrl'])}")  # fmt: skip
    return report


def _run(tool: Lighthouse, address: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [tool.command, address, "--quiet", "--no-enable-error-reporting", "--output=json",
         f"--chrome-flags=--headless=new {' '.join(QUIET)}"],
        env=os.environ | {"CHROME_PATH": tool.browser, "TMPDIR": str(tool.command.parents[2])},
        capture_output=True, text=True, check=False, timeout=180,
    )  # fmt: skip


def failing(reports: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Return the audits that fail in any of these reports: their ids with what is said of them."""
    found = {}
    for report in reports:
        weights = {
            one["id"]: one["weight"]
            for category in report["categories"].values()
            for one in category["auditRefs"]
        }
        for name, audit in report["audits"].items():
            failed = audit["scoreDisplayMode"] == "error" or (audit["score"] or 0) < PASSED
            if name in weights and failed and audit["scoreDisplayMode"] not in UNJUDGED:
                said = " ".join((audit["title"], audit.get("displayValue") or "")).strip()
                found[name] = said if weights[name] else f"{said} (hint)"
    return found


def measure(tool: Lighthouse, address: str, path: str, runs: int) -> None:
    reports = [look(tool, address + path) for _turn in range(runs)]
    for key, category in reports[0]["categories"].items():
        scores = [(report["categories"][key]["score"] or 0) * 100 for report in reports]
        name = f"Lighthouse, {category['title']}, {path}"
        figure(name, round(statistics.median(scores)), least=LEAST)
    for name, said in failing(reports).items():
        print(f"  {path}: {name}: {said}")


def main(address: str, runs: int, paths: list[str]) -> None:
    npm, browser = tools()
    with TemporaryDirectory() as folder, site_at(address) as site:
        tool = Lighthouse(install(npm, Path(folder)), browser)
        here = site.addresses[0]
        if not paths:
            listing = Visitor(here).get("/campaigns").body.decode()
            found = re.search(r'href="(/campaigns/[\w-]+)"', listing)
            if found is None:
                raise SystemExit("no campaign is public there")
            paths = ["/", found[1], "/en/", "/en" + found[1]]
        for path in paths:
            measure(tool, here, path, runs)


if __name__ == "__main__":
    given = [one for one in sys.argv[1:] if "://" in one]
    numbers = [int(one) for one in sys.argv[1:] if one.isdigit()]
    main(
        given[0].rstrip("/") if given else "",
        numbers[0] if numbers else 3,
        [one for one in sys.argv[1:] if one.startswith("/")],
    )
