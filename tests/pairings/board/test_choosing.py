"""Choose, then confirm; two teams side by side; a slip of the hand taken back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from children.models import Child
from children.rules import NeedState
from core import clock
from core.audit import AuditRow
from core.db import db
from messages.models import Message
from pairings.models import Pairing
from pairings.rules import Stage
from pairings.runs.models import MatchProposal, MatchRefusal
from pairings.runs.rules import Fate, Refusal
from pairings.steps.models import PairingStep
from places.models import Area
from tests.browser import Browser
from tests.builders.proposals import a_proposal, a_supervisor, change, state, the
from tests.builders.runs import a_run
from tests.builders.volunteers import a_team
from tests.conftest import NOON, SetClock
from volunteers.teams.models import Team


def proposed_by(browser: Browser, child: Child, team: Team) -> str:
    browser.post(f"/board/{child.uid}/propose", a_proposal(team))
    return db.session.scalars(select(Pairing.uid)).one()


def test_confirming_shows_the_points_that_make_the_score(
    coordinator: Browser, child: Child, team: Team
) -> None:
    page = coordinator.get(f"/board/{child.uid}/choose/{team.uid}")

    points = [int(text) for text in page.texts(".data td.r")]
    assert page.texts("caption") == [f"{sum(points)} 分是这样来的"]
    assert page.form("propose")["team"] == team.uid


@pytest.mark.parametrize("team", ["x", "x" * 22])
def test_an_unknown_team_cannot_be_chosen(coordinator: Browser, child: Child, team: str) -> None:
    coordinator.get(f"/board/{child.uid}/choose/{team}", status=404)
    coordinator.get(f"/board/{child.uid}/compare?team={team}&team=y", status=404)


def test_proposing_what_the_run_proposes_counts_as_accepted(
    coordinator: Browser, county: Area, child: Child, team: Team
) -> None:
    a_run(county.id)

    uid = proposed_by(coordinator, child, team)

    made = db.session.scalars(select(MatchProposal)).one()
    assert (made.fate, made.pairing_id) == (Fate.ACCEPTED, the(uid).id)


def test_proposing_another_team_leaves_the_runs_proposal_undecided(
    coordinator: Browser, county: Area, child: Child
) -> None:
    teams = [a_team(county), a_team(county)]
    a_run(county.id)
    made = db.session.scalars(select(MatchProposal)).one()
    (other,) = (one for one in teams if one.id != made.team_id)

    uid = proposed_by(coordinator, child, other)

    db.session.refresh(made)
    assert the(uid).team_id == other.id
    assert made.fate is Fate.OPEN
    assert "没有要看的提议了" not in coordinator.get("/board").text


def test_two_teams_stand_side_by_side(coordinator: Browser, county: Area, child: Child) -> None:
    one, other, third = a_team(county), a_team(county), a_team(county)
    both = f"team={one.uid}&team={other.uid}"

    page = coordinator.get(f"/board/{child.uid}/compare?{both}")

    assert page.texts("thead th") == [one.name, other.name]
    assert page.links(f"/choose/{other.uid}")
    for asked in (f"team={one.uid}", f"{both}&team={third.uid}", ""):
        coordinator.get(f"/board/{child.uid}/compare?{asked}", status=302)
        assert coordinator.get(f"/board/{child.uid}").notices == ["请勾选两组再对比"]


def test_a_slip_is_taken_back_and_leaves_nothing_but_the_audit(
    coordinator: Browser, county: Area, child: Child, team: Team
) -> None:
    a_run(county.id)
    uid = proposed_by(coordinator, child, team)
    assert coordinator.get(f"/pairings/{uid}").form("undo")

    page = coordinator.post(f"/pairings/{uid}/undo", {})

    assert page.notices == ["已撤销，什么都没有发出"]
    for kind in (Pairing, PairingStep, Message):
        assert db.session.scalars(select(kind.id)).all() == []
    made = db.session.scalars(select(MatchProposal)).one()
    assert (made.fate, made.pairing_id, made.decided_at) == (Fate.OPEN, None, None)
    kept = db.session.scalars(select(AuditRow.action).where(AuditRow.ref == uid)).all()
    assert kept == ["pairing_proposed", "pairing_undone"]
    assert state(child) is NeedState.OPEN
    proposed_by(coordinator, child, team)  # and the same team may be proposed again


def test_after_ten_seconds_nothing_is_taken_back(
    coordinator: Browser, child: Child, team: Team, set_clock: SetClock
) -> None:
    uid = proposed_by(coordinator, child, team)

    set_clock(NOON + timedelta(seconds=10))
    assert "什么都还没有发出" not in coordinator.get(f"/pairings/{uid}").text
    set_clock(NOON + timedelta(seconds=15))
    page = coordinator.post(f"/pairings/{uid}/undo", {}, status=409)

    assert "已经过了可以撤销的时间" in page.text
    assert the(uid).stage is Stage.PROPOSED


def test_nobody_takes_back_what_a_colleague_has_proposed_or_approved(
    coordinator: Browser, colleague: Browser, child: Child, team: Team
) -> None:
    a_supervisor(child)
    uid = proposed_by(coordinator, child, team)

    assert "什么都还没有发出" not in colleague.get(f"/pairings/{uid}").text
    colleague.post(f"/pairings/{uid}/undo", {}, status=409)
    colleague.post(f"/pairings/{uid}/decide", {"decision": "approve", "reason": "", "note": ""})
    coordinator.post(f"/pairings/{uid}/undo", {}, status=409)

    assert the(uid).stage is Stage.APPROVED


def test_somebody_else_was_faster(
    coordinator: Browser, colleague: Browser, child: Child, county: Area
) -> None:
    first, second = a_team(county), a_team(county)
    change(child, open_since=clock.today())
    proposed_by(colleague, child, first)

    page = coordinator.post(f"/board/{child.uid}/propose", a_proposal(second), status=422)

    assert "不是有效的选择" in page.text or "已有人" in page.text
    assert len(db.session.scalars(select(Pairing.id)).all()) == 1


def test_a_no_to_what_the_run_proposes_is_kept_and_not_proposed_again(
    coordinator: Browser, county: Area, child: Child, team: Team
) -> None:
    a_run(county.id)
    form = {"reason": Refusal.TOO_FAR.value}

    page = coordinator.post(f"/board/{child.uid}/refuse", form)

    made = db.session.scalars(select(MatchProposal)).one()
    assert made.fate is Fate.REFUSED
    kept = db.session.scalars(select(MatchRefusal)).one()
    assert (kept.child_id, kept.team_id, kept.reason) == (child.id, team.id, Refusal.TOO_FAR)
    assert "这一对被否决过" in page.text
    assert "系统提议的这一组不合适" not in page.text
    a_run(county.id)
    assert db.session.scalars(select(MatchProposal.fate)).all() == [Fate.REFUSED]


def test_a_no_needs_a_reason_and_a_proposal_to_say_it_to(
    coordinator: Browser, county: Area, child: Child, team: Team
) -> None:
    coordinator.post(f"/board/{child.uid}/refuse", {"reason": "other"}, status=409)
    a_run(county.id)
    coordinator.post(f"/board/{child.uid}/refuse", {}, status=409)

    assert db.session.scalars(select(MatchProposal.fate)).all() == [Fate.OPEN]
