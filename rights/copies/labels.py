"""One's own data in words, as a page shows it: the files keep the values themselves."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from accounts.admin.labels import ACTIONS
from accounts.admin.labels import KINDS as DEED_KINDS
from accounts.labels import ROLES
from campaigns.seats import labels as seat_words
from core.i18n import LANGUAGES, _
from core.i18n import lazy as _l
from core.show import day, device, moment
from messages.labels import CHANNELS, KINDS
from rights.copies.rules import Cell, Section
from visits.answers.labels import SAID
from visits.feeds.labels import REACHES
from visits.labels import STATES as VISIT_STATES
from volunteers import labels as volunteer_words
from volunteers.certificates import labels as certificate_words
from volunteers.students.labels import WAYS
from volunteers.teams.forming.labels import WHYS

WORDS: Mapping[tuple[str, str], Mapping[Any, str]] = {
    ("person", "language"): LANGUAGES,
    ("roles", "role"): ROLES,
    ("volunteer", "status"): volunteer_words.STATUSES,
    ("volunteer", "sex"): volunteer_words.SEXES,
    ("volunteer", "skills"): volunteer_words.SKILLS,
    ("evidence", "kind"): volunteer_words.EVIDENCE,
    ("evidence", "outcome"): volunteer_words.OUTCOMES,
    ("studies", "how"): WAYS,
    ("certificates", "state"): certificate_words.STATES,
    ("team_searches", "why"): WHYS,
    ("free_times", "period"): volunteer_words.PERIODS,
    ("sign_ups", "state"): seat_words.STATES,
    ("visits", "state"): VISIT_STATES,
    ("calendar_feeds", "reach"): REACHES,
    ("messages", "kind"): KINDS,
    ("contacts", "channel"): CHANNELS,
    ("visit_answers", "said"): SAID,
    ("deeds", "action"): ACTIONS,
    ("deeds", "kind"): DEED_KINDS,
}
"""What the values of a section's column are called."""
HEADINGS = {
    ("free_times", "weekday"): _l("星期"),
    ("free_times", "start_minute"): _l("开始"),
    ("free_times", "end_minute"): _l("结束"),
}
"""Columns whose name for machines tells how the value is kept."""


def in_words(section: Section) -> tuple[list[str], list[list[str]]]:
    """Return a section's headings and rows, every cell a text that people read."""
    columns = [(section.key, key) for key, _name in section.columns]
    headings = [
        HEADINGS.get(column, name)
        for column, (_key, name) in zip(columns, section.columns, strict=True)
    ]
    rows = [
        [_word(column, cell) for column, cell in zip(columns, row, strict=True)]
        for row in section.rows
    ]
    return headings, rows


def _word(column: tuple[str, str], cell: Cell) -> str:
    if column == ("sessions", "device"):
        return device(str(cell))
    if column == ("free_times", "weekday"):
        return str(volunteer_words.WEEKDAYS[int(str(cell))])
    if column in {("free_times", "start_minute"), ("free_times", "end_minute")}:
        return f"{int(str(cell)) // 60}:{int(str(cell)) % 60:02}"
    if isinstance(cell, list):
        return _("、").join(_named(column, one) for one in cell) or "—"
    return _named(column, cell)


def _named(column: tuple[str, str], cell: Cell) -> str:
    if cell is None or cell == "":
        return "—"
    if isinstance(cell, bool):
        return _("是") if cell else _("否")
    if isinstance(cell, datetime):
        return moment(cell)
    if isinstance(cell, date):
        return day(cell)
    return str(WORDS.get(column, {}).get(str(cell), cell))
