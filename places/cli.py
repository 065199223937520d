"""`flask places …`: loading the areas, the network and the member units of a city."""

from collections.abc import Callable
from pathlib import Path

import click
from flask.cli import AppGroup

from places import services
from places.loading.rules import BadFile
from places.services import Loaded

group = AppGroup("places", help="Areas, organisations and posts of a city.")
MOST_SHOWN = 20
FILE = click.argument("file", type=click.Path(path_type=Path))


@group.command("load")
@FILE
def load(file: Path) -> None:
    """Load areas, from the province to the villages; known codes are updated."""
    _carry_out(services.load_areas, file)


@group.command("network")
@FILE
def network(file: Path) -> None:
    """Give counties their centre, stations and posts."""
    _carry_out(services.load_network, file)


@group.command("units")
@FILE
def units(file: Path) -> None:
    """Load the member units of a city's committee."""
    _carry_out(services.load_units, file)


@group.command("positions")
@FILE
def positions(file: Path) -> None:
    """Say roughly where areas lie: what has no position counts as where its county is."""
    _carry_out(services.load_positions, file)


def _carry_out(service: Callable[[bytes], Loaded], file: Path) -> None:
    try:
        done = service(file.read_bytes())
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    except BadFile as refusal:
        told = "\n".join(refusal.problems[:MOST_SHOWN])
        more = len(refusal.problems) - MOST_SHOWN
        raise click.ClickException(
            f"{file}: nothing was loaded\n{told}" + (f"\n… and {more} more" if more > 0 else "")
        ) from refusal
    click.echo(f"{done.added} added, {done.updated} updated.")
