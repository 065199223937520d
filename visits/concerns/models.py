"""What worries somebody about a child they visited: there from the moment they say so."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids, sealing
from core.db import Base
from visits.concerns.rules import State

_DRAFT = text("state = 'draft'")


class VisitConcern(Base):
    """An incident draft: without words at first, then with them; neither is ever changed.

    The words are sealed for `visit_concerns.told/<uid>`.
    """

    __tablename__ = "visit_concerns"
    __table_args__ = (
        CheckConstraint("(state = 'raised') = (raised_at IS NOT NULL)", name="raised"),
        Index(None, "visit_id", "id"),
        Index(
            "uq_visit_concerns_draft",
            "visit_id",
            "opened_by_id",
            unique=True,
            sqlite_where=_DRAFT,
            postgresql_where=_DRAFT,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"))
    state: Mapped[State] = mapped_column(default=State.DRAFT)
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    opened_at: Mapped[datetime] = mapped_column(default=clock.now)
    raised_at: Mapped[datetime | None]
    told: Mapped[str | None] = mapped_column(Text, info=sealing.by("uid"))
