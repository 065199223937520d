"""How somebody shows that they study, and until when that counts. No cards, no pictures."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from enum import StrEnum

DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,20}", re.ASCII)
ADDRESS = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}@([a-z0-9.-]{4,80})", re.ASCII)
FOR_EVERYBODY = frozenset(
    {
        "126.com", "139.com", "163.com", "189.cn", "aliyun.com", "foxmail.com", "gmail.com",
        "hotmail.com", "icloud.com", "live.com", "outlook.com", "qq.com", "sina.cn", "sina.com",
        "sohu.com", "vip.qq.com", "vip.163.com", "wo.cn", "yahoo.com", "yeah.net",
    }
)  # fmt: skip
"""Where anybody gets a mailbox: none of these says that somebody studies."""
TERM_ENDS = ((1, 31), (7, 31))
LONGEST = timedelta(days=366)
"""No list and no word of a teacher holds for more than a year."""


class How(StrEnum):
    """What showed it."""

    MAIL = "mail"
    ROSTER = "roster"
    VOUCH = "vouch"


def term_end(today: date, ends: Iterable[Sequence[int]]) -> date:
    """Return the last day of the term: the next of these months and days, today included.

    What is no day of a year is passed over; without any the usual ones count.
    """
    days = [*_days(today, ends)] or [*_days(today, TERM_ENDS)]
    return min(day for day in days if day >= today)


def _days(today: date, ends: Iterable[Sequence[int]]) -> Iterator[date]:
    for end in ends:
        for year in (today.year, today.year + 1):
            try:
                month, day = end
                yield date(year, month, day)
            except (TypeError, ValueError):
                continue


def domain_of(address: str) -> str:
    """Return the domain of a campus address in small letters; empty when it is none.

    Only the plain signs that schools give: with `name+anything@` one mailbox would be many.
    """
    found = ADDRESS.fullmatch(address)
    return found[1] if found and ".." not in address else ""


def is_domain(text: str) -> bool:
    """Whether a text can be the domain of a school's own mailboxes."""
    return bool(DOMAIN.fullmatch(text)) and text not in FOR_EVERYBODY


def plain(text: str) -> str:
    """Return a number or a name without what may differ between a list and what is typed."""
    wide = unicodedata.normalize("NFKC", text)
    return "".join(sign for sign in wide if not sign.isspace() and sign not in "·•・").upper()


def told(number: str, name: str) -> str:
    """Return what is hashed of a student: number and name together, never one of them alone."""
    return f"{plain(number)}\0{plain(name)}"
