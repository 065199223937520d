"""Leave to see sealed fields of one child for a while, and every time such a field was shown."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from children.access.rules import GrantState, Ground, Reason
from core import clock, ids
from core.db import Base
from core.fences import Fenced
from places.models import AtPlace


class AccessGrant(Fenced, AtPlace, Base):
    """Asked for by one person and given by another. The place is the child's, for scopes.

    What it opens is decided anew at each use, by the roles its holder has then.
    """

    __tablename__ = "access_grants"
    __table_args__ = (
        CheckConstraint("decided_by_id <> requested_by_id", name="two_people"),
        CheckConstraint(
            "state <> 'active' OR (decided_by_id IS NOT NULL AND expires_at IS NOT NULL)",
            name="decided",
        ),
        Index(None, "requested_by_id", "child_id", "state"),
        Index(None, "state", "county_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    child_id: Mapped[int] = mapped_column(ForeignKey("children.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[Reason]
    note: Mapped[str] = mapped_column(String(200))
    fields: Mapped[list[str]]
    hours: Mapped[int]
    """For how long it is asked, from the approval on."""
    state: Mapped[GrantState] = mapped_column(default=GrantState.REQUESTED)
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    requested_at: Mapped[datetime] = mapped_column(default=clock.now)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(String(200), default="")
    expires_at: Mapped[datetime | None]
    seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    """The latest moment this row has lived through: a clock set back cannot make it younger."""
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class Reveal(Fenced, Base):
    """Sealed fields shown to somebody once; the hourly limit counts these rows."""

    __tablename__ = "reveals"
    __table_args__ = (Index(None, "person_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("children.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    ground: Mapped[Ground]
    grant_id: Mapped[int | None] = mapped_column(ForeignKey("access_grants.id"))
    reason: Mapped[Reason]
    fields: Mapped[list[str]]
