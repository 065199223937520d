"""The three columns: who waits by urgency, what the run says, what may go wrong."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from children.models import Child
from children.rules import NeedState, Purpose, Risk
from core import clock
from core.db import db
from pairings.models import Pairing
from pairings.rules import Stage
from places.models import Area
from tests.browser import Browser, Page
from tests.builders.children import a_child, a_consented_child, consented
from tests.builders.pairings import a_pairing
from tests.builders.places import a_township, a_village
from tests.builders.proposals import TODAY, aliases, change, members
from tests.builders.runs import a_run
from tests.builders.volunteers import a_team
from tests.conftest import AtMost
from volunteers.models import Evidence
from volunteers.rules import EvidenceKind, Status
from volunteers.teams.models import Team

MOST_BYTES = 45_000


def ago(days: int) -> dict[str, object]:
    return {"open_since": TODAY - timedelta(days=days)}


def signs(page: Page) -> list[list[str]]:
    """Return the tags of each pairing of the third column."""
    return [
        [" ".join(tag.get_text().split()) for tag in one.select(".tag")]
        for one in page.soup.select(".going .kid")
    ]


def test_who_waits_too_long_comes_first_then_risk_then_the_wait(
    coordinator: Browser, village: Area
) -> None:
    risky = a_consented_child(village, risk=Risk.MID_HIGH, **ago(10))
    short = a_consented_child(village, **ago(10))
    long = a_consented_child(village, **ago(40))
    overdue = a_consented_child(village, **ago(56))
    a_consented_child(village, state=NeedState.VERIFIED)
    a_pairing(a_consented_child(village), a_team(db.session.get_one(Area, risky.county_id)))
    a_consented_child()

    page = coordinator.get("/board")

    assert aliases(page) == [one.alias for one in (overdue, risky, long, short)]


def test_those_who_lack_a_consent_are_apart_with_what_they_lack(
    coordinator: Browser, village: Area
) -> None:
    a_consented_child(village)
    lacking = consented(a_child(village), but=Purpose.ASSENT)

    page = coordinator.get("/board?show=lacking")

    assert aliases(page) == [lacking.alias]
    assert "缺：孩子本人愿意" in page.text


def test_filters_are_in_the_address_and_go_along_to_a_child(
    coordinator: Browser, county: Area, village: Area
) -> None:
    elsewhere = a_village(a_township(county))
    found = a_consented_child(village, needs=["sports"], risk=Risk.MID_LOW, **ago(40))
    for other in (
        {"needs": ["reading"], "risk": Risk.MID_LOW, **ago(40)},
        {"needs": ["sports"], "risk": Risk.LOW, **ago(40)},
        {"needs": ["sports"], "risk": Risk.MID_LOW, **ago(20)},
    ):
        a_consented_child(village, **other)
    a_consented_child(elsewhere, needs=["sports"], risk=Risk.MID_LOW, **ago(40))
    asked = f"need=sports&township={village.parent_id}&risk=mid_low&days=30"

    page = coordinator.get(f"/board?{asked}")
    (kid,) = page.links(found.uid)

    assert aliases(page) == [found.alias]
    assert aliases(coordinator.get(kid)) == [found.alias]
    assert kid.endswith(asked)


@pytest.mark.parametrize(
    "odd", ["need=gold", "township=x", "township=9" * 9, "risk=1", "days=5", "show=all", "after=x"]
)
def test_a_filter_nobody_can_read_filters_nothing(
    coordinator: Browser, child: Child, odd: str
) -> None:
    assert aliases(coordinator.get(f"/board?{odd}")) == [child.alias]


def test_no_match_and_nobody_waiting_are_told_apart(coordinator: Browser, village: Area) -> None:
    assert "现在没有孩子在等" in coordinator.get("/board").text

    a_consented_child(village, needs=["reading"])

    assert "没有符合条件的孩子在等" in coordinator.get("/board?need=career").text


def test_whom_the_run_proposes_somebody_for_and_for_whom_nobody(
    coordinator: Browser, county: Area, village: Area
) -> None:
    first = a_consented_child(village, **ago(60))
    second = a_consented_child(village, **ago(20))
    a_team(county)
    a_run(county.id)

    page = coordinator.get("/board")

    assert page.texts(".kids .kid .tag.ok") == ["有提议"]
    assert page.texts(".figure b") == ["1", "1"]
    assert aliases(coordinator.get("/board?show=proposed")) == [first.alias]
    assert aliases(coordinator.get("/board?show=nobody")) == [second.alias]


def test_without_a_run_or_with_an_old_one_the_board_offers_to_make_one(
    coordinator: Browser, county: Area, child: Child
) -> None:
    a_team(county)
    assert "现在没有有效的提议" in coordinator.get("/board").text

    run = a_run(county.id)
    assert "现在没有有效的提议" not in coordinator.get("/board").text

    change(run, expires_at=clock.now())
    page = coordinator.get("/board")
    assert "现在没有有效的提议" in page.text
    assert page.links("/pairings/runs")
    assert not page.texts(".kids .kid .tag.ok")


def test_pairings_that_may_go_wrong_come_first(
    coordinator: Browser, county: Area, village: Area
) -> None:
    def one(stage: Stage = Stage.ACTIVE, **given: object) -> Pairing:
        child = a_consented_child(village, state=NeedState.MATCHED)
        return a_pairing(child, a_team(county), stage=stage, **given)

    calm = one()
    one(Stage.PAUSED)
    one(ends_on=TODAY + timedelta(days=30))
    short, lapsed = one(), one()
    change(members(_team(short))[0], status=Status.EXPIRED)
    screening = select(Evidence).where(
        Evidence.volunteer_id == members(_team(lapsed))[0].id,
        Evidence.kind == EvidenceKind.SCREENING,
    )
    change(db.session.scalars(screening).one(), valid_until=TODAY - timedelta(days=1))

    page = coordinator.get("/board")

    assert signs(page) == [
        ["小组不足两名大人"],
        ["有成员手续过期"],
        ["约定快到期"],
        ["暂停"],
        [],
    ]
    assert page.links(f"/pairings/{calm.uid}")


def _team(pairing: Pairing) -> Team:
    return db.session.get_one(Team, pairing.team_id)


def test_a_neighbours_children_and_pairings_are_not_on_the_board(
    coordinator: Browser, county: Area, child: Child
) -> None:
    other = a_consented_child()
    a_team(db.session.get_one(Area, other.county_id))
    a_pairing(a_consented_child(state=NeedState.MATCHED), stage=Stage.ACTIVE)
    a_run(other.county_id)

    page = coordinator.get("/board")

    assert aliases(page) == [child.alias]
    assert signs(page) == []
    assert "现在没有有效的提议" in page.text
    coordinator.get(f"/board/{other.uid}", status=404)


def test_the_board_asks_few_questions_is_light_and_turns_its_pages(
    coordinator: Browser, county: Area, village: Area, at_most: AtMost
) -> None:
    waiting = [a_consented_child(village, **ago(55 - turn)) for turn in range(33)]
    for _turn in range(12):
        a_team(county)
    a_run(county.id)

    with at_most(11):  # two of them keep that the list was seen
        page = coordinator.get("/board")
    (further,) = page.links("after=")

    assert len(page.html.encode()) < MOST_BYTES
    assert aliases(page) + aliases(coordinator.get(further)) == [one.alias for one in waiting]
    uid = waiting[0].uid
    coordinator.get(f"/board/{uid}")  # the run is opened once
    with at_most(14):  # four of them keep the looks
        page = coordinator.get(f"/board/{uid}")
    assert len(page.html.encode()) < MOST_BYTES
