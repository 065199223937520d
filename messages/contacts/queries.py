"""By which ways people are reached, in their order."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from accounts.models import Person
from core.crypto import Unreadable, sealer
from core.db import db
from core.logs import log
from messages.channels.models import ChannelSetting
from messages.contacts.models import ContactPoint
from messages.contacts.rules import BY_PHONE, OFFERED
from messages.rules import Channel

Route = list[tuple[Channel, str]]


def place_of(uid: str) -> str:
    """Return the place that an address is sealed for."""
    return f"contact_points.address/{uid}"


def route(person_ids: Collection[int], *, safety: bool = False) -> dict[int, Route]:
    """Return each person's ways with the addresses, the first to be tried first.

    E-mail is there without being asked for, until it is opted out of or broken; a safety message
    goes there all the same. Other ways are there once their address is proved. Nobody who is shut
    out has any.
    """
    people = _people(person_ids)
    points: dict[int, list[ContactPoint]] = {person_id: [] for person_id in people}
    for point in _points(people):
        points[point.person_id].append(point)
    return {
        person_id: _ways(points[person_id], email, safety=safety)
        for person_id, email in people.items()
    }


def _people(person_ids: Collection[int]) -> dict[int, str | None]:
    rows = db.session.execute(
        select(Person.id, Person.email).where(
            Person.id.in_(set(person_ids)), Person.disabled_at.is_(None)
        )
    )
    return {row.id: row.email for row in rows}


def _points(person_ids: Collection[int]) -> Sequence[ContactPoint]:
    """Return what people have chosen, of ways that are open now."""
    opened = select(ChannelSetting.channel).where(ChannelSetting.enabled)
    return db.session.scalars(
        select(ContactPoint)
        .where(
            ContactPoint.person_id.in_(person_ids),
            (ContactPoint.channel == Channel.EMAIL) | ContactPoint.channel.in_(opened),
        )
        .order_by(ContactPoint.place, ContactPoint.id)
    ).all()


def _ways(points: Sequence[ContactPoint], email: str | None, *, safety: bool) -> Route:
    found: Route = []
    if not any(point.channel is Channel.EMAIL for point in points) and email:
        found.append((Channel.EMAIL, email))
    for point in points:
        if point.channel is Channel.EMAIL:
            silent = point.opted_out_at is not None and not safety
            address = None if silent or point.broken_at else email
        else:
            usable = point.verified_at and not point.opted_out_at and not point.broken_at
            address = address_of(point) if usable else None
        if address:
            found.append((point.channel, address))
    return found


def address_of(point: ContactPoint) -> str | None:
    """Return a way's address; None where it has none of its own, or it cannot be opened."""
    if point.address is None:
        return None
    try:
        return sealer().open(point.address, place_of(point.uid))
    except Unreadable:
        log.error("address cannot be opened", contact=point.uid)
        return None


@dataclass(frozen=True, slots=True)
class Chosen:
    """A way as its owner's page shows it."""

    channel: Channel
    address: str | None
    verified_at: datetime | None
    opted_out_at: datetime | None
    broken_at: datetime | None
    asked: bool
    """Whether a code has been sent there and not been typed yet."""


def chosen(person_id: int) -> list[Chosen]:
    """Return somebody's own ways in their order, e-mail among them without being chosen."""
    email = _email(person_id)
    found = _kept(person_id, email)
    if email and not any(one.channel is Channel.EMAIL for one in found):
        found.insert(0, Chosen(Channel.EMAIL, email, None, None, None, asked=False))
    return found


def kept(person_id: int) -> list[Chosen]:
    """Return what is kept of somebody's ways, in their order."""
    return _kept(person_id, _email(person_id))


def _email(person_id: int) -> str | None:
    return db.session.scalar(select(Person.email).where(Person.id == person_id))


def _kept(person_id: int, email: str | None) -> list[Chosen]:
    points = db.session.scalars(
        select(ContactPoint)
        .where(ContactPoint.person_id == person_id)
        .order_by(ContactPoint.place, ContactPoint.id)
    ).all()
    return [_chosen(point, email) for point in points]


def _chosen(point: ContactPoint, email: str | None) -> Chosen:
    return Chosen(
        point.channel,
        email if point.channel is Channel.EMAIL else address_of(point),
        point.verified_at,
        point.opted_out_at,
        point.broken_at,
        asked=point.code_hash is not None,
    )


def own_address(person_id: int, channel: Channel) -> str | None:
    """Return where somebody would be reached by a way, chosen already or not."""
    person = db.session.get_one(Person, person_id)
    if channel is Channel.EMAIL:
        return person.email
    point = db.session.scalar(
        select(ContactPoint).where(
            ContactPoint.person_id == person_id, ContactPoint.channel == channel
        )
    )
    found = address_of(point) if point else None
    return found or (person.phone if channel in BY_PHONE else None)


def open_channels() -> list[Channel]:
    """Return the vendors' ways that people may add now."""
    asked = select(ChannelSetting.channel).where(ChannelSetting.enabled)
    opened = set(db.session.scalars(asked))
    return [channel for channel in OFFERED if channel in opened]


def broken_of(person_id: int) -> int:
    """Return how many of somebody's ways have been given up."""
    asked = select(func.count(ContactPoint.id)).where(
        ContactPoint.person_id == person_id,
        ContactPoint.broken_at.is_not(None),
        ContactPoint.opted_out_at.is_(None),
    )
    return db.session.scalar(asked) or 0


def broken() -> int:
    """Return how many people have a way that has been given up."""
    asked = select(func.count(func.distinct(ContactPoint.person_id))).where(
        ContactPoint.broken_at.is_not(None), ContactPoint.opted_out_at.is_(None)
    )
    return db.session.scalar(asked) or 0
