"""A seat that somebody can no longer be ready for is refused before, in words, not taken after."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from accounts.queries import actor_for
from campaigns.models import Campaign, Slot
from campaigns.rules import SlotKind
from campaigns.signups.own import services as own
from campaigns.signups.readiness.rules import (
    EVERY_STEP,
    TIMED,
    Terms,
    fewest_days,
    steps_of,
)
from campaigns.signups.services import Wish, sign_up
from core import clock
from core.db import db
from core.errors import RuleBroken
from core.parameters import ParameterValue
from tests.browser import Browser
from tests.builders.campaigns import a_campaign, a_slot
from tests.builders.volunteers import a_volunteer, an_active_volunteer, cleared
from tests.conftest import AtMost, BrowseAs, SetClock
from tests.factories import saved
from tests.test_readiness import a_slot_in
from tests.test_signups import a_form
from volunteers.models import Volunteer
from volunteers.rules import EvidenceKind, Step

WORDS = "离开始太近"
TODAY = date(2026, 11, 24)
STEPS = st.frozensets(st.sampled_from(Step))
DAYS = st.fixed_dictionaries({step: st.integers(0, 30) for step in TIMED})


def a_group_slot(campaign: Campaign, **given: Any) -> Slot:
    of = {"kind": SlotKind.GROUP_ACTIVITY, "with_children": False, "screened": False}
    day = clock.today() + timedelta(days=3)
    return a_slot(campaign, **{**of, "trained": False, "starts_on": day, "ends_on": day, **given})


def join(slot: Slot, volunteer: Volunteer) -> str:
    return own.join(slot.uid, by=actor_for(volunteer.person_id))


def test_button_page_and_service_refuse_with_the_same_words(
    visitor: Browser, at_most: AtMost
) -> None:
    slot = a_slot_in(13)
    slug = _slug(slot)

    with at_most(8):
        public = visitor.get(f"/campaigns/{slug}")
    choose = visitor.get(f"/campaigns/{slug}/join")
    sheet = visitor.get(f"/slots/{slot.uid}/join")
    refused = visitor.post(f"/slots/{slot.uid}/join", a_form(), status=422)

    assert "看看：" in public.texts("#slots ~ div td.r a")[0]
    assert "新报名的来不及办手续" in public.text
    assert choose.links("/slots/") == []
    assert "来不及办齐手续" in choose.texts(".action-end")[0]
    assert WORDS in sheet.text
    assert sheet.soup.select_one("form[method=post] input[name=contact]") is None
    assert WORDS in " ".join(refused.errors)
    with pytest.raises(RuleBroken, match=WORDS):
        sign_up(slot.uid, Wish("样例", "p@example.org", "个人", queue=True))
    assert slot.taken == 0


def test_a_day_earlier_everybody_is_in_time(visitor: Browser) -> None:
    slot = a_slot_in(14)

    visitor.post(f"/slots/{slot.uid}/join", a_form())

    assert slot.taken == 1


def test_nobody_queues_for_what_comes_too_soon_either(app: Flask) -> None:
    slot = a_slot_in(5, capacity=1)
    join(slot, an_active_volunteer())

    with pytest.raises(RuleBroken, match=WORDS):
        own.join(slot.uid, queue=True, by=actor_for(a_volunteer().person_id))


@pytest.mark.parametrize(
    ("ready", "days"),
    [
        (an_active_volunteer, 0),
        (lambda: cleared(a_volunteer()), 8),
        (lambda: cleared(a_volunteer(), but=EvidenceKind.SCREENING), 13),
        (lambda: cleared(a_volunteer(), but=EvidenceKind.PLEDGE), 8),
    ],
    ids=["in service", "all but the yes", "not yet asked about", "no pledge"],
)
def test_who_has_done_more_may_come_sooner(ready: Any, days: int, app: Flask) -> None:
    if days:
        with pytest.raises(RuleBroken, match=WORDS):
            join(a_slot_in(days - 1), ready())

    assert join(a_slot_in(days), ready())


def test_signed_in_the_screen_before_says_it_too(browse_as: BrowseAs, at_most: AtMost) -> None:
    slot = a_slot_in(10)
    slug = _slug(slot)
    new, ready = a_volunteer(), an_active_volunteer()

    page = browse_as(new.person_id).get(f"/campaigns/{slug}/join")
    browser = browse_as(ready.person_id)
    with at_most(10):
        other = browser.get(f"/campaigns/{slug}/join")

    assert page.links("/slots/") == []
    assert [link.split("?")[0] for link in other.links("/slots/")] == [f"/slots/{slot.uid}/join"]
    assert WORDS in browse_as(new.person_id).get(f"/slots/{slot.uid}/join").text
    assert WORDS not in browse_as(ready.person_id).get(f"/slots/{slot.uid}/join").text


def test_what_asks_for_nothing_is_offered_instead(
    visitor: Browser, browse_as: BrowseAs, at_most: AtMost
) -> None:
    slot = a_slot_in(5)
    campaign = _campaign(slot)
    group = a_group_slot(campaign)
    a_group_slot(campaign, place="也要培训", trained=True)
    later = a_slot(campaign, starts_on=TODAY + timedelta(days=30), place="晚一些")
    address = f"/slots/{slot.uid}/join"
    expected = [f"/slots/{group.uid}/join", f"/slots/{later.uid}/join"]

    with at_most(10):
        page = visitor.get(address)

    assert page.links("/slots/")[-2:] == expected
    assert page.links("/sign-in?next=")
    mine = browse_as(a_volunteer().person_id).get(address)
    assert mine.links("/slots/")[-2:] == expected
    assert not mine.links("/sign-in?next=")


def test_a_group_activity_that_asks_for_training_is_too_soon_for_who_has_none(app: Flask) -> None:
    slot = a_group_slot(a_campaign(), trained=True)

    with pytest.raises(RuleBroken, match=WORDS):
        join(slot, a_volunteer())

    assert join(slot, an_active_volunteer())


def test_what_has_begun_takes_people_in_who_are_ready_before_it_ends(
    app: Flask, set_clock: SetClock
) -> None:
    begun = a_slot_in(-1, ends_on=TODAY + timedelta(days=7))
    nearly_over = a_slot_in(-1, ends_on=TODAY + timedelta(days=6))

    assert join(begun, a_volunteer())
    with pytest.raises(RuleBroken, match=WORDS):
        join(nearly_over, a_volunteer())


def test_a_centre_that_works_faster_says_so_by_a_dated_value(app: Flask) -> None:
    slot = a_slot_in(10)
    value = {"value": 1}
    saved(
        ParameterValue(
            name="campaigns.days_screening", effective_from=TODAY, value=value, source="样例"
        )
    )
    with pytest.raises(RuleBroken):
        join(slot, a_volunteer())
    saved(
        ParameterValue(
            name="campaigns.days_training", effective_from=TODAY, value=value, source="样例"
        )
    )

    assert join(slot, a_volunteer())


@given(STEPS, STEPS, DAYS)
def test_who_has_less_to_do_is_never_later(
    some: frozenset[Step], more: frozenset[Step], days: dict[Step, int]
) -> None:
    assert fewest_days(some, days) <= fewest_days(some | more, days)
    assert fewest_days(some, days) <= sum(days.get(step, 0) for step in some)


@given(STEPS, DAYS, st.integers(-30, 60), st.integers(0, 30))
def test_a_later_slot_is_never_too_soon_when_an_earlier_one_was_not(
    lacking: frozenset[Step], days: dict[Step, int], ahead: int, more: int
) -> None:
    terms = Terms(TODAY, 48, 7, days, 45)
    first = TODAY + timedelta(days=max(ahead, 0))
    later = first + timedelta(days=more)

    if not terms.too_late(lacking, first, first):
        assert not terms.too_late(lacking, later, later)


def test_with_children_everything_is_asked_for() -> None:
    assert steps_of(with_children=True, trained=False, screened=False) == EVERY_STEP
    assert steps_of(with_children=False, trained=True, screened=False) == {Step.TRAINING}


def _campaign(slot: Slot) -> Campaign:
    return db.session.get_one(Campaign, slot.campaign_id)


def _slug(slot: Slot) -> str:
    return _campaign(slot).slug
