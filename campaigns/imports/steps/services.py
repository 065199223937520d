"""What a list goes through by itself: read, judged, and placed, a chunk a transaction.

Each chunk prolongs the claim of its step (core.claims): whoever follows somebody who has died goes
on behind the last chunk.
"""

import base64
from collections.abc import Sequence
from dataclasses import asdict
from itertools import islice
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from accounts.queries import actor_for
from campaigns.blocks.models import Block
from campaigns.groups.queries import standing_of
from campaigns.imports import queries
from campaigns.imports.labels import said_of
from campaigns.imports.models import ImportRow, ImportRun
from campaigns.imports.rules import BUSY, BadLayout, Fate, Member, State, beside, members
from campaigns.imports.services import place
from campaigns.seats.rules import Act, Party, Why, can
from campaigns.signups.queries import Standing
from campaigns.signups.readiness.queries import terms
from campaigns.signups.readiness.rules import Terms
from campaigns.signups.services import PER_CONTACT_DAY, Wish, enter
from core import claims, crypto, sheets
from core.claims import Claim, prolong
from core.db import attempt, db, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import speaking
from core.limits import count_along
from places.models import Organisation

CHECKED_AT_ONCE = 200
PLACED_AT_ONCE = 20
"""Each writes a sign-up and a message, while everybody else waits for the slot."""


def go_on() -> int:
    """Take the next step of every list that waits for one; return of how many."""
    done = 0
    while (claim := _claimed()) is not None:
        _check(claim) if claim.state is State.CHECKING else _place(claim)
        done += 1
    return done


def _claimed() -> Claim[State] | None:
    return claims.claim(ImportRun, BUSY)


def _check(claim: Claim[State]) -> None:
    """Judge a list row by row; a file that cannot be read is refused in words."""
    run = db.session.get_one(ImportRun, claim.run_id, populate_existing=True)
    if run.data is None:  # somebody else has finished it meanwhile
        return
    with speaking(run.language):
        try:
            rows = _rows(run)
        except RuleBroken as refusal:
            _end(claim, State.REFUSED, problem=str(refusal.reasons[0])[:300])
            return
        except BadLayout as bad:
            _end(claim, State.REFUSED, problem=said_of(bad))
            return
    done, left = run.checked, iter(rows[run.checked :])
    while part := list(islice(left, CHECKED_AT_ONCE)):
        done += len(part)
        if not _stored(claim, part, checked=done, total=len(rows)):
            return
    _end(claim, State.CHECKED)


def _rows(run: ImportRun) -> list[Member]:
    """Return the rows of a list, judged by themselves. Raises RuleBroken, BadLayout."""
    text = crypto.sealer().open(str(run.data), place(run.uid))
    return list(members(sheets.read(base64.b64decode(text), f"a.{run.ending}")))


def _stored(claim: Claim[State], part: Sequence[Member], **values: int) -> bool:
    """Store a chunk of rows, beside what is there already; whether the list was still ours."""
    with transaction() as session:
        if not prolong(ImportRun, claim, **values):
            return False
        run = session.get_one(ImportRun, claim.run_id)
        kept = session.get_one(Block, run.block_id)
        contacts, names = queries.known(kept, actor_for(run.by_id), part)
        judged = (beside(row, contacts=contacts, names=names) for row in part)
        session.execute(insert(ImportRow), [asdict(row) | {"run_id": run.id} for row in judged])
        return True


def _end(claim: Claim[State], state: State, **values: Any) -> None:
    prolong(ImportRun, claim, **values | {"state": state, "data": None, "claimed_at": None})


def _place(claim: Claim[State]) -> None:
    """Hold a seat for every row that was confirmed; each member is asked by a message or call."""
    while _placed(claim):
        pass


def _placed(claim: Claim[State]) -> bool:
    """Place a chunk of rows; whether there may be more."""
    with transaction() as session:
        if not prolong(ImportRun, claim):
            return False
        run = session.get_one(ImportRun, claim.run_id, populate_existing=True)
        part = _next(session, run)
        if not part:
            ended = {"state": State.DONE, "claimed_at": None}
            return prolong(ImportRun, claim, **ended) and False
        kept = session.get_one(Block, run.block_id)
        org = session.get_one(Organisation, kept.org_id).name
        asked = terms()
        slot = _standing(kept.code, asked)
        for row in part:
            _seat(row, slot, org, hours=asked.hold_hours)
    return True


def _next(session: Session, run: ImportRun) -> Sequence[ImportRow]:
    """Return the next rows that wait for a seat."""
    wanted = [Fate.GOOD, Fate.SAME_NAME] if run.same_names else [Fate.GOOD]
    return session.scalars(
        select(ImportRow)
        .where(ImportRow.run_id == run.id, ImportRow.fate.in_(wanted))
        .order_by(ImportRow.number)
        .limit(PLACED_AT_ONCE)
    ).all()


def _standing(code: str, asked: Terms) -> Standing | Fate:
    """Return the seats to place people on, held until the commit; or what is against it."""
    try:
        slot = standing_of(code)
    except NotYours:
        return Fate.CLOSED
    late = asked.too_late(slot.needs, slot.starts_on, slot.ends_on)
    against = can(Party(late=late), Act.JOIN, slot.seats)
    if against is None:
        return slot
    return Fate.FULL if against is Why.FULL else Fate.CLOSED


def _seat(row: ImportRow, slot: Standing | Fate, org: str, *, hours: int) -> None:
    """Hold a seat for one row, and say what has become of it."""
    if isinstance(slot, Fate):
        row.fate = slot
        return
    contact = str(row.contact)
    if count_along(PER_CONTACT_DAY.of(contact)) is not None:
        row.fate = Fate.TOO_OFTEN
        return
    try:
        with attempt():
            wish = Wish(row.name, contact, org, row.spoken)
            made = enter(slot, wish, Party(), queues=False, hours=hours)
    except RuleBroken:
        row.fate = Fate.FULL
        return
    row.fate, row.placed_at = (Fate.PLACED, made.created_at) if made else (Fate.ALREADY, None)
