"""Where an organisation stands that works, or wants to work, with a county's centre."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids
from core.db import Base
from places.rules import OrgKind
from volunteers.orgs.rules import State


class Standing(Base):
    """An organisation's application, and what has become of it; the people in it are its own."""

    __tablename__ = "org_standings"
    __table_args__ = (
        Index(None, "county_id", "state", "id"),
        CheckConstraint("kind <> 'social_org' OR credit_code IS NOT NULL", name="code"),
        CheckConstraint(
            "state NOT IN ('active', 'suspended') OR org_id IS NOT NULL", name="organisation"
        ),
        CheckConstraint(
            "state NOT IN ('agreement_signed', 'active') OR agreement_until IS NOT NULL",
            name="agreement",
        ),
        CheckConstraint("activated_by_id <> verified_by_id", name="two_people"),
        CheckConstraint(
            "state NOT IN ('active', 'suspended')"
            " OR (verified_by_id IS NOT NULL AND activated_by_id IS NOT NULL)",
            name="somebody",
        ),
        Index(
            "uq_org_standings_open",
            "county_id",
            "name",
            unique=True,
            sqlite_where=text("state NOT IN ('declined', 'left')"),
            postgresql_where=text("state NOT IN ('declined', 'left')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    county_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    org_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), unique=True)
    kind: Mapped[OrgKind]
    name: Mapped[str] = mapped_column(String(80))
    credit_code: Mapped[str | None] = mapped_column(String(18))
    contact_name: Mapped[str] = mapped_column(String(40))
    contact_phone: Mapped[str] = mapped_column(String(11))
    lead_name: Mapped[str] = mapped_column(String(40))
    lead_phone: Mapped[str] = mapped_column(String(11))
    """Who answers for safeguarding in the organisation."""
    state: Mapped[State] = mapped_column(default=State.APPLIED)
    agreement_ref: Mapped[str] = mapped_column(String(60), default="")
    agreement_until: Mapped[date | None]
    applied_at: Mapped[datetime] = mapped_column(default=clock.now)
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    activated_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    note: Mapped[str] = mapped_column(String(200), default="")
    version: Mapped[int] = mapped_column(default=1)
