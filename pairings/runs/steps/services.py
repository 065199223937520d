"""A run as it goes: claimed, matched in a process of its own, proved there, stored.

Every word of that process prolongs the claim (core.claims), as does waiting for one: whoever
follows somebody who has died begins anew. A run that is cancelled meanwhile ends the process.
"""

import json
import os
import select as ready_files
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from core import claims, clock
from core.claims import Claim
from core.db import db
from core.logs import log
from pairings.matching.document import plain
from pairings.runs.models import MatchRun
from pairings.runs.rules import BUSY, State, Step
from pairings.runs.storing import services as storing
from pairings.runs.world.queries import Asked, Found, found
from places.models import Area
from places.rules import Level

PATIENCE = 5.0
"""Seconds without a word after which the claim is renewed all the same."""
LONGEST = 3600.0
ROOT = Path(__file__).resolve().parents[3]
WORKER = "pairings.runs.working.worker"


class Gone(Exception):
    """The run is no longer ours: cancelled, or taken over by somebody else."""


class NoAnswer(Exception):
    """The process ended without an answer, took too long, or its answer is not proved."""


def go_on() -> int:
    """Make every run that waits; return how many."""
    done = 0
    while (claim := claims.claim(MatchRun, BUSY, state=State.RUNNING, done=0)) is not None:
        try:
            _work(claim)
        except Gone:
            log.info("matching ended elsewhere", run=claim.run_id)
        except NoAnswer as failure:
            log.warning("matching failed", run=claim.run_id, fault=str(failure)[:200])
            claims.prolong(MatchRun, claim, state=State.FAILED)
        except Exception:
            claims.prolong(MatchRun, claim, state=State.FAILED)  # or it begins anew each minute
            raise
        done += 1
    return done


def _renew(claim: Claim[State], **values: Any) -> None:
    """Prolong the claim with what has changed. Raises Gone."""
    if not claims.prolong(MatchRun, claim, **values):
        raise Gone


def _work(claim: Claim[State]) -> None:
    run = db.session.get_one(MatchRun, claim.run_id)
    counties = _counties(run)
    before_id = db.session.scalar(_before(run, counties))
    asked = found(Asked(counties, clock.today(), before_id))
    _renew(claim, step=Step.WORLD, total=len(asked.world.children), before_id=before_id)
    given = {"world": plain(asked.world), "counties": list(counties)}
    for said in _words(json.dumps(given).encode()):
        if said is None:
            _renew(claim)
        elif "at" in said:
            _renew(claim, step=said["at"][0], done=said["at"][1])
        elif "fault" in said:
            raise NoAnswer(said["fault"])
        else:
            _store(claim, said, asked)
            return
    raise NoAnswer("no answer")


def _store(claim: Claim[State], said: dict[str, Any], asked: Found) -> None:
    if not storing.store(claim, said, asked):
        raise Gone


def _counties(run: MatchRun) -> tuple[int, ...]:
    """Return whose children a run matches."""
    if run.level is Level.COUNTY:
        return (run.area_id,)
    below = select(Area.id).where(Area.parent_id == run.area_id, Area.level == Level.COUNTY)
    return tuple(db.session.scalars(below.order_by(Area.id)))


def _before(run: MatchRun, counties: tuple[int, ...]) -> Any:
    """Return the query of the last run over the same children, or over all of them."""
    same: ColumnElement[bool] = MatchRun.area_id == run.area_id
    wider = or_(same, MatchRun.area_id == run.city_id) if len(counties) == 1 else same
    done = MatchRun.state.in_([State.READY, State.EXPIRED])
    newest = select(MatchRun.id).where(wider, done, MatchRun.id < run.id)
    return newest.order_by(MatchRun.id.desc()).limit(1)


def _words(asked: bytes) -> Iterator[dict[str, Any] | None]:
    """Yield what the process says, and None whenever it has said nothing for a while."""
    with subprocess.Popen(  # noqa: S603 - our own module, and no word of anybody else
        [sys.executable, "-s", "-m", WORKER],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        cwd=ROOT, env={},
    ) as process:  # fmt: skip
        try:
            yield from _lines(process, asked)
        except BrokenPipeError as error:
            raise NoAnswer("no answer") from error
        finally:
            process.kill()


def _lines(process: "subprocess.Popen[bytes]", asked: bytes) -> Iterator[dict[str, Any] | None]:
    if process.stdin is None or process.stdout is None:
        raise NoAnswer("no answer")
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
