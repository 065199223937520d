"""Files that nobody has a reason to open. A table of its own: the file itself looks like any."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base
from core.fences import Fenced


class DecoyChild(Fenced, Base):
    __tablename__ = "decoy_children"

    child_id: Mapped[int] = mapped_column(
        ForeignKey("children.id", ondelete="CASCADE"), primary_key=True
    )
    planted_at: Mapped[datetime] = mapped_column(default=clock.now)
