"""People who sign in, the roles they hold, and where they are signed in."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from accounts.rules import Role
from core import clock, ids, sealing
from core.db import Base


class Person(Base):
    __tablename__ = "people"
    __table_args__ = (CheckConstraint("phone IS NOT NULL OR email IS NOT NULL", name="contact"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    name: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str | None] = mapped_column(String(11), unique=True)
    email: Mapped[str | None] = mapped_column(String(120), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    password_set_at: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(String(10), default="zh_Hans")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    disabled_at: Mapped[datetime | None]
    totp: Mapped[str | None] = mapped_column(String(200), info=sealing.by("uid"))
    """The shared secret of the code app, sealed for `people.totp/<uid>`."""
    totp_step: Mapped[int] = mapped_column(BigInteger, default=0)
    """The last half minute whose code was used: none is used twice, none before it any more."""


class RoleGrant(Base):
    """A role from one day to another (both included); ended early, it ends at once."""

    __tablename__ = "role_grants"
    __table_args__ = (
        Index(None, "role", "area_id"),
        CheckConstraint("until_on IS NULL OR from_on <= until_on", name="days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[Role]
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    org_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"), index=True)
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(String(200), default="")
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class SignInSession(Base):
    """One device somebody is signed in on; only the digest of its secret is kept.

    What the limits allow is written down as moments, so that reading needs no parameter.
    """

    __tablename__ = "sign_in_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    agent: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    idle_at: Mapped[datetime]
    """When it ends unless it is seen before."""
    expires_at: Mapped[datetime]
    """When it ends however busy it is."""
    factor_at: Mapped[datetime | None]
    """When the second factor was passed here."""
    factor_tries: Mapped[int] = mapped_column(default=0)
    step_up_until: Mapped[datetime | None]
    """Until when the person counts as having just proved who they are."""
    renewal_due: Mapped[bool] = mapped_column(default=False)
    """Rights have changed since: the secret is replaced at the next request."""
    challenge: Mapped[str | None] = mapped_column(String(64))
    """What a passkey has to sign, once."""
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class SignInLink(Base):
    """A link or code that signs somebody in once, without a password."""

    __tablename__ = "sign_in_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)


class RecoveryCode(Base):
    """One of the codes that stand in for a lost second factor; each works once."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Passkey(Base):
    """A device or security key that proves its owner by signing; only the public half is here."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    public_key: Mapped[str] = mapped_column(String(2000))
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    agent: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
