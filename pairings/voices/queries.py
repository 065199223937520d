"""What voices a pairing still lacks, and the tasks that wait for a coordinator."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from accounts.rules import Actor, Role
from children.models import Child
from core.db import AnyRow, AnySelect, db
from core.errors import NotYours
from core.paging import Page, page_of
from core.scopes import scope
from pairings.models import Pairing
from pairings.voices.models import PairingVoice, VoiceTask
from pairings.voices.rules import Occasion, Voice
from places.queries import within
from volunteers.teams.models import Team
from volunteers.teams.queries import team_ids_of


def missing(pairing: Pairing, when: Occasion | None) -> list[Voice]:
    """Return whose voice on this occasion has not been entered; what was said is not read."""
    if when is None:
        return []
    given = db.session.scalars(
        select(PairingVoice.voice).where(
            PairingVoice.pairing_id == pairing.id, PairingVoice.occasion == when
        )
    ).all()
    return [voice for voice in Voice if voice not in given]


@scope(VoiceTask)
def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a task is one of a place that somebody coordinates."""
    here = select(Pairing.id).where(within(Pairing, actor.reaches(Role.COORDINATOR)))
    return VoiceTask.pairing_id.in_(here)


def of_own_team(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a task is about this person's own team, who hears no other voice.

    Pairing has to be joined.
    """
    return Pairing.team_id.in_(team_ids_of(actor.id))


def number(actor: Actor) -> int:
    """Return how many tasks wait for this coordinator."""
    waiting = and_(visible(actor), VoiceTask.settled_at.is_(None))
    return db.session.scalar(select(func.count(VoiceTask.id)).where(waiting)) or 0


def tasks(actor: Actor, *, after: str | None) -> Page[AnyRow]:
    """Return a page of the tasks that wait for this coordinator, the oldest first."""
    columns = (VoiceTask.uid, VoiceTask.occasion, VoiceTask.trouble, VoiceTask.raised_at)
    waiting = _tasks(*columns, of_own_team(actor).label("own")).where(
        visible(actor), VoiceTask.settled_at.is_(None)
    )
    return page_of(waiting, [VoiceTask.id], after=after)


def _tasks(*columns: Any) -> AnySelect:
    return (
        select(
            *columns,
            Pairing.id.label("pairing_id"),
            Pairing.uid.label("pairing_uid"),
            Child.alias,
            Team.name.label("team"),
        )
        .select_from(VoiceTask)
        .join(Pairing, Pairing.id == VoiceTask.pairing_id)
        .join(Child, Child.id == VoiceTask.child_id)
        .join(Team, Team.id == Pairing.team_id)
    )


def task(uid: str, actor: Actor) -> AnyRow:
    """Return one task with its pairing. Raises NotYours."""
    asked = _tasks(VoiceTask, of_own_team(actor).label("own"))
    found = db.session.execute(asked.where(VoiceTask.uid == uid, visible(actor))).first()
    if found is None:
        raise NotYours
    return found


def said_on(pairing_id: int, when: Occasion) -> Sequence[PairingVoice]:
    """Return what was said on an occasion: for the coordinator only."""
    return db.session.scalars(
        select(PairingVoice)
        .where(PairingVoice.pairing_id == pairing_id, PairingVoice.occasion == when)
        .order_by(PairingVoice.id)
    ).all()
