"""Private calendars, and who asked for invitations by mail."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids
from core.db import Base
from visits.feeds.rules import Reach

LONGEST = 20


class CalendarFeed(Base):
    """An address by which a calendar reads somebody's visits; only its digest is kept."""

    __tablename__ = "calendar_feeds"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    name: Mapped[str] = mapped_column(String(LONGEST))
    reach: Mapped[Reach]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    read_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class InvitationWish(Base):
    """Somebody wants visits as invitations by mail; without a row nobody gets any."""

    __tablename__ = "invitation_wishes"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), unique=True)
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
