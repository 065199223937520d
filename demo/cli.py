"""`flask demo …`: invented data for a first look, one sign-in per role, and a clock to move."""

import json
import re
from dataclasses import asdict
from datetime import timedelta

import click
from flask import current_app
from flask.cli import AppGroup

from core import clock
from core.config import Settings
from core.errors import RuleBroken
from core.zone import CHINA
from demo import services
from demo.sizes import SIZES

group = AppGroup("demo", help="Invented data; only where TONGXING_DEMO is on.")
STEP = re.compile(r"(?:(\d{1,4})d)?(?:(\d{1,4})h)?(?:(\d{1,4})m)?", re.ASCII)


@group.command("load")
@click.option("--size", type=click.Choice(list(SIZES)), default="city", show_default=True)
@click.option("--seed", type=click.IntRange(0), default=services.SEED, show_default=True)
def load(size: str, seed: int) -> None:
    """Fill an empty site with invented people, children's files and visits."""
    _only_in_a_demonstration()
    try:
        done = services.load(size, seed)
    except RuleBroken as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"{done} rows of invented data.")


@group.command("accounts")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def accounts(*, as_json: bool) -> None:
    """List one sign-in per role."""
    _only_in_a_demonstration()
    if as_json:
        found = [asdict(account) for account in services.accounts()]
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        print_accounts()


@group.command("clock")
@click.option("--advance", metavar="7d|5h|30m", help="How far to move the clock ahead.")
def clock_(advance: str | None) -> None:
    """Show what day it is here, or move the clock of the whole demonstration ahead."""
    _only_in_a_demonstration()
    if advance is not None:
        clock.advance(_length(advance))
    click.echo(f"{clock.now().astimezone(CHINA):%Y-%m-%d %H:%M} in Jinzhong")


def print_accounts() -> None:
    """Print the sign-ins in columns."""
    found = services.accounts()
    click.echo(f"Sign in at /sign-in; the password of every account is: {services.PASSWORD}")
    click.echo("Staff then fill in a code of six digits: here the page itself shows it.\n")
    for account in found:
        click.echo(f"  {account.login:<42}{account.role:<20}{account.name}")
    click.echo()


def _only_in_a_demonstration() -> None:
    settings: Settings = current_app.extensions["settings"]
    if not settings.demo:
        raise click.ClickException("this is a real site: demo commands need TONGXING_DEMO=1")


def _length(text: str) -> timedelta:
    parts = STEP.fullmatch(text.strip())
    days, hours, minutes = (int(part or 0) for part in parts.groups()) if parts else (0, 0, 0)
    length = timedelta(days=days, hours=hours, minutes=minutes)
    if not length:
        raise click.ClickException("give a length of time like 7d, 5h, 30m or 1d12h")
    return length
