"""What rhythms, holiday rules and outcomes are called, and a rule in words."""

import re

from children.labels import WEEKDAYS
from core.i18n import _
from core.i18n import lazy as _l
from visits.series.rules import DAYS, HolidayPolicy, Outcome, Rhythm

RHYTHMS = {
    Rhythm.WEEKLY: _l("每周一次"),
    Rhythm.FORTNIGHTLY: _l("每两周一次"),
    Rhythm.MONTHLY: _l("每月一次（同一个周几）"),
    Rhythm.MONTHLY_BY_DATE: _l("每月一次（同一个日期；没有这一天的月份不排）"),
}
POLICIES = {
    HolidayPolicy.SKIP: _l("这一次不排"),
    HolidayPolicy.SHIFT: _l("顺延到合适的下一天"),
    HolidayPolicy.KEEP: _l("照常"),
}
OUTCOMES = {
    Outcome.PLANNED: _l("已安排"),
    Outcome.REFUSED: _l("排不上"),
    Outcome.SKIPPED: _l("节假日不排"),
    Outcome.DROPPED: _l("已决定不排"),
}
TONES = {
    Outcome.PLANNED: "ok",
    Outcome.REFUSED: "warn",
    Outcome.SKIPPED: "",
    Outcome.DROPPED: "",
}
ORDINALS = {
    "1": _l("第一个"),
    "2": _l("第二个"),
    "3": _l("第三个"),
    "4": _l("第四个"),
    "-1": _l("最后一个"),
}
INTERVAL = re.compile(r"INTERVAL=(\d+)")
BY_DAY = re.compile(r"BYDAY=(-?\d)?([A-Z]{2})")
BY_DATE = re.compile(r"BYMONTHDAY=(\d+)")


def rule_words(rule: str) -> str:
    """Return a rule as people say it: every two weeks on Saturday."""
    every = INTERVAL.search(rule)
    many = int(every[1]) if every else 1
    if "FREQ=YEARLY" in rule:
        return str(_("每年同一天"))
    day, date = BY_DAY.search(rule), BY_DATE.search(rule)
    if day is None:
        nth = date[1] if date else ""
        each = _("每月 %(day)s 日", day=nth)
        return str(each if many == 1 else _("每 %(n)d 个月的 %(day)s 日", n=many, day=nth))
    weekday = str(WEEKDAYS[DAYS.index(day[2])])
    if "FREQ=WEEKLY" in rule and many == 1:
        return str(_("每%(day)s", day=weekday))
    if "FREQ=WEEKLY" in rule:
        return str(_("每 %(n)d 周的%(day)s", n=many, day=weekday))
    which = str(ORDINALS[day[1]])
    if many == 1:
        return str(_("每月%(which)s%(day)s", which=which, day=weekday))
    return str(_("每 %(n)d 个月的%(which)s%(day)s", n=many, which=which, day=weekday))
