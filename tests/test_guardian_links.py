"""The link a guardian opens without an account: reading never acts, saying no acts once."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from accounts.queries import actor_for
from accounts.rules import Role
from accounts.sessions.services import open_session
from children.consents.links import services
from children.consents.links.models import GuardianLink
from children.consents.models import Consent
from children.consents.queries import newest
from children.models import Child
from children.rules import ConsentState, NeedState, Purpose
from core import clock, ids
from core.audit import AuditRow
from core.db import db, transaction
from core.once import SubmittedForm
from pairings.models import Pairing
from pairings.rules import EndReason, Stage
from tests.browser import Browser, Page
from tests.builders.children import a_child, a_consent, a_consented_child
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_village
from tests.builders.visits import a_visit
from tests.conftest import NOON, BrowseAs, SetClock
from tests.races import ENGINES, at_once, site_on
from visits.models import Visit
from visits.rules import State as VisitState

FORGED = "A" * 43


@pytest.fixture
def child(app: Flask) -> Child:
    return a_consented_child(a_village(), state=NeedState.MATCHED)


@pytest.fixture
def director(child: Child, browse_as: BrowseAs) -> Browser:
    browser = browse_as(a_member_of_staff(Role.CHILD_DIRECTOR, area_id=child.village_id))
    browser.may_see_children = True
    return browser


def a_link(director: Browser, child: Child, *purposes: Purpose) -> str:
    """Return the address that a member of staff was shown."""
    url = f"/children/{child.uid}/links"
    page = director.post(
        url, {"purposes": [one.value for one in purposes or (Purpose.PAIRING,)]}, follow=False
    )
    found = re.search(r"http://localhost(/guardian/[\w-]{43})", page.text)
    assert found
    return found[1]


def the_link() -> GuardianLink:
    return db.session.scalars(select(GuardianLink)).one()


def states(child: Child) -> dict[Purpose, ConsentState]:
    return {purpose: row.state for purpose, row in newest(child.id).items()}


def written() -> tuple[int | None, ...]:
    """Return how many rows the tables hold that anything here writes to."""
    tables = (Consent, AuditRow, GuardianLink, SubmittedForm, Pairing, Visit)
    return tuple(db.session.scalar(select(func.count()).select_from(one)) for one in tables)


def say_no(visitor: Browser, address: str, *purposes: str, status: int = 200) -> Page:
    return visitor.post(address, {"purposes": list(purposes)}, status=status)


def test_staff_see_the_link_once_and_only_its_digest_is_kept(
    director: Browser, child: Child
) -> None:
    address = a_link(director, child)

    secret = address.rsplit("/", 1)[1]
    assert the_link().token_hash == ids.digest(secret)
    assert secret not in director.get(f"/children/{child.uid}/links").html
    kept = db.session.scalars(select(SubmittedForm.result)).all()
    assert secret not in str(kept)


def test_the_same_form_sent_again_makes_no_second_link(director: Browser, child: Child) -> None:
    url = f"/children/{child.uid}/links"
    form = director.get(url).form("links") | {"purposes": ["pairing"]}
    director.post(url, form, follow=False)

    assert "链接已经显示过" in director.post(url, form, follow=False).text
    assert the_link().revoked_at is None


def test_a_guardian_reads_and_nothing_is_written(
    director: Browser, visitor: Browser, child: Child
) -> None:
    address = a_link(director, child, Purpose.PAIRING, Purpose.SHARE_WITH_ORG)
    before = written()

    for _turn in range(3):
        page = visitor.get(address)

    assert written() == before
    assert "同意书：结对陪伴" not in page.heading
    assert "要您同意的事" in page.text
    assert child.alias not in page.html
    assert child.uid not in page.html


def test_a_withdrawal_ends_pairing_and_visits_in_the_same_second(
    director: Browser, visitor: Browser, child: Child
) -> None:
    pairing = a_pairing(child, stage=Stage.ACTIVE)
    visit = a_visit(pairing)
    address = a_link(director, child)

    page = say_no(visitor, address, "pairing")

    assert page.heading == "已经照您说的办了"
    db.session.expire_all()
    assert states(child)[Purpose.PAIRING] is ConsentState.WITHDRAWN
    assert (pairing.stage, pairing.end_reason) == (Stage.ENDED, EndReason.CONSENT_WITHDRAWN)
    assert visit.state is VisitState.CANCELLED
    assert pairing.ended_at == visit.cancelled_at == the_link().used_at == NOON
    used = db.session.scalars(select(AuditRow).where(AuditRow.action == "guardian_link_used")).one()
    assert (used.actor_id, used.ref, used.fields) == (None, child.uid, ["pairing"])


def test_what_was_only_asked_is_refused(app: Flask, visitor: Browser, browse_as: BrowseAs) -> None:
    child = a_child()
    a_consent(child, Purpose.PHOTO, state=ConsentState.REQUESTED)
    coordinator = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=child.county_id))
    coordinator.may_see_children = True

    say_no(visitor, a_link(coordinator, child, Purpose.PHOTO), "photo")

    assert states(child) == {Purpose.PHOTO: ConsentState.REFUSED}


def test_a_link_is_used_once(director: Browser, visitor: Browser, child: Child) -> None:
    address = a_link(director, child, Purpose.PAIRING, Purpose.SHARE_WITH_ORG)
    say_no(visitor, address, "pairing")

    say_no(visitor, address, "share_with_org", status=410)

    assert states(child)[Purpose.SHARE_WITH_ORG] is ConsentState.GIVEN
    assert visitor.get(address, status=410).heading == "这个链接打不开了"


def test_a_button_pressed_twice_acts_once_and_says_the_same(
    director: Browser, visitor: Browser, child: Child
) -> None:
    address = a_link(director, child)
    form = visitor.get(address).form("guardian") | {"purposes": ["pairing"]}

    headings = [visitor.post(address, form).heading for _press in range(2)]

    assert headings == ["已经照您说的办了"] * 2
    assert len(db.session.scalars(select(Consent).where(Consent.number == 2)).all()) == 1


@pytest.mark.parametrize("change", ["expired", "revoked", "forged", "tampered"])
def test_a_link_that_does_not_hold_shows_one_clear_page(
    director: Browser, visitor: Browser, child: Child, set_clock: SetClock, change: str
) -> None:
    address = a_link(director, child)
    if change == "expired":
        set_clock(NOON + timedelta(days=7, seconds=1))
    elif change == "revoked":
        with transaction() as session:
            session.execute(update(GuardianLink).values(revoked_at=clock.now()))
    elif change == "forged":
        address = f"/guardian/{FORGED}"
    else:
        address = address[:-1] + ("a" if address[-1] != "a" else "b")

    pages = [visitor.get(address, status=410), say_no(visitor, address, "pairing", status=410)]

    assert {page.heading for page in pages} == {"这个链接打不开了"}
    assert states(child)[Purpose.PAIRING] is ConsentState.GIVEN


def test_a_link_says_no_to_nothing_it_was_not_made_for(
    director: Browser, visitor: Browser, child: Child
) -> None:
    address = a_link(director, child, Purpose.PHOTO)

    say_no(visitor, address, "pairing", status=422)

    assert states(child)[Purpose.PAIRING] is ConsentState.GIVEN
    assert the_link().used_at is None


def test_staff_hear_of_the_answer_for_three_days(
    director: Browser, visitor: Browser, child: Child, set_clock: SetClock
) -> None:
    assert "监护人的新答复" not in director.get("/home").text
    say_no(visitor, a_link(director, child), "pairing")

    page = director.get("/home")

    assert "监护人的新答复" in page.text
    assert page.links(f"/children/{child.uid}")
    set_clock(NOON + timedelta(hours=71))
    with transaction() as session:
        session.execute(update(GuardianLink).values(used_at=NOON - timedelta(hours=2)))
    fresh = Browser(director.app, open_session(the_link().made_by_id, agent="tests"))
    assert "监护人的新答复" not in fresh.get("/home").text


def test_staff_take_a_link_back(director: Browser, visitor: Browser, child: Child) -> None:
    address = a_link(director, child)
    url = f"/children/{child.uid}/links/{the_link().uid}/revoke"

    director.post(url)
    director.post(url, status=409)

    visitor.get(address, status=410)


def test_a_new_link_ends_the_old_one(director: Browser, visitor: Browser, child: Child) -> None:
    old, new = a_link(director, child), a_link(director, child)

    visitor.get(old, status=410)
    visitor.get(new)


def test_another_villages_director_makes_no_link(child: Child, browse_as: BrowseAs) -> None:
    neighbour = browse_as(a_member_of_staff(Role.CHILD_DIRECTOR, area_id=a_village().id))

    neighbour.get(f"/children/{child.uid}/links", status=404)
    neighbour.post(f"/children/{child.uid}/links", {"purposes": ["pairing"]}, status=404)

    assert db.session.scalar(select(func.count()).select_from(GuardianLink)) == 0


def test_a_childs_own_wish_is_not_asked_over_a_link(director: Browser, child: Child) -> None:
    assert Purpose.ASSENT not in services.ASKABLE
    director.post(f"/children/{child.uid}/links", {"purposes": ["assent"]}, status=422)


@pytest.fixture(params=ENGINES)
def raced(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    with site_on(request.param, request, tmp_path) as app:
        yield app


def test_of_many_who_use_a_link_at_once_one_does(raced: Flask) -> None:
    child = a_consented_child(a_village())
    by = actor_for(a_member_of_staff(Role.CHILD_DIRECTOR, area_id=child.village_id))
    secret = services.make(child.uid, [Purpose.PAIRING], by=by)
    ended: list[int] = []

    def use() -> None:
        services.answer(secret, [Purpose.PAIRING], lambda child_id, _by: ended.append(child_id))

    refused = at_once(raced, *([use] * 6))

    assert sum(one is None for one in refused) == 1
    assert ended == [child.id]
    assert states(child)[Purpose.PAIRING] is ConsentState.WITHDRAWN
    assert len(db.session.scalars(select(Consent).where(Consent.number == 2)).all()) == 1
