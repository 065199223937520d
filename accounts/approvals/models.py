"""Requests that take two people: who asked, who decided, and what came of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from accounts.approvals.rules import Step
from core import clock, ids
from core.db import Base


class Approval(Base):
    """What was asked never changes: whoever approves it has seen all of it."""

    __tablename__ = "approvals"
    __table_args__ = (
        Index(
            "uq_approvals_open",
            "kind",
            "subject",
            unique=True,
            sqlite_where=text("state = 'asked'"),
            postgresql_where=text("state = 'asked'"),
        ),
        Index(None, "state", "kind"),
        CheckConstraint("decided_by_id <> asked_by_id", name="two_people"),
        CheckConstraint(
            "state NOT IN ('approved', 'declined')"
            " OR (decided_by_id IS NOT NULL AND decided_at IS NOT NULL)",
            name="decided",
        ),
        CheckConstraint("(state = 'approved') = (carried_out_at IS NOT NULL)", name="carried_out"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    kind: Mapped[str] = mapped_column(String(30))
    subject: Mapped[str] = mapped_column(String(120))
    payload: Mapped[dict[str, Any]]
    """What is to be done, by ids and numbers; never a child's data."""
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    """Whose approvers decide; None: those of the whole site."""
    reason: Mapped[str] = mapped_column(String(300))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    state: Mapped[Step] = mapped_column(default=Step.ASKED)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(String(300), default="")
    carried_out_at: Mapped[datetime | None]
