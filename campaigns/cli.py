"""`flask campaigns …`: holding the counters to the rows they count."""

import click
from flask.cli import AppGroup

from campaigns.numbers import services

group = AppGroup("campaigns", help="Campaigns and their numbers.")


@group.command("recount")
@click.option("--dry-run", is_flag=True, help="Only tell what differs.")
def recount(*, dry_run: bool) -> None:
    """Count the volunteers of every campaign anew and mend the counters that differ."""
    drifts = services.recount(mend=not dry_run)
    for drift in drifts:
        click.echo(
            f"{drift.campaign} {drift.county} {drift.day}: {drift.counted}, in truth {drift.found}"
        )
    said = "would be mended" if dry_run else "mended"
    click.echo(f"{len(drifts)} counters {said}." if drifts else "Every counter is right.")
