"""`flask demo play`: a year of the site's own work in a minute or two."""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta

import click
from flask import current_app

from core import clock
from core.config import Settings
from core.zone import CHINA
from demo.playing import services


def playing(
    tasks_of: Callable[[Settings], Sequence[services.Task]],
    *,
    tick: str,
    often: frozenset[str],
    aside: frozenset[str],
) -> click.Command:
    """Return the command that plays what `tasks_of` the settings gives, but for those `aside`."""

    @click.command("play")
    @click.option("--days", type=click.IntRange(1, 400), default=365, show_default=True)
    def play(days: int) -> None:
        """Let days pass in the demonstration, with all that the site does by itself."""
        settings: Settings = current_app.extensions["settings"]
        if not settings.demo:
            raise click.ClickException("this is a real site: demo commands need TONGXING_DEMO=1")
        tasks = [task for task in tasks_of(settings) if task.name not in aside]
        began = time.monotonic()
        with click.progressbar(length=1000, label="playing") as bar:
            done = services.play(
                tasks,
                timedelta(days=days),
                tick=tick,
                often=often,
                told=lambda share: bar.update(round(share * 1000) - bar.pos),
            )
        click.echo(
            f"{days} days in {time.monotonic() - began:.1f} s, {done.moments} moments; it is"
            f" {clock.now().astimezone(CHINA):%Y-%m-%d %H:%M} in Jinzhong"
        )
        for name in sorted(set(done.failed)):
            click.echo(f"failed {done.failed.count(name)} times: {name}", err=True)

    return play
