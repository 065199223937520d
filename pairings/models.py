"""Which team accompanies which child, who turned which key, and what has to hold for it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids
from core.db import Base
from pairings.rules import DeclineReason, EndReason, Stage
from places.models import AtPlace

LIVE = (
    "stage IN ('proposed', 'under_review', 'approved', 'consent_pending', 'scheduled_intro',"
    " 'active', 'paused', 'renewing', 'ending')"
)
HELD_TO = {
    "two_people": "decided_by_id <> proposed_by_id",
    "days": "starts_on <= ends_on",
    "decided": (
        "stage IN ('proposed', 'declined', 'ended', 'reviewed')"
        " OR (decided_by_id IS NOT NULL AND decided_at IS NOT NULL)"
    ),
    "city": (
        "(city_by_id IS NULL) = (city_at IS NULL) AND (city_by_id IS NULL"
        " OR (decided_by_id IS NOT NULL AND city_by_id <> proposed_by_id"
        " AND city_by_id <> decided_by_id))"
    ),
    "city_key": (
        "NOT high_risk OR city_by_id IS NOT NULL"
        " OR stage IN ('proposed', 'under_review', 'declined', 'ended', 'reviewed')"
    ),
    "agreed": (
        "stage NOT IN ('scheduled_intro', 'active', 'paused', 'renewing', 'ending')"
        " OR agreed_before OR (guardian_yes_on IS NOT NULL AND child_yes_on IS NOT NULL"
        " AND agreed_on IS NOT NULL AND agreement_version <> '')"
    ),
    "introduced": (
        "stage NOT IN ('active', 'paused', 'renewing', 'ending')"
        " OR agreed_before OR introduced_on IS NOT NULL"
    ),
    "declined": "(stage = 'declined') = (decline_reason IS NOT NULL)",
    "ended": (
        "(stage IN ('ended', 'reviewed', 'terminated_safeguarding')) = (ended_at IS NOT NULL)"
        " AND (ended_at IS NULL OR end_reason IS NOT NULL)"
    ),
    "goodbye": (
        "stage NOT IN ('ended', 'reviewed') OR introduced_on IS NULL OR end_reason IN"
        " ('consent_withdrawn', 'child_says_no', 'guardian_says_no', 'safeguarding')"
        " OR ((goodbye_on IS NOT NULL OR goodbye_missing <> '') AND handover <> '')"
    ),
    "renewing": (
        "(stage <> 'renewing' OR renew_until IS NOT NULL)"
        " AND (renew_until IS NULL) = (renewing_since IS NULL)"
        " AND (renew_until IS NULL OR renew_until > ends_on)"
    ),
    "moments": "proposed_at <= decided_at AND decided_at <= city_at AND proposed_at <= ended_at",
}
"""What no service and no hand at the database gets past (domain.md §5.3), name by name."""


class Pairing(AtPlace, Base):
    """A team and a child. The place is the child's, copied so that scopes need no join."""

    __tablename__ = "pairings"
    __table_args__ = (
        Index(
            "uq_pairings_one_live_a_child",
            "child_id",
            unique=True,
            sqlite_where=text(LIVE),
            postgresql_where=text(LIVE),
        ),
        *(CheckConstraint(rule, name=name) for name, rule in HELD_TO.items()),
        Index(None, "county_id", "stage", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    child_id: Mapped[int] = mapped_column(ForeignKey("children.id"), index=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaigns.id"), index=True)
    stage: Mapped[Stage] = mapped_column(default=Stage.PROPOSED)
    score: Mapped[int]
    reasons: Mapped[list[str]]
    """The match's reasons as keys of pairings.matching, to be shown in any language."""
    note: Mapped[str] = mapped_column(String(300))
    """Why it serves this child best, in the proposer's words (law on minors 4)."""
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    proposed_at: Mapped[datetime] = mapped_column(default=clock.now)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """The county's key, or who of the county said no."""
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(String(300), default="")
    high_risk: Mapped[bool] = mapped_column(default=False)
    """Whether the child was at high risk when it was decided, or has come to be since."""
    city_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """The city's key: a safeguarding lead of the city, besides the county's."""
    city_at: Mapped[datetime | None]
    decline_reason: Mapped[DeclineReason | None]
    supervisor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """The accountable township supervisor."""
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    agreed_before: Mapped[bool] = mapped_column(default=False)
    """Agreed before answers and signatures were recorded apart: only the migration says so."""
    guardian_yes_on: Mapped[date | None]
    child_yes_on: Mapped[date | None]
    """The newest answers, while they are a yes; pairings.answers holds who gave them and how."""
    agreement_version: Mapped[str] = mapped_column(String(20), default="")
    agreed_on: Mapped[date | None]
    """On which day the last of those who have to sign signed that version."""
    introduced_on: Mapped[date | None]
    """The day of the accompanied first visit."""
    renewing_since: Mapped[date | None]
    renew_until: Mapped[date | None]
    """Until when it would last if everybody says yes once more."""
    goodbye_on: Mapped[date | None]
    goodbye_missing: Mapped[str] = mapped_column(String(200), default="")
    """Why there could be no goodbye visit."""
    handover: Mapped[str] = mapped_column(String(300), default="")
    """What whoever comes next has to know, and who has been told."""
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[EndReason | None]
    """Why it ended; while it is ending, why it is to end."""
    version: Mapped[int] = mapped_column(default=1)
