"""The pages of runs: asked for, followed, read; nobody sees another county's children."""

from datetime import timedelta

from sqlalchemy import select, update

from accounts.rules import Role
from children.models import Child
from children.rules import NeedState
from core.db import db, transaction
from core.fences import everything
from pairings.rules import Stage
from pairings.runs import services
from pairings.runs.models import MatchRun
from pairings.runs.steps import services as steps
from places.models import Area
from tests.browser import Browser
from tests.builders.children import a_consented_child
from tests.builders.pairings import a_pairing
from tests.builders.people import a_grant, a_member_of_staff
from tests.builders.places import a_city, a_county, a_township, a_village
from tests.builders.proposals import TODAY, somebody, staff
from tests.builders.volunteers import a_team
from tests.conftest import AtMost, BrowseAs
from tests.pairings.runs.conftest import Made
from volunteers.models import Evidence
from volunteers.rules import EvidenceKind
from volunteers.teams.models import Team


def test_a_coordinator_asks_for_a_run_follows_it_and_reads_it(
    coordinator: Browser, child: Child, team: Team, county: Area
) -> None:
    name, alias, county_id = team.name, child.alias, county.id
    assert "还没有配过对" in coordinator.get("/pairings/runs").text
    page = coordinator.post("/pairings/runs", {"area": str(county_id)})
    uid = db.session.scalars(select(MatchRun.uid)).one()
    assert page.url.endswith(uid)
    followed = coordinator.get(f"/pairings/runs/{uid}")
    assert "等着开始" in followed.text
    assert "正在算一次" in coordinator.get("/pairings/runs").text

    with everything():
        steps.go_on()
    page = coordinator.get(f"/pairings/runs/{uid}")

    assert "1 个，等着的共 1 个" in page.text
    assert f"新提出：{name}" in page.text
    assert alias in page.text
    assert "证明：" in page.text
    assert "1 个孩子在等，1 个有了小组" in coordinator.get("/pairings/runs").text


def test_who_coordinates_two_counties_may_begin_one_while_the_other_goes_on(
    county: Area, browse_as: BrowseAs
) -> None:
    both = a_member_of_staff(Role.COORDINATOR, area_id=county.id)
    other = a_county()
    a_grant(both, Role.COORDINATOR, area_id=other.id)
    browser = browse_as(both)
    browser.post("/pairings/runs", {"area": str(county.id)})

    page = browser.get("/pairings/runs")
    assert "正在算一次" in page.text
    browser.post("/pairings/runs", page.form("runs") | {"area": str(other.id)})

    assert len(db.session.scalars(select(MatchRun.id)).all()) == 2
    assert "开始配对" not in browser.get("/pairings/runs").texts("button")


def test_while_the_city_is_matched_no_county_begins(county: Area, browse_as: BrowseAs) -> None:
    services.start(a_city().id, by=somebody(Role.CITY_COORDINATOR, a_city().id))

    for role, area in ((Role.COORDINATOR, county), (Role.CITY_COORDINATOR, a_city())):
        page = staff(browse_as, role, area).get("/pairings/runs")
        assert "正在算一次" in page.text
        assert "开始配对" not in page.texts("button")


def test_a_run_that_goes_on_can_be_cancelled_on_its_page(
    coordinator: Browser, county: Area
) -> None:
    coordinator.post("/pairings/runs", {"area": str(county.id)})
    uid = db.session.scalars(select(MatchRun.uid)).one()

    coordinator.post(f"/pairings/runs/{uid}/cancel", {})

    assert "这次取消了" in coordinator.get(f"/pairings/runs/{uid}").text
    assert "已经算完了" in coordinator.post(f"/pairings/runs/{uid}/cancel", {}, 409).text


def test_children_with_nobody_are_listed_with_the_reason(
    coordinator: Browser, village: Area, team: Team, made: Made
) -> None:
    for _turn in range(2):
        a_consented_child(village)
    run = made()

    text = coordinator.get(f"/pairings/runs/{run.uid}?show=waiting").text

    assert "有 1 个小组能来，但名额都给了更急或更合适的孩子" in text
    assert "再多 1 个名额就轮得到" in text


def test_children_whom_a_rule_keeps_from_every_team_are_told_which(
    coordinator: Browser, child: Child, county: Area, made: Made
) -> None:
    team = a_team(county)
    with transaction() as session:
        session.execute(
            update(Evidence)
            .where(Evidence.kind == EvidenceKind.TRAINING)
            .values(valid_until=TODAY + timedelta(days=9))
        )
    run = made()

    text = coordinator.get(f"/pairings/runs/{run.uid}?show=waiting").text

    assert "手续齐全、近期不到期的成员至少要 2 人：1 个小组" in text
    assert team.name not in text


def test_a_pair_that_stands_against_a_rule_is_an_alarm_on_the_page(
    coordinator: Browser, village: Area, county: Area, made: Made
) -> None:
    held = a_consented_child(village, state=NeedState.MATCHED)
    team = a_team(county)
    name, alias = team.name, held.alias
    a_pairing(held, team, stage=Stage.ACTIVE)
    with transaction() as session:
        session.execute(
            update(Evidence)
            .where(Evidence.kind == EvidenceKind.SCREENING)
            .values(valid_until=TODAY + timedelta(days=9))
        )
    run = made()

    page = coordinator.get(f"/pairings/runs/{run.uid}?show=alarms")

    assert page.texts(".rows b") == [alias]
    assert name in page.text
    assert page.texts(".rows .tag") == ["手续齐全、近期不到期的成员至少要 2 人"]


def test_the_map_says_where_one_more_team_is_worth_most(
    coordinator: Browser, village: Area, county: Area, team: Team, made: Made
) -> None:
    for _turn in range(3):
        a_consented_child(village)
    with transaction() as session:
        session.execute(update(Area).where(Area.id == county.id).values(tile_column=1, tile_row=1))
    run = made()

    page = coordinator.get(f"/pairings/runs/{run.uid}?show=map")

    assert page.texts("table td") == ["1"]
    assert page.texts("svg.map text.n") == ["1"]


def test_a_neighbour_finds_no_run(
    browse_as: BrowseAs, child: Child, team: Team, made: Made
) -> None:
    run = made()
    neighbour = staff(browse_as, Role.COORDINATOR, a_county())

    neighbour.get(f"/pairings/runs/{run.uid}", 404)
    neighbour.post(f"/pairings/runs/{run.uid}/cancel", {}, 404)
    assert run.uid not in neighbour.get("/pairings/runs").text


def test_in_the_citys_run_each_county_sees_its_own_children_and_the_city_sums(
    coordinator: Browser, browse_as: BrowseAs, child: Child, team: Team
) -> None:
    other = a_county()
    foreign = a_consented_child(a_village(a_township(other)))
    foreign_team = a_team(other)
    mine, theirs, name = child.alias, foreign.uid, foreign_team.name
    city = a_city()
    uid = services.start(city.id, by=somebody(Role.CITY_COORDINATOR, city.id))
    with everything():
        steps.go_on()

    page = coordinator.get(f"/pairings/runs/{uid}")
    assert mine in page.text
    assert theirs not in page.text
    assert name not in page.text
    citys = staff(browse_as, Role.CITY_COORDINATOR, city).get(f"/pairings/runs/{uid}?show=moves")
    assert "2 个，等着的共 2 个" in citys.text
    assert mine not in citys.text
    assert "哪里最缺小组" in citys.text


def test_a_runs_page_asks_as_few_questions_of_a_hundred_as_of_one(
    coordinator: Browser, village: Area, county: Area, made: Made, at_most: AtMost
) -> None:
    for _turn in range(30):
        a_consented_child(village)
        a_team(county)
    uid = made().uid
    coordinator.get(f"/pairings/runs/{uid}")

    with at_most(8):  # two of them keep that the list was seen
        page = coordinator.get(f"/pairings/runs/{uid}")

    (further,) = page.links("after=")
    assert len(page.texts("ul.rows li")) == 25
    assert len(coordinator.get(further).texts("ul.rows li")) == 5
