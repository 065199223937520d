"""The areas of a city, its organisations, and the posts that have to be filled."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import ids
from core.db import Base
from places.rules import Level, OrgKind, PostKind


class Area(Base):
    """A place by our own id: the two official codes of a township may differ (domain.md §2.6)."""

    __tablename__ = "areas"
    __table_args__ = (
        UniqueConstraint("parent_id", "name", "nbs_code"),
        CheckConstraint("(tile_column IS NULL) = (tile_row IS NULL)", name="tile"),
        CheckConstraint("(east_m IS NULL) = (north_m IS NULL)", name="position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[Level] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(60), default="")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"), index=True)
    nbs_code: Mapped[str] = mapped_column(String(12), unique=True)
    mca_code: Mapped[str | None] = mapped_column(String(12))
    tile_column: Mapped[int | None]
    tile_row: Mapped[int | None]
    """Where a county stands on the schematic map; without both it is on no map."""
    east_m: Mapped[int | None]
    north_m: Mapped[int | None]
    """Roughly where it lies, in metres from the city's seat; without both as what is above it."""


class AtPlace:
    """Columns of whatever belongs to a place: its county always, the finer ones when known."""

    county_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), index=True)
    township_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"), index=True)
    village_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"), index=True)


class Organisation(Base):
    __tablename__ = "organisations"
    __table_args__ = (Index(None, "kind", "area_id"), UniqueConstraint("kind", "area_id", "name"))

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    kind: Mapped[OrgKind]
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    credit_code: Mapped[str | None] = mapped_column(String(18))
    verified_on: Mapped[date | None]


class Post(Base):
    """A duty that has to be somebody's: one director a village, one supervisor a township."""

    __tablename__ = "posts"
    __table_args__ = (UniqueConstraint("kind", "area_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[PostKind]
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), index=True)
    org_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
