"""The texts of the agreement: files that never change once somebody has signed them."""

import re
from functools import cache
from pathlib import Path

from children.consents.texts.rules import ConsentText
from core import clock
from core.i18n import in_english
from core.parameters import value_on

FOLDER = Path(__file__).parent / "data"
ABOUT, AGREEMENT_TEXT = "agreement", "pairings.agreement_text"
VERSION = re.compile(r"\d{4}-\d{1,3}", re.ASCII)


@cache
def _read(version: str, language: str) -> ConsentText | None:
    file = FOLDER / version / f"{ABOUT}.{language}.md"
    if not VERSION.fullmatch(version) or not file.is_file():
        return None
    return ConsentText(ABOUT, version, file.read_text(encoding="utf-8"))


def original(version: str) -> ConsentText | None:
    """Return the Chinese text, which is the one that counts, or None."""
    return _read(version, "zh")


def text(version: str) -> ConsentText | None:
    """Return a text in the reader's language where there is one; None without such a version."""
    return (_read(version, "en") if in_english() else None) or original(version)


def current_version() -> str:
    """Return the version that is signed today."""
    return str(value_on(AGREEMENT_TEXT, clock.today()))[:20]
