"""Lists that are brought for a group's seats: the file until it is read, the rows for a week."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.imports.rules import Fate, State
from core import clock, ids, sealing
from core.db import Base


class ImportRun(Base):
    """One list and how far it has come; whoever takes a step names the claim it took."""

    __tablename__ = "import_runs"
    __table_args__ = (
        Index(None, "by_id", "block_id", "id"),
        Index(None, "block_id"),
        Index(None, "state", "touched_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    block_id: Mapped[int] = mapped_column(ForeignKey("seat_blocks.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    ending: Mapped[str] = mapped_column(String(4))
    """xlsx or csv; what was pasted is csv."""
    language: Mapped[str] = mapped_column(String(10))
    """Of whoever brought it: what is wrong with the file is said in it."""
    data: Mapped[str | None] = mapped_column(Text, deferred=True, info=sealing.by("uid"))
    """The file, in base64 and sealed; gone once every row has been read."""
    state: Mapped[State] = mapped_column(default=State.CHECKING)
    claimed_at: Mapped[datetime | None]
    total: Mapped[int] = mapped_column(default=0)
    checked: Mapped[int] = mapped_column(default=0)
    """So many rows have been judged and stored: where to go on."""
    same_names: Mapped[bool] = mapped_column(default=False)
    """Whether rows with a name that is there already are other people."""
    problem: Mapped[str | None] = mapped_column(String(300))
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    touched_at: Mapped[datetime] = mapped_column(default=clock.now)


class ImportRow(Base):
    """A row as it was brought, and what has become of it."""

    __tablename__ = "import_rows"
    __table_args__ = (UniqueConstraint("run_id", "number"), Index(None, "run_id", "fate", "number"))

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("import_runs.id"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))
    phone: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(120))
    language: Mapped[str] = mapped_column(String(120))
    contact: Mapped[str | None] = mapped_column(String(120))
    spoken: Mapped[str] = mapped_column(String(10))
    fate: Mapped[Fate]
    other: Mapped[int | None]
    placed_at: Mapped[datetime | None]
    """When its sign-up was made: one that somebody has made anew since is not the import's."""
