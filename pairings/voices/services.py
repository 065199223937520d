"""Entering one voice, which may raise a task, and settling the task."""

from datetime import date

from sqlalchemy import select, update

from accounts.rules import Actor, Role
from children.consents.services import ENTERING
from core import audit, clock, ids
from core.db import insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from pairings.models import Pairing
from pairings.queries import accompanied_by
from pairings.rules import BEGUN, Stage
from pairings.services import locked_pairing, member_ids
from pairings.voices.models import PairingVoice, VoiceTask
from pairings.voices.rules import Occasion, Said, Voice, occasion, trouble
from places.queries import within


def occasion_of(pairing: Pairing) -> Occasion | None:
    """Return on what occasion the voices on a pairing are asked now."""
    if pairing.stage not in BEGUN:
        return None
    begun = pairing.introduced_on or pairing.starts_on
    return occasion(begun, clock.today(), ending=pairing.stage is Stage.ENDING)


def say(uid: str, voice: Voice, said: Said, *, dated: date, by: Actor) -> None:
    """Enter what one voice said. Raises NotYours, RuleBroken."""
    with transaction():
        pairing = (
            own_pairing(uid, by) if voice is Voice.TEAM else locked_pairing(uid, by, *ENTERING)[0]
        )
        when = occasion_of(pairing)
        if when is None:
            raise RuleBroken(_("还不到问意见的时候：满 3、6、12 个月和结束前各问一次"))
        if dated > clock.today() or dated < pairing.starts_on:
            raise RuleBroken(_("日期要在结对开始以后，今天或以前"))
        if voice is not Voice.TEAM and by.id in member_ids(pairing.team_id):
            raise RuleBroken(_("请由小组以外的人去问"))
        made = insert_once(
            PairingVoice,
            pairing_id=pairing.id,
            child_id=pairing.child_id,
            occasion=when,
            voice=voice,
            well=said.well,
            heard=said.heard,
            again=said.again,
            dated=dated,
            entered_by_id=by.id,
            entered_at=clock.now(),
        )
        if made is None:
            raise RuleBroken(_("这一次的意见已经填过了"))
        audit.record("pairing_voice", "pairing", pairing.uid, by=by.id, fields=[voice, when])
        _compare(pairing, when)


def own_pairing(uid: str, by: Actor) -> Pairing:
    """Return a pairing of somebody's own team, locked until the end. Raises NotYours."""
    with transaction() as session:
        found = session.scalar(
            select(Pairing).where(Pairing.uid == uid, accompanied_by(by)).with_for_update()
        )
        if found is None:
            raise NotYours
        return found


def _compare(pairing: Pairing, when: Occasion) -> None:
    """Raise a task, once an occasion, when the voices call for one."""
    with transaction() as session:
        rows = session.scalars(
            select(PairingVoice).where(
                PairingVoice.pairing_id == pairing.id, PairingVoice.occasion == when
            )
        )
        found = trouble({row.voice: Said(row.well, row.heard, row.again) for row in rows})
        if found is None:
            return
        raised = insert_once(
            VoiceTask,
            uid=ids.uid(),
            pairing_id=pairing.id,
            child_id=pairing.child_id,
            occasion=when,
            trouble=found,
            raised_at=clock.now(),
            note="",
        )
        if raised is not None:
            audit.record("pairing_voices_apart", "pairing", pairing.uid, by=None, reason=found)


def settle(uid: str, note: str, *, by: Actor) -> None:
    """Say what was done about a task. Raises NotYours, RuleBroken."""
    with transaction() as session:
        pairings = select(Pairing.id).where(within(Pairing, by.reaches(Role.COORDINATOR)))
        mine = (VoiceTask.uid == uid, VoiceTask.pairing_id.in_(pairings))
        if session.scalar(select(VoiceTask.id).where(*mine)) is None:
            raise NotYours
        settled = session.scalar(
            update(VoiceTask)
            .where(*mine, VoiceTask.settled_at.is_(None))
            .values(settled_at=clock.now(), settled_by_id=by.id, note=note)
            .returning(VoiceTask.id)
        )
        if settled is None:
            raise RuleBroken(_("刚刚有人处理过了"))
        audit.record("pairing_voices_settled", "voice_task", uid, by=by.id, fields=["note"])
