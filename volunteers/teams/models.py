"""Teams: two adults, always (domain.md §3.1)."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids
from core.db import Base
from volunteers.teams.rules import Parting, Refusal


class Team(Base):
    __tablename__ = "teams"
    __table_args__ = (Index(None, "county_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    name: Mapped[str] = mapped_column(String(40))
    county_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    formed_at: Mapped[datetime] = mapped_column(default=clock.now)
    formed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    dissolved_at: Mapped[datetime | None]
    dissolved_for: Mapped[Parting | None]


class TeamMember(Base):
    """Who belongs to a team, from a day until a day; a volunteer is once in a team."""

    __tablename__ = "team_members"
    __table_args__ = (
        Index(
            "uq_team_members_current",
            "team_id",
            "volunteer_id",
            unique=True,
            sqlite_where=text("left_on IS NULL"),
            postgresql_where=text("left_on IS NULL"),
        ),
        Index(
            "uq_team_members_leader",
            "team_id",
            unique=True,
            sqlite_where=text("leads AND left_on IS NULL"),
            postgresql_where=text("leads AND left_on IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"), index=True)
    leads: Mapped[bool] = mapped_column(default=False)
    joined_on: Mapped[date]
    left_on: Mapped[date | None]


class TeamLead(Base):
    """Who led a team from when until when, and who said so."""

    __tablename__ = "team_leads"
    __table_args__ = (
        Index(
            "uq_team_leads_current",
            "team_id",
            unique=True,
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
        CheckConstraint("until IS NULL OR since <= until", name="times"),
        Index(None, "team_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"), index=True)
    since: Mapped[datetime] = mapped_column(default=clock.now)
    until: Mapped[datetime | None]
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class TeamRefusal(Base):
    """Two people who are not proposed as a pair again."""

    __tablename__ = "team_refusals"
    __table_args__ = (
        UniqueConstraint("one_id", "two_id"),
        CheckConstraint("one_id < two_id", name="order"),
        Index(None, "two_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    one_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"))
    two_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"))
    reason: Mapped[Refusal]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(default=clock.now)
