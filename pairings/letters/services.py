"""Writing a goodbye letter, reading it before the child does, and giving it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import update

from accounts.rules import Actor, Role
from children.consents.services import ENTERING
from children.rules import identifying
from core import audit, clock
from core.db import insert_once, transaction
from core.errors import RuleBroken
from core.i18n import _
from pairings.letters.models import PairingLetter
from pairings.letters.rules import OPEN, LetterState, leads
from pairings.models import Pairing
from pairings.queries import accompanied_by
from pairings.rules import AT_ONCE, Stage
from pairings.services import locked_pairing, locked_where

PARTED = (Stage.ENDING, Stage.ENDED, Stage.REVIEWED)
"""While a letter may still be on its way to the child."""


@dataclass(frozen=True, slots=True)
class Check:
    """What somebody makes of the version they read: it goes out, or back with a reason."""

    version: int
    return_reason: str | None = None
    """What has to be changed; None when it may go out as it is."""


def write(uid: str, text: str, *, by: Actor) -> None:
    """Leave a letter, or another text for it. Raises NotYours, RuleBroken."""
    with transaction():
        pairing, _child = locked_where(uid, accompanied_by(by))
        if pairing.stage is not Stage.ENDING:
            raise RuleBroken(_("开始结束以后才写告别信"))
        if leads(text) or identifying(text):
            raise RuleBroken(_("信里不能有联系方式和能认出人的话"))
        now = clock.now()
        made = insert_once(
            PairingLetter,
            pairing_id=pairing.id,
            child_id=pairing.child_id,
            text=text,
            state=LetterState.WRITTEN,
            version=1,
            written_by_id=by.id,
            written_at=now,
            return_reason="",
        )
        if made is None:
            anew = {"text": text, "written_by_id": by.id, "written_at": now}
            anew |= {"checked_by_id": None, "checked_at": None, "return_reason": ""}
            _change(pairing, OPEN, LetterState.WRITTEN, **anew, version=PairingLetter.version + 1)
        audit.record("pairing_letter", "pairing", pairing.uid, by=by.id, fields=["text"])


def check(uid: str, found: Check, *, by: Actor) -> None:
    """Let the letter go to the child, or send it back to the team. Raises NotYours, RuleBroken."""
    with transaction():
        pairing = _parted(uid, by, Role.COORDINATOR)
        reason = found.return_reason
        if reason is not None and not reason.strip():
            raise RuleBroken(_("请写要改什么"))
        to = LetterState.PASSED if reason is None else LetterState.SENT_BACK
        _change(
            pairing,
            (LetterState.WRITTEN,),
            to,
            PairingLetter.version == found.version,
            PairingLetter.written_by_id != by.id,
            checked_by_id=by.id,
            checked_at=clock.now(),
            return_reason=reason or "",
        )
        audit.record("pairing_letter_checked", "pairing", pairing.uid, by=by.id, fields=[to])


def hand_over(uid: str, on: date, *, by: Actor) -> None:
    """Write down on which day the child was given the letter. Raises NotYours, RuleBroken."""
    with transaction():
        pairing = _parted(uid, by, *ENTERING)
        if on > clock.today() or on < pairing.starts_on:
            raise RuleBroken(_("日期要在结对开始以后，今天或以前"))
        _change(
            pairing, (LetterState.PASSED,), LetterState.HANDED, handed_on=on, handed_by_id=by.id
        )
        audit.record(
            "pairing_letter_handed", "pairing", pairing.uid, by=by.id, fields=["handed_on"]
        )


def _parted(uid: str, by: Actor, *roles: Role) -> Pairing:
    """Return a pairing whose letter may still go out: none does after a no or for safety."""
    pairing, _child = locked_pairing(uid, by, *roles)
    if pairing.stage not in PARTED or pairing.end_reason in AT_ONCE:
        raise RuleBroken(_("这个结对没有在告别，信不送了"))
    return pairing


def _change(
    pairing: Pairing, since: tuple[LetterState, ...], to: LetterState, *also: Any, **values: Any
) -> None:
    """Send the letter from one state to another; the WHERE is the lock. Raises RuleBroken."""
    with transaction() as session:
        moved = session.scalar(
            update(PairingLetter)
            .where(PairingLetter.pairing_id == pairing.id, PairingLetter.state.in_(since), *also)
            .values(state=to, **values)
            .returning(PairingLetter.id)
        )
        if moved is None:
            raise RuleBroken(_("这封信刚刚有变动，请刷新后再看"))
