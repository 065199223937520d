"""How many sign-ups a second the site takes, and whether it sells a seat twice meanwhile.

    .venv/bin/python bench/sign_up.py [http://HOST:PORT] [posts]

By default starts two processes of the site on one SQLite database with the small demonstration,
and sends each post from one of many loopback addresses (Linux), since 60 an hour are taken from
one. Elsewhere each post names an address in X-Forwarded-For: let the site trust this machine as
its proxy (TONGXING_PROXIES=1), or most of them are answered 429. It fills real slots: never run it
against a site that people use. Of a site of its own it also holds the slots to their rows.
"""

import re
import socket
import sqlite3
import statistics
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from figures import figure
from served import Site, Visitor, site_at

CONNECTIONS = 8
A_CONNECTION = 50
"""Posts before another address is used."""
LEAST_A_SECOND, MOST_MS = 400.0, 4.0
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LENGTH = re.compile(rb"\r\nContent-Length: (\d+)\r\n", re.IGNORECASE)
CHECKS = {
    "seats sold twice": "SELECT coalesce(sum(max(0, taken - capacity)), 0) FROM slots",
    "slots that differ from their rows": (
        "SELECT count(*) FROM slots WHERE taken <> (SELECT coalesce(sum(party), 0) FROM sign_ups"
        " WHERE slot_id = slots.id AND state NOT IN ('waiting', 'abandoned', 'cancelled'))"
        " + (SELECT coalesce(sum(capacity - taken), 0) FROM seat_blocks WHERE slot_id = slots.id)"
    ),
    "numbers missing in a queue": (
        "SELECT coalesce(sum(queued), 0) - (SELECT count(DISTINCT slot_id || '/' || ticket)"
        " FROM sign_ups WHERE ticket IS NOT NULL) FROM slots"
    ),
}


@dataclass
class Tally:
    answers: Counter[int] = field(default_factory=Counter)
    taken: list[float] = field(default_factory=list)


def slots_of(site: Site) -> list[str]:
    """Return the paths of the forms of a few slots that are open."""
    visitor = Visitor(site.addresses[0])
    listing = visitor.get("/campaigns").body.decode()
    found: list[str] = []
    for campaign in dict.fromkeys(re.findall(r'href="(/campaigns/[\w-]+)"', listing)):
        page = visitor.get(campaign).body.decode()
        found += dict.fromkeys(re.findall(r'href="(/slots/[\w-]+/join)"', page))
    if not found:
        raise SystemExit("no slot is open there")
    return found[:4]


def keys(visitor: Visitor, slot: str) -> tuple[str, str]:
    """Return the token of a form and the cookie that goes with it."""
    answer = visitor.get(slot)
    token = re.search(r'name="csrf_token" value="([^"]+)"', answer.body.decode())
    if token is None:
        raise SystemExit(f"{slot}: no form")
    return token[1], (answer.headers["Set-Cookie"] or "").partition(";")[0]


def send(site: Site, slots: list[str], number: int, posts: int) -> Tally:
    """Sign up so many people, one after the other."""
    tally, address = Tally(), site.addresses[number % len(site.addresses)]
    token, cookie = keys(Visitor(address), slots[0])
    headers = FORM | {"Host": urlsplit(address).netloc, "Cookie": cookie}
    for turn in range(posts):
        if turn % A_CONNECTION == 0:
            from_here = (
                f"127.{number + 1}.{turn // A_CONNECTION // 250}.{turn // A_CONNECTION % 250 + 2}"
            )
            visitor = Visitor(address, from_here if site.pids else "")
            wire = visitor.wire()
        if not site.pids:
            headers["X-Forwarded-For"] = from_here.replace("127", "10", 1)
        contact = f"bench-{time.time_ns()}-{number}@example.org"
        form = urlencode({
            "csrf_token": token, "form_key": f"{number:04}{time.time_ns():020}", "name": "李样例",
            "contact": contact, "org": "个人", "agree": "y", "queue": "y",
        })  # fmt: skip
        asked = as_bytes(slots[turn % len(slots)], headers, form)
        began = time.perf_counter()
        status = post(wire, asked)
        tally.taken.append((time.perf_counter() - began) * 1000)
        tally.answers[status] += 1
    return tally


def as_bytes(path: str, headers: dict[str, str], form: str) -> bytes:
    """Return a whole request: the client shares the processors with what it measures."""
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, f"Content-Length: {len(form)}", "", form]).encode("ascii")


def post(wire: socket.socket, asked: bytes) -> int:
    """Send a request, read its whole answer and return the status. Raises ConnectionError."""
    wire.sendall(asked)
    answer = b""
    while (end := answer.find(b"\r\n\r\n")) < 0:
        answer += _some(wire)
    length = LENGTH.search(answer, 0, end + 2)
    if length is None:
        raise ConnectionError("an answer without its length")
    left = end + 4 + int(length[1]) - len(answer)
    while left > 0:
        left -= len(_some(wire))
    return int(answer[9:12])


def _some(wire: socket.socket) -> bytes:
    got = wire.recv(65536)
    if not got:
        raise ConnectionError("the site closed the connection")
    return got


def check(database: Path) -> None:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        for name, question in CHECKS.items():
            figure(name, connection.execute(question).fetchone()[0], most=0)


def main(address: str, posts: int) -> None:
    with site_at(address, processes=2) as site:
        slots, tallies = slots_of(site), []
        send(site, slots, CONNECTIONS, 20)  # the first ones are slower
        before, began = site.cpu_ms(), time.perf_counter()
        threads = [
            threading.Thread(
                target=lambda one=one: tallies.append(send(site, slots, one, posts // CONNECTIONS))
            )
            for one in range(CONNECTIONS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds, spent = time.perf_counter() - began, site.cpu_ms() - before
        answers = sum((tally.answers for tally in tallies), Counter[int]())
        cuts = statistics.quantiles([one for tally in tallies for one in tally.taken], n=100)
        print(f"answers: {dict(answers)}; {CONNECTIONS} connections, {len(slots)} slots")
        figure("sign-ups a second", answers[302] / seconds, least=LEAST_A_SECOND)
        figure("a sign-up, p50", cuts[49], "ms")
        figure("a sign-up, p99", cuts[98], "ms")
        if site.pids:
            figure("a sign-up, processor time of the site", spent / sum(answers.values()), "ms",
                   most=MOST_MS)  # fmt: skip
        if site.database:
            check(site.database)


if __name__ == "__main__":
    given = [one for one in sys.argv[1:] if "://" in one]
    numbers = [int(one) for one in sys.argv[1:] if one.isdigit()]
    main(given[0] if given else "", numbers[0] if numbers else 4000)
