"""A form that came when its sender's session was over."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, sealing
from core.db import Base


class UnsentForm(Base):
    """The last such form of a person, sealed for `unsent_forms.fields/<person id>`."""

    __tablename__ = "unsent_forms"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), unique=True)
    path: Mapped[str] = mapped_column(String(300))
    fields: Mapped[str] = mapped_column(Text, info=sealing.by("person_id"))
    kept_at: Mapped[datetime] = mapped_column(default=clock.now)
