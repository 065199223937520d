"""Signatures under the agreement of a pairing: who, when, on which text and how it is proved."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from children.rules import Signer
from core import clock
from core.db import Base
from core.fences import Fenced
from core.tiers import Tier, declare
from pairings.agreements.rules import Party, SignatureProof

STANDS, ALONE = "voided_at IS NULL", "voided_at IS NULL AND volunteer_id IS NULL"


class AgreementSignature(Fenced, Base):
    """No picture of a signature and no number of a document: those stay in the archive."""

    __tablename__ = "agreement_signatures"
    __table_args__ = (
        CheckConstraint("(party = 'volunteer') = (volunteer_id IS NOT NULL)", name="volunteer"),
        CheckConstraint("(party = 'guardian') = (signer IS NOT NULL)", name="guardian"),
        CheckConstraint("(voided_at IS NULL) = (voided_by_id IS NULL)", name="voided"),
        Index(
            "uq_agreement_signatures_volunteer",
            "pairing_id",
            "text_version",
            "volunteer_id",
            unique=True,
            sqlite_where=text(STANDS),
            postgresql_where=text(STANDS),
        ),
        Index(
            "uq_agreement_signatures_party",
            "pairing_id",
            "text_version",
            "party",
            unique=True,
            sqlite_where=text(ALONE),
            postgresql_where=text(ALONE),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pairing_id: Mapped[int] = mapped_column(ForeignKey("pairings.id"))
    child_id: Mapped[int] = mapped_column(ForeignKey("children.id"), index=True)
    text_version: Mapped[str] = mapped_column(String(20))
    text_digest: Mapped[str] = mapped_column(String(64))
    """The SHA-256 of the Chinese text that was signed."""
    party: Mapped[Party]
    volunteer_id: Mapped[int | None] = mapped_column(ForeignKey("volunteers.id"), index=True)
    signer: Mapped[Signer | None]
    """Of a guardian: which."""
    proof: Mapped[SignatureProof]
    reference: Mapped[str] = mapped_column(String(60), default="")
    dated: Mapped[date]
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    entered_at: Mapped[datetime] = mapped_column(default=clock.now)
    voided_at: Mapped[datetime | None]
    voided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


declare(
    AgreementSignature,
    {
        Tier.NEED_TO_KNOW: "id pairing_id child_id text_version text_digest party volunteer_id"
        " signer proof reference dated entered_by_id entered_at voided_at voided_by_id"
    },
)
