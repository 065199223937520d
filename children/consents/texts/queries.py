"""The texts that families are shown: files that never change once somebody has answered them."""

import re
from functools import cache
from pathlib import Path

from children.consents.texts.rules import ABOUT, ConsentText
from core import clock
from core.errors import NotYours
from core.i18n import in_english
from core.parameters import value_on

FOLDER = Path(__file__).parent / "data"
CONSENT_TEXT = "children.consent_text"
VERSION = re.compile(r"\d{4}-\d{1,3}", re.ASCII)


@cache
def _read(version: str, about: str, language: str) -> ConsentText | None:
    file = FOLDER / version / f"{about}.{language}.md"
    known = VERSION.fullmatch(version) and about in ABOUT and file.is_file()
    return ConsentText(about, version, file.read_text(encoding="utf-8")) if known else None


def text(version: str, about: str) -> ConsentText:
    """Return a text in the reader's language. Raises NotYours when there is no such text."""
    found = _read(version, about, "en" if in_english() else "zh")
    if found is None:
        raise NotYours
    return found


def original(version: str, about: str) -> ConsentText | None:
    """Return the Chinese text, which is the one that counts, or None."""
    return _read(version, about, "zh")


def versions() -> list[str]:
    """Return every version there is, the newest first."""
    return sorted((folder.name for folder in FOLDER.iterdir() if folder.is_dir()), reverse=True)


def current_version() -> str:
    """Return the version that families are shown today."""
    return str(value_on(CONSENT_TEXT, clock.today()))
