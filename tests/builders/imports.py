"""Lists of invented members for tests."""

from collections.abc import Sequence

from sqlalchemy import select

from accounts.queries import actor_for
from campaigns.blocks.models import Block
from campaigns.imports.models import ImportRow, ImportRun
from campaigns.imports.rules import Fate, State
from campaigns.imports.services import Brought, bring
from campaigns.imports.steps.services import go_on
from core.db import db
from core.sheets import csv_file, xlsx_file
from tests.factories import saved

HEADER = ("姓名", "手机号", "邮箱", "语言")
Rows = Sequence[Sequence[str]]


def rows_of(many: int) -> Rows:
    """Return so many different members, each by an address."""
    return [(f"样例{_spelt(n)}", "", f"m{n}@example.org", "") for n in range(many)]


def _spelt(number: int) -> str:
    """Return a number in letters: names have no digits."""
    return "".join("零一二三四五六七八九"[int(digit)] for digit in str(number))


def a_csv(rows: Rows, header: Sequence[str] = HEADER) -> bytes:
    return csv_file(header, rows)


def an_xlsx(rows: Rows, header: Sequence[str] = HEADER) -> bytes:
    return xlsx_file("名单", header, rows)


def brought(block: Block, data: bytes, *, by: int, ending: str = "csv") -> ImportRun:
    """Return an import that has been looked through, as the job does."""
    uid = bring(block.uid, Brought(data, ending, "zh_Hans"), by=actor_for(by))
    go_on()
    return the_run(uid)


def the_run(uid: str) -> ImportRun:
    db.session.expire_all()
    return db.session.scalars(select(ImportRun).where(ImportRun.uid == uid)).one()


def fates(run: ImportRun) -> list[Fate]:
    """Return what became of each row, in the order of the sheet."""
    listed = select(ImportRow.fate).where(ImportRow.run_id == run.id).order_by(ImportRow.number)
    return list(db.session.scalars(listed))


def an_import(block: Block, by: int) -> ImportRun:
    """Return a list with a row to mend, waiting for its confirmation."""
    run = saved(
        ImportRun(
            block_id=block.id, by_id=by, ending="csv", language="zh_Hans", state=State.CHECKED,
            total=2, checked=2,
        )
    )  # fmt: skip
    for number, fate in ((2, Fate.GOOD), (3, Fate.BAD_PHONE)):
        saved(
            ImportRow(
                run_id=run.id, number=number, name="样例导入", phone="", language="",
                email=f"import{run.id}-{number}@example.org", spoken="zh_Hans", fate=fate,
                contact=f"import{run.id}-{number}@example.org",
            )
        )  # fmt: skip
    return run
