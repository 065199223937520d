"""A form that arrives twice (double click, back button, weak signal) is carried out once."""

from datetime import datetime, timedelta

from sqlalchemy import String, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base, db, insert_once, transaction

KEPT = timedelta(days=30)


class SubmittedForm(Base):
    __tablename__ = "submitted_forms"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(43), unique=True)
    at: Mapped[datetime] = mapped_column(index=True)
    result: Mapped[str | None] = mapped_column(String(200))


def claim(key: str) -> bool:
    """Whether this caller is the first with that key; part of the caller's transaction."""
    return insert_once(SubmittedForm, key=key, at=clock.now()) is not None


def remember(key: str, result: str) -> None:
    """Keep what the first one led to, for those who come again."""
    db.session.execute(update(SubmittedForm).where(SubmittedForm.key == key).values(result=result))


def result_of(key: str) -> str | None:
    return db.session.scalar(select(SubmittedForm.result).where(SubmittedForm.key == key))


def purge() -> int:
    """Forget the keys of old forms; return how many."""
    with transaction() as session:
        gone = session.scalars(
            delete(SubmittedForm)
            .where(SubmittedForm.at < clock.now() - KEPT)
            .returning(SubmittedForm.id)
        ).all()
    return len(gone)
