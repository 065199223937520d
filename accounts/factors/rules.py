"""Codes of an app on the phone (RFC 6238) and codes on paper. Nothing here reads a clock."""

import hmac
from datetime import datetime

import pyotp

SECONDS = 30
WINDOW = 1
"""How many steps before and after the present one are taken: clocks of phones differ."""
CODES = 10
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without the letters that look like digits, and without U."""
LOOKALIKES = str.maketrans("OIL", "011", "- ")


def step_at(moment: datetime) -> int:
    """Return the half minute, counted since 1970."""
    return int(moment.timestamp()) // SECONDS


def code_at(secret: str, step: int) -> str:
    return pyotp.TOTP(secret).generate_otp(step)


def step_of(secret: str, code: str, moment: datetime) -> int | None:
    """Return the step near the moment whose code this is, or None."""
    now = step_at(moment)
    for step in range(now - WINDOW, now + WINDOW + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            return step
    return None


def address_of(secret: str, login: str, site: str) -> str:
    """Return what the QR code says: the secret, and whose it is for which site."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=site)


def in_fours(text: str) -> str:
    """Return a text in groups of four, to copy by eye."""
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def plain(code: str) -> str:
    """Return a recovery code as it was made, however it was copied."""
    return code.upper().translate(LOOKALIKES)
