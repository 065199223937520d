"""`flask certificates …`: check a certificate's file offline, publish the keys, change the key."""

import json
from pathlib import Path

import click
from flask.cli import AppGroup

from core import signatures
from volunteers.certificates.rules import Snapshot
from volunteers.certificates.signing import services
from volunteers.certificates.signing.queries import Forged, proved, public_keys

GIVEN = click.Path(exists=True, dir_okay=False, path_type=Path)
KEYS_HELP = "The site's published keys.json, to check without its database."
group = AppGroup("certificates", help="Certificates of service: check files, keys.")


class Refused(click.ClickException):
    """A file that proves nothing."""

    exit_code = 1


@group.command("verify")
@click.argument("file", type=GIVEN)
@click.option(
    "--keys",
    "published",
    type=GIVEN,
    help=KEYS_HELP,
)
def verify(file: Path, published: Path | None) -> None:
    """Say whether a certificate's file is genuine, and what it says."""
    keys = _read(published) if published else public_keys()
    try:
        with file.open("rb") as given:
            said = proved(given.read(signatures.LARGEST + 1), keys)
    except Forged as error:
        raise Refused("not genuine: none of the keys has signed this file as it is") from error
    _tell(said)


@group.command("keys")
def list_keys() -> None:
    """Print the public keys, as the site publishes them."""
    click.echo(json.dumps(public_keys(), indent=1))


@group.command("new-key")
def new_key() -> None:
    """Sign with a new key from now on; what was signed before stays valid."""
    click.echo(f"Certificates are signed with key {services.change().uid} from now on.")


def _read(published: Path) -> dict[str, str]:
    try:
        keys = signatures.read(published.read_bytes())
    except ValueError as error:
        raise Refused("the file of keys cannot be read") from error
    if not isinstance(keys, dict) or not all(isinstance(one, str) for one in keys.values()):
        raise Refused("the file of keys cannot be read")
    return keys


def _tell(said: Snapshot) -> None:
    click.echo(f"genuine: {said.issue.number}, issued {said.issue.on} by {said.issuer}")
    click.echo(
        f"{said.name}, {said.period.first} to {said.period.last}, {said.served.minutes} minutes"
    )
    click.echo("Whether it has been replaced or made void since, the site's check page tells.")
