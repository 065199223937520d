"""Three voices on a pairing, each apart: when they are asked, and what a sad face leads to."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from accounts.queries import actor_for
from accounts.rules import Role
from children.models import Child
from core.db import db
from core.errors import NotYours, RuleBroken
from pairings.forgetting.services import forget_child
from pairings.models import Pairing
from pairings.rules import Stage
from pairings.voices import services
from pairings.voices.models import PairingVoice, VoiceTask
from pairings.voices.rules import Occasion, Said, Trouble, Voice, occasion, trouble
from places.models import Area
from tests.browser import Browser
from tests.builders.children import a_consented_child
from tests.builders.pairings import a_pairing, a_voice_task
from tests.builders.people import a_grant, a_member_of_staff
from tests.builders.places import a_county
from tests.builders.proposals import TODAY, members, staff
from tests.conftest import AtMost, BrowseAs
from volunteers.teams.models import Team

GLAD, FINE, SAD = Said(5, 5, 5), Said(4, 4, 4), Said(1, 3, 3)


@pytest.fixture
def pairing(child: Child, team: Team) -> Pairing:
    return a_pairing(child, team, stage=Stage.ACTIVE, introduced_on=TODAY - timedelta(days=100),
                     starts_on=TODAY - timedelta(days=110))  # fmt: skip


def say(pairing: Pairing, voice: Voice, said: Said, person_id: int) -> None:
    services.say(pairing.uid, voice, said, dated=TODAY, by=actor_for(person_id))


def voices() -> list[PairingVoice]:
    return list(db.session.scalars(select(PairingVoice).order_by(PairingVoice.id)))


def the_task() -> VoiceTask | None:
    return db.session.scalars(select(VoiceTask)).one_or_none()


def test_the_village_asks_the_child_apart_and_a_sad_face_becomes_a_task(
    browse_as: BrowseAs, village: Area, coordinator: Browser, pairing: Pairing, child: Child
) -> None:
    director = staff(browse_as, Role.CHILD_DIRECTOR, village)
    url = f"/pairings/{pairing.uid}/voices/child"
    assert url in director.get(f"/pairings/{pairing.uid}").links(url)
    page = director.get(url)
    assert "满 3 个月" in page.text
    assert len(page.soup.select("fieldset input[type=radio]")) == 15
    director.post(url, page.form("/voices/child") | {"well": "2", "heard": "4", "again": "5"})

    (row,) = voices()
    assert (row.voice, row.occasion, row.well) == (Voice.CHILD, Occasion.MONTHS_3, 2)
    assert "现在没有要填的" in director.get(url).text
    assert "要问清的结对意见" in coordinator.get("/home").text
    listing = coordinator.get("/pairings/voices")
    assert (child.alias in listing.text, "孩子不开心" in listing.text) == (True, True)
    task = the_task()
    assert task is not None
    where = f"/pairings/voices/{task.uid}"
    coordinator.post(where, coordinator.get(where).form(where) | {"note": "问过了，已换时间"})
    assert "没有要问清的" in coordinator.get("/pairings/voices").text
    assert "问过了，已换时间" in coordinator.get(where).text


def test_a_question_without_a_face_is_asked_again(coordinator: Browser, pairing: Pairing) -> None:
    url = f"/pairings/{pairing.uid}/voices/guardian"
    page = coordinator.get(url)
    refused = coordinator.post(url, page.form("/voices/") | {"well": "3"}, status=422)
    assert "请选一张脸" in refused.text
    assert voices() == []


def test_the_team_says_its_own_and_hears_nothing_of_the_others(
    browse_as: BrowseAs, pairing: Pairing, team: Team, coordinator: Browser
) -> None:
    mine = browse_as(members(team)[0].person_id)
    url = f"/pairings/{pairing.uid}/voices/team"
    mine.post(url, mine.get(url).form(url) | {"well": "5", "heard": "5", "again": "5"})
    assert voices()[0].voice is Voice.TEAM
    for other in ("child", "guardian"):
        mine.get(f"/pairings/{pairing.uid}/voices/{other}", status=404)
    mine.get("/pairings/voices", status=403)
    coordinator.get(url, status=404)
    coordinator.get(f"/pairings/{pairing.uid}/voices/nobody", status=404)


def test_voices_two_steps_apart_become_one_task(pairing: Pairing, team: Team) -> None:
    by = a_member_of_staff(Role.COORDINATOR, area_id=pairing.county_id)
    say(pairing, Voice.TEAM, GLAD, members(team)[0].person_id)
    say(pairing, Voice.GUARDIAN, FINE, by)
    assert the_task() is None
    say(pairing, Voice.CHILD, Said(5, 3, 5), by)
    task = the_task()
    assert task is not None
    assert (task.trouble, task.occasion) == (Trouble.APART, Occasion.MONTHS_3)
    with pytest.raises(RuleBroken, match="已经填过了"):
        say(pairing, Voice.CHILD, SAD, by)


def test_a_sad_child_opens_a_task_again_that_was_settled_for_the_others(
    pairing: Pairing, team: Team
) -> None:
    """Whoever looked into it had not heard the child yet."""
    coordinator_id = a_member_of_staff(Role.COORDINATOR, area_id=pairing.county_id)
    say(pairing, Voice.TEAM, GLAD, members(team)[0].person_id)
    say(pairing, Voice.GUARDIAN, Said(3, 5, 5), coordinator_id)
    task = the_task()
    assert task is not None
    services.settle(task.uid, "问过监护人", by=actor_for(coordinator_id))

    say(pairing, Voice.CHILD, SAD, coordinator_id)

    again = the_task()
    assert again is not None
    assert (again.trouble, again.settled_at) == (Trouble.CHILD_UNHAPPY, None)
    assert again.note == "问过监护人"
    services.settle(task.uid, "也问过孩子", by=actor_for(coordinator_id))


def test_a_coordinator_of_the_team_hears_no_other_voice(
    browse_as: BrowseAs, pairing: Pairing, team: Team
) -> None:
    task = a_voice_task(pairing)
    one = members(team)[0].person_id
    a_grant(one, Role.COORDINATOR, area_id=pairing.county_id)
    mine = browse_as(one)
    mine.may_see_children = True

    listing, page = mine.get("/pairings/voices"), mine.get(f"/pairings/voices/{task.uid}")

    assert "孩子不开心" not in " ".join([*listing.texts("tbody td"), page.text])
    assert "您在这个小组里" in page.text
    assert not page.soup.select("table, form textarea")
    with pytest.raises(RuleBroken, match="请由别的协调员来问"):
        services.settle(task.uid, "没事", by=actor_for(one))


def test_nobody_of_the_team_asks_the_child(pairing: Pairing, team: Team) -> None:
    one = members(team)[0].person_id
    a_grant(one, Role.COORDINATOR, area_id=pairing.county_id)
    with pytest.raises(RuleBroken, match="小组以外的人"):
        say(pairing, Voice.CHILD, GLAD, one)


def test_it_is_too_early_before_three_months_and_days_have_to_fit(
    child: Child, team: Team, village: Area
) -> None:
    by = a_member_of_staff(Role.COORDINATOR, area_id=child.county_id)
    young = a_pairing(child, team, stage=Stage.ACTIVE)
    with pytest.raises(RuleBroken, match="还不到问意见的时候"):
        say(young, Voice.CHILD, GLAD, by)
    ending = a_pairing(a_consented_child(village), team, stage=Stage.ENDING)
    with pytest.raises(RuleBroken, match="日期要在"):
        services.say(
            ending.uid, Voice.CHILD, GLAD, dated=TODAY + timedelta(days=1), by=actor_for(by)
        )
    say(ending, Voice.CHILD, GLAD, by)
    assert voices()[0].occasion is Occasion.END


def test_a_neighbour_finds_no_voice_and_no_task(pairing: Pairing, browse_as: BrowseAs) -> None:
    task = a_voice_task(pairing)
    neighbour_id = a_member_of_staff(Role.COORDINATOR, area_id=a_county().id)
    neighbour = browse_as(neighbour_id)
    assert "没有要问清的" in neighbour.get("/pairings/voices").text
    neighbour.get(f"/pairings/voices/{task.uid}", status=404)
    neighbour.get(f"/pairings/{pairing.uid}/voices/child", status=404)
    with pytest.raises(NotYours):
        services.settle(task.uid, "x", by=actor_for(neighbour_id))
    for voice in Voice:
        with pytest.raises(NotYours):
            say(pairing, voice, GLAD, neighbour_id)


def test_a_task_is_settled_once(pairing: Pairing) -> None:
    task = a_voice_task(pairing)
    by = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=pairing.county_id))
    services.settle(task.uid, "问过了", by=by)
    with pytest.raises(RuleBroken, match="刚刚有人处理过了"):
        services.settle(task.uid, "又问", by=by)


def test_the_paper_twin_leads_to_the_page_behind_a_sign_in(
    coordinator: Browser, pairing: Pairing, child: Child, visitor: Browser
) -> None:
    url = f"/pairings/{pairing.uid}/voices/child"
    page = coordinator.get(f"{url}/paper")
    assert page.soup.select(".qr svg")
    assert child.alias not in page.html
    visitor.get(url, status=302)


def test_a_long_list_of_tasks_is_walked_with_few_queries(
    coordinator: Browser, village: Area, team: Team, at_most: AtMost
) -> None:
    for _turn in range(53):
        a_voice_task(a_pairing(a_consented_child(village), team, stage=Stage.ACTIVE))
    with at_most(8):
        first = coordinator.get("/pairings/voices")
    second = coordinator.get(first.links("/pairings/voices?after=")[0])
    names = [name for page in (first, second) for name in page.texts("tbody th a")]
    assert len(names) == len(set(names)) == 53


def test_what_was_said_goes_with_the_childs_file(child: Child, team: Team) -> None:
    over = a_pairing(child, team, stage=Stage.TERMINATED_SAFEGUARDING)
    a_voice_task(over)
    forget_child(child.id)
    assert (voices(), the_task()) == ([], None)


@pytest.mark.parametrize(
    ("days", "ending", "when"),
    [
        (90, False, None),
        (91, False, Occasion.MONTHS_3),
        (364, False, Occasion.MONTHS_6),
        (365, False, Occasion.MONTHS_12),
        (5, True, Occasion.END),
    ],
)
def test_the_last_occasion_that_has_come_counts(
    days: int, ending: bool, when: Occasion | None
) -> None:
    assert occasion(TODAY - timedelta(days=days), TODAY, ending=ending) is when


FACE = st.integers(1, 5)
ANSWERS = st.builds(Said, FACE, FACE, FACE)


@given(st.dictionaries(st.sampled_from(Voice), ANSWERS))
def test_a_childs_sad_face_is_never_outvoted(said: dict[Voice, Said]) -> None:
    child = said.get(Voice.CHILD)
    sad = child is not None and min(child.well, child.heard, child.again) <= 2
    assert (trouble(said) is Trouble.CHILD_UNHAPPY) == sad
    assert trouble(dict.fromkeys(said, FINE)) is None
