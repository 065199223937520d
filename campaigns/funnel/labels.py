"""What the steps are called, and how many went from each to the next, in words."""

from dataclasses import dataclass

from campaigns.funnel.queries import Places
from campaigns.funnel.rules import DIRECT, GONE, Numbers, Period, Row, share
from core.i18n import _
from core.i18n import lazy as _l
from core.sheets import Cell

PERIODS = {
    Period.WEEK: _l("最近七天"),
    Period.MONTH: _l("最近三十天"),
    Period.WHOLE: _l("整个活动"),
}
UNMARKED = _l("没有扫码")


@dataclass(frozen=True, slots=True)
class Told:
    """A step with how many reached it, and how many of a hundred went on to it."""

    name: str
    count: int
    said: str


def steps(row: Row) -> list[Told]:
    """Return the steps that are known, in their order."""
    found = []
    if row.viewed is not None:
        found.append(Told(_("看了活动页面"), row.viewed, ""))
    if row.opened is not None:
        part = None if row.viewed is None else share(row.opened, row.viewed)
        said = "" if part is None else _("每看 100 次页面，有 %(n)d 次打开名额", n=part)
        found.append(Told(_("打开了名额"), row.opened, said))
        part = share(row.held, row.opened)
        said = "" if part is None else _("每打开 100 次名额，有 %(n)d 人报名", n=part)
    else:
        said = ""
    found.append(Told(_("报了名"), row.held, said))
    part = share(row.confirmed, row.held)
    said = "" if part is None else _("每 100 个报名的人里，有 %(n)d 人确认", n=part)
    found.append(Told(_("确认了"), row.confirmed, said))
    part = share(row.arrived, row.confirmed)
    said = "" if part is None else _("每 100 个确认的人里，有 %(n)d 人到场", n=part)
    return [*found, Told(_("到场了"), row.arrived, said)]


def source_names(places: Places) -> dict[str, str]:
    """Return what each source is called, by its key."""
    return {"": str(UNMARKED), **dict(places), GONE: _("已拿掉的张贴点")}


def choices(places: Places) -> list[tuple[str, str]]:
    """Return the places somebody may choose, by what the address says."""
    return [("", _("全部来源")), (DIRECT, str(UNMARKED)), *places]


def header() -> list[str]:
    return [
        _("分类"),
        _("名称"),
        _("看了活动页面"),
        _("打开了名额"),
        _("报了名"),
        _("确认了"),
        _("到场了"),
        _("服务时数"),
    ]


def lines(numbers: Numbers, names: dict[str, str]) -> list[list[Cell]]:
    """Return what the page shows as the rows of one sheet: counts, and nobody's name."""
    rows = [_line(_("合计"), "", numbers.total)]
    rows += [_line(_("来源"), names[one.key], one) for one in numbers.sources]
    rows += [_line(_("县（区、市）"), one.name, one) for one in numbers.counties]
    rows += [_line(_("学校或单位"), one.name or other(), one) for one in numbers.schools]
    return rows + [
        [_("日期"), day.isoformat(), viewed, opened, None, None, None, None]
        for day, viewed, opened in numbers.days
    ]


def other() -> str:
    return _("其他（个人，或没有登记的单位）")


def _line(kind: str, name: str, row: Row) -> list[Cell]:
    counts = (row.viewed, row.opened, row.held, row.confirmed, row.arrived, row.hours)
    return [kind, name, *counts]
