"""The ledger of messages: what is to be said to whom, when, and what became of it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids, sealing
from core.db import Base
from core.indexes import only
from messages.rules import Channel, HoldReason, Outcome, State, Weight

WAITS_HERE = text("state = 'pending' AND channel = 'inapp'")
WAITS_OUTSIDE = text("state = 'pending' AND channel <> 'inapp'")
LEASED = text("state IN ('claimed', 'sending')")
IS_UNKNOWN = text("state = 'unknown'")
IS_UNSETTLED = text("state IN ('unknown', 'dead')")
"""Conditions in words and not in bound values: only so a database sees that a partial index of the
same words holds all that is asked for."""


class Subject(Base):
    """What messages are about: a version that rises with every change, and whether it stands.

    The room that owns the object keeps this row in the same transaction as the object itself;
    the ledger asks it again right before sending, so a message about something that has moved or
    gone is never sent.
    """

    __tablename__ = "message_subjects"
    __table_args__ = (UniqueConstraint("kind", "ref"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    ref: Mapped[str] = mapped_column(String(22))
    version: Mapped[int] = mapped_column(default=1)
    open: Mapped[bool] = mapped_column(default=True)


class Message(Base):
    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_here", "next_at", "id", **only(WAITS_HERE.text)),
        Index("ix_messages_outside", "next_at", "id", **only(WAITS_OUTSIDE.text)),
        Index("ix_messages_leased", "lease_until", **only(LEASED.text)),
        Index("ix_messages_unknown", "next_at", **only(IS_UNKNOWN.text)),
        Index("ix_messages_unsettled", "due_at", "id", **only(IS_UNSETTLED.text)),
        Index(None, "carried_by", **only("carried_by IS NOT NULL")),
        Index(None, "provider_id", **only("provider_id IS NOT NULL")),
        Index(None, "subject_id", "state", **only("subject_id IS NOT NULL")),
        Index(None, "person_id", **only("person_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dedup_key: Mapped[str] = mapped_column(String(120), unique=True)
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("message_subjects.id"))
    subject_version: Mapped[int | None]
    after_close: Mapped[bool] = mapped_column(default=False)
    """Whether it is sent although its subject has closed (a cancellation, a record that is due)."""
    kind: Mapped[str] = mapped_column(String(30))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    address: Mapped[str | None] = mapped_column(Text, info=sealing.by("uid"))
    """Sealed; only for somebody who is not a person here yet (an unconfirmed sign-up)."""
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    """Names the row for the seal of `address`, and is the provider's key for the message."""
    channel: Mapped[Channel]
    """In-site, or the way that it went out by; before that, the usual one."""
    weight: Mapped[Weight] = mapped_column(default=Weight.ORDINARY)
    given_up: Mapped[int] = mapped_column(default=0)
    """Which ways have been given up for this message: a bit each (`rules.given_up_with`)."""
    language: Mapped[str] = mapped_column(String(10), default="zh_Hans")
    params: Mapped[dict[str, Any]]
    due_at: Mapped[datetime]
    next_at: Mapped[datetime]
    expire_at: Mapped[datetime]
    state: Mapped[State] = mapped_column(default=State.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    claim_token: Mapped[str | None] = mapped_column(String(43))
    lease_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    provider_id: Mapped[str | None] = mapped_column(String(128))
    carried_by: Mapped[str | None] = mapped_column(String(22))
    """The `uid` of the message that this one went out with; None when it went by itself."""
    looks: Mapped[int] = mapped_column(default=0)
    """How often the provider has been asked what became of it."""
    error: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class DeliveryAttempt(Base):
    __tablename__ = "delivery_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), index=True)
    number: Mapped[int]
    channel: Mapped[Channel | None]
    finished_at: Mapped[datetime]
    outcome: Mapped[Outcome]
    code: Mapped[str] = mapped_column(String(200), default="")


class InboxItem(Base):
    """A message somebody finds on the site; written together with its ledger row's `sent`."""

    __tablename__ = "inbox_items"
    __table_args__ = (Index(None, "person_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), unique=True)
    kind: Mapped[str] = mapped_column(String(30))
    params: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class Quota(Base):
    """How often somebody was disturbed from outside the site on a day, and when last."""

    __tablename__ = "message_quotas"
    __table_args__ = (UniqueConstraint("person_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    day: Mapped[date] = mapped_column(index=True)
    sent: Mapped[int]
    last_at: Mapped[datetime]


class ChannelState(Base):
    """Whether a way out works: failures in a row, and until when it rests."""

    __tablename__ = "channel_states"

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[Channel] = mapped_column(unique=True)
    failures: Mapped[int] = mapped_column(default=0)
    resting_until: Mapped[datetime | None]


class Hold(Base):
    """Nothing leaves the site until a coordinator says so.

    Too much is overdue at once, or the clock has leapt by more than a day. `standing` is true
    while there is one and null afterwards, so that its unique key allows one.
    """

    __tablename__ = "message_holds"

    id: Mapped[int] = mapped_column(primary_key=True)
    standing: Mapped[bool | None] = mapped_column(unique=True)
    reason: Mapped[HoldReason]
    began_at: Mapped[datetime]
    overdue: Mapped[int]
    released_at: Mapped[datetime | None]
    released_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
