"""What the words of a public page may not give away. Pure: lists and days come as arguments.

The first line of defence, never the last: a person reads every text before it is public.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum

from campaigns.rules import ROUNDED_TO, SMALLEST_CELL
from children.rules import Finding, identifying

# name of the dated value that public words go by
LABEL_WORDS = "campaigns.label_words"
LABELS = (
    "孤儿", "弃婴", "弃儿", "留守儿童", "困境儿童", "贫困生", "贫困儿童", "特困", "低保户",
    "问题儿童", "问题少年", "问题学生", "残疾儿童", "残障儿童", "单亲", "离异", "服刑", "艾滋",
    "自闭", "孤独症", "智障", "弱智", "失足", "可怜", "orphan", "left-behind", "poor child",
    "needy child", "disabled child", "problem child", "autis",
)  # fmt: skip
"""Said of somebody they label a child (domain.md §0.2, §3); pages say 孩子 or 小朋友."""


class Slip(StrEnum):
    """What in a text must not be public."""

    LABEL = "label"
    ID_NUMBER = "id_number"
    PHONE = "phone"
    ACCOUNT = "account"
    SCHOOL = "school"
    AGE = "age"
    COUNT = "count"
    DAY = "day"
    PLACE = "place"


NUMERAL = "一二两三四五六七八九十百"
DIGITS = {sign: value for value, sign in enumerate("一二三四五六七八九", 1)} | {"两": 2}
AGE = re.compile(
    rf"(?<![\d{NUMERAL}\-–—~到至])(?:1[0-7]|\d|十[一二三四五六七]?|[一二三四五六七八九])\s?周?岁"
    r"(?!以|及|起|到|至|[-–—~])"
    r"|\b(?:1[0-7]|[1-9])[- ]years?[- ]old\b|\baged? (?:1[0-7]|[1-9])\b(?![-–])"
)
CHILDREN = "(?:小?孩子?|儿童|小朋友|学生|同学|少年|少女|男孩|女孩|娃)"
COUNT = re.compile(
    rf"(\d+|[{NUMERAL}]+)(多|余|来)?\s?(?:个|名|位|对)[^\s，。；、]{{0,4}}?{CHILDREN}"
    r"|\b(\d+|two|three|four|five|six|seven|eight|nine)\s(?:\w+\s)?"
    r"(?:children|kids|pupils|students|boys|girls)\b"
)
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
DAY = re.compile(
    r"(?:(\d{4})\s?年\s?)?(\d{1,2})\s?月\s?(\d{1,2})\s?[日号]|(\d{4})-(\d{1,2})-(\d{1,2})"
)
ENGLISH_DAY = re.compile(
    rf"\b(\d{{1,2}}) ({'|'.join(MONTHS)})\b(?: (\d{{4}}))?"
    rf"|\b({'|'.join(MONTHS)}) (\d{{1,2}})\b(?:,? (\d{{4}}))?"
)
SLIPS = {
    Finding.ID_NUMBER: Slip.ID_NUMBER,
    Finding.PHONE: Slip.PHONE,
    Finding.ACCOUNT: Slip.ACCOUNT,
    Finding.SCHOOL: Slip.SCHOOL,
}


def even(text: str) -> str:
    """Return the text as words are looked for: ordinary letters, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def said(text: str, words: Sequence[str]) -> list[str]:
    """Return which of the words a text says.

    Chinese is compared without its blanks, which hide nothing; English words have theirs.
    """
    plain = even(text)
    dense = plain.replace(" ", "")
    return [
        word for word in words if word and word.casefold() in (plain if word.isascii() else dense)
    ]


def slips(text: str, labels: Sequence[str]) -> list[tuple[Slip, str]]:
    """Return what no public text may say, each with the words that say it."""
    plain = even(text)
    return [
        *((Slip.LABEL, word) for word in said(text, labels)),
        *((SLIPS[finding], "") for finding in identifying(text)),
        *((Slip.AGE, found[0]) for found in AGE.finditer(plain)),
        *((Slip.COUNT, found) for found in _small_counts(plain)),
    ]


def _small_counts(plain: str) -> Iterator[str]:
    """Give each count of children under 10, or not rounded to 5; one is a manner of speaking."""
    for found in COUNT.finditer(plain):
        count = _number(found[1] or found[3])
        rounded = count % ROUNDED_TO == 0 or (found[2] and count >= SMALLEST_CELL)
        if count > 1 and (count < SMALLEST_CELL or not rounded):
            yield found[0]


def _number(said: str) -> int:
    """Return a count that is written in digits, in English, or in Chinese up to some hundreds."""
    if said.isdigit():
        return int(said)
    if said.isascii():
        names = ("two", "three", "four", "five", "six", "seven", "eight", "nine")
        return names.index(said) + 2
    total, now = 0, 0
    for sign in said:
        if sign in DIGITS:
            now = DIGITS[sign]
        else:
            total, now = total + (now or 1) * (10 if sign == "十" else 100), 0
    return total + now


def days_ahead(text: str, today: date) -> list[str]:
    """Return the days that a text names and that are still to come."""
    plain = even(text)
    named = [(found[0], _day(found.groups(), today)) for found in DAY.finditer(plain)]
    named += [(found[0], _english(found.groups(), today)) for found in ENGLISH_DAY.finditer(plain)]
    return [words for words, day in named if day is not None and day > today]


def _day(parts: Sequence[str | None], today: date) -> date | None:
    year, month, day = parts[:3] if parts[1] else parts[3:]
    return _made(year, int(month or 0), int(day or 0), today)


def _english(parts: Sequence[str | None], today: date) -> date | None:
    day, month, year = parts[:3] if parts[1] else (parts[4], parts[3], parts[5])
    return _made(year, MONTHS.index(month or "") + 1, int(day or 0), today)


def _made(year: str | None, month: int, day: int, today: date) -> date | None:
    """Return the day; without a year it is this year's."""
    try:
        return date(int(year) if year else today.year, month, day)
    except ValueError:
        return None
