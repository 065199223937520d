"""What somebody has typed into a long form and not sent yet."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, sealing
from core.db import Base


class FormDraft(Base):
    """One a person and form, sealed for `form_drafts.fields/<person id>`."""

    __tablename__ = "form_drafts"
    __table_args__ = (UniqueConstraint("person_id", "path"), Index(None, "saved_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    path: Mapped[str] = mapped_column(String(120))
    """Of the form's page, without a language."""
    fields: Mapped[str] = mapped_column(Text, info=sealing.by("person_id"))
    saved_at: Mapped[datetime] = mapped_column(default=clock.now)
