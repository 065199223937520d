"""How names, phone numbers and addresses of people who join are written."""

import re
import unicodedata

LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
EMAIL = re.compile(
    rf"(?=.{{6,120}}\Z)(?=[^@]{{1,64}}@)[\w.!#$%&'*+/=?^`{{|}}~-]+@(?:{LABEL}\.)+[a-z]{LABEL}",
    re.ASCII,
)
NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ .·•・'’-])*")
PHONE = re.compile(r"(?:\+?86)?(1\d{10})", re.ASCII)


def is_name(text: str) -> bool:
    """Whether it is 2 to 40 letters of any script, with the dots and spaces that names have."""
    return 2 <= len(text) <= 40 and bool(NAME.fullmatch(unicodedata.normalize("NFC", text)))


def phone_of(text: str) -> str | None:
    """Return a mainland mobile number as it is kept; None when it is none."""
    found = PHONE.fullmatch(re.sub(r"[-()]", "", text))
    return found[1] if found and text.isascii() else None


def email_of(text: str) -> str | None:
    """Return an e-mail address as it is kept; None when it is none that we can write to."""
    address = text.lower()
    odd = ".." in address or address[:1] == "." or ".@" in address
    return address if text.isascii() and EMAIL.fullmatch(address) and not odd else None
