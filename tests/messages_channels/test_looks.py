"""Pages behind a signed link, as people see them: axe-core finds nothing, on a phone and a desk."""

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium

from messages.channels.leaving.services import token_of
from tests.builders.people import a_person
from tests.builders.visits import SATURDAY, a_visit
from tests.messages_channels.test_leaving import a_mail_to
from tests.test_axe import Onlooker, _problems
from tests.test_matrix import Caller
from visits.answers.rules import Asked, minute_of
from visits.answers.services import token_of as answer_token
from visits.queries import attendees

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("english", ["", "/en"])
def test_axe_finds_nothing_on_pages_behind_a_signed_link(
    english: str, app: Flask, chromium: Chromium
) -> None:
    visit = a_visit()
    asked = Asked(visit.uid, attendees(visit)[0].person_id, minute_of(SATURDAY))
    mail = a_mail_to(a_person(email="me@example.org").id)
    onlooker = Onlooker(chromium)
    onlooker.caller = Caller(app, None)
    for path in (
        f"/visits/answer/{answer_token(asked)}",
        f"/messages/leave/{token_of(mail.uid)}",
    ):
        answer = onlooker.window.goto(english + path)
        assert answer is not None
        assert answer.status == 200
        assert _problems(onlooker, path) == []
