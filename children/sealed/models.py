"""The sealed part of a child's file: apart from the file, so that no row is loaded with it.

Behind the same fence as the files, and a narrower one: pyproject.toml names who may import this.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base
from core.tiers import Tier, declare


class ChildSealed(Base):
    """Texts sealed with the child's own data key, each for `children_sealed.<column>/<uid>`.

    The data key lies wrapped in the row; what it is wrapped with is made of the key file and of
    a half in the vault, which erasing destroys (docs/decisions.md).
    """

    __tablename__ = "children_sealed"

    id: Mapped[int] = mapped_column(primary_key=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("children.id"), unique=True)
    slot: Mapped[int] = mapped_column()
    """Where in the vault this child's half lies."""
    data_key: Mapped[str] = mapped_column(Text)
    real_name: Mapped[str | None] = mapped_column(Text)
    guardian_phone: Mapped[str | None] = mapped_column(Text)
    exact_place: Mapped[str | None] = mapped_column(Text)
    health: Mapped[str | None] = mapped_column(Text)
    family: Mapped[str | None] = mapped_column(Text)
    real_name_index: Mapped[bytes | None] = mapped_column(LargeBinary(16), index=True)
    guardian_phone_index: Mapped[bytes | None] = mapped_column(LargeBinary(16), index=True)
    version: Mapped[int] = mapped_column(default=1)


class ErasedKey(Base):
    """A half of the vault that is to be destroyed, or has been: what is left of a sealed part."""

    __tablename__ = "erased_child_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(unique=True)
    erased_at: Mapped[datetime] = mapped_column(default=clock.now)
    destroyed_at: Mapped[datetime | None]


declare(
    ChildSealed,
    {
        Tier.NEED_TO_KNOW: "id child_id version",
        Tier.SEALED: "slot data_key real_name guardian_phone exact_place health family"
        " real_name_index guardian_phone_index",
    },
)
declare(ErasedKey, {Tier.SEALED: "id slot erased_at destroyed_at"})
