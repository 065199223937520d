"""Keeping what is drawn on the disk: one a kind, campaign, version and language."""

import secrets
from collections.abc import Callable
from pathlib import Path


def kept(folder: Path, name: str, version: int, *, draw: Callable[[], bytes]) -> bytes:
    """Return the file of a campaign's picture, drawn when that version has none yet.

    `name` has to come from our own tables. Older versions are deleted.
    """
    place = folder / f"{name}.{version}.png"
    try:
        return place.read_bytes()
    except FileNotFoundError:
        body = draw()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = folder / f"{name}.{version}.{secrets.token_hex(8)}.part"
    part.write_bytes(body)
    part.chmod(0o600)
    part.replace(place)
    for older in folder.glob(f"{name}.*.png"):
        if older != place:
            older.unlink(missing_ok=True)
    return body
