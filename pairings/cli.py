"""`flask matching …`: the matching engine on files, for whoever wants to check what it says.

But for `export` it reads and writes nothing but the files that are named.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
from flask.cli import AppGroup

from pairings.fairness.cli import simulate
from pairings.matching import document, plain, synthetic, verifying
from pairings.matching.branching import TooTangled
from pairings.matching.preparing import Refused
from pairings.matching.run import run as matched
from pairings.runs.storing.services import document_of

T = TypeVar("T")
MOST_FAULTS = 20
GIVEN = click.Path(exists=True, dir_okay=False, path_type=Path)
MADE = click.Path(dir_okay=False, writable=True, path_type=Path)
group = AppGroup("matching", help="The matching engine on files.")
group.add_command(simulate)


class BadInput(click.ClickException):
    """What was given cannot be right; the message names the entry."""

    exit_code = 2


@group.command("solve")
@click.argument("given", type=GIVEN)
@click.argument("made", type=MADE)
def solve(given: Path, made: Path) -> None:
    """Solve a bare problem of teams, children and weighted pairs, and prove the answer."""
    answer = _refusing(given, plain.solve_plain)
    _write(made, answer)
    click.echo(f"{len(answer['matched'])} matched, value {answer['value']}, proved")


@group.command("world")
@click.option("--teams", type=click.IntRange(0, 200_000), required=True)
@click.option("--children", type=click.IntRange(0, 500_000), required=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.argument("made", type=MADE)
def world(teams: int, children: int, seed: int, made: Path) -> None:
    """Write an invented problem: people, places and slots; the same seed, the same file."""
    _write(made, document.plain(synthetic.synthetic(teams, children, seed)))
    click.echo(f"{teams} teams and {children} children that nobody is")


@group.command("run")
@click.argument("given", type=GIVEN)
@click.argument("made", type=MADE)
def run(given: Path, made: Path) -> None:
    """Match a whole world by its rules and points; write what it was, its weights and the proof."""

    def act(read: object) -> dict[str, Any]:
        taken = document.read_world(read)
        return document.document(taken, matched(taken, told=_tell))

    answer = _refusing(given, act)
    _write(made, answer)
    click.echo(f"{len(answer['result']['matched'])} matched, proved")


@group.command("export", context_settings={"ignore_unknown_options": True})  # a name may begin so
@click.argument("uid")
@click.argument("made", type=MADE)
def export(uid: str, made: Path) -> None:
    """Write a run of the site, its input, weights, result and sums, for `check` to hold it to."""
    try:
        _write(made, document_of(uid))
    except LookupError as missing:
        raise BadInput(f"{uid}: no such run, or it is not kept any more") from missing
    click.echo(f"{made}: ids and numbers about children, keep it as their files are kept")


@group.command("check")
@click.argument("given", type=GIVEN)
def check(given: Path) -> None:
    """Hold a run to its own certificate, without the solver; leaves 1 when anything is wrong."""
    found = _refusing(given, lambda read: list(verifying.faults(read)))
    for fault in found[:MOST_FAULTS]:
        click.echo(fault, err=True)
    if found:
        raise click.ClickException(f"{len(found)} faults: this result is not proved")
    click.echo("proved: no matching that the rules allow is worth more")


def _refusing(given: Path, act: Callable[[object], T]) -> T:
    """Return what is made of a file's JSON. Raises BadInput with the entry that is wrong."""
    try:
        return act(json.loads(given.read_bytes(), object_pairs_hook=_once, parse_constant=_none))
    except (Refused, TooTangled) as refusal:
        raise BadInput(f"{given}: {refusal}") from refusal
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{given}: not JSON: {error}") from error


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse an object that says one key twice: JSON's readers take either."""
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _value in pairs]
        raise Refused(f"{next(one for one in names if names.count(one) > 1)}: twice in one object")
    return made


def _none(word: str) -> NoReturn:
    raise Refused(f"{word} is not a whole number")


def _write(made: Path, answer: object) -> None:
    made.write_bytes(document.canonical(answer) + b"\n")


def _tell(step: str, done: int) -> None:
    """Say on a terminal how far it is."""
    if done % 1000 == 0:
        click.echo(f"{step} {done or ''}".rstrip(), err=True)
