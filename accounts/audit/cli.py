"""`flask audit …`: check the trail, and make the yearly package."""

import time
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from accounts.audit import services
from accounts.audit.packing.services import write_folder
from accounts.rules import SITE
from core import heads
from core.checking import Fault
from core.config import Settings

group = AppGroup("audit", help="The trail of who saw or changed what.")
WORDS = {
    Fault.CHANGED: "is not what was written, or was put in later",
    Fault.MISSING: "was taken away",
    Fault.CUT: "and all that followed were cut off",
    Fault.REWRITTEN: "carries another mark than the head that was kept",
    Fault.KEY: "was marked with a key this site does not have",
    Fault.BATCH: "begins a batch whose seal was changed or taken away",
}


@group.command("verify")
@click.option(
    "--head", "given", multiple=True, help="A head kept elsewhere, number:mark; may be repeated."
)
def verify(given: tuple[str, ...]) -> None:
    """Check every row against its mark and every head that was kept; exit 1 at a bad row."""
    known = [(text, heads.parsed(text)) for text in given]
    for text, head in known:
        if head is None:
            raise click.BadParameter(f"{text} is no head: number:mark with 32 hexadecimal digits")
    settings: Settings = current_app.extensions["settings"]
    began = time.perf_counter()
    report = services.check_now(settings.home, [head for _text, head in known if head])
    spent = time.perf_counter() - began
    if report.trouble:
        told = f"row {report.trouble.row_id} {WORDS[report.trouble.fault]}"
        raise click.ClickException(f"{told}; {report.rows} rows before it are whole")
    click.echo(f"{report.rows} rows are whole, in {spent:.1f} s")
    click.echo(f"head {report.head or 'none yet'}")


@group.command("pack")
@click.option("--year", type=click.IntRange(2000, 2100), required=True, help="The year it is of.")
@click.option(
    "--to", "folder", type=click.Path(file_okay=False, path_type=Path), required=True,
    help="The folder to write into.",
)  # fmt: skip
def pack(year: int, folder: Path) -> None:
    """Write a year's compliance package: one CSV a table and a summary in both languages."""
    settings: Settings = current_app.extensions["settings"]
    report = services.check_now(settings.home)
    try:
        written = write_folder(year, folder, current_app.extensions["audit_pack"])
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from error
    services.note_package(year, by=SITE)
    for name, many in written.items():
        click.echo(f"{name} {many}")
    if report.trouble:
        told = f"row {report.trouble.row_id} {WORDS[report.trouble.fault]}"
        click.echo(f"the trail is not whole: {told}; the summary says so", err=True)
