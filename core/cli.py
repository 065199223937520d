"""`flask keys …`: change the key that seals, and see which one sealed what."""

import click
from flask import current_app
from flask.cli import AppGroup

from core import rotation
from core.config import Settings
from core.crypto import sealer
from core.keychecks import WrongKey, remember
from core.keys import KeyFileError

group = AppGroup("keys", help="The keys that seal texts in the database.")


@group.command("rotate")
def rotate() -> None:
    """Add a new key to the file and seal everything with it; go on where it was cut off."""
    settings: Settings = current_app.extensions["settings"]
    if settings.key_file is None:
        raise click.ClickException("this process was given its key without a file")
    try:
        key_id, made = rotation.rotate(settings.key_file, _tell)
    except (WrongKey, KeyFileError) as error:
        raise click.ClickException(f"TONGXING_KEY_FILE: {error}") from error
    if made:
        click.echo(f"Everything is sealed with the new key {key_id}. Copy the key file away.")
    else:
        click.echo(f"Finished the change to key {key_id} that was cut off; no new key was made.")


@group.command("status")
def status() -> None:
    """List how many texts each key has sealed, and where."""
    try:
        remember()
    except WrongKey as error:
        raise click.ClickException(f"TONGXING_KEY_FILE: {error}") from error
    ring = sealer().ring
    click.echo(f"keys in the file: {', '.join(map(str, ring.keys))}; current: {ring.current}")
    for name, counts in rotation.used().items():
        told = ", ".join(f"key {key_id}: {count}" for key_id, count in sorted(counts.items()))
        click.echo(f"{name}: {told or 'nothing'}")


def _tell(name: str, done: int) -> None:
    click.echo(f"{name}: {done} sealed anew")
