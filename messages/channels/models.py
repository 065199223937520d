"""What is kept of each vendor's channel: whether it is on, and its secrets, sealed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core import ids, sealing
from core.db import Base
from messages.rules import Channel, Outcome


class ChannelSetting(Base):
    """One vendor's account; its version rises with every change, so that nobody uses an old one."""

    __tablename__ = "channel_settings"
    __table_args__ = (
        CheckConstraint("enabled = false OR secrets IS NOT NULL", name="secrets_first"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    channel: Mapped[Channel] = mapped_column(unique=True)
    enabled: Mapped[bool] = mapped_column(default=False)
    secrets: Mapped[str | None] = mapped_column(Text, info=sealing.by("uid"))
    """A JSON object of the fields of messages.channels.needs."""
    receipt_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    """The digest of the secret in the address where the vendor tells what became of messages."""
    version: Mapped[int] = mapped_column(default=1)
    set_at: Mapped[datetime]
    tested_at: Mapped[datetime | None]
    tested: Mapped[Outcome | None]
    tested_code: Mapped[str] = mapped_column(String(60), default="")
