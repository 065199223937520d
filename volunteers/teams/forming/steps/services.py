"""The search for the best pairs: claimed, worked out in a process of its own, stored.

Every word from that process prolongs the claim (core.claims), as does waiting for one: whoever
follows somebody who has died begins anew. A run that is cancelled meanwhile ends the process.
"""

import json
import os
import select as ready_files
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from core import claims, clock, ids
from core.claims import Claim
from core.db import db, transaction
from core.logs import log
from core.parameters import values_on
from volunteers.teams.forming.models import TeamLeft, TeamProposal, TeamRun
from volunteers.teams.forming.rules import BUSY, State, Why, question
from volunteers.teams.forming.seeking.queries import Children, Seekers, seekers

PATIENCE = 5.0
"""Seconds without a word after which the claim is renewed all the same."""
LONGEST = 900.0
ROOT = Path(__file__).resolve().parents[4]
WORKER = "volunteers.teams.forming.best.worker"


class Gone(Exception):
    """The run is no longer ours: cancelled, or taken over by somebody else."""


class NoAnswer(Exception):
    """The process ended without an answer, or took too long."""


def go_on(children: Children) -> int:
    """Work out every run that waits; return how many. `children` is what a higher room knows."""
    done = 0
    while (claim := _claimed()) is not None:
        try:
            _work(claim, children)
        except Gone:
            log.info("team run ended elsewhere", run=claim.run_id)
        except NoAnswer:
            log.warning("team run failed", run=claim.run_id)
            claims.prolong(TeamRun, claim, state=State.FAILED)
        except Exception:
            claims.prolong(TeamRun, claim, state=State.FAILED)  # nobody begins it again each minute
            raise
        done += 1
    return done


def _claimed() -> Claim[State] | None:
    return claims.claim(TeamRun, BUSY, state=State.WORKING, done=0)


def _renew(claim: Claim[State], **values: Any) -> None:
    """Prolong the claim with what has changed. Raises Gone."""
    if not claims.prolong(TeamRun, claim, **values):
        raise Gone


def _work(claim: Claim[State], children: Children) -> None:
    run, today = db.session.get_one(TeamRun, claim.run_id), clock.today()
    found = seekers(run.county_id, values_on(today), on=today, children=children)
    figures = run.figures
    _renew(claim, total=len(found.people), settled=found.settled)
    asked = question(found.people, figures, found.barred)
    for said in _words(json.dumps(asked).encode()):
        if said is None:
            _renew(claim)
        elif "at" in said:
            _renew(claim, done=said["at"][0])
        else:
            _store(claim, said, found)
            return
    raise NoAnswer


def _words(asked: bytes) -> Iterator[dict[str, Any] | None]:
    """Yield what the process says, and None whenever it has said nothing for a while."""
    with subprocess.Popen(  # noqa: S603 - our own module, and no word of anybody else
        [sys.executable, "-s", "-m", WORKER],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        cwd=ROOT, env={"OPENBLAS_NUM_THREADS": "1"},
    ) as process:  # fmt: skip
        try:
            yield from _lines(process, asked)
        except BrokenPipeError as error:
            raise NoAnswer from error
        finally:
            process.kill()


def _lines(process: "subprocess.Popen[bytes]", asked: bytes) -> Iterator[dict[str, Any] | None]:
    if process.stdin is None or process.stdout is None:
        raise NoAnswer
    process.stdin.write(asked)
    process.stdin.close()
    began, rest, pipe = time.monotonic(), b"", process.stdout.fileno()
    while time.monotonic() - began < LONGEST:
        if not ready_files.select([pipe], [], [], PATIENCE)[0]:
            yield None
            continue
        part = os.read(pipe, 1 << 16)
        if not part:
            return
        *lines, rest = (rest + part).split(b"\n")
        yield from map(json.loads, lines)


def _store(claim: Claim[State], said: Mapping[str, Any], found: Seekers) -> None:
    """Store what was found, if the run is still ours. Raises Gone."""
    pairs, points = said["greedy"]
    with transaction() as session:
        _renew(
            claim,
            state=State.READY,
            done=len(found.people),
            optimal=said["optimal"],
            points=said["points"],
            greedy_pairs=pairs,
            greedy_points=points,
        )
        proposed = [
            {
                "uid": ids.uid(),
                "run_id": claim.run_id,
                "one_id": one,
                "two_id": two,
                "leader_id": max(one, two, key=lambda id_: (found.minutes.get(id_, 0), -id_)),
                "points": points_,
                "reasons": reasons,
            }
            for one, two, points_, reasons in said["pairs"]
        ]
        left = [
            {"run_id": claim.run_id, "volunteer_id": id_, "why": Why(why), "many": many}
            for id_, why, many in sorted(said["left"], key=lambda row: (row[1], row[0]))
        ]
        if proposed:
            session.execute(insert(TeamProposal), proposed)
        if left:
            session.execute(insert(TeamLeft), left)
