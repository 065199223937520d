"""By which ways somebody may be reached, and what they have agreed to."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids, sealing
from core.db import Base
from messages.rules import Channel


class ContactPoint(Base):
    """One way to a person. The row of e-mail has no address: it is the account's own."""

    __tablename__ = "contact_points"
    __table_args__ = (
        UniqueConstraint("person_id", "channel"),
        CheckConstraint("(channel = 'email') = (address IS NULL)", name="address"),
        CheckConstraint("bounce_count >= 0", name="bounces"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    channel: Mapped[Channel]
    address: Mapped[str | None] = mapped_column(Text, info=sealing.by("uid"))
    place: Mapped[int] = mapped_column(default=0)
    """In which order ways are tried: the lowest first."""
    verified_at: Mapped[datetime | None]
    opted_out_at: Mapped[datetime | None]
    broken_at: Mapped[datetime | None]
    """Since when nothing is sent there any more: too much came back."""
    bounce_count: Mapped[int] = mapped_column(default=0)
    """Messages that came back one after the other."""
    code_hash: Mapped[str | None] = mapped_column(String(64))
    code_until: Mapped[datetime | None]
    code_tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class WxGrant(Base):
    """How many messages a WeChat reader still takes: each subscription is good for one.

    Reader and template are kept as digests: the reader's own name at WeChat is long and random.
    """

    __tablename__ = "wx_grants"
    __table_args__ = (
        UniqueConstraint("reader", "template"),
        CheckConstraint("remaining >= 0", name="remaining"),
        Index(None, "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    reader: Mapped[str] = mapped_column(String(64))
    template: Mapped[str] = mapped_column(String(64))
    remaining: Mapped[int]
