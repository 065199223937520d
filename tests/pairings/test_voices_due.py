"""Whoever has to ask finds whom, and the list is empty once all have been asked."""

from datetime import timedelta

import pytest

from accounts.queries import actor_for
from accounts.rules import Role
from children.models import Child
from pairings.models import Pairing
from pairings.rules import Stage
from pairings.voices import services
from pairings.voices.due.queries import number
from pairings.voices.rules import Said, Voice
from places.models import Area
from tests.builders.children import a_consented_child
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county
from tests.builders.proposals import TODAY, members, staff
from tests.conftest import AtMost, BrowseAs
from volunteers.teams.models import Team

URL = "/pairings/voices/due"


@pytest.fixture
def pairing(child: Child, team: Team) -> Pairing:
    return a_pairing(child, team, stage=Stage.ACTIVE, introduced_on=TODAY - timedelta(days=100),
                     starts_on=TODAY - timedelta(days=110))  # fmt: skip


def test_the_village_finds_whom_to_ask_until_all_have_been_asked(
    browse_as: BrowseAs, village: Area, pairing: Pairing, team: Team
) -> None:
    person_id = a_member_of_staff(Role.CHILD_DIRECTOR, area_id=village.id)
    director, me = browse_as(person_id), actor_for(person_id)
    director.may_see_children = True
    assert f"/pairings/{pairing.uid}/voices/guardian" in director.get(URL).links("/pairings/")
    assert "满 3 个月" in director.get(URL).text
    assert number(me) == 1
    for voice in (Voice.GUARDIAN, Voice.CHILD):
        services.say(pairing.uid, voice, Said(5, 5, 5), dated=TODAY, by=me)
    assert "等志愿者自己填" in director.get(URL).text
    assert number(me) == 0
    leader = actor_for(members(team)[0].person_id)
    services.say(pairing.uid, Voice.TEAM, Said(5, 5, 5), dated=TODAY, by=leader)
    assert "现在没有要问的" in director.get(URL).text


def test_nobody_is_asked_too_early_or_by_another_village(
    browse_as: BrowseAs, village: Area, pairing: Pairing
) -> None:
    a_pairing(
        a_consented_child(village), stage=Stage.ACTIVE, introduced_on=TODAY - timedelta(days=90)
    )
    rows = staff(browse_as, Role.CHILD_DIRECTOR, village).get(URL).soup.select("tbody tr")
    assert len(rows) == 1
    stranger = staff(browse_as, Role.COORDINATOR, a_county())
    assert "现在没有要问的" in stranger.get(URL).text


def test_before_an_end_all_three_are_asked_once_more(
    browse_as: BrowseAs, village: Area, at_most: AtMost
) -> None:
    for _turn in range(3):
        a_pairing(a_consented_child(village), stage=Stage.ENDING)
    director = staff(browse_as, Role.CHILD_DIRECTOR, village)
    director.get(URL)
    with at_most(12):
        page = director.get(URL)
    assert page.text.count("结束前") >= 3
