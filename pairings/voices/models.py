"""What three voices said of a pairing, as faces and never in words, and what was done about it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids
from core.db import Base
from core.fences import Fenced
from core.tiers import Tier, declare
from pairings.voices.rules import Occasion, Trouble, Voice


class PairingVoice(Fenced, Base):
    """One voice on one occasion. Rows are only added."""

    __tablename__ = "pairing_voices"
    __table_args__ = (
        UniqueConstraint("pairing_id", "occasion", "voice"),
        CheckConstraint(
            "well BETWEEN 1 AND 5 AND heard BETWEEN 1 AND 5 AND again BETWEEN 1 AND 5", name="faces"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pairing_id: Mapped[int] = mapped_column(ForeignKey("pairings.id"))
    child_id: Mapped[int] = mapped_column(ForeignKey("children.id"), index=True)
    occasion: Mapped[Occasion]
    voice: Mapped[Voice]
    well: Mapped[int]
    heard: Mapped[int]
    again: Mapped[int]
    dated: Mapped[date]
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    entered_at: Mapped[datetime] = mapped_column(default=clock.now)


class VoiceTask(Fenced, Base):
    """That a child is not well with a pairing, or that voices are far apart: once an occasion."""

    __tablename__ = "pairing_voice_tasks"
    __table_args__ = (
        UniqueConstraint("pairing_id", "occasion"),
        CheckConstraint(
            "(settled_at IS NULL) = (settled_by_id IS NULL) AND (settled_at IS NULL OR note <> '')",
            name="settled",
        ),
        Index(
            "ix_pairing_voice_tasks_open",
            "id",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    pairing_id: Mapped[int] = mapped_column(ForeignKey("pairings.id"))
    child_id: Mapped[int] = mapped_column(ForeignKey("children.id"), index=True)
    occasion: Mapped[Occasion]
    trouble: Mapped[Trouble]
    raised_at: Mapped[datetime] = mapped_column(default=clock.now)
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    note: Mapped[str] = mapped_column(String(300), default="")
    """What was asked and done, in the coordinator's words."""


declare(
    PairingVoice,
    {
        Tier.NEED_TO_KNOW: "id pairing_id child_id occasion voice well heard again dated"
        " entered_by_id entered_at"
    },
)
declare(
    VoiceTask,
    {
        Tier.NEED_TO_KNOW: "id uid pairing_id child_id occasion trouble raised_at settled_at"
        " settled_by_id note"
    },
)
