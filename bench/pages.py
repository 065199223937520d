"""What a public page costs: made before, packed, and not sent at all to whoever has it.

    .venv/bin/python bench/pages.py [http://HOST:PORT]

By default starts the site on loopback with the small demonstration and measures the processor
time of its process too; of a site elsewhere it tells times only. Prints p50 and p99 of the front
page, the list and a campaign's page, of answers that the page is still good, and how many cookies
came before any form. Waitress closes the connection after an answer without a body, so that one is
paid for with a new connection each time; behind a proxy it is not.
"""

import re
import statistics
import sys
import time

from figures import figure
from served import Site, Visitor, site_at

PAGES = 2000
MOST_MS = 1.5


def measured(site: Site, visitor: Visitor, paths: list[str], known: dict[str, str]) -> list[float]:
    """Return how many milliseconds each page took; with an ETag, only whether it is still good."""
    taken = []
    for turn in range(PAGES):
        path = paths[turn % len(paths)]
        headers = {"Accept_Encoding": "gzip"}
        if path in known:
            headers["If_None_Match"] = known[path]
        began = time.perf_counter()
        answer = visitor.get(path, **headers)
        taken.append((time.perf_counter() - began) * 1000)
        if answer.status != (304 if path in known else 200):
            raise SystemExit(f"{path}: {answer.status} at {site.addresses[0]}")
    return taken


def told(name: str, site: Site, paths: list[str], known: dict[str, str]) -> None:
    visitor, before = Visitor(site.addresses[0]), site.cpu_ms()
    taken = measured(site, visitor, paths, known)
    spent = (site.cpu_ms() - before) / PAGES
    cuts = statistics.quantiles(taken, n=100)
    figure(f"{name}, p50", cuts[49], "ms")
    figure(f"{name}, p99", cuts[98], "ms")
    if site.pids:
        figure(f"{name}, processor time of the site", spent, "ms", most=None if known else MOST_MS)


def main(address: str) -> None:
    with site_at(address) as site:
        visitor = Visitor(site.addresses[0])
        listing = visitor.get("/campaigns").body.decode()
        found = re.search(r'href="(/campaigns/[\w-]+)"', listing)
        if found is None:
            raise SystemExit("no campaign is public there")
        paths = ["/", "/campaigns", found[1]]
        answers = {path: visitor.get(path) for path in paths}
        cookies = sum("Set-Cookie" in answer.headers for answer in answers.values())
        told("public page", site, paths, {})
        known = {path: answer.headers["ETag"] or "" for path, answer in answers.items()}
        told("public page that is still good", site, paths, known)
        figure("cookies before a form", cookies, most=0)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
