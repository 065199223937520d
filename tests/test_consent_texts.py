"""The words of a consent: every version stays as it was, and every yes says which it was."""

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.queries import actor_for
from accounts.rules import Role
from children.consents.links.services import make
from children.consents.models import Consent
from children.consents.texts.queries import current_version, original, versions
from children.consents.texts.rules import ABOUT
from children.models import Child
from children.rules import Purpose
from core import clock
from core.db import db
from core.parameters import ParameterValue
from tests.browser import Browser
from tests.builders.children import a_child, a_consent, consented
from tests.builders.people import a_member_of_staff
from tests.builders.rights import a_request
from tests.conftest import BrowseAs
from tests.factories import saved

pytestmark = pytest.mark.usefixtures("app")
DIGESTS = {
    ("2026-1", "assent"): "be162c96cd86cb68",
    ("2026-1", "pairing"): "6456b381277cdcb6",
    ("2026-1", "photo"): "00d2003fbeb8f42b",
    ("2026-1", "publication"): "6f2863e7925cd078",
    ("2026-1", "registry_notice"): "57cc376045a781db",
    ("2026-1", "share_with_org"): "440665123d054f13",
}
YES = {"state": "given", "signer": "mother", "proof": "paper", "dated": "2026-11-20", "seen": "0"}


@pytest.fixture
def child(app: Flask) -> Child:
    return a_child()


@pytest.fixture
def director(child: Child, browse_as: BrowseAs) -> Browser:
    browser = browse_as(a_member_of_staff(Role.CHILD_DIRECTOR, area_id=child.village_id))
    browser.may_see_children = True
    return browser


def test_no_text_changes_once_it_has_been_shown_to_a_family() -> None:
    """A new wording is a new folder; whoever changes a file that is out fails here."""
    now = {
        (version, about): text.digest[:16]
        for version in versions()
        for about in ABOUT
        if (text := original(version, about))
    }
    assert now == DIGESTS


@pytest.mark.parametrize("about", ABOUT)
def test_everybody_may_read_and_print_a_text_in_both_languages(
    visitor: Browser, about: str
) -> None:
    chinese = visitor.get(f"/consents/{current_version()}/{about}")
    english = visitor.get(f"/en/consents/{current_version()}/{about}")

    text = original(current_version(), about)
    assert text
    assert text.digest in chinese.text
    assert text.digest in english.text
    assert chinese.heading == text.title != english.heading


@pytest.mark.parametrize("path", ["2026-1/nothing", "1999-1/pairing", "..%2f..%2f/pairing", "x/y"])
def test_a_text_that_does_not_exist_is_not_there(visitor: Browser, path: str) -> None:
    visitor.get(f"/consents/{path}", status=404)


def test_every_version_is_listed(visitor: Browser) -> None:
    page = visitor.get("/consents")

    assert len(page.links("/consents/2026-1/")) == len(ABOUT)


def test_a_yes_keeps_the_version_and_the_digest_of_its_text(
    director: Browser, child: Child
) -> None:
    director.post(f"/children/{child.uid}/consents/pairing", YES)

    (row,) = db.session.scalars(select(Consent)).all()
    text = original("2026-1", Purpose.PAIRING)
    assert text
    assert (row.text_version, row.text_digest) == ("2026-1", text.digest)


def test_nobody_says_yes_to_a_text_that_does_not_exist(director: Browser, child: Child) -> None:
    saved(
        ParameterValue(
            name="children.consent_text",
            effective_from=clock.today(),
            value={"value": "2031-9"},
            source="测试",
        )
    )

    page = director.post(f"/children/{child.uid}/consents/pairing", YES, status=422)

    assert any("2031-9" in error for error in page.errors)
    director.post(f"/children/{child.uid}/consents/pairing", YES | {"state": "refused"})


def test_a_yes_to_an_older_text_holds_until_it_ends(director: Browser, child: Child) -> None:
    consented(child)
    a_consent(child, Purpose.PHOTO, text_version="2024-1")

    page = director.get(f"/children/{child.uid}/consents/certificate")

    assert "2024-1" in page.text
    assert child.alias in page.heading


def test_a_yes_from_before_there_was_a_text_says_so(
    app: Flask, director: Browser, child: Child, browse_as: BrowseAs
) -> None:
    said, later = "答复时还没有文本", "答复时还没有文本，这里是后来的。"
    a_consent(child, Purpose.PAIRING, text_digest="")
    coordinator = browse_as(
        a_member_of_staff(Role.COORDINATOR, area_id=child.county_id), stepped_up=True
    )
    by = actor_for(a_member_of_staff(Role.CHILD_DIRECTOR, area_id=child.village_id))
    link = f"/guardian/{make(child.uid, [Purpose.PAIRING, Purpose.PHOTO], by=by)}"
    pages = (f"/children/{child.uid}", f"/children/{child.uid}/consents/certificate")
    copy = f"/rights/{a_request(child).uid}/copy"

    assert all(said in director.get(path).text for path in pages)
    assert said in coordinator.get(copy).text
    assert Browser(app).get(link).text.count(later) == 1

    with_text = a_consent(child, Purpose.PAIRING, number=2, text_digest="d" * 64)
    assert with_text.number == 2
    assert said not in director.get(pages[1]).text
    assert said not in Browser(app).get(link).text


def test_a_certificate_says_when_there_is_nothing(director: Browser, child: Child) -> None:
    page = director.get(f"/children/{child.uid}/consents/certificate")

    assert "现在没有有效的同意" in page.text
