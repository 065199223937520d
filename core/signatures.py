"""Signing what leaves the site, so that anybody can check it without us: Ed25519 (RFC 8032).

What is signed is canonical JSON: sorted keys, nothing between the parts, UTF-8. For texts, whole
numbers, yes and no, lists and objects that is what RFC 8785 asks for; other values are refused.
"""

import json
from collections.abc import Iterable
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LARGEST = 64 * 1024
"""Bytes of the longest text that is read."""
EXACT = 2**53
"""Whole numbers from here on are not the same in every language that reads JSON."""


class Malformed(ValueError):
    """A text is no JSON, too long, or holds what canonical JSON of ours never does."""


def canonical(value: object) -> bytes:
    """Return the one text of a value. Raises Malformed for what has none."""
    _held(value)
    try:
        return json.dumps(
            value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
        ).encode()
    except UnicodeEncodeError as error:
        raise Malformed("half a character") from error


def read(text: bytes) -> Any:
    """Return the value of a JSON text; a key that comes twice is refused. Raises Malformed."""
    if len(text) > LARGEST:
        raise Malformed("too long")
    try:
        value = json.loads(text.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise Malformed("no JSON") from error
    _held(value)
    return value


def new_key() -> tuple[str, str]:
    """Return a new private key and its public key, each as 64 hexadecimal digits."""
    private = Ed25519PrivateKey.generate().private_bytes_raw().hex()
    return private, public_of(private)


def public_of(private: str) -> str:
    """Return the public key of a private one."""
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private))
    return key.public_key().public_bytes_raw().hex()


def signed(private: str, value: object) -> str:
    """Return the signature of a value, 128 hexadecimal digits."""
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private)).sign(canonical(value)).hex()


def fits(public: str, value: object, signature: str) -> bool:
    """Whether a signature is one of this key over this value."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        key.verify(bytes.fromhex(signature), canonical(value))
    except (InvalidSignature, ValueError):
        return False
    return True


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise Malformed("a key twice")
        found[key] = value
    return found


def _held(value: object, depth: int = 0) -> None:
    """Raise Malformed for what canonical JSON of ours does not hold."""
    if depth > 8:
        raise Malformed("too deep")
    if isinstance(value, dict):
        for key, inner in value.items():
            _held(key if isinstance(key, str) else None, depth + 1)
            _held(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _held(inner, depth + 1)
    elif isinstance(value, int):
        if abs(value) >= EXACT:
            raise Malformed("a number too large")
    elif not isinstance(value, str):
        raise Malformed("a value of another kind")
