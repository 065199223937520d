"""The ledger of messages: what is to be said to whom, when, and what became of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids, sealing
from core.db import Base
from core.indexes import only
from messages.rules import Channel, Outcome, State


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
        Index("ix_messages_waiting", "next_at", "id", **only("state = 'pending'")),
        Index("ix_messages_leased", "lease_until", **only("state IN ('claimed', 'sending')")),
        Index(None, "subject_id", "state", **only("subject_id IS NOT NULL")),
        Index(None, "person_id", "sent_at", **only("person_id IS NOT NULL")),
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
    error: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class DeliveryAttempt(Base):
    __tablename__ = "delivery_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), index=True)
    number: Mapped[int]
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
