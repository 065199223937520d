"""What may be kept sealed of a child, and how it is shown. Nothing here reads a database."""

import re
import unicodedata
from enum import StrEnum

SPACES = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")
COMPOUND = ("欧阳", "司马", "上官", "诸葛", "皇甫", "尉迟", "令狐", "慕容", "东方", "夏侯", "赫连")


class SealedField(StrEnum):
    """What lies sealed: none of it is loaded with a file, each is opened by a request."""

    REAL_NAME = "real_name"
    GUARDIAN_PHONE = "guardian_phone"
    EXACT_PLACE = "exact_place"
    HEALTH = "health"
    FAMILY = "family"


LOOKED_UP = (SealedField.REAL_NAME, SealedField.GUARDIAN_PHONE)
"""What has a blind index: exact look-up, never by a part."""
LONGEST = {
    SealedField.REAL_NAME: 30,
    SealedField.GUARDIAN_PHONE: 11,
    SealedField.EXACT_PLACE: 100,
    SealedField.HEALTH: 300,
    SealedField.FAMILY: 300,
}


def in_use(given: object) -> tuple[SealedField, ...]:
    """Return the fields that a parameter's value names; what it does not know it leaves out."""
    named = set(given) if isinstance(given, list) else set()
    return tuple(field for field in SealedField if field.value in named)


def normal(text: str) -> str:
    """Return a text as it is looked up: wide and narrow letters alike, without blanks."""
    return unicodedata.normalize("NFKC", SPACES.sub("", unicodedata.normalize("NFKC", text)))


def masked(field: SealedField, text: str) -> str:
    """Return what may be seen without a reveal: 王＊＊, 154****0123, else nothing of it."""
    if field is SealedField.REAL_NAME:
        return _surname(text) + "＊＊"
    if field is SealedField.GUARDIAN_PHONE and len(text) == 11:
        return f"{text[:3]}****{text[-4:]}"
    return ""


def _surname(name: str) -> str:
    long = next((one for one in COMPOUND if name.startswith(one) and len(name) > len(one)), "")
    return long or name[:1]
