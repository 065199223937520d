"""Consent, purpose by purpose: rows are added, the newest of a purpose counts."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from children.rules import ConsentProof, ConsentState, Purpose, Signer
from core import clock
from core.db import Base
from core.fences import Fenced
from core.tiers import Tier, declare


class Consent(Fenced, Base):
    __tablename__ = "consents"
    __table_args__ = (
        UniqueConstraint("child_id", "purpose", "number"),
        CheckConstraint(
            "state <> 'given' OR"
            " (signer IS NOT NULL AND proof IS NOT NULL AND valid_until IS NOT NULL)",
            name="given",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("children.id"))
    purpose: Mapped[Purpose]
    number: Mapped[int]
    """1 for the first row of that child and purpose, then 2, …"""
    state: Mapped[ConsentState]
    text_version: Mapped[str] = mapped_column(String(20))
    text_digest: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """The SHA-256 of the Chinese text of that version; empty when no text was shown for it."""
    signer: Mapped[Signer | None]
    proof: Mapped[ConsentProof | None]
    proof_reference: Mapped[str] = mapped_column(String(60), default="")
    dated: Mapped[date]
    valid_until: Mapped[date | None]
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    entered_at: Mapped[datetime] = mapped_column(default=clock.now)


declare(
    Consent,
    {
        Tier.NEED_TO_KNOW: "id child_id purpose number state text_version text_digest signer proof"
        " proof_reference dated valid_until entered_by_id entered_at"
    },
)
