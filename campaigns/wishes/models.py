"""Small wishes by code, and who grants them. No column of either leads to a child."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.seats.models import Pool, Seat
from campaigns.wishes.rules import Ages, WishState
from core import clock, ids
from core.db import Base


class Wish(Pool, Base):
    """One thing that somebody may bring to a centre: a pool of one seat."""

    __tablename__ = "wishes"
    __table_args__ = (
        CheckConstraint("capacity = 1 AND 0 <= taken AND taken <= capacity", name="one"),
        CheckConstraint("estimate >= 1", name="estimate"),
        CheckConstraint(
            "state <> 'open' OR (approved_by_id IS NOT NULL AND approved_by_id <> written_by_id)",
            name="second_person",
        ),
        Index(None, "campaign_id", "state", "taken", "id"),
        Index(None, "centre_id", "state", "id"),
    )

    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    centre_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    code: Mapped[str] = mapped_column(String(4), unique=True)
    item: Mapped[str] = mapped_column(String(60))
    item_en: Mapped[str] = mapped_column(String(120), default="")
    size: Mapped[str] = mapped_column(String(20), default="")
    ages: Mapped[Ages]
    estimate: Mapped[int]
    """What it costs at most, in yuan; nobody pays it to anybody."""
    state: Mapped[WishState] = mapped_column(default=WishState.PROPOSED)
    written_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    """Who wrote what it says now."""
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    note: Mapped[str] = mapped_column(String(200), default="")
    """Why it was sent back."""
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    version: Mapped[int] = mapped_column(default=1)


class WishClaim(Seat, Base):
    """Somebody's word to bring a thing, until it lapses or two people have received it."""

    __tablename__ = "wish_claims"
    __table_args__ = (
        UniqueConstraint("wish_id", "contact"),
        CheckConstraint("phone IS NOT NULL OR email IS NOT NULL", name="contact"),
        CheckConstraint("party = 1", name="party"),
        CheckConstraint(
            "state NOT IN ('arrived', 'completed')"
            " OR (arrived_by_id IS NOT NULL AND arrived_at IS NOT NULL)",
            name="arrived",
        ),
        CheckConstraint(
            "state <> 'completed' OR (completed_by_id IS NOT NULL AND completed_at IS NOT NULL"
            " AND completed_by_id <> arrived_by_id)",
            name="second_person",
        ),
        Index(None, "state", "expires_at"),
        Index(None, "code_hash"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    wish_id: Mapped[int] = mapped_column(ForeignKey("wishes.id"))
    contact: Mapped[str] = mapped_column(String(120))
    """The phone or, without one, the e-mail address."""
    name: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str | None] = mapped_column(String(11))
    email: Mapped[str | None] = mapped_column(String(120))
    language: Mapped[str] = mapped_column(String(10), default="zh_Hans")
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    confirmed_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    arrived_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    completed_at: Mapped[datetime | None]
    completed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
