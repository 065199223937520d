"""What makes a password too easy to guess (NIST SP 800-63B-4, OWASP ASVS 5.0 V6.2).

Length counts, composition does not; what everybody chooses and what belongs to the person or to
this site is refused, also with digits around it. The profile for level 3 of China's graded
protection (GB/T 22239-2019) asks for kinds of characters and a change every 90 days as well.
"""

import re
import unicodedata
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

LONGEST = 128
FEWEST_SIGNS = 5
LEAST_REST = 8
"""So much has to be left of a password when words that anybody would try are taken away."""
LOOKALIKES = (str.maketrans("013457@$!", "oleastasi"), str.maketrans("013457@$!", "oieastasl"))
EDGES, TAIL = re.compile(r"^[\W\d_]+|[\W\d_]+$"), re.compile(r"[\W\d_]+$")
ROWS = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
)


class Problem(StrEnum):
    """Why a password may not be chosen."""

    SHORT = "short"
    LONG = "long"
    COMMON = "common"
    OWN = "own"
    SIMPLE = "simple"
    KINDS = "kinds"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a profile asks of a password."""

    alone: int = 15
    """The shortest one that is all there is to sign in with."""
    with_second_factor: int = 12
    kinds: int = 0
    """Of small letters, capitals, digits and signs."""
    lasts: timedelta | None = None

    def shortest(self, *, has_second_factor: bool) -> int:
        return self.with_second_factor if has_second_factor else self.alone


STANDARD = Policy()
LEVEL_3 = Policy(kinds=3, lasts=timedelta(days=90))
POLICIES = {"standard": STANDARD, "mlps3": LEVEL_3}


def problems(
    password: str,
    *,
    has_second_factor: bool,
    words: Iterable[str] = (),
    common: Container[str] = frozenset(),
    policy: Policy = STANDARD,
) -> list[Problem]:
    """Return why a password may not be chosen; an empty list when it may.

    `words` belong to the person and to the site, `common` are those that everybody chooses.
    """
    text = plain(password)
    found = {
        Problem.SHORT: len(text) < policy.shortest(has_second_factor=has_second_factor),
        Problem.LONG: len(password) > LONGEST,
        Problem.COMMON: any(one in common for one in _readings(text)),
        Problem.OWN: _is_made_of(text, words),
        Problem.SIMPLE: _is_simple(text),
        Problem.KINDS: _kinds(password) < policy.kinds,
    }
    return [problem for problem, so in found.items() if so]


def plain(text: str) -> str:
    """Return a text as guesses are compared: wide or narrow, large or small are the same."""
    return unicodedata.normalize("NFKC", text).casefold()


def _readings(text: str) -> set[str]:
    """Return what a guesser would read in it: without digits around, signs as letters, halved."""
    found = {text, text.replace(" ", "")}
    found |= {EDGES.sub("", one) for one in found} | {TAIL.sub("", one) for one in found}
    found |= {one.translate(table) for one in found for table in LOOKALIKES}
    found |= {EDGES.sub("", one) for one in found}
    return found | {_unit(one) for one in found}


def _unit(text: str) -> str:
    """Return what a text repeats over and over, or the text itself."""
    for period in range(1, min(len(text), LONGEST) // 2 + 1):
        if text[period:] == text[:-period]:
            return text[:period]
    return text


def _is_made_of(text: str, words: Iterable[str]) -> bool:
    """Whether little is left once the words, and digits and signs, are taken away."""
    rest = text
    for word in sorted({plain(word) for word in words}, key=len, reverse=True):
        if len(word) >= (2 if re.search(r"[^\x00-\x7f]", word) else 4):
            rest = rest.replace(word, "\0")
    letters = re.sub(r"[\W\d_]", "", rest)
    wide = sum(letter > "\x7f" for letter in letters)  # a Chinese sign is worth two letters
    return "\0" in rest and len(letters) + wide < LEAST_REST


def _is_simple(text: str) -> bool:
    """Whether it has hardly any different signs, or follows the alphabet or the keyboard."""
    if len(set(text)) < FEWEST_SIGNS:
        return True
    unit = _unit(text)
    return any(unit in row or unit[::-1] in row for row in ROWS) and unit != ""


def _kinds(password: str) -> int:
    return sum(
        bool(re.search(kind, password)) for kind in (r"[a-z]", r"[A-Z]", r"\d", r"[^a-zA-Z\d]")
    )
