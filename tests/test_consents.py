"""Consent: asked, given by those who may give it, taken back at once."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.queries import actor_for
from accounts.rules import Actor, Role
from children.consents import services
from children.consents.models import Consent
from children.consents.queries import lacking
from children.consents.rules import Answer
from children.models import Child
from children.rules import (
    NEEDED_FOR_PAIRING,
    AgeBand,
    ConsentProof,
    ConsentState,
    NeedState,
    Purpose,
    Signer,
)
from core import clock
from core.audit import AuditRow
from core.db import db
from core.errors import NotYours, RuleBroken
from core.parameters import ParameterValue
from pairings.models import Pairing
from pairings.rules import EndReason, Stage
from places.models import Area
from tests.browser import Browser
from tests.builders.children import a_child, a_consent, a_consented_child
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_village
from tests.builders.visits import a_visit
from tests.conftest import BrowseAs
from tests.factories import saved
from tests.races import ENGINES, at_once, site_on
from visits.models import Visit
from visits.rules import State as VisitState

TODAY = date(2026, 11, 24)


@pytest.fixture
def child(app: Flask) -> Child:
    return a_child(a_village())


@pytest.fixture
def director_id(child: Child) -> int:
    return a_member_of_staff(Role.CHILD_DIRECTOR, area_id=child.village_id)


@pytest.fixture
def director(director_id: int, browse_as: BrowseAs) -> Browser:
    browser = browse_as(director_id)
    browser.may_see_children = True
    return browser


def a_yes(**given: Any) -> dict[str, Any]:
    return {
        "state": "given",
        "signer": "mother",
        "proof": "paper",
        "reference": "2026-017",
        "dated": "2026-11-20",
        "seen": "0",
    } | given


def rows(child: Child, purpose: Purpose = Purpose.PAIRING) -> list[Consent]:
    return list(
        db.session.scalars(
            select(Consent)
            .where(Consent.child_id == child.id, Consent.purpose == purpose)
            .order_by(Consent.number)
        )
    )


def nothing(_child_id: int, _by: Actor) -> None:
    """Stand for the rooms above when nothing rests on a consent."""


def test_a_mother_says_yes(director: Browser, child: Child) -> None:
    page = director.get(f"/children/{child.uid}/consents/pairing")
    page = director.post(f"/children/{child.uid}/consents/pairing", page.form("consents") | a_yes())

    assert page.notices == ["已登记：同意结对"]
    (consent,) = rows(child)
    assert (consent.number, consent.state, consent.signer) == (1, "given", Signer.MOTHER)
    assert (consent.dated, consent.valid_until) == (date(2026, 11, 20), date(2027, 11, 20))
    assert (consent.proof_reference, consent.text_version) == ("2026-017", "2026-1")
    assert db.session.scalar(select(AuditRow.fields).where(AuditRow.action == "consent_given")) == [
        "pairing"
    ]


def test_a_grandparent_is_not_offered(director: Browser, child: Child) -> None:
    page = director.get(f"/children/{child.uid}/consents/pairing")

    offered = {str(one["value"]) for one in page.soup.select("[name=signer]")}
    assert offered == {"mother", "father", "other_guardian", "civil_affairs"}
    director.post(
        f"/children/{child.uid}/consents/pairing", a_yes(signer="grandmother"), status=422
    )
    assert rows(child) == []


def test_only_the_child_says_whether_it_wants_to(director: Browser, child: Child) -> None:
    url = f"/children/{child.uid}/consents/assent"
    page = director.get(url)
    assert {str(one["value"]) for one in page.soup.select("[name=signer]")} == {"child"}

    director.post(url, a_yes(), status=422)
    director.post(url, a_yes(signer="child", proof="asked_in_person"))

    assert [row.signer for row in rows(child, Purpose.ASSENT)] == [Signer.CHILD]


def test_from_fourteen_on_the_childs_own_signature_is_asked_for(
    browse_as: BrowseAs, app: Flask
) -> None:
    child = a_child(age_band=AgeBand.A14_15)
    browser = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=child.county_id))
    browser.may_see_children = True
    url = f"/children/{child.uid}/consents/assent"

    browser.post(url, a_yes(signer="child", proof="asked_in_person"), status=422)
    browser.post(url, a_yes(signer="child"))

    assert len(rows(child, Purpose.ASSENT)) == 1


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"state": ""}, "请选择"),
        ({"state": "withdrawn"}, "不是有效的选择"),
        ({"signer": ""}, "请选择是谁答复的"),
        ({"proof": ""}, "请选择凭什么证明"),
        ({"dated": ""}, "请填写这一项"),
        ({"dated": "2026-02-30"}, "没有这一天"),
        ({"dated": "2026-11-25"}, "答复日期还没到"),
        ({"dated": "9999-12-31"}, "答复日期还没到"),
        ({"dated": "2025-01-01"}, "已经过了有效期"),
        ({"valid_until": "2027-11-21"}, "最长 12 个月"),
        ({"valid_until": "2026-11-19"}, "早于答复日期"),
        ({"reference": "1" * 61}, "最多 60 个字"),
        ({"reference": "13800138000"}, "电话号码"),
        ({"reference": "a\x00b"}, "含有无法识别的字符"),
        ({"seen": "7"}, "刚刚有人登记过这一项"),
    ],
)
def test_what_is_wrong_with_an_answer_is_told(
    director: Browser, child: Child, given: dict[str, str], told: str
) -> None:
    page = director.post(f"/children/{child.uid}/consents/pairing", a_yes(**given), status=422)

    assert any(told in error for error in page.errors)
    assert rows(child) == []


def test_wide_digits_make_a_date(director: Browser, child: Child) -> None:
    director.post(f"/children/{child.uid}/consents/pairing", a_yes(dated="２０２６.１１.２０"))

    assert [row.dated for row in rows(child)] == [date(2026, 11, 20)]


def test_an_answer_sent_twice_is_one(director: Browser, child: Child) -> None:
    for _turn in range(2):
        director.post(f"/children/{child.uid}/consents/pairing", a_yes(form_key="k" * 22))

    assert len(rows(child)) == 1


def test_a_purpose_nobody_knows_is_a_page_nobody_finds(director: Browser, child: Child) -> None:
    director.get(f"/children/{child.uid}/consents/fundraising", status=404)
    director.post(f"/children/{child.uid}/consents/fundraising/withdraw", status=404)


def test_a_no_is_a_row_too(director: Browser, child: Child) -> None:
    director.post(
        f"/children/{child.uid}/consents/pairing",
        {"state": "refused", "dated": "2026-11-20", "seen": "0", "signer": "father"},
    )

    assert [row.state for row in rows(child)] == [ConsentState.REFUSED]
    assert Purpose.PAIRING in lacking([child.id], TODAY)[child.id]


def test_a_yes_that_holds_is_renewed_or_taken_back_but_not_written_over(
    director: Browser, child: Child
) -> None:
    url = f"/children/{child.uid}/consents/pairing"
    director.post(url, a_yes())

    page = director.post(url, a_yes(state="refused", seen="1"), status=422)
    assert any("请用“撤回同意”" in error for error in page.errors)
    director.post(url, a_yes(dated="2026-11-24", seen="1"))

    assert [(row.number, row.state) for row in rows(child)] == [(1, "given"), (2, "given")]


@pytest.mark.parametrize("purpose", NEEDED_FOR_PAIRING)
def test_a_child_lacks_what_does_not_hold(app: Flask, purpose: Purpose) -> None:
    day = timedelta(days=1)
    full = a_consented_child()
    over, ahead, refused, never = (a_consented_child() for _turn in range(4))
    a_consent(over, purpose, number=2, dated=TODAY - 9 * day, valid_until=TODAY - day)
    a_consent(ahead, purpose, number=2, dated=TODAY + day)
    a_consent(refused, purpose, number=2, state=ConsentState.REFUSED)
    a_consent(never, purpose, number=2, state=ConsentState.REQUESTED)
    children = (full, over, ahead, refused, never)

    found = lacking([child.id for child in children], TODAY)

    assert [found[child.id] for child in children] == [(), *[(purpose,)] * 4]


def test_a_spoken_yes_no_longer_counts_once_the_child_signs(app: Flask) -> None:
    young, grown = (a_consented_child(age_band=band) for band in (AgeBand.A11_13, AgeBand.A14_15))
    for child in (young, grown):
        a_consent(child, Purpose.ASSENT, number=2, proof=ConsentProof.ASKED_IN_PERSON)

    found = lacking([young.id, grown.id], TODAY)

    assert found == {young.id: (), grown.id: (Purpose.ASSENT,)}


def test_a_withdrawal_ends_pairing_and_visits_in_the_same_moment(browse_as: BrowseAs) -> None:
    pairing = a_pairing(stage=Stage.ACTIVE)
    visit = a_visit(pairing)
    child = db.session.get_one(Child, pairing.child_id)
    browser = browse_as(a_member_of_staff(Role.CHILD_DIRECTOR, area_id=child.village_id))
    browser.may_see_children = True
    page = browser.get(f"/children/{child.uid}")

    page = browser.post(
        f"/children/{child.uid}/consents/assent/withdraw", page.form("assent/withdraw")
    )

    assert page.notices == ["已撤回，结对和走访同时停止"]
    ended = db.session.get_one(Pairing, pairing.id)
    assert (ended.stage, ended.end_reason) == (Stage.ENDED, EndReason.CONSENT_WITHDRAWN)
    assert db.session.get_one(Visit, visit.id).state is VisitState.CANCELLED
    assert db.session.get_one(Child, child.id).state is NeedState.OPEN
    assert lacking([child.id], clock.today())[child.id] == (Purpose.ASSENT,)


def test_when_what_follows_fails_nothing_is_withdrawn(app: Flask) -> None:
    child = a_consented_child()
    by = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=child.county_id))

    def fail(_child_id: int, _by: Actor) -> None:
        raise RuleBroken("later")

    with pytest.raises(RuleBroken, match="later"):
        services.withdraw(child.uid, Purpose.PAIRING, by, fail)

    assert lacking([child.id], TODAY)[child.id] == ()


def test_taking_a_photo_back_ends_no_pairing(app: Flask) -> None:
    child = a_consented_child()
    a_consent(child, Purpose.PHOTO)
    by = actor_for(a_member_of_staff(Role.CHILD_SUPERVISOR, area_id=child.township_id))
    asked: list[int] = []

    services.withdraw(child.uid, Purpose.PHOTO, by, lambda child_id, _by: asked.append(child_id))

    assert asked == []
    assert [row.state for row in rows(child, Purpose.PHOTO)] == ["given", "withdrawn"]


def test_what_was_never_given_is_not_taken_back(director: Browser, child: Child) -> None:
    page = director.post(f"/children/{child.uid}/consents/pairing/withdraw", status=409)

    assert "现在没有可撤回的同意" in page.text


def test_a_supervisor_takes_back_but_does_not_enter(browse_as: BrowseAs, child: Child) -> None:
    a_consent(child, Purpose.PAIRING)
    browser = browse_as(a_member_of_staff(Role.CHILD_SUPERVISOR, area_id=child.township_id))
    browser.may_see_children = True

    browser.get(f"/children/{child.uid}/consents/pairing", status=403)
    browser.post(f"/children/{child.uid}/consents/pairing/withdraw")

    assert rows(child)[-1].state is ConsentState.WITHDRAWN


def test_a_neighbour_neither_enters_nor_takes_back(app: Flask, child: Child) -> None:
    a_consent(child, Purpose.PAIRING)
    neighbour = actor_for(a_member_of_staff(Role.CHILD_DIRECTOR, area_id=a_village().id))

    with pytest.raises(NotYours):
        services.withdraw(child.uid, Purpose.PAIRING, neighbour, nothing)
    with pytest.raises(NotYours):
        services.record(
            child.uid, Purpose.PHOTO, Answer(ConsentState.REFUSED, TODAY), seen=0, by=neighbour
        )


def test_the_city_may_shorten_how_long_a_yes_holds(director: Browser, child: Child) -> None:
    saved(
        ParameterValue(
            name="children.consent_months",
            effective_from=TODAY,
            value={"value": 6},
            source="测试",
        )
    )

    director.post(f"/children/{child.uid}/consents/pairing", a_yes())

    assert [row.valid_until for row in rows(child)] == [date(2027, 5, 20)]


def test_a_file_tells_every_answer_there_was(director: Browser, child: Child) -> None:
    a_consent(child, Purpose.PAIRING, state=ConsentState.REFUSED)
    a_consent(child, Purpose.PAIRING, number=2, dated=TODAY - timedelta(days=1))

    page = director.get(f"/children/{child.uid}")

    assert page.texts("details tbody th") == ["同意结对 #2", "同意结对 #1"]
    assert "还缺这几项，齐了才能结对：同意让志愿者组织知道必要信息、孩子本人愿意。" in page.text


def test_a_file_tells_that_a_yes_has_run_out(director: Browser, child: Child) -> None:
    day = timedelta(days=1)
    a_consent(child, Purpose.PAIRING, dated=TODAY - 9 * day, valid_until=TODAY - day)

    assert "已过期" in director.get(f"/children/{child.uid}").texts(".rows .tag")


@pytest.fixture(params=ENGINES)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application on each engine."""
    with site_on(request.param, request, tmp_path) as app:
        yield app


def test_of_two_answers_at_the_same_moment_one_is_entered(both: Flask) -> None:
    child = a_child()
    uid, county = child.uid, db.session.get_one(Area, child.county_id)
    people = [actor_for(a_member_of_staff(Role.COORDINATOR, area_id=county.id)) for _ in "ab"]
    yes = Answer(ConsentState.GIVEN, TODAY, Signer.MOTHER, ConsentProof.PAPER)

    refused = at_once(
        both,
        lambda: services.record(uid, Purpose.PAIRING, yes, seen=0, by=people[0]),
        lambda: services.record(uid, Purpose.PAIRING, yes, seen=0, by=people[1]),
    )

    assert sum(one is None for one in refused) == 1
    assert db.session.scalar(select(func.count(Consent.id))) == 1
