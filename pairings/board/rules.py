"""What the board is narrowed down to, as it stands in an address."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from children.rules import Need, Risk

DAYS = (14, 30, 56, 90)
"""From how many days of waiting on a list may begin."""


class Show(StrEnum):
    """Which of those who wait."""

    PROPOSED = "proposed"
    """The newest run proposes a team."""
    NOBODY = "nobody"
    """It has found nobody."""
    LACKING = "lacking"
    """They cannot be paired yet: a consent is missing."""


@dataclass(frozen=True, slots=True)
class Filters:
    need: Need | None = None
    township: int | None = None
    risk: Risk | None = None
    days: int | None = None
    show: Show | None = None

    @property
    def query(self) -> str:
        """Return the filters as the end of an address, and as they are kept."""
        return urlencode(self.args())

    def args(self) -> dict[str, Any]:
        """Return the filters as an address has them, in the order of the form."""
        given = {
            "need": self.need,
            "township": self.township,
            "risk": self.risk,
            "days": self.days,
            "show": self.show,
        }
        return {name: str(value) for name, value in given.items() if value is not None}


def filters_of(args: Mapping[str, str]) -> Filters:
    """Return the filters of an address; what nobody can read is left out."""
    need, risk, show = args.get("need"), args.get("risk"), args.get("show")
    days = _number(args.get("days", ""))
    return Filters(
        need=Need(need) if need in set(Need) else None,
        township=_number(args.get("township", "")),
        risk=Risk(risk) if risk in set(Risk) else None,
        days=days if days in DAYS else None,
        show=Show(show) if show in set(Show) else None,
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
