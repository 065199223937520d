"""Which team accompanies which child, who proposed it and who else approved it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids
from core.db import Base
from pairings.rules import EndReason, Stage
from places.models import AtPlace

LIVE = "stage IN ('proposed', 'approved', 'active', 'paused', 'ending')"


class Pairing(AtPlace, Base):
    """A team and a child. The place is the child's, copied so that scopes need no join."""

    __tablename__ = "pairings"
    __table_args__ = (
        Index(
            "uq_pairings_one_live_a_child",
            "child_id",
            unique=True,
            sqlite_where=text(LIVE),
            postgresql_where=text(LIVE),
        ),
        CheckConstraint("decided_by_id <> proposed_by_id", name="two_people"),
        CheckConstraint("starts_on <= ends_on", name="days"),
        Index(None, "county_id", "stage", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    child_id: Mapped[int] = mapped_column(ForeignKey("children.id"), index=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaigns.id"), index=True)
    stage: Mapped[Stage] = mapped_column(default=Stage.PROPOSED)
    score: Mapped[int]
    reasons: Mapped[list[str]]
    """The match's reasons as keys of pairings.matching, to be shown in any language."""
    note: Mapped[str] = mapped_column(String(300))
    """Why it serves this child best, in the proposer's words (law on minors 4)."""
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    proposed_at: Mapped[datetime] = mapped_column(default=clock.now)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(String(300), default="")
    supervisor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """The accountable township supervisor."""
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[EndReason | None]
    version: Mapped[int] = mapped_column(default=1)
