"""What a run found, stored whole or not at all; and taken out again as the file it was."""

import base64
import json
import zlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from children.models import Child
from core import audit, claims, clock, ids
from core.claims import Claim
from core.crypto import sealer
from core.db import db, hold, transaction
from core.parameters import value_on
from pairings.matching.document import canonical
from pairings.models import Pairing
from pairings.rules import LIVE
from pairings.runs.models import (
    MatchDocument,
    MatchPrice,
    MatchProposal,
    MatchRefusal,
    MatchRun,
    MatchWaiting,
)
from pairings.runs.rules import Fate, State
from pairings.runs.world.queries import Found
from places.rules import Level

PLACE = "match_documents.sealed/"
"""Where a document is sealed for, as its column says; the run's name follows."""


def store(claim: Claim[State], said: Mapping[str, Any], asked: Found) -> bool:
    """Store a proved run, if it is still whoever's claim says; whether it was.

    Children who have got somebody while it went on, or are erased, keep no open proposal. What
    earlier runs proposed for the same children is over.
    """
    now = clock.now()
    lasts = timedelta(days=max(1, int(value_on("pairings.proposal_days", clock.today()))))
    with transaction() as session:
        kept = claims.prolong(
            MatchRun, claim,
            state=State.READY, ready_at=now, expires_at=now + lasts, step="",
            value=said["value"], weights=said["document"]["weights"],
            sums=said["document"]["sha256"], alarms=said["alarms"], needs=said["needs"],
            counts=_counts(said, asked), version=MatchRun.version + 1,
        )  # fmt: skip
        if not kept:
            return False
        run = session.get_one(MatchRun, claim.run_id, populate_existing=True)
        _supersede(session, run)
        gone = _erased(session, asked)
        _rows(session, run, said, asked, gone=gone)
        run.alarms = [one for one in said["alarms"] if one["child"] not in gone]
        if not gone:  # a run is proved as a whole: it cannot leave one child out
            _keep_document(session, run, said["document"])
        audit.record("match_run_ready", "match_run", run.uid, by=None)
    return True


def _counts(said: Mapping[str, Any], asked: Found) -> dict[str, int]:
    """Return the sums that are shown, before and after."""
    now = {row["child_id"]: row["team_id"] for row in said["proposals"]}
    waiting = {row["child_id"] for row in said["waiting"]}
    before = {
        child: team for child, team in asked.before.items() if child in now or child in waiting
    }
    moved = sum(now.get(child) not in {team, None} for child, team in before.items())
    kept = sum(now.get(child) == team for child, team in before.items())
    return {
        "children": len(now) + len(waiting),
        "teams": len(asked.world.teams),
        "pairs": said["pairs"],
        "standing": len(asked.world.pinned),
        "served": len(now),
        "served_before": len(before),
        "moved": moved,
        "kept": kept,
        "new": len(now.keys() - before.keys()),
        "gone": len(before.keys() - now.keys()),
    }


def _supersede(session: Session, run: MatchRun) -> None:
    """End what earlier runs still propose for the children of this one.

    Runs are locked before their proposals, as whoever accepts one does.
    """
    earlier = MatchRun.id < run.id
    mine = [
        MatchRun.city_id == run.area_id
        if run.level is Level.CITY
        else MatchRun.city_id == run.city_id,
        MatchRun.state == State.READY,
        earlier,
    ]
    older = select(MatchRun.id).where(*mine)
    hold(older.order_by(MatchRun.id))
    whose = [MatchProposal.run_id.in_(older), MatchProposal.fate == Fate.OPEN]
    if run.level is Level.COUNTY:
        whose.append(MatchProposal.county_id == run.area_id)
    session.execute(
        update(MatchProposal).where(*whose).values(fate=Fate.EXPIRED, decided_at=run.ready_at)
    )
    if run.level is Level.COUNTY:
        mine.append(MatchRun.area_id == run.area_id)
    session.execute(
        update(MatchRun)
        .where(*mine)
        .values(state=State.EXPIRED, version=MatchRun.version + 1, touched_at=run.ready_at)
    )


def _erased(session: Session, asked: Found) -> frozenset[int]:
    """Return the children whose files were erased while the run went on."""
    erased = select(Child.id).where(Child.erased_on.is_not(None))
    return frozenset(session.scalars(erased)) & asked.county_of.keys()


def _rows(
    session: Session, run: MatchRun, said: Mapping[str, Any], asked: Found, *, gone: frozenset[int]
) -> None:
    taken, refused = _taken(session), _refused(session)

    def over(row: Mapping[str, Any]) -> bool:
        return row["child_id"] in taken or (row["child_id"], row["team_id"]) in refused

    proposals = [
        row
        | {
            "uid": ids.uid(),
            "run_id": run.id,
            "county_id": asked.county_of[row["child_id"]],
            "was_team_id": asked.before.get(row["child_id"]),
            "fate": Fate.OUTDATED if over(row) else Fate.OPEN,
            "decided_at": run.ready_at if over(row) else None,
        }
        for row in said["proposals"]
        if row["child_id"] not in gone
    ]
    waiting = [
        row
        | {
            "run_id": run.id,
            "county_id": asked.county_of[row["child_id"]],
            "was_team_id": asked.before.get(row["child_id"]),
        }
        for row in said["waiting"]
        if row["child_id"] not in gone
    ]
    prices = [row | {"run_id": run.id} for row in said["prices"]]
    for model, rows in (
        (MatchProposal, proposals), (MatchWaiting, waiting), (MatchPrice, prices),
    ):  # fmt: skip
        if rows:
            session.execute(insert(model), rows)


def _taken(session: Session) -> frozenset[int]:
    """Return the children that somebody has been proposed for."""
    live = select(Pairing.child_id).where(Pairing.stage.in_(LIVE))
    return frozenset(session.scalars(live))


def _refused(session: Session) -> frozenset[tuple[int, int]]:
    """Return the pairs that somebody has said no to, also while the run went on."""
    rows = session.execute(select(MatchRefusal.child_id, MatchRefusal.team_id))
    return frozenset((row.child_id, row.team_id) for row in rows)


def _keep_document(session: Session, run: MatchRun, whole: Mapping[str, Any]) -> None:
    packed = base64.b64encode(zlib.compress(canonical(whole), 6)).decode()
    sealed = sealer().seal(packed, PLACE + run.uid)
    session.execute(insert(MatchDocument).values(run_id=run.id, uid=run.uid, sealed=sealed))


def document_of(uid: str) -> dict[str, Any]:
    """Return a whole run by its public name, for whoever works at the machine.

    Raises LookupError for a run that is not there, or is not kept any more.
    """
    sealed = db.session.scalar(select(MatchDocument.sealed).where(MatchDocument.uid == uid))
    if sealed is None:
        raise LookupError(uid)
    packed = sealer().open(sealed, PLACE + uid)
    whole: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(packed)))
    return whole
