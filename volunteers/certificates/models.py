"""Certificates of service: asked for, issued as a signed snapshot, replaced or made void."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids, sealing
from core.db import Base
from core.indexes import only
from volunteers.certificates.rules import State


class Certificate(Base):
    """One certificate; what it says never changes, what has become of it may."""

    __tablename__ = "certificates"
    __table_args__ = (
        Index(None, "county_id", "state", "id"),
        Index(None, "batch_id", "id", **only("batch_id IS NOT NULL")),
        Index(
            "uq_certificates_requested",
            "volunteer_id",
            unique=True,
            **only("state = 'requested'"),
        ),
        Index(
            "uq_certificates_issued",
            "volunteer_id",
            "from_on",
            "until_on",
            unique=True,
            **only("state = 'issued'"),
        ),
        CheckConstraint("from_on <= until_on", name="days"),
        CheckConstraint(
            "state NOT IN ('issued', 'superseded', 'voided')"
            " OR (number IS NOT NULL AND key_id IS NOT NULL AND issued_at IS NOT NULL)",
            name="issued",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    code: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    """What the square on paper says: whoever holds the paper may ask what has become of it."""
    number: Mapped[str | None] = mapped_column(String(20), unique=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"), index=True)
    county_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    """Whose centre issues it."""
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("certificate_batches.id"))
    state: Mapped[State]
    from_on: Mapped[date]
    until_on: Mapped[date]
    minutes: Mapped[int] = mapped_column(default=0)
    blocks: Mapped[str | None] = mapped_column(Text, info=sealing.by("uid"))
    """The four blocks as canonical JSON; gone when the person is forgotten."""
    signature: Mapped[str | None] = mapped_column(String(128))
    key_id: Mapped[int | None] = mapped_column(ForeignKey("signing_keys.id"))
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("certificates.id"), unique=True)
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    issued_at: Mapped[datetime | None]
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    fetched_at: Mapped[datetime | None]
    """When the person first took the file."""
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reason: Mapped[str] = mapped_column(String(200), default="")
    """Why it was declined, replaced or made void."""
