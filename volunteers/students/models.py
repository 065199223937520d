"""Who counts as a student until when, and what showed it: digests and dates, no documents."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids
from core.db import Base
from volunteers.students.rules import How


class StudentStatus(Base):
    """That somebody studies somewhere: it ends by itself, on the last day of the term."""

    __tablename__ = "student_statuses"
    __table_args__ = (
        UniqueConstraint("proof", "until"),
        Index(
            "uq_student_statuses_standing",
            "person_id",
            "org_id",
            "until",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "org_id", "until", "id"),
        CheckConstraint("since <= until", name="days"),
        CheckConstraint("vouched_by_id <> person_id", name="another"),
        CheckConstraint("(how = 'vouch') = (vouched_by_id IS NOT NULL)", name="somebody"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    org_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    how: Mapped[How]
    proof: Mapped[str] = mapped_column(String(64))
    """A keyed digest of the address, of the line of the list, or of link and person."""
    since: Mapped[date]
    until: Mapped[date]
    vouched_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class StudentDomain(Base):
    """A domain of mailboxes that a university gives to its own students only."""

    __tablename__ = "student_domains"

    id: Mapped[int] = mapped_column(primary_key=True)
    org_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    domain: Mapped[str] = mapped_column(String(80), unique=True)
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    set_at: Mapped[datetime] = mapped_column(default=clock.now)


class StudentMail(Base):
    """A link on its way to a campus mailbox; for the one who asked, and for a day."""

    __tablename__ = "student_mails"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), unique=True)
    org_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    digest: Mapped[str] = mapped_column(String(64))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class RosterEntry(Base):
    """A line of a university's list: a keyed digest of number and name, and the term's end."""

    __tablename__ = "student_roster"
    __table_args__ = (UniqueConstraint("org_id", "until", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    org_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    until: Mapped[date] = mapped_column(index=True)
    digest: Mapped[str] = mapped_column(String(64), index=True)


class Vouch(Base):
    """A link by which a team's lead vouches for so many students, until a day."""

    __tablename__ = "student_vouches"
    __table_args__ = (
        Index(None, "org_id", "id"),
        CheckConstraint("uses_left >= 0", name="uses"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    org_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    key_id: Mapped[int]
    """The site's key that the link is made from, so that its maker can be shown it again."""
    uses_left: Mapped[int]
    expires_on: Mapped[date]
    ended_at: Mapped[datetime | None]
