"""`flask retention …`: what is over its term, and letting it go."""

import click
from flask.cli import AppGroup

from rights.retention import queries, services
from rights.retention.rules import Due, Way

group = AppGroup("retention", help="What is kept for how long.")


@group.command("status")
def status() -> None:
    """Tell how much of each kind is over its term, and what becomes of it."""
    for due in queries.status():
        _tell(due)


@group.command("run")
@click.option("--dry-run", is_flag=True, help="Only tell what would go.")
def run(*, dry_run: bool) -> None:
    """Let everything go that goes by itself, as the job does every night."""
    found = queries.status() if dry_run else services.run()
    for due in found:
        if due.way is Way.BY_ITSELF:
            _tell(due)
    click.echo("Nothing was changed." if dry_run else "Done; files of children need two people.")


def _tell(due: Due) -> None:
    click.echo(f"{due.kind}\t{due.number}\t{due.way}\tterm {due.term}")
