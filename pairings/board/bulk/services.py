"""Accepting many proposals at once, each by itself: one that fails leaves the others be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import update

from accounts.rules import Actor
from core import clock
from core.db import attempt, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from pairings.board.undo.services import undo
from pairings.models import Pairing
from pairings.runs.services import accept


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Why it serves the children best, until when, and within which campaign."""

    note: str
    ends_on: date
    campaign_id: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has become of one of them."""

    uid: str
    pairing: str | None
    reasons: tuple[str, ...] = ()


def accept_all(uids: Sequence[str], how: Acceptance, *, by: Actor) -> list[Outcome]:
    """Accept proposals one by one; return what became of each, in that order.

    All count as made at the end: the time to take them back begins when it is told.
    """
    with transaction() as session:
        done = [_accepted(uid, how, by) for uid in uids]
        made = [one.pairing for one in done if one.pairing]
        session.execute(
            update(Pairing).where(Pairing.uid.in_(made)).values(proposed_at=clock.now())
        )
    return done


def _accepted(uid: str, how: Acceptance, by: Actor) -> Outcome:
    try:
        with attempt():
            made = accept(uid, how.note, how.ends_on, by=by, campaign_id=how.campaign_id)
            return Outcome(uid, made.pairing_uid, made.reasons)
    except RuleBroken as refusal:
        return Outcome(uid, None, tuple(str(reason) for reason in refusal.reasons))
    except NotYours:
        return Outcome(uid, None, (_("这条提议已经不在了"),))


def undo_all(pairing_uids: Sequence[str], *, by: Actor) -> tuple[int, int]:
    """Take several fresh proposals back; return how many went and how many stay."""
    gone = 0
    with transaction():
        for uid in pairing_uids:
            try:
                with attempt():
                    undo(uid, by=by)
                gone += 1
            except (RuleBroken, NotYours):
                continue
    return gone, len(pairing_uids) - gone
