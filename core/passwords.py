"""Passwords: argon2id with OWASP's parameters (19 MiB, two passes, one lane)."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_nobodys = _hasher.hash("the password of nobody")


def hashed(password: str) -> str:
    """Return what is stored of a password. Takes about 30 ms: never inside a transaction."""
    return _hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one; without a stored one it takes as long to say no."""
    try:
        return _hasher.verify(stored or _nobodys, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False
