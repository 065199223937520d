"""Imports as whoever brought them sees them, and what is compared with a list."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select

from accounts.rules import Actor, Role
from campaigns.blocks.models import Block
from campaigns.blocks.queries import Kept, whole
from campaigns.blocks.queries import visible as visible_blocks
from campaigns.imports.models import ImportRow, ImportRun
from campaigns.imports.rules import FAILED, Fate, Member
from campaigns.seats.rules import GONE
from campaigns.signups.models import SignUp
from core.db import AnyRow, db
from core.paging import Page, newest_first, page_of
from core.scopes import find, scope

SHOWN = {
    "mend": frozenset({Fate.SAME_NAME, *FAILED}),
    "good": frozenset({Fate.GOOD, Fate.PLACED}),
    "already": frozenset({Fate.ALREADY}),
}
"""What of a list a page shows; whatever is to be mended first."""


@scope(ImportRun)
def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that somebody has brought a list, for a block that they still see."""
    seen = select(Block.id).where(visible_blocks(actor))
    return (ImportRun.by_id == actor.id) & ImportRun.block_id.in_(seen)


def run(uid: str, actor: Actor) -> tuple[ImportRun, Kept]:
    """Return an import of one's own with its block. Raises NotYours."""
    found = find(ImportRun, uid, actor)
    return found, whole(found.block_id)


def runs(block_id: int, actor: Actor, *, after: str | None) -> Page[AnyRow]:
    """Return the lists somebody has brought for a block, the newest first."""
    listed = select(
        ImportRun.id, ImportRun.uid, ImportRun.made_at, ImportRun.state, ImportRun.total
    ).where(visible(actor), ImportRun.block_id == block_id)
    return newest_first(listed, [ImportRun.id], after=after, size=20)


def counts(run_id: int) -> dict[Fate, int]:
    """Return how many rows of a list came to what."""
    counted = (
        select(ImportRow.fate, func.count().label("many"))
        .where(ImportRow.run_id == run_id)
        .group_by(ImportRow.fate)
    )
    return {row.fate: row.many for row in db.session.execute(counted)}


def rows(run_id: int, show: str, *, after: str | None) -> Page[AnyRow]:
    """Return a page of the rows that came to something, in the order of the sheet."""
    listed = _ROWS.where(ImportRow.run_id == run_id, ImportRow.fate.in_(SHOWN[show]))
    return page_of(listed, [ImportRow.number, ImportRow.id], after=after)


_ROWS = select(
    ImportRow.id,
    ImportRow.number,
    ImportRow.name,
    ImportRow.phone,
    ImportRow.email,
    ImportRow.language,
    ImportRow.fate,
    ImportRow.other,
)


def to_mend(run_id: int) -> Sequence[AnyRow]:
    """Return every row that was not taken, for the file that is mended and brought again."""
    listed = _ROWS.where(ImportRow.run_id == run_id, ImportRow.fate.in_(SHOWN["mend"]))
    return db.session.execute(listed.order_by(ImportRow.number)).all()


def known(kept: Block, by: Actor, rows: Sequence[Member]) -> tuple[frozenset[str], frozenset[str]]:
    """Return which contacts of a list are there already, and which names.

    A coordinator is told of the whole slot; an organisation's lead only of their own group's
    seats, since a list would otherwise tell of thousands whether they come.
    """
    keys = {key for row in rows for key in row.keys}
    here = (SignUp.slot_id == kept.slot_id) & SignUp.state.not_in(GONE)
    if not by.has(Role.COORDINATOR):
        here &= SignUp.block_id == kept.id
    contacts = db.session.scalars(select(SignUp.contact).where(here, SignUp.contact.in_(keys)))
    names = db.session.scalars(
        select(SignUp.name).where(here, SignUp.name.in_({row.name for row in rows}))
    )
    return frozenset(contacts), frozenset(names)
