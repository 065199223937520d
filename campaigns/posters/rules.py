"""Tags of places: short, said aloud without mistakes, and of no meaning."""

import re
import secrets

LETTERS = "abcdefghjkmnpqrstuvwxyz"
"""Small letters without i, l and o, which look like digits on paper."""
LENGTH = 7
TAG = re.compile(f"[{LETTERS}]{{6,8}}")
MOST_PLACES = 100


def a_tag() -> str:
    return "".join(secrets.choice(LETTERS) for _letter in range(LENGTH))


def tagged(address: str, tag: str) -> str:
    """Return the address as the code of a place says it; without a tag as it is."""
    return f"{address}?from={tag}" if tag else address


def is_tag(text: str) -> bool:
    return TAG.fullmatch(text) is not None
