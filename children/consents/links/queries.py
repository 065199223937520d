"""Reading guardians' links: by their secret, or by the child for those who made them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select

from accounts.models import Person
from accounts.rules import Actor, Role
from children.consents.links.models import GuardianLink
from children.consents.queries import newest
from children.fence.queries import only
from children.models import Child
from children.queries import visible
from children.rules import ConsentState, Purpose
from core import clock, ids
from core.db import AnyRow, db
from core.fences import seeing

TOLD = (Role.CHILD_DIRECTOR, Role.COORDINATOR)
SHOWN = timedelta(days=3)
"""How long staff are told of an answer on their home page."""


def is_open() -> ColumnElement[bool]:
    """Return the condition that a link may still be used."""
    return (
        GuardianLink.used_at.is_(None)
        & GuardianLink.revoked_at.is_(None)
        & (GuardianLink.expires_at > clock.now())
    )


@dataclass(frozen=True, slots=True)
class Opened:
    """What a guardian may know through a link: no name, no alias, no place below the county."""

    county_id: int
    states: dict[Purpose, ConsentState | None]
    versions: dict[Purpose, str]
    """Of each purpose that was answered, the version of the text that was shown for it."""
    without_text: frozenset[Purpose]
    """What was answered before there was a text to read."""


def opened(secret: str) -> Opened | None:
    """Return what an open link shows; None for one that is forged, used, ended or expired."""
    row = db.session.execute(
        select(GuardianLink.purposes, GuardianLink.child_id).where(
            GuardianLink.token_hash == ids.digest(secret), is_open()
        )
    ).first()
    if row is None:
        return None
    with seeing(only(row.child_id)):
        county_id = db.session.scalars(
            select(Child.county_id).where(Child.id == row.child_id)
        ).one()
        answers = newest(row.child_id)
    asked = [purpose for purpose in Purpose if purpose.value in row.purposes]
    return Opened(
        county_id,
        {one: answers[one].state if one in answers else None for one in asked},
        {one: answers[one].text_version for one in asked if one in answers},
        frozenset(one for one in asked if one in answers and not answers[one].text_digest),
    )


def answered_lately(actor: Actor) -> list[str]:
    """Return the uids of one's children whose guardian has used a link in the last days."""
    since = clock.now() - SHOWN
    rows = db.session.execute(
        select(Child.uid, func.max(GuardianLink.used_at).label("at"))
        .join(GuardianLink, GuardianLink.child_id == Child.id)
        .where(GuardianLink.used_at >= since, visible(actor, *TOLD))
        .group_by(Child.uid)
        .order_by(func.max(GuardianLink.used_at).desc())
        .limit(50)
    )
    return [row.uid for row in rows]


def of_child(child_id: int) -> Sequence[AnyRow]:
    """Return (link, who made it, whether it is open) of a child, the newest first."""
    return db.session.execute(
        select(GuardianLink, Person.name, is_open())
        .join(Person, Person.id == GuardianLink.made_by_id)
        .where(GuardianLink.child_id == child_id)
        .order_by(GuardianLink.id.desc())
        .limit(20)
    ).all()
