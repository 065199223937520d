"""The search for the best pairs: claimed, worked out in a process of its own, stored.

Every word from that process prolongs the claim (core.claims), as does waiting for one: whoever
follows somebody who has died begins anew. A run that is cancelled meanwhile ends the process.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert

from core import claims, clock, ids
from core.apart import NoAnswer, Stopped, words
from core.claims import Claim
from core.db import db, transaction
from core.logs import log
from core.parameters import values_on
from volunteers.teams.forming.models import TeamLeft, TeamProposal, TeamRun
from volunteers.teams.forming.rules import BUSY, State, Why, question
from volunteers.teams.forming.seeking.queries import Children, Seekers, seekers

LONGEST = 900.0
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
WORKER = "volunteers.teams.forming.best.worker"


class Gone(Exception):
    """The run is no longer ours: cancelled, or taken over by somebody else."""


def go_on(children: Children) -> int:
    """Work out every run that waits; return how many. `children` is what a higher room knows."""
    done = 0
    while (claim := _claimed()) is not None:
        try:
            _work(claim, children)
        except Gone:
            log.info("team run ended elsewhere", run=claim.run_id)
        except Stopped:
            claims.prolong(TeamRun, claim, state=State.QUEUED, claimed_at=None)
            log.info("team run put back", run=claim.run_id, reason="the site stops")
            break
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
    for said in words(WORKER, asked, longest=LONGEST, env=ONE_THREAD):
        if said is None:
            _renew(claim)
        elif "at" in said:
            _renew(claim, done=said["at"][0])
        else:
            _store(claim, said, found)
            return
    raise NoAnswer("no answer")


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
