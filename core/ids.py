"""Names that nobody can guess: 128 random bits for records, 256 for links that open something."""

import hashlib
import secrets


def uid() -> str:
    """Return a new public name of a record: 22 URL-safe characters."""
    return secrets.token_urlsafe(16)


def token() -> str:
    """Return a new secret for a link or a session: 43 URL-safe characters, shown once."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Return what is stored of a secret: its SHA-256 in hexadecimal, 64 characters."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def digits(many: int) -> str:
    """Return so many random digits, for numbers that people read out and nobody can count on."""
    return f"{secrets.randbelow(10**many):0{many}}"
