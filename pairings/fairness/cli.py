"""`flask matching simulate …`: what each order does to an invented city over many weeks."""

import json
from pathlib import Path

import click
from flask.cli import with_appcontext

from core.i18n import LANGUAGES, speaking
from pairings.fairness.labels import words
from pairings.matching.preparing import Refused
from pairings.matching.simulating.chart import svg
from pairings.matching.simulating.city import Scale
from pairings.matching.simulating.report import simulate as simulated

MADE = click.Path(dir_okay=False, writable=True, path_type=Path)
FIRST = Scale()


@click.command("simulate")
@click.option("--weeks", type=click.IntRange(1, 520), default=FIRST.weeks, show_default=True)
@click.option("--teams", type=click.IntRange(1, 20_000), default=FIRST.teams, show_default=True)
@click.option(
    "--arrivals", type=click.IntRange(1, 2_000), default=FIRST.arrivals, show_default=True
)
@click.option("--load", type=click.IntRange(1, 300), default=FIRST.load, show_default=True)
@click.option("--seed", type=int, default=FIRST.seed, show_default=True)
@click.option("--chart", type=MADE, help="Draw the report as SVG, too.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.argument("made", type=MADE)
@with_appcontext
def simulate(
    *,
    weeks: int,
    teams: int,
    arrivals: int,
    load: int,
    seed: int,
    chart: Path | None,
    language: str,
    made: Path,
) -> None:
    """Compare the orders of giving places away, over many weeks of an invented city."""
    try:
        report = simulated(
            Scale(teams=teams, arrivals=arrivals, weeks=weeks, seed=seed, load=load), told=_tell
        )
    except Refused as refusal:
        raise click.BadParameter(str(refusal)) from refusal
    made.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    if chart:
        with speaking("en" if language == "en" else next(iter(LANGUAGES))):
            chart.write_text(svg(report, words(report)), encoding="utf-8")
    for one in report["orders"]:
        click.echo(
            f"{one['order']}: {one['served']['number']} served, longest {one['all']['longest']}"
            f" weeks, 95 % within {one['all']['p95']}"
        )


def _tell(order: str, week: int) -> None:
    """Say on a terminal how far it is."""
    if week % 26 == 0:
        click.echo(f"{order} {week}", err=True)
