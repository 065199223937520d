"""Refusing passwords that are too easy to guess."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pypinyin import lazy_pinyin
from sqlalchemy import func, select

from accounts.models import Person
from accounts.passwords.labels import told
from accounts.passwords.rules import POLICIES, Policy, problems
from core import clock, passwords
from core.db import db
from core.errors import RuleBroken
from places.models import Area, Organisation
from places.rules import Level

COMMON = Path(__file__).parent / "data" / "common.txt.gz"
SITE_WORDS = (
    "童行", "tongxing", "晋中", "jinzhong", "山西", "shanxi", "未保", "weibao", "未成年人", "儿童",
    "ertong", "留守", "liushou", "情暖", "qingnuan", "关爱", "guanai", "陪伴", "peiban", "志愿者",
    "zhiyuanzhe", "volunteer", "child", "admin", "password", "mima",
)  # fmt: skip
"""What anybody who knows this site would try first."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose password it is to be: their names and numbers make poor ones."""

    name: str = ""
    phone: str | None = None
    email: str | None = None
    has_second_factor: bool = False


class CommonWords:
    """The words of a file, in as many bytes as they have letters."""

    def __init__(self, path: Path) -> None:
        self._text = b"\n" + gzip.decompress(path.read_bytes())

    def __contains__(self, word: object) -> bool:
        return f"\n{word}\n".encode("utf-8", "replace") in self._text

    def __len__(self) -> int:
        return self._text.count(b"\n") - 1

    @property
    def size(self) -> int:
        """Return how many bytes of memory it takes."""
        return len(self._text)


@cache
def common_words() -> CommonWords:
    return CommonWords(COMMON)


def policy() -> Policy:
    """Return what this site's profile asks of passwords."""
    return POLICIES[passwords.profile()]


def is_outdated(person_id: int) -> bool:
    """Whether somebody has to choose a new password now; without a profile that asks, nobody."""
    lasts = policy().lasts
    if lasts is None:
        return False
    since = func.coalesce(Person.password_set_at, Person.created_at)
    old = select(Person.id).where(
        Person.id == person_id, Person.password_hash.is_not(None), since <= clock.now() - lasts
    )
    return db.session.scalar(old) is not None


def owner_of(person_id: int, *, has_second_factor: bool) -> Owner:
    """Return what is needed to judge somebody's new password."""
    person = db.session.get_one(Person, person_id)
    return Owner(person.name, person.phone, person.email, has_second_factor)


def refuse_poor(password: str, owner: Owner) -> None:
    """Raise RuleBroken with every reason why somebody should not choose this password."""
    found = problems(
        password,
        has_second_factor=owner.has_second_factor,
        words=_words_about(owner),
        common=common_words(),
        policy=policy(),
    )
    if found:
        raise RuleBroken(
            *(told(one, policy(), has_second_factor=owner.has_second_factor) for one in found)
        )


def _words_about(owner: Owner) -> Iterator[str]:
    yield from SITE_WORDS
    yield from _pinyin_too(owner.name)
    if owner.phone:
        yield owner.phone
        yield owner.phone[-8:]
    if owner.email:
        yield from owner.email.replace("@", ".").split(".")
    places = select(Area.name, Area.name_en).where(Area.level.in_((Level.CITY, Level.COUNTY)))
    for name, name_en in db.session.execute(places):
        yield from _pinyin_too(name.rstrip("省市区县"))
        yield name_en.split(" ")[0]
    for name in db.session.scalars(select(Organisation.name)):
        yield from _pinyin_too(name)


def _pinyin_too(name: str) -> tuple[str, str]:
    return name, "".join(lazy_pinyin(name))
