"""Runs of the matching, what each proposes, whom it leaves, and the prices that prove it.

Only ids and numbers: whoever a child is stands in its file. People decide; nothing here pairs
anybody.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids, sealing
from core.db import Base
from core.fences import Fenced
from pairings.runs.rules import Fate, Refusal, State
from places.rules import Level

BUSY = text("state IN ('waiting', 'running')")


class MatchRun(Base):
    """One matching of a county, or of all counties of a city together."""

    __tablename__ = "match_runs"
    __table_args__ = (
        Index(
            "uq_match_runs_one_an_area",
            "area_id",
            unique=True,
            sqlite_where=BUSY,
            postgresql_where=BUSY,
        ),
        UniqueConstraint("area_id", "week"),
        CheckConstraint("level IN ('county', 'city')", name="level"),
        CheckConstraint("(by_id IS NULL) = (week IS NOT NULL)", name="asked"),
        CheckConstraint(
            "(ready_at IS NOT NULL) = (state IN ('ready', 'expired'))"
            " AND (ready_at IS NULL) = (expires_at IS NULL)",
            name="ready",
        ),
        Index(None, "city_id", "state", "id"),
        Index(None, "area_id", "id"),
        Index(None, "state", "touched_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    city_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    """The city that the area is or lies in: a city's run and a county's exclude each other."""
    level: Mapped[Level]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    """Who asked for it; nobody for the weekly one."""
    week: Mapped[str | None] = mapped_column(String(8))
    """The week of a weekly run: one a week, however often the site starts."""
    state: Mapped[State] = mapped_column(default=State.WAITING)
    claimed_at: Mapped[datetime | None]
    """Whoever works on it names this moment: two never write the same run."""
    touched_at: Mapped[datetime] = mapped_column(default=clock.now)
    step: Mapped[str] = mapped_column(String(20), default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    """Children to be matched."""
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    before_id: Mapped[int | None] = mapped_column(ForeignKey("match_runs.id"), index=True)
    """The newest that this one is compared with: each county with the last run over it."""
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """children, teams, places, pairs, standing, served, served_before, moved, new, gone, kept."""
    value: Mapped[int] = mapped_column(BigInteger, default=0)
    """In points: urgency and pairs together."""
    weights: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The policy with its version, and how points become weights: document.weights."""
    sums: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """SHA-256 of input, weights and result."""
    alarms: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """Pairs that stand although a rule speaks against them: child, team, codes, by ids."""
    needs: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """The recruitment map: by county what one more team would bring (points, served)."""


class MatchProposal(Fenced, Base):
    """A team that a run proposes for a child, once a coordinator says so."""

    __tablename__ = "match_proposals"
    __table_args__ = (
        UniqueConstraint("run_id", "child_id"),
        CheckConstraint("fate <> 'accepted' OR pairing_id IS NOT NULL", name="pairing"),
        CheckConstraint("(fate = 'open') = (decided_at IS NULL)", name="decided"),
        Index(None, "child_id", "fate"),
        Index(None, "run_id", "county_id", "fate", "id"),
        Index(None, "run_id", "team_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    run_id: Mapped[int] = mapped_column(ForeignKey("match_runs.id"))
    child_id: Mapped[int] = mapped_column(ForeignKey("children.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    county_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    """The child's."""
    slot: Mapped[int]
    score: Mapped[int]
    points: Mapped[dict[str, Any]]
    """By factor; together the score."""
    utility: Mapped[int] = mapped_column(BigInteger)
    was_team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    """The team that the run before had proposed."""
    fate: Mapped[Fate] = mapped_column(default=Fate.OPEN)
    pairing_id: Mapped[int | None] = mapped_column(ForeignKey("pairings.id"), index=True)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    decided_at: Mapped[datetime | None]


class MatchWaiting(Fenced, Base):
    """A child that a run found nobody for, and why."""

    __tablename__ = "match_waitings"
    __table_args__ = (
        UniqueConstraint("run_id", "child_id"),
        Index(None, "run_id", "county_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("match_runs.id"))
    child_id: Mapped[int] = mapped_column(ForeignKey("children.id"), index=True)
    county_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    utility: Mapped[int] = mapped_column(BigInteger)
    was_team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    why: Mapped[dict[str, Any]]
    """explaining.WhyNobody: feasible, removed, alone, nearest, county, places."""


class MatchPrice(Base):
    """What a team's places cost in a run: from it follows why a child does not get one."""

    __tablename__ = "match_prices"
    __table_args__ = (UniqueConstraint("run_id", "team_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("match_runs.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    price: Mapped[int] = mapped_column(BigInteger)
    held: Mapped[dict[str, Any]]
    """pricing.Held as plain: steep by slot, the tiers of who is held by slot, lanes, room."""


class MatchDocument(Base):
    """A whole run, input, weights, result and sums: compressed and sealed, ids only."""

    __tablename__ = "match_documents"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("match_runs.id"), unique=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True)
    """The run's."""
    sealed: Mapped[str] = mapped_column(Text, info=sealing.by("uid"))


class MatchRefusal(Fenced, Base):
    """A team and a child that a coordinator has ruled out: no run proposes them again."""

    __tablename__ = "match_refusals"
    __table_args__ = (UniqueConstraint("child_id", "team_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("children.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    reason: Mapped[Refusal]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    at: Mapped[datetime] = mapped_column(default=clock.now)
