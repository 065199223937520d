"""Sign-ups from the public pages: nobody's record until their link has been used."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.seats.models import Seat
from core import clock, ids
from core.db import Base
from core.indexes import only


class SignUp(Seat, Base):
    """One person's wish to join a slot; the contact is unique in a slot, so twice is once."""

    __tablename__ = "sign_ups"
    __table_args__ = (
        UniqueConstraint("slot_id", "contact"),
        CheckConstraint("phone IS NOT NULL OR email IS NOT NULL", name="contact"),
        CheckConstraint("party >= 1", name="party"),
        CheckConstraint("state <> 'waiting' OR ticket IS NOT NULL", name="ticket"),
        Index(None, "state", "expires_at"),
        Index(None, "slot_id", "state", "ticket"),
        Index(None, "block_id", **only("block_id IS NOT NULL")),
        Index(None, "person_id", **only("person_id IS NOT NULL")),
        Index(None, "promise_hash", unique=True, **only("promise_hash IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slots.id"))
    block_id: Mapped[int | None] = mapped_column(ForeignKey("seat_blocks.id"))
    """Whose seats they sit on, where these are kept for a group."""
    contact: Mapped[str] = mapped_column(String(120))
    """The phone or, without one, the e-mail address: what makes two sign-ups the same."""
    name: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str | None] = mapped_column(String(11))
    email: Mapped[str | None] = mapped_column(String(120))
    org_text: Mapped[str] = mapped_column(String(80))
    source: Mapped[str] = mapped_column(String(8), default="")
    """The tag of the place whose poster led here; empty without one."""
    language: Mapped[str] = mapped_column(String(10), default="zh_Hans")
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    woman: Mapped[bool] = mapped_column(default=False)
    experienced: Mapped[bool] = mapped_column(default=False)
    """What the slot has counted of them."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    confirmed_at: Mapped[datetime | None]
    asked: Mapped[int] = mapped_column(default=0)
    """How often they have been asked whether they still come: three days before, and one."""
    asked_at: Mapped[datetime | None]
    promised_at: Mapped[datetime | None]
    """When they said that they come."""
    promise_hash: Mapped[str | None] = mapped_column(String(64))
    """Of the link that they answer with."""
