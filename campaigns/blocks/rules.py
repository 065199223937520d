"""When seats are kept for a group, and the code its members join with."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

SIGNS = "abcdefghjkmnpqrtuvwxy346789"
"""Without what is taken for one another on paper: i, l, 1, o, 0, s, 5, z, 2."""
CODE_LENGTH = 8
LONGEST = timedelta(days=60)
REMINDED_BEFORE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Asked:
    """So many seats for one organisation, until then."""

    org_id: int
    seats: int
    until: datetime


def a_code() -> str:
    """Return a code of eight signs: about 38 bits, so that trying finds nothing."""
    return "".join(secrets.choice(SIGNS) for _turn in range(CODE_LENGTH))


def typed_code(text: str) -> str:
    """Return a code as it is kept, however somebody types it; empty when it can be none."""
    found = re.sub(r"[\s-]", "", text).lower()
    return found if len(found) == CODE_LENGTH and set(found) <= set(SIGNS) else ""


def shown_code(code: str) -> str:
    """Return the code in two groups of four, as it stands on paper."""
    return f"{code[:4]} {code[4:]}".upper()
