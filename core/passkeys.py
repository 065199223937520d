"""The door to WebAuthn, an extra: without its package nobody is offered a passkey.

A passkey belongs to a host name, so there is none on a site reached by a bare IP address.
"""

import importlib
import ipaddress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

NAME = "童行"
GARBAGE = (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError)
"""What the library lets through of an answer that is none, beside its own errors."""

try:
    _library: Any = importlib.import_module("webauthn")
    _structs: Any = importlib.import_module("webauthn.helpers.structs")
    _own_error: Any = importlib.import_module("webauthn.helpers.exceptions").WebAuthnException
except ImportError:
    _library = None


class Refused(Exception):
    """The answer does not prove what it should."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where a passkey is good: the host name, and the address pages come from."""

    host: str
    origin: str

    @classmethod
    def at(cls, url: str) -> "Site | None":
        """Return the site at an address, or None where passkeys cannot be used."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if _library is None or not (parts.scheme == "https" or host == "localhost"):
            return None
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return cls(host, f"{parts.scheme}://{parts.netloc}")
        return None


@dataclass(frozen=True, slots=True)
class Key:
    """The public half of a passkey; ids and keys as URL-safe base64."""

    credential_id: str
    public_key: str
    sign_count: int


def invitation(site: Site, *, owner: tuple[str, str], challenge: str, known: list[str]) -> str:
    """Return as JSON what a browser needs to make a passkey for an owner (handle, name)."""
    handle, name = owner
    options = _library.generate_registration_options(
        rp_id=site.host,
        rp_name=NAME,
        user_name=name,
        user_id=handle.encode(),
        challenge=_bytes(challenge),
        exclude_credentials=_listed(known),
        authenticator_selection=_structs.AuthenticatorSelectionCriteria(
            resident_key=_structs.ResidentKeyRequirement.DISCOURAGED
        ),
    )
    return str(_library.options_to_json(options))


def made(site: Site, answer: str, challenge: str) -> Key:
    """Return the passkey that a browser has made. Raises Refused."""
    try:
        found = _library.verify_registration_response(
            credential=answer,
            expected_challenge=_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
        )
    except (_own_error, *GARBAGE) as error:
        raise Refused from error
    return Key(_text(found.credential_id), _text(found.credential_public_key), found.sign_count)


def question(site: Site, *, challenge: str, known: list[str]) -> str:
    """Return as JSON what a browser needs to sign with one of the known passkeys."""
    options = _library.generate_authentication_options(
        rp_id=site.host, challenge=_bytes(challenge), allow_credentials=_listed(known)
    )
    return str(_library.options_to_json(options))


def named_in(answer: str) -> str:
    """Return the id of the passkey that an answer says it comes from. Raises Refused."""
    try:
        parsed = _library.helpers.parse_authentication_credential_json(answer)
    except (_own_error, *GARBAGE) as error:
        raise Refused from error
    return _text(parsed.raw_id)


def signed(site: Site, answer: str, challenge: str, key: Key) -> int:
    """Return the key's new count of signatures when it has signed this. Raises Refused."""
    try:
        found = _library.verify_authentication_response(
            credential=answer,
            expected_challenge=_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=_bytes(key.public_key),
            credential_current_sign_count=key.sign_count,
        )
    except (_own_error, *GARBAGE) as error:
        raise Refused from error
    return int(found.new_sign_count)


def _listed(known: list[str]) -> list[Any]:
    return [_structs.PublicKeyCredentialDescriptor(id=_bytes(one)) for one in known]


def _bytes(text: str) -> bytes:
    return bytes(_library.base64url_to_bytes(text))


def _text(raw: bytes) -> str:
    return str(_library.helpers.bytes_to_base64url(raw))
