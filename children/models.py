"""Children's files: an alias, an age band, a place, what is needed. No name, number or address.

What has to be known beyond that lies sealed and apart (children.sealed). Behind a fence:
pyproject.toml names the few modules that may import this one.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from children.rules import AgeBand, Category, NeedState, Risk
from core import clock, ids
from core.db import Base
from core.fences import Fenced
from core.tiers import Tier, declare
from places.models import AtPlace


class Child(Fenced, AtPlace, Base):
    __tablename__ = "children"
    __table_args__ = (
        UniqueConstraint("county_id", "alias"),
        Index(None, "county_id", "state", "open_since", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    alias: Mapped[str] = mapped_column(String(20))
    girl: Mapped[bool]
    """Asked for the rule that a girl is never visited without a woman, shown to staff only."""
    age_band: Mapped[AgeBand]
    category: Mapped[Category]
    risk: Mapped[Risk]
    boarding: Mapped[bool] = mapped_column(default=False)
    needs: Mapped[list[str]]
    interests: Mapped[str] = mapped_column(String(100), default="")
    care_hint: Mapped[str] = mapped_column(String(100), default="")
    """What visitors must know and no more, like «avoid nuts»; never a cause or a diagnosis."""
    state: Mapped[NeedState] = mapped_column(default=NeedState.REPORTED)
    reported_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reported_at: Mapped[datetime] = mapped_column(default=clock.now)
    sent_back_note: Mapped[str] = mapped_column(String(200), default="")
    """What the village has to mend before the report is checked again; empty otherwise."""
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    verified_on: Mapped[date | None]
    open_since: Mapped[date | None]
    erased_on: Mapped[date | None]
    """From that day on the row is a shell: what it held is gone for good."""
    version: Mapped[int] = mapped_column(default=1)


class ChildFreeTime(Fenced, Base):
    """When a child may be visited each week, in minutes after midnight; Monday is 0."""

    __tablename__ = "child_free_times"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint(
            "0 <= start_minute AND start_minute < end_minute AND end_minute <= 1440", name="minutes"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("children.id", ondelete="CASCADE"), index=True)
    weekday: Mapped[int]
    start_minute: Mapped[int]
    end_minute: Mapped[int]


# Who may read what, as domain.md §3 has it; a test fails when a column is in no tier.
declare(
    Child,
    {
        Tier.PUBLIC: "county_id state",
        Tier.ALIAS: "id uid alias age_band needs interests care_hint",
        Tier.NEED_TO_KNOW: "girl category risk boarding township_id village_id reported_by_id"
        " reported_at sent_back_note verified_by_id verified_on open_since erased_on version",
    },
)
declare(ChildFreeTime, {Tier.ALIAS: "id child_id weekday start_minute end_minute"})
