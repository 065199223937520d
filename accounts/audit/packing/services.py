"""Writing the yearly package: a CSV file for each table, and a summary in both languages."""

import csv
import io
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO

from accounts.audit.labels import FAULTS, SECTIONS
from accounts.audit.models import AuditCheck
from accounts.audit.packing import queries
from accounts.audit.packing.rules import Source, Table
from accounts.audit.queries import holding, last_check
from accounts.rules import Role
from core import clock, show
from core.i18n import LANGUAGES, _, speaking
from core.sheets import neutral
from core.zone import CHINA

BOM = b"\xef\xbb\xbf"
IN_MEMORY = 8 * 2**20
Opener = Callable[[str], AbstractContextManager[IO[bytes]]]


def write_folder(year: int, folder: Path, sources: Sequence[Source]) -> dict[str, int]:
    """Write a year's package into a folder that has none yet; return the rows of each table.

    Raises FileExistsError: a package that was handed in is not written over.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _write(year, sources, lambda name: (folder / name).open("xb"))


def write_zip(year: int, sources: Sequence[Source]) -> IO[bytes]:
    """Return a year's package as a zip file: a large one lies on the disk until it is closed."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    try:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            _write(year, sources, lambda name: packed.open(name, "w"))
        small = file.tell() <= IN_MEMORY
        file.seek(0)
        if not small:
            return file
        whole = io.BytesIO(file.read())
    except BaseException:
        file.close()
        raise
    file.close()
    return whole


def _write(year: int, sources: Sequence[Source], opened: Opener) -> dict[str, int]:
    written = {}
    for table in (*queries.tables(year), *(source(year) for source in sources)):
        with opened(f"{table.name}.csv") as file:
            written[table.name] = _write_table(table, file)
    for language in LANGUAGES:
        with opened(f"summary.{language[:2]}.md") as file, speaking(language):
            file.write(summary(year, written).encode())
    return written


def _write_table(table: Table, file: IO[bytes]) -> int:
    """Write a table so that spreadsheet programs read it and calculate nothing."""
    file.write(BOM)
    many = 0
    text = io.TextIOWrapper(file, "utf-8", newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(table.header)
    for many, row in enumerate(table.rows, 1):  # noqa: B007 - how many there were in the end
        writer.writerow(["" if cell is None else neutral(cell) for cell in row])
    text.detach()
    return many


def summary(year: int, written: dict[str, int]) -> str:
    """Return the summary in the language that is spoken now: counts, controls, the check."""
    in_charge = _("、").join(person.name for person in holding(Role.DPO)) or _("还没有任命")
    made = f"{clock.now().astimezone(CHINA):%Y-%m-%d %H:%M}"
    facts = (
        _("生成时间：%(at)s", at=made),
        _("儿童个人信息保护负责人：%(names)s", names=in_charge),
        _("审计记录核验：%(state)s", state=_state(last_check())),
    )
    hints = (_("材料里没有孩子的姓名和内容，只有编号；理由留在网站里，凭行号查。"),)
    counts = [_counted(name, many) for name, many in written.items()]
    parts = (
        (_("%(year)d 年度未成年人个人信息保护合规审计材料", year=year), facts),
        (_("数量"), counts),
        (_("管控措施"), _controls()),
        (_("说明"), hints),
    )
    return "\n".join(_part(*part, first=part is parts[0]) for part in parts)


def _part(heading: str, lines: Sequence[str], *, first: bool) -> str:
    listed = "\n".join(f"- {line}" for line in lines)
    return f"{'#' if first else '##'} {heading}\n\n{listed}\n"


def _controls() -> tuple[str, ...]:
    return (
        _("每一次查看、修改、审批和导出都在同一事务里留下一行，只有编号和栏目名，没有内容。"),
        _("每一行都带有密钥才能算出的标记，每夜核验，改动、删除、插入和截断都能查出。"),
        _("角色按日期授予，结束后下一次点击就没有权限。"),
        _("孩子的同意按用途登记，可以随时撤回。"),
        _("姓名、电话、住址、健康和家庭情况逐项密封；查看要写理由，并有走访任务或另一人的批准。"),
        _("结对、授予角色、放宽规则、五十行以上的导出和删除档案都要两个人。"),
    )


def _counted(name: str, many: int) -> str:
    values = {"what": SECTIONS.get(name, name), "many": many, "file": f"{name}.csv"}
    return _("%(what)s：%(many)d 行（%(file)s）", **values)


def _state(check: AuditCheck | None) -> str:
    if check is None or check.ended_at is None:
        return _("还没有核验过")
    when = show.day(check.ended_at)
    if check.fault:
        values = {"when": when, "row": check.bad_row, "fault": FAULTS[check.fault]}
        return _("%(when)s，第 %(row)d 行有问题：%(fault)s", **values)
    values = {"when": when, "rows": check.rows, "head": check.head or "—"}
    return _("%(when)s，%(rows)d 行完好，链尾 %(head)s", **values)
