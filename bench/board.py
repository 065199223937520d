"""The pairing board with 200 waiting children and 500 teams: eight coordinators at work.

    PYTHONPATH=. .venv/bin/python bench/board.py [seconds]

One invented county in memory, matched by the site's own run. Then a site in one process on
loopback, asked by eight coordinators who each open another page three seconds after the last,
faster than anybody reads it. Tells p50 and p95 of the board, of one child between its
columns, of a page of proposals and of a team, and how heavy the pages are.
"""

import os
import statistics
import sys
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from figures import figure
from flask import Flask
from flask_migrate import upgrade
from served import FIRST_PORT, ROOT, Visitor, process

from accounts.rules import Role
from accounts.sessions.services import open_session
from app import create_app
from children.models import Child
from children.rules import Need, NeedState, Risk
from core import clock
from core.db import db, transaction, writing
from core.fences import everything
from pairings.rules import Stage
from places.models import Area
from tests.builders.children import a_consented_child
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county, a_township, a_village
from tests.builders.runs import a_run
from tests.builders.volunteers import a_team, an_active_volunteer
from volunteers.rules import Sex
from volunteers.teams.models import Team

COORDINATORS, TEAMS, CHILDREN, STANDING = 8, 500, 200, 60
PORT = FIRST_PORT + 40
PAUSE, MOST_MS, MOST_BYTES = 3.0, 150, 45_000
CHANCE = Random(1407)  # noqa: S311 - invented people, not secrets
SKILLS = ("homework", "reading", "sports", "art", "career")


@dataclass(frozen=True)
class Filled:
    """Who may look, and at what."""

    cookies: list[str]
    paths: dict[str, list[str]]


def filled(app: Flask) -> Filled:
    """Fill an empty site with one county and its run; return who looks at what."""
    with transaction():
        county = a_county()
        villages = [a_village(a_township(county)) for _turn in range(5)]
        teams = _teams(county)
        children = [_child(villages) for _turn in range(CHILDREN)]
        for team in teams[:STANDING]:
            child = a_consented_child(CHANCE.choice(villages), state=NeedState.MATCHED)
            proposed_at = clock.now() - timedelta(days=30)
            a_pairing(child, team, stage=Stage.ACTIVE, proposed_at=proposed_at)
        people = [
            a_member_of_staff(Role.COORDINATOR, area_id=county.id) for _turn in range(COORDINATORS)
        ]
        paths = {
            "board": ["/board", "/board?need=reading"],
            "child": [f"/board/{one.uid}" for one in children],
            "proposals": ["/board/proposals"],
            "team": [f"/board/teams/{one.uid}" for one in teams[STANDING:]],
        }
        county_id = county.id
    a_run(county_id)
    return Filled([_cookie(app, person) for person in people], paths)


def _teams(county: Area) -> list[Team]:
    """Return teams of a woman and somebody, ready for one or two children each."""
    return [
        a_team(
            county,
            members=[
                an_active_volunteer(
                    county, sex=sex, skills=CHANCE.sample(SKILLS, 2), capacity=CHANCE.randint(1, 2)
                )
                for sex in (Sex.FEMALE, CHANCE.choice(list(Sex)))
            ],
        )
        for _turn in range(TEAMS)
    ]


def _child(villages: list[Area]) -> Child:
    return a_consented_child(
        CHANCE.choice(villages),
        risk=CHANCE.choice(list(Risk)),
        needs=CHANCE.sample(list(Need), 2),
        open_since=clock.today() - timedelta(days=CHANCE.randint(1, 120)),
    )


def _cookie(app: Flask, person_id: int) -> str:
    """Return the cookie of somebody who has signed in."""
    signing = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    secret = open_session(person_id, agent="benchmark")
    return f"tongxing={signing.dumps({'_user_id': secret, '_fresh': True})}"


@dataclass
class Seen:
    """What came back, by kind of page."""

    taken: dict[str, list[float]]
    heavy: dict[str, int]
    wrong: list[str]


def work(
    address: str, cookie: str, paths: dict[str, list[str]], *, until: float, seen: Seen
) -> None:
    """Open page after page, mostly children, with a pause after each."""
    chance, visitor = Random(cookie), Visitor(address)  # noqa: S311 - which page comes next
    kinds = ["child", "child", "child", "board", "proposals", "team"]
    time.sleep(chance.random() * PAUSE)
    while time.perf_counter() < until:
        kind = chance.choice(kinds)
        path = chance.choice(paths[kind])
        began = time.perf_counter()
        answer = visitor.get(path, Cookie=cookie)
        seen.taken[kind].append((time.perf_counter() - began) * 1000)
        seen.heavy[kind] = max(seen.heavy[kind], len(answer.body))
        if answer.status != 200:
            seen.wrong.append(f"{path}: {answer.status}")
        time.sleep(PAUSE)


def main(seconds: float) -> None:
    shm = Path("/dev/shm")  # noqa: S108 - memory instead of disk: a fresh folder all the same
    with TemporaryDirectory(dir=shm if os.access(shm, os.W_OK) else None) as home:
        os.environ |= {
            "TONGXING_HOME": home, "TONGXING_DEMO": "1", "TONGXING_LOG_LEVEL": "error",
        }  # fmt: skip
        app = create_app()
        with app.app_context(), everything():
            with writing():
                upgrade(directory=str(ROOT / "migrations"))
            made = filled(app)
            db.session.remove()
            db.engine.dispose()
        with process(home, PORT):
            measure(f"http://127.0.0.1:{PORT}", made, seconds)


def measure(address: str, made: Filled, seconds: float) -> None:
    seen = Seen(defaultdict(list), defaultdict(int), [])
    Visitor(address).get(made.paths["child"][0], Cookie=made.cookies[0])  # opens the run
    until = time.perf_counter() + seconds
    threads = [
        threading.Thread(
            target=work, args=(address, cookie, made.paths), kwargs={"until": until, "seen": seen}
        )
        for cookie in made.cookies
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if seen.wrong:
        raise SystemExit("\n".join(seen.wrong[:5]))
    for kind, taken in sorted(seen.taken.items()):
        cuts = statistics.quantiles(taken, n=100)
        figure(f"pairing board, {kind}, p50 of {len(taken)}", cuts[49], "ms")
        figure(f"pairing board, {kind}, p95", cuts[94], "ms", most=MOST_MS)
        figure(f"pairing board, {kind}, bytes", seen.heavy[kind], most=MOST_BYTES)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 40)
