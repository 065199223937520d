"""Proposals of pairs for a county's volunteers: nobody is told of them, and they last a week."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids
from core.db import Base
from volunteers.teams.forming.rules import Fate, State, Why

BUSY = text("state IN ('queued', 'working')")


class TeamRun(Base):
    """One search for the best pairs, and how far it has come; one at a time in a county."""

    __tablename__ = "team_runs"
    __table_args__ = (
        Index(
            "uq_team_runs_one_a_county",
            "county_id",
            unique=True,
            sqlite_where=BUSY,
            postgresql_where=BUSY,
        ),
        Index(None, "county_id", "id"),
        Index(None, "state", "touched_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    county_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    state: Mapped[State] = mapped_column(default=State.QUEUED)
    claimed_at: Mapped[datetime | None]
    """Whoever works on it names this moment: two never write the same run."""
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    settled: Mapped[int] = mapped_column(default=0)
    """Active volunteers who have a team and want no other."""
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The terms it was made with, as they held that day."""
    optimal: Mapped[bool] = mapped_column(default=True)
    points: Mapped[int] = mapped_column(default=0)
    greedy_pairs: Mapped[int] = mapped_column(default=0)
    greedy_points: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    touched_at: Mapped[datetime] = mapped_column(default=clock.now)


class TeamProposal(Base):
    """Two people who may become a team, once a coordinator says so."""

    __tablename__ = "team_proposals"
    __table_args__ = (
        UniqueConstraint("run_id", "one_id"),
        UniqueConstraint("run_id", "two_id"),
        CheckConstraint("one_id < two_id", name="order"),
        CheckConstraint("(fate = 'accepted') = (team_id IS NOT NULL)", name="team"),
        CheckConstraint("(fate = 'open') = (decided_at IS NULL)", name="decided"),
        Index(None, "one_id"),
        Index(None, "two_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    run_id: Mapped[int] = mapped_column(ForeignKey("team_runs.id"))
    one_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"))
    two_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"))
    leader_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"))
    points: Mapped[int]
    reasons: Mapped[list[str]]
    """Keys of forming.rules, to be shown in any language."""
    fate: Mapped[Fate] = mapped_column(default=Fate.OPEN)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), unique=True)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]


class TeamLeft(Base):
    """Somebody whom a run found no partner for, and why."""

    __tablename__ = "team_left"
    __table_args__ = (UniqueConstraint("run_id", "volunteer_id"), Index(None, "volunteer_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("team_runs.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"))
    why: Mapped[Why]
    many: Mapped[int]
