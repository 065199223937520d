"""The key file: one key a line, the last is the one that seals; outside the data folder.

A line is `id key`, the key as 64 hexadecimal digits; a line with a key alone is key 1. Keys are
only ever added: an old one opens what it sealed and proves what it signed.
"""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LINE = re.compile(r"(?:(\d{1,3})\s+)?([0-9a-fA-F]{64})", re.ASCII)
MOST = 255


class KeyFileError(Exception):
    """The key file cannot be used; the text is one line that says why and names no key."""


@dataclass(frozen=True, slots=True)
class Ring:
    """The keys of a site by their ids, in the order of the file."""

    keys: Mapping[int, bytes]

    @property
    def current(self) -> int:
        """The id of the key that seals."""
        return next(reversed(list(self.keys)))

    def holds(self, other: "Ring") -> bool:
        """Whether every key of the other is one of these, unchanged."""
        return all(self.keys.get(key_id) == key for key_id, key in other.keys.items())


def load(path: Path) -> Ring:
    """Read a key file. Raises KeyFileError."""
    try:
        others = path.stat().st_mode & 0o077
        lines = path.read_text(encoding="ascii").split("\n")
    except (OSError, ValueError) as error:
        raise KeyFileError(f"{path} cannot be read as a key file") from error
    if others:
        raise KeyFileError(f"{path} can be read by others than its owner; chmod 600 it")
    return Ring(_parsed([line.strip() for line in lines if line.strip()], path))


def _parsed(lines: list[str], path: Path) -> dict[int, bytes]:
    keys: dict[int, bytes] = {}
    for line in lines:
        found = LINE.fullmatch(line)
        key_id = int(found[1] or 1) if found else 0
        if not found or not 0 < key_id <= MOST or key_id in keys:
            raise KeyFileError(f"{path} must hold lines of an id and 64 hexadecimal digits")
        keys[key_id] = bytes.fromhex(found[2])
    if not keys:
        raise KeyFileError(f"{path} must hold 64 hexadecimal digits")
    return keys


def make(path: Path) -> None:
    """Write a key file with a first key, unless there is one. Raises KeyFileError."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    except OSError as error:
        raise KeyFileError(f"{path} cannot be written ({error.strerror})") from error
    with os.fdopen(handle, "w") as file:
        file.write(f"1 {secrets.token_hex(32)}\n")


def add(path: Path) -> int:
    """Add a new current key; return its id. Killed at any moment, the file is old or new."""
    ring = load(path)
    key_id = max(ring.keys) + 1
    if key_id > MOST:
        raise KeyFileError(f"{path} holds as many keys as there are ids")
    lines = [f"{one} {key.hex()}\n" for one, key in ring.keys.items()]
    lines.append(f"{key_id} {secrets.token_hex(32)}\n")
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    _keep_name(path.parent)
    return key_id


def _keep_name(folder: Path) -> None:
    """Let the disk keep a new name in a folder through a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
