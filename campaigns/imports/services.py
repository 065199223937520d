"""Bringing a list, and what whoever brought it decides: the rest goes on by itself (steps)."""

import base64
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, exists, update
from sqlalchemy.orm import Session

from accounts.rules import Actor
from campaigns.blocks.queries import block
from campaigns.imports import queries
from campaigns.imports.models import ImportRow, ImportRun
from campaigns.imports.rules import Fate, State
from campaigns.signups.leaving.services import withdraw
from campaigns.signups.models import SignUp
from core import audit, clock, crypto, ids, limits
from core.db import transaction
from core.errors import RuleBroken
from core.i18n import _
from core.limits import Limit
from core.scopes import find

PER_PERSON = Limit("imports_person", 20, 3600)
KEPT = timedelta(days=7)
SUBJECT = "import"


@dataclass(frozen=True, slots=True)
class Brought:
    """A file as somebody brings it, in a kind that was looked at."""

    data: bytes
    ending: str
    language: str


def place(uid: str) -> str:
    """Return the place that a file is sealed for."""
    return f"import_runs.data/{uid}"


def may_bring(by: Actor) -> None:
    """Count a list that somebody brings. Raises TooMany."""
    limits.spend(PER_PERSON.of(str(by.id)))


def bring(block_uid: str, brought: Brought, *, by: Actor) -> str:
    """Keep a list to be looked through; return the import's uid. Raises NotYours, RuleBroken."""
    with transaction() as session:
        kept = block(block_uid, by)
        if not kept.is_open:
            raise RuleBroken(_("这批名额已经放回去了，请县中心再留一些"))
        uid = ids.uid()
        text = base64.b64encode(brought.data).decode()
        session.add(
            ImportRun(
                uid=uid,
                block_id=kept.block.id,
                by_id=by.id,
                ending=brought.ending,
                language=brought.language,
                data=crypto.sealer().seal(text, place(uid)),
            )
        )
        audit.record("bring_list", SUBJECT, uid, by=by.id)
        return uid


def confirm(uid: str, *, same_names: bool, by: Actor) -> None:
    """Let the good rows be placed: all or none. Raises NotYours, RuleBroken."""
    with transaction() as session:
        found, kept = queries.run(uid, by)
        counted = queries.counts(found.id)
        same_names = same_names and Fate.SAME_NAME in counted  # else nobody has asked
        many = counted.get(Fate.GOOD, 0) + (counted.get(Fate.SAME_NAME, 0) if same_names else 0)
        left = kept.block.capacity - kept.block.taken if kept.is_open else 0
        if not many:
            raise RuleBroken(_("没有可以导入的行，请先改好再传一次"))
        if many > left:
            raise RuleBroken(_too_many(many, left))
        _move(session, found, (State.CHECKED, State.CONFIRMING), same_names=same_names)
        audit.record("confirm_list", SUBJECT, uid, by=by.id)


def _too_many(many: int, left: int) -> str:
    return _(
        "名单有 %(many)d 人，只剩 %(left)d 个名额，一个也没有导入。请县中心多留，或把名单减短",
        many=many,
        left=left,
    )


def _move(session: Session, found: ImportRun, way: tuple[State, State], **values: object) -> None:
    moved = session.scalar(
        update(ImportRun)
        .where(ImportRun.id == found.id, ImportRun.state == way[0])
        .values(state=way[1], claimed_at=None, touched_at=clock.now(), **values)
        .returning(ImportRun.id)
    )
    if moved is None:
        raise RuleBroken(_("这份名单已经不在这一步，请刷新页面看看"))


def undo(uid: str, *, by: Actor) -> int:
    """Withdraw whoever has not confirmed yet; return how many. Raises NotYours, RuleBroken."""
    with transaction() as session:
        found = find(ImportRun, uid, by)
        _move(session, found, (State.DONE, State.UNDONE))
        audit.record("undo_list", SUBJECT, uid, by=by.id)
        mine = exists().where(
            ImportRow.run_id == found.id,
            ImportRow.fate == Fate.PLACED,
            ImportRow.contact == SignUp.contact,
            ImportRow.placed_at == SignUp.created_at,
        )
        return withdraw((SignUp.block_id == found.block_id) & mine)


def take_failed(uid: str, *, by: Actor) -> None:
    """Write down that somebody takes the rows to mend as a file. Raises NotYours."""
    with transaction():
        find(ImportRun, uid, by)
        audit.record("fetch_failed_rows", SUBJECT, uid, by=by.id)


def forget() -> int:
    """Delete the rows of lists that nothing has happened to for a week; return how many lists."""
    over = clock.now() - KEPT
    with transaction() as session:
        gone = session.scalars(
            update(ImportRun)
            .where(ImportRun.state != State.EXPIRED, ImportRun.touched_at <= over)
            .values(state=State.EXPIRED, data=None, problem=None)
            .returning(ImportRun.id)
        ).all()
        session.execute(delete(ImportRow).where(ImportRow.run_id.in_(gone)))
    return len(gone)
