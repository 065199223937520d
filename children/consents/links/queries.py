"""Reading guardians' links: by their secret, or by the child for those who made them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from accounts.models import Person
from children.consents.links.models import GuardianLink
from children.consents.queries import newest
from children.models import Child
from children.rules import ConsentState, Purpose
from core import clock, ids
from core.db import AnyRow, db


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


def opened(secret: str) -> Opened | None:
    """Return what an open link shows; None for one that is forged, used, ended or expired."""
    row = db.session.execute(
        select(GuardianLink.purposes, Child.id, Child.county_id)
        .join(Child, Child.id == GuardianLink.child_id)
        .where(GuardianLink.token_hash == ids.digest(secret), is_open())
    ).first()
    if row is None:
        return None
    answers = newest(row.id)
    asked = [purpose for purpose in Purpose if purpose.value in row.purposes]
    return Opened(
        row.county_id,
        {one: answers[one].state if one in answers else None for one in asked},
        {one: answers[one].text_version for one in asked if one in answers},
    )


def of_child(child_id: int) -> Sequence[AnyRow]:
    """Return (link, who made it, whether it is open) of a child, the newest first."""
    return db.session.execute(
        select(GuardianLink, Person.name, is_open())
        .join(Person, Person.id == GuardianLink.made_by_id)
        .where(GuardianLink.child_id == child_id)
        .order_by(GuardianLink.id.desc())
        .limit(20)
    ).all()
