"""All proposals at once: ticked, looked over with the exact number, accepted, taken back."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given as given_
from hypothesis import strategies as st
from sqlalchemy import select

from children.models import Child
from children.rules import NeedState, Risk
from core.db import db
from pairings.board.bulk.rules import Snag, Wanted, short_of_places
from pairings.models import Pairing
from pairings.rules import Stage
from pairings.runs.models import MatchProposal
from pairings.runs.rules import Fate
from places.models import Area
from tests.browser import Browser, Page
from tests.builders.children import a_consented_child
from tests.builders.proposals import TODAY, change, members, proposed
from tests.builders.runs import a_run
from tests.builders.volunteers import a_team, an_active_volunteer
from tests.conftest import NOON, AtMost, SetClock
from volunteers.models import Volunteer
from volunteers.rules import Sex, Status
from volunteers.teams.models import Team

ACCEPT = "/board/proposals/accept"
wants = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2), st.integers(0, 9)), max_size=12)


@pytest.fixture
def children(village: Area, county: Area) -> list[Child]:
    """Three children and as many teams, matched."""
    found = [
        a_consented_child(village, open_since=TODAY - timedelta(days=30 - turn))
        for turn in range(3)
    ]
    for _turn in range(3):
        a_team(county)
    a_run(county.id)
    return found


def of(child: Child) -> str:
    return db.session.scalars(
        select(MatchProposal.uid).where(MatchProposal.child_id == child.id)
    ).one()


def given(page: Page) -> dict[str, Any]:
    """Return the form of the preview as somebody sends it."""
    ticked = [str(tag["value"]) for tag in page.soup.select("form input[name=p]")]
    return page.form("accept") | {"p": ticked, "note": "各项都合适", "ends_on": "2027-07-10"}


def fates() -> list[Fate]:
    return list(db.session.scalars(select(MatchProposal.fate).order_by(MatchProposal.child_id)))


def test_ticked_proposals_are_looked_over_and_then_accepted(
    coordinator: Browser, children: list[Child]
) -> None:
    ticked = [of(children[0]), of(children[2])]

    page = coordinator.post(ACCEPT, {"p": ticked, "which": "ticked"})

    assert page.heading == "要提出 2 对，请核对"
    assert db.session.scalars(select(Pairing.id)).all() == []
    listed = " ".join(page.texts(".rows li"))
    assert children[0].alias in listed
    assert children[1].alias not in listed

    page = coordinator.post(ACCEPT, given(page))

    assert page.heading == "提出了 2 对"
    assert fates() == [Fate.ACCEPTED, Fate.OPEN, Fate.ACCEPTED]
    stages = db.session.scalars(select(Pairing.stage)).all()
    assert stages == [Stage.PROPOSED, Stage.PROPOSED]


def test_all_are_named_by_their_exact_number(coordinator: Browser, children: list[Child]) -> None:
    assert "预览全部 3 条" in coordinator.get("/board/proposals").text

    page = coordinator.post(ACCEPT, {"which": "all"})

    assert page.heading == "要提出 3 对，请核对"


def test_what_no_longer_holds_is_named_with_the_reason_and_left_out(
    coordinator: Browser, county: Area, children: list[Child]
) -> None:
    proposed(children[0], a_team(county))
    teams = {row.child_id: row.team_id for row in db.session.scalars(select(MatchProposal))}
    change(db.session.get_one(Team, teams[children[1].id]), dissolved_at=NOON)

    page = coordinator.post(ACCEPT, {"which": "all"})

    (warned,) = page.texts(".alert.warn")
    assert f"{children[0].alias} –" in warned
    assert "孩子已经有人提出，或不在等待" in warned
    assert "小组已经解散" in warned
    assert page.heading == "要提出 1 对，请核对"


def test_whoever_is_in_two_teams_is_kept_for_the_more_urgent_child(
    coordinator: Browser, county: Area, village: Area
) -> None:
    urgent = a_consented_child(village, risk=Risk.MID_HIGH, open_since=TODAY - timedelta(days=9))
    other = a_consented_child(village, open_since=TODAY - timedelta(days=30))
    both = an_active_volunteer(county, sex=Sex.FEMALE, capacity=1)
    for _turn in range(2):
        a_team(county, members=[both, an_active_volunteer(county)])
    a_run(county.id)

    page = coordinator.post(ACCEPT, {"which": "all"})

    assert page.heading == "要提出 1 对，请核对"
    (warned,) = page.texts(".alert.warn li")
    assert warned.startswith(f"{other.alias} –")
    assert "小组里有人也在这次的另一条提议里" in warned

    page = coordinator.post(ACCEPT, given(page))

    assert page.heading == "提出了 1 对"
    assert db.session.scalars(select(Pairing.child_id)).all() == [urgent.id]
    assert fates() == [Fate.ACCEPTED, Fate.OPEN]
    left = coordinator.post(ACCEPT, {"which": "all"})
    assert "小组里有人没有名额了" in left.texts(".alert.warn li")[0]


@given_(wants=wants, rooms=st.lists(st.integers(0, 3), min_size=6, max_size=6))
def test_nobody_is_given_more_children_than_they_take_and_no_better_one_is_left_out(
    wants: list[tuple[int, int, int]], rooms: list[int]
) -> None:
    people = {team: (team, (team + 1) % 6) for team in range(6)}
    wanted = [
        Wanted(f"{place:02}", team, tier, score) for place, (team, tier, score) in enumerate(wants)
    ]
    places = dict(enumerate(rooms))

    out = short_of_places(wanted, people, places)

    kept = [one for one in wanted if one.uid not in out]
    load = Counter(member for one in kept for member in people[one.team])
    assert all(load[member] <= places[member] for member in places)
    for one in wanted:
        better = [
            two
            for two in kept
            if (-two.tier, -two.score, two.uid) < (-one.tier, -one.score, one.uid)
        ]
        taken = Counter(member for two in better for member in people[two.team])
        fits = all(taken[member] < places[member] for member in people[one.team])
        assert fits is (one.uid not in out)
        if one.uid in out:
            alone = all(places[member] for member in people[one.team])
            assert out[one.uid] is (Snag.SHARED if alone else Snag.FULL)


def test_one_that_fails_under_the_lock_leaves_the_others_be(
    coordinator: Browser, children: list[Child]
) -> None:
    page = coordinator.post(ACCEPT, {"which": "all"})
    team_id = db.session.scalars(
        select(MatchProposal.team_id).where(MatchProposal.child_id == children[1].id)
    ).one()
    change(_first(team_id), status=Status.SUSPENDED)

    page = coordinator.post(ACCEPT, given(page))

    assert page.heading == "提出了 2 对"
    assert "没有提出的 1 对" in page.text
    assert children[1].alias in page.text
    assert fates() == [Fate.ACCEPTED, Fate.OUTDATED, Fate.ACCEPTED]


def _first(team_id: int) -> Volunteer:
    return members(db.session.get_one(Team, team_id))[0]


def test_all_of_it_is_taken_back_within_ten_seconds(
    coordinator: Browser, children: list[Child]
) -> None:
    page = coordinator.post(ACCEPT, given(coordinator.post(ACCEPT, {"which": "all"})))
    uids = [str(tag["value"]) for tag in page.soup.select("form[action*=undo] input[name=p]")]

    page = coordinator.post("/board/proposals/undo", {"p": uids})

    assert page.notices == ["撤销了 3 对，什么都没有发出"]
    assert db.session.scalars(select(Pairing.id)).all() == []
    assert fates() == [Fate.OPEN] * 3


def test_too_late_it_stays_and_says_so(
    coordinator: Browser, children: list[Child], set_clock: SetClock
) -> None:
    page = coordinator.post(ACCEPT, given(coordinator.post(ACCEPT, {"which": "all"})))
    uids = [str(tag["value"]) for tag in page.soup.select("form[action*=undo] input[name=p]")]

    set_clock(NOON + timedelta(seconds=16))
    page = coordinator.post("/board/proposals/undo", {"p": [*uids, "x" * 22]})

    assert page.notices == ["4 对已经过了可以撤销的时间，请在结对页面上办理"]
    assert len(db.session.scalars(select(Pairing.id)).all()) == 3


def test_the_same_form_sent_twice_accepts_once(coordinator: Browser, children: list[Child]) -> None:
    sent = given(coordinator.post(ACCEPT, {"which": "all"}))
    coordinator.post(ACCEPT, sent)

    coordinator.post(ACCEPT, sent, status=409)

    assert len(db.session.scalars(select(Pairing.id)).all()) == 3


def test_what_is_wrong_with_the_form_is_told_before_anything_happens(
    coordinator: Browser, children: list[Child]
) -> None:
    sent = given(coordinator.post(ACCEPT, {"which": "all"}))

    page = coordinator.post(ACCEPT, sent | {"note": ""}, status=422)

    assert page.errors
    assert db.session.scalars(select(Pairing.id)).all() == []


@pytest.mark.parametrize("ticked", [[], ["x" * 22]])
def test_nothing_ticked_is_said(
    coordinator: Browser, children: list[Child], ticked: list[str]
) -> None:
    page = coordinator.post(ACCEPT, {"p": ticked, "which": "ticked"}, status=409)

    assert "没有勾选" in page.text


def test_a_neighbours_proposals_are_nobodys_to_accept(
    coordinator: Browser, children: list[Child]
) -> None:
    other = a_consented_child()
    a_team(db.session.get_one(Area, other.county_id))
    a_run(other.county_id)

    coordinator.post(ACCEPT, {"p": [of(other)], "which": "ticked"}, status=409)

    assert other.alias not in coordinator.get("/board/proposals").text
    assert other.state is NeedState.OPEN


def test_without_proposals_the_page_says_what_to_do(coordinator: Browser) -> None:
    page = coordinator.get("/board/proposals")

    assert "现在没有有效的提议" in page.text
    assert page.links("/pairings/runs")


def test_the_list_asks_few_questions(
    coordinator: Browser, children: list[Child], at_most: AtMost
) -> None:
    with at_most(8):
        coordinator.get("/board/proposals")
