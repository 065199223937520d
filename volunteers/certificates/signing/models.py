"""The keys that certificates are signed with; the public halves are published for ever."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids, sealing
from core.db import Base


class SigningKey(Base):
    """A pair of keys; one at a time signs, the ones before it still prove what they signed."""

    __tablename__ = "signing_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    """How certificates name it."""
    public: Mapped[str] = mapped_column(String(64))
    private: Mapped[str] = mapped_column(String(300), info=sealing.by("uid"))
    signs: Mapped[bool | None] = mapped_column(unique=True)
    """True of the one that signs now, nothing of the others."""
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    retired_at: Mapped[datetime | None]
