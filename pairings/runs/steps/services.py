"""A run as it goes: claimed, matched in a process of its own, proved there, stored.

Every word of that process prolongs the claim (core.claims), as does waiting for one: whoever
follows somebody who has died begins anew. A run that is cancelled meanwhile ends the process. When
the site stops, a run goes back to those that wait, and the next site to look takes it up.
"""

import re
from typing import Any

from sqlalchemy import func, select

from core import claims, clock
from core.apart import NoAnswer, Stopped, words
from core.claims import Claim
from core.db import db
from core.logs import log
from pairings.matching.document import plain
from pairings.runs.models import MatchRun
from pairings.runs.rules import BUSY, State, Step
from pairings.runs.storing import services as storing
from pairings.runs.world.before.queries import before
from pairings.runs.world.queries import Asked, Found, found
from places.models import Area
from places.rules import Level

LONGEST = 3600.0
NUMBER = re.compile(r"\d+")
"""Faults name children by number: a log does not."""
WORKER = "pairings.runs.working.worker"


class Gone(Exception):
    """The run is no longer ours: cancelled, or taken over by somebody else."""


def go_on() -> int:
    """Make every run that waits; return how many."""
    done = 0
    while (claim := claims.claim(MatchRun, BUSY, state=State.RUNNING, done=0)) is not None:
        try:
            _work(claim)
        except Gone:
            log.info("matching ended elsewhere", run=claim.run_id)
        except Stopped:
            claims.prolong(MatchRun, claim, state=State.WAITING, claimed_at=None, step="")
            log.info("matching put back", run=claim.run_id, reason="the site stops")
            break
        except NoAnswer as failure:
            fault = NUMBER.sub("…", str(failure))[:200]
            log.warning("matching failed", run=claim.run_id, fault=fault)
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
    before_id = db.session.scalar(select(func.max(before(counties, run.id).c.run_id)))
    asked = found(Asked(counties, clock.today(), run.id))
    _renew(claim, step=Step.WORLD, total=len(asked.world.children), before_id=before_id)
    given = {"world": plain(asked.world), "counties": list(counties)}
    for said in words(WORKER, given, longest=LONGEST):
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
