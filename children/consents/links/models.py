"""The link that lets a guardian read, refuse or take back, once, without an account."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids
from core.db import Base
from core.tiers import Tier, declare


class GuardianLink(Base):
    """Only the digest of its secret is kept; it opens no more than a few purposes of one child."""

    __tablename__ = "guardian_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    child_id: Mapped[int] = mapped_column(ForeignKey("children.id"), index=True)
    purposes: Mapped[list[str]]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    said_no_to: Mapped[list[str]] = mapped_column(default=list)
    """What the guardian refused or took back with it."""


declare(
    GuardianLink,
    {
        Tier.NEED_TO_KNOW: "id uid child_id purposes token_hash made_by_id made_at expires_at"
        " used_at revoked_at revoked_by_id said_no_to"
    },
)
