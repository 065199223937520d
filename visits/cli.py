"""`flask visits …`: holidays and lapses by hand."""

from pathlib import Path

import click
from flask.cli import AppGroup

from core.errors import RuleBroken
from places.days import services as days_services
from visits import services

group = AppGroup("visits", help="Visits and the days on which they may take place.")
days = AppGroup("days", help="Holidays and makeup workdays.")
group.add_command(days)


@days.command("load")
@click.argument(
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=days_services.OWN_DAYS,
)
def load(file: Path) -> None:
    """Load holidays and makeup workdays from a CSV file; without one, our own list."""
    try:
        click.echo(f"loaded {days_services.load(file)} days")
    except RuleBroken as refusal:
        raise click.ClickException(str(refusal)) from refusal


@group.command("sweep")
def sweep() -> None:
    """Look after visits that nobody came to or left, as the job does every ten minutes."""
    click.echo(f"looked after {services.sweep()} visits")
