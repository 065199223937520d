"""Choosing one's ways: adding one, proving it with a code, their order, and no more of it."""

import secrets
from collections.abc import Collection

from sqlalchemy import Select, case, delete, func, select, update
from sqlalchemy.orm import Session

from accounts.rules import Actor
from core import audit, clock, ids
from core.crypto import sealer
from core.db import db, insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.limits import Limit, Try
from messages.contacts.grants import services as grants
from messages.contacts.models import ContactPoint, WxGrant
from messages.contacts.queries import place_of
from messages.contacts.rules import CODE_LASTS, MOST_BOUNCES, MOST_TRIES, fits
from messages.rules import Channel

CODES = Limit("contact-codes", 5, 3600)
"""Codes that somebody may have sent, each of which may cost money."""
TO_ONE = Limit("contact-codes-to", 5, 86400)
"""Codes to one address, whoever asks: nobody is to be bothered by way of us."""


def tries_of(channel: Channel, address: str, *, by: Actor) -> tuple[Try, Try]:
    """Return what sending a code is counted against."""
    return CODES.of(str(by.id)), TO_ONE.of(f"{channel.value}/{address}")


def begin(channel: Channel, address: str, *, by: Actor) -> str:
    """Keep an address that is still to be proved; return the code to send there.

    Raises RuleBroken.
    """
    if not fits(channel, address):
        raise RuleBroken(_("这个地址不对，请检查"))
    code = f"{secrets.randbelow(10**6):06}"
    with transaction() as session:
        point = _kept(session, by.id or 0, channel, address)
        point.code_hash = _digest(point.uid, code)
        point.code_until, point.code_tries = clock.now() + CODE_LASTS, 0
        audit.record("contact_added", "contact", channel.value, by=by.id)
    return code


def prove(channel: Channel, code: str, *, by: Actor) -> None:
    """Open a way whose owner types the code that was sent there. Raises RuleBroken.

    Not to be called inside a transaction: a wrong try is kept.
    """
    now = clock.now()
    with transaction() as session:
        uid = session.scalar(_mine(by.id or 0, channel).with_only_columns(ContactPoint.uid))
        right = ContactPoint.code_hash == _digest(uid or "", code)
        proved = session.execute(
            update(ContactPoint)
            .where(
                ContactPoint.uid == (uid or ""),
                ContactPoint.code_hash.is_not(None),
                ContactPoint.code_until > now,
                ContactPoint.code_tries < MOST_TRIES,
            )
            .values(
                code_tries=ContactPoint.code_tries + 1,
                verified_at=case((right, now), else_=ContactPoint.verified_at),
                code_hash=case((right, None), else_=ContactPoint.code_hash),
            )
            .returning(ContactPoint.verified_at)
            .execution_options(synchronize_session=False)
        ).first()
        fits_now = proved is not None and proved.verified_at is not None
        if fits_now:
            audit.record("contact_proved", "contact", channel.value, by=by.id)
    if not fits_now:
        raise RuleBroken(_("验证码不对，或已经过期。请重新发一个"))


def _kept(session: Session, person_id: int, channel: Channel, address: str) -> ContactPoint:
    """Return the row of a way with a new address, of which nothing has been proved yet."""
    uid = ids.uid()
    insert_once(
        ContactPoint,
        uid=uid,
        person_id=person_id,
        channel=channel,
        address=sealer().seal(address, place_of(uid)),
        place=_last_place(session, person_id),
        bounce_count=0,
        code_tries=0,
        created_at=clock.now(),
    )
    point = session.scalars(_mine(person_id, channel).with_for_update()).one()
    point.address = sealer().seal(address, place_of(point.uid))
    point.verified_at = point.opted_out_at = point.broken_at = point.code_hash = None
    point.bounce_count = 0
    return point


def subscribed(person_id: int, open_id: str, template: str) -> None:
    """Keep that somebody takes one more message at WeChat, which told us who they are there."""
    with transaction() as session:
        point = _kept(session, person_id, Channel.WECHAT, open_id)
        point.verified_at = clock.now()
        grants.add(person_id, ids.digest(open_id), ids.digest(template))
        audit.record("contact_proved", "contact", Channel.WECHAT.value, by=person_id)


def opt_out(person_id: int, channel: Channel) -> None:
    """Send somebody nothing more by a way, in the caller's transaction; again does no harm."""
    with transaction() as session:
        if channel is Channel.EMAIL:
            _keep_email(session, person_id)
        left = session.scalar(
            update(ContactPoint)
            .where(
                ContactPoint.person_id == person_id,
                ContactPoint.channel == channel,
                ContactPoint.opted_out_at.is_(None),
            )
            .values(opted_out_at=clock.now())
            .returning(ContactPoint.id)
        )
        if left is not None:
            audit.record("contact_left", "contact", channel.value, by=person_id)


def come_back(person_id: int, channel: Channel) -> None:
    """Use a way again that was left or given up. Raises NotYours."""
    with transaction() as session:
        again = session.scalar(
            update(ContactPoint)
            .where(ContactPoint.person_id == person_id, ContactPoint.channel == channel)
            .values(opted_out_at=None, broken_at=None, bounce_count=0)
            .returning(ContactPoint.id)
        )
        if again is None:
            raise NotYours
        audit.record("contact_taken_up", "contact", channel.value, by=person_id)


def put_first(person_id: int, channel: Channel) -> None:
    """Try a way before all others. Raises NotYours."""
    with transaction() as session:
        _keep_email(session, person_id)
        first = select(func.min(ContactPoint.place)).where(ContactPoint.person_id == person_id)
        lowest = session.scalar(first) or 0
        moved = session.scalar(
            update(ContactPoint)
            .where(ContactPoint.person_id == person_id, ContactPoint.channel == channel)
            .values(place=lowest - 1)
            .returning(ContactPoint.id)
        )
        if moved is None:
            raise NotYours
        audit.record("contact_ordered", "contact", channel.value, by=person_id)


def remove(person_id: int, channel: Channel) -> None:
    """Forget a way's address. E-mail is the account's own and can only be left. Raises NotYours."""
    with transaction() as session:
        gone = session.scalar(
            delete(ContactPoint)
            .where(
                ContactPoint.person_id == person_id,
                ContactPoint.channel == channel,
                ContactPoint.channel != Channel.EMAIL,
            )
            .returning(ContactPoint.id)
        )
        if gone is None:
            raise NotYours
        if channel is Channel.WECHAT:
            session.execute(delete(WxGrant).where(WxGrant.person_id == person_id))
        audit.record("contact_removed", "contact", channel.value, by=person_id)


def forget(person_id: int) -> None:
    """Forget every way to somebody, in the caller's transaction."""
    with transaction() as session:
        for kept in (ContactPoint, WxGrant):
            session.execute(delete(kept).where(kept.person_id == person_id))


def came_back(person_id: int, channel: Channel) -> bool:
    """Count a message that came back, in the caller's transaction.

    The third in a row gives the way up until its owner looks after it; whether this one did.
    """
    with transaction() as session:
        if channel is Channel.EMAIL:
            _keep_email(session, person_id)
        now, more = clock.now(), ContactPoint.bounce_count + 1
        given_up = case((more >= MOST_BOUNCES, now), else_=None)
        broken = session.execute(
            update(ContactPoint)
            .where(
                ContactPoint.person_id == person_id,
                ContactPoint.channel == channel,
                ContactPoint.broken_at.is_(None),
            )
            .values(bounce_count=more, broken_at=given_up)
            .returning(ContactPoint.broken_at)
            .execution_options(synchronize_session=False)
        ).first()
        if broken is None or broken.broken_at is None:
            return False
        audit.record("contact_broken", "contact", channel.value, by=None)
        return True


def arrived(person_id: int, channel: Channel) -> None:
    """Begin to count anew: only messages that come back one after the other give a way up."""
    with transaction() as session:
        session.execute(
            update(ContactPoint)
            .where(
                ContactPoint.person_id == person_id,
                ContactPoint.channel == channel,
                ContactPoint.bounce_count > 0,
            )
            .values(bounce_count=0)
        )


def have_arrived(reached: Collection[tuple[int, Channel]]) -> None:
    """Begin to count anew for many at once: most of them have nothing that came back."""
    if not reached:
        return
    counted = db.session.execute(
        select(ContactPoint.person_id, ContactPoint.channel)
        .where(
            ContactPoint.person_id.in_({person_id for person_id, _channel in reached}),
            ContactPoint.bounce_count > 0,
        )
        .order_by(ContactPoint.id)
    ).all()
    for row in counted:
        if (row.person_id, row.channel) in reached:
            arrived(row.person_id, row.channel)


def _mine(person_id: int, channel: Channel) -> Select[ContactPoint]:
    return select(ContactPoint).where(
        ContactPoint.person_id == person_id, ContactPoint.channel == channel
    )


def _keep_email(session: Session, person_id: int) -> None:
    """Have a row for e-mail, which needs none until something is decided about it."""
    insert_once(
        ContactPoint,
        uid=ids.uid(),
        person_id=person_id,
        channel=Channel.EMAIL,
        address=None,
        place=0,
        bounce_count=0,
        code_tries=0,
        created_at=clock.now(),
    )


def _last_place(session: Session, person_id: int) -> int:
    last = select(func.max(ContactPoint.place)).where(ContactPoint.person_id == person_id)
    return (session.scalar(last) or 0) + 1


def _digest(uid: str, code: str) -> str:
    """Return what is kept of a code; it holds ten minutes and five tries."""
    return ids.digest(f"{uid}:{code}")
