"""The teams of one child: the run's proposal first, points that add up, and reasons in words."""

from datetime import timedelta

from sqlalchemy import select

from accounts.rules import Role
from children.models import Child
from children.rules import Risk
from core import clock
from core.db import db
from pairings.keys import services as keys
from pairings.keys.services import Refusal
from pairings.matching.judging import judge
from pairings.rules import DeclineReason
from pairings.runs.models import MatchProposal
from pairings.runs.world.queries import Asked, found
from places.models import Area
from tests.browser import Browser, Page
from tests.builders.children import a_consented_child
from tests.builders.places import a_county
from tests.builders.proposals import TODAY, change, members, proposed, somebody
from tests.builders.runs import a_run
from tests.builders.volunteers import a_team, an_active_volunteer
from volunteers.rules import Sex, Status
from volunteers.teams.models import Team


def teams_on(page: Page) -> list[str]:
    return [text.split()[0] for text in page.texts(".cand h3")]


def scores(page: Page) -> list[int]:
    return [int(text) for text in page.texts(".cand .ring text")]


def points(page: Page, place: int) -> int:
    """Return the sum of the points that a card tells factor by factor."""
    tags = page.soup.select(".cand")[place].select(".why .tag")
    return sum(int(tag.get_text().split()[-1]) for tag in tags)


def skilled(county: Area) -> Team:
    women = [an_active_volunteer(county, sex=Sex.FEMALE, skills=["homework"]) for _turn in "ab"]
    return a_team(county, members=women)


def test_the_runs_proposal_comes_first_with_the_numbers_of_the_run(
    coordinator: Browser, county: Area, village: Area
) -> None:
    urgent = a_consented_child(village, open_since=TODAY - timedelta(days=80))
    child = a_consented_child(village, open_since=TODAY - timedelta(days=8))
    best, second = skilled(county), a_team(county)
    change(members(best)[0], capacity=1)
    a_run(county.id)
    made = db.session.scalars(select(MatchProposal).where(MatchProposal.child_id == child.id)).one()
    assert made.team_id == second.id

    page = coordinator.get(f"/board/{child.uid}")

    assert teams_on(page) == [second.name, best.name]
    assert scores(page)[0] == made.score == sum(made.points.values())
    assert [points(page, place) for place in (0, 1)] == scores(page)
    assert "系统提议" in page.texts(".cand")[0]
    assert "名额给了更急的孩子" in page.texts(".cand")[1]
    assert urgent.alias not in page.soup.select_one(".cands").get_text()  # type: ignore[union-attr]


def test_without_a_run_teams_are_ranked_by_the_same_judge(
    coordinator: Browser, county: Area, child: Child
) -> None:
    second, best = a_team(county), skilled(county)
    world = found(Asked((county.id,), TODAY, child_id=child.id)).world
    judged = {team.id: judge(world.children[0], team, world).score for team in world.teams}

    page = coordinator.get(f"/board/{child.uid}")

    assert teams_on(page) == [best.name, second.name]
    assert scores(page) == [judged[best.id], judged[second.id]]
    assert "现在没有有效的提议，下面按分数排。" in page.text


def test_a_child_that_came_after_the_run_is_judged_all_the_same(
    coordinator: Browser, county: Area, village: Area, child: Child
) -> None:
    team = a_team(county)
    a_run(county.id)
    late = a_consented_child(village)

    assert teams_on(coordinator.get(f"/board/{late.uid}")) == [team.name]


def test_what_has_changed_since_the_run_bars_a_team(
    coordinator: Browser, county: Area, village: Area, child: Child
) -> None:
    gone, full, no, dissolved, stays = (a_team(county) for _turn in range(5))
    a_run(county.id)
    change(members(gone)[0], status=Status.SUSPENDED)
    change(members(full)[0], capacity=0)
    change(dissolved, dissolved_at=clock.now())
    refusal = Refusal(DeclineReason.TIMES, "时间变了")
    keys.decline(proposed(child, no), refusal, by=somebody(Role.COORDINATOR, county.id))

    page = coordinator.get(f"/board/{child.uid}")

    assert teams_on(page) == [stays.name]
    barred = {text.split()[0]: text for text in page.texts(".barred")}
    assert "手续齐全、近期不到期的成员至少要 2 人" in barred[gone.name]
    assert "没有名额了" in barred[full.name]
    assert "被否决过" in barred[no.name]
    assert dissolved.name not in page.text


def test_rules_are_told_in_words_and_other_counties_teams_are_not_told_of(
    coordinator: Browser, county: Area, child: Child
) -> None:
    men = a_team(county, members=[an_active_volunteer(county, sex=Sex.MALE) for _turn in "ab"])
    far = a_team(a_county())

    page = coordinator.get(f"/board/{child.uid}")

    assert page.texts(".barred .why") == ["女孩身边须有一位女性成员"]
    assert men.name in page.text
    assert far.name not in page.text
    assert page.links("/teams/new")


def test_why_nobody_yet_is_said_without_naming_anybody(
    coordinator: Browser, county: Area, village: Area
) -> None:
    first = a_consented_child(village, risk=Risk.MID_HIGH, open_since=TODAY - timedelta(days=80))
    second = a_consented_child(village, open_since=TODAY - timedelta(days=3))
    a_team(county)
    a_run(county.id)

    page = coordinator.get(f"/board/{second.uid}")

    (told,) = page.texts(".cands .alert.warn")
    assert "能来的有 1 组，名额都给了更急或更合适的孩子" in told
    assert "再有 1 个名额，就轮到这个孩子" in told
    assert first.alias not in told


def test_many_teams_are_paged_and_the_first_nine_have_a_key(
    coordinator: Browser, county: Area, child: Child
) -> None:
    for _turn in range(14):
        a_team(county)

    page = coordinator.get(f"/board/{child.uid}")
    (further,) = page.links("p=1")
    rest = coordinator.get(further)

    assert len(teams_on(page)) == 12
    assert len(set(teams_on(page) + teams_on(rest))) == 14
    assert "看后面的 2 组" in page.text
    keyed = [tag["data-key"] for tag in page.soup.select("[data-key]")]
    assert keyed == [str(number) for number in range(1, 10)]
    assert not rest.soup.select("[data-key]")


def test_a_page_beyond_the_last_says_there_is_nobody(coordinator: Browser, child: Child) -> None:
    for odd in ("99", "x", "9999999", "-1"):
        coordinator.get(f"/board/{child.uid}?p={odd}")
