"""`flask children …`: decoy files, which give away whoever opens what they have no need to."""

import click
from flask.cli import AppGroup

from children.access.planting import services

group = AppGroup("children", help="Children's files.")


@group.command("plant-decoys")
@click.option("--each", default=2, show_default=True, help="How many every county is to have.")
def plant_decoys(each: int) -> None:
    """Fill up every county's decoy files; which ones they are is not told here."""
    click.echo(f"planted {services.plant(each)} decoy files")
