"""A run from the site's own data: what it proposes may be proposed, and it proves itself."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.rules import Actor
from children.models import Child
from core.db import db
from core.fences import everything
from pairings.board.worlds.queries import OPENED, of_run
from pairings.matching import verifying
from pairings.models import Pairing
from pairings.rules import Stage
from pairings.runs import services
from pairings.runs.forgetting.services import forget_child
from pairings.runs.models import MatchDocument, MatchPrice, MatchProposal, MatchRun, MatchWaiting
from pairings.runs.rules import Fate, State
from pairings.runs.steps import services as steps
from pairings.runs.storing import services as storing
from places.models import Area
from tests.builders.children import a_child, a_consented_child
from tests.builders.proposals import TODAY, change
from tests.builders.volunteers import a_team
from tests.conftest import NOON, SetClock
from tests.pairings.runs.conftest import Made
from volunteers.teams.models import Team


def proposals() -> list[MatchProposal]:
    return list(db.session.scalars(select(MatchProposal).order_by(MatchProposal.id)))


def test_a_run_proposes_a_team_that_can_be_proposed(
    child: Child, team: Team, me: Actor, made: Made
) -> None:
    run = made()

    assert (run.state, run.counts["served"], run.counts["teams"]) == (State.READY, 1, 1)
    (one,) = proposals()
    assert (one.child_id, one.team_id, one.fate) == (child.id, team.id, Fate.OPEN)
    assert sum(one.points.values()) == one.score

    answer = services.accept(one.uid, "每周都有空", TODAY.replace(year=2027), by=me)

    pairing = db.session.scalars(select(Pairing)).one()
    assert (answer.pairing_uid, pairing.stage) == (pairing.uid, Stage.PROPOSED)
    db.session.refresh(one)
    assert (one.fate, one.pairing_id) == (Fate.ACCEPTED, pairing.id)


def test_a_run_can_be_taken_out_and_checked_without_the_solver(
    app: Flask, child: Child, team: Team, made: Made, tmp_path: Path
) -> None:
    run = made()
    out = tmp_path / "run.json"
    runner = app.test_cli_runner()

    written = runner.invoke(args=["matching", "export", run.uid, str(out)])
    checked = runner.invoke(args=["matching", "check", str(out)])

    assert (written.exit_code, checked.exit_code) == (0, 0), written.output + checked.output
    whole = json.loads(out.read_bytes())
    assert whole["sha256"] == run.sums
    whole["result"]["value"] += 1
    assert list(verifying.faults(whole))
    assert "matched" not in db.session.scalars(select(MatchDocument.sealed)).one()
    for name in ("nobody", "-nobody"):  # one name in 64 begins like an option
        missing = runner.invoke(args=["matching", "export", name, str(out)])
        assert (missing.exit_code, "no such run" in missing.output) == (2, True)


def test_whoever_gets_nobody_is_told_why(village: Area, team: Team, made: Made) -> None:
    for _turn in range(3):
        a_consented_child(village)
    a_child(village)  # without consent: not in it

    run = made()

    assert (run.counts["children"], run.counts["served"]) == (3, 1)
    one, _other = db.session.scalars(select(MatchWaiting)).all()
    assert (one.why["feasible"], one.why["places"]) == (1, 1)
    price = db.session.scalars(select(MatchPrice)).one()
    assert price.price > 0


def test_nothing_of_an_erased_child_stays_in_runs(
    child: Child, team: Team, village: Area, made: Made
) -> None:
    other = a_consented_child(village)
    run = made()
    assert of_run(run) is not None

    forget_child(child.id)

    assert len(OPENED) == 0  # not even until somebody opens it again
    db.session.refresh(run)
    assert of_run(run) is None

    left = [*db.session.scalars(select(MatchProposal.child_id))]
    left += db.session.scalars(select(MatchWaiting.child_id))
    assert left == [other.id]
    assert db.session.scalar(select(MatchDocument.id)) is None
    assert db.session.get_one(MatchRun, run.id).sums["result"]


def test_a_child_that_is_erased_while_a_run_goes_on_is_not_in_it(
    child: Child, county: Area, village: Area, me: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_team(county)
    other = a_consented_child(village)
    uid = services.start(county.id, by=me)
    store = storing.store

    def meanwhile(*given: object) -> bool:
        change(child, erased_on=TODAY)
        return store(*given)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(storing, "store", meanwhile)
    with everything():
        steps.go_on()

    left = [*db.session.scalars(select(MatchProposal.child_id))]
    left += db.session.scalars(select(MatchWaiting.child_id))
    assert left == [other.id]
    assert db.session.scalar(select(MatchDocument.id)) is None
    assert db.session.scalars(select(MatchRun.state).where(MatchRun.uid == uid)).one() == "ready"


def test_an_old_run_without_teams_leaves_nothing_but_its_sums(
    child: Child, made: Made, set_clock: SetClock
) -> None:
    run = made()
    assert (run.counts["teams"], run.counts["children"]) == (0, 1)

    set_clock(NOON + services.KEPT + timedelta(days=1))
    services.sweep()

    assert db.session.scalars(select(MatchWaiting.id)).all() == []
    assert db.session.scalars(select(MatchDocument.id)).all() == []
