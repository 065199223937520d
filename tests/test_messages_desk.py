"""Who will hear of what, who has heard, how it reads, and letting go what is held."""

from datetime import timedelta

import pytest
from flask import Flask
from jinja2 import meta
from sqlalchemy import select, update

from accounts.rules import Role
from core.db import db, transaction
from messages import services
from messages.channels.rules import Sent
from messages.delivery import services as delivery
from messages.delivery.holds import services as holds
from messages.desk.rules import SAMPLES
from messages.labels import KINDS
from messages.models import Hold, InboxItem, Message
from messages.rules import Channel, HoldReason, Outcome, State
from messages.services import Notice
from tests.browser import Browser
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff, a_person
from tests.builders.visits import a_visit
from tests.conftest import NOON, AtMost, BrowseAs
from tests.ledgers import by_mail
from tests.test_messages import Postman, plain
from visits.models import Visit


@pytest.fixture
def visit(app: Flask) -> Visit:
    return a_visit(a_pairing())


@pytest.fixture
def coordinator(browse_as: BrowseAs, visit: Visit) -> Browser:
    return browse_as(a_member_of_staff(Role.COORDINATOR, area_id=visit.county_id))


def remind(visit: Visit, many: int = 1, **given: object) -> None:
    about = ("visit", visit.uid)
    services.open_subject(*about)
    services.plan(
        [
            Notice(
                "visit_t2d", f"visit/{visit.uid}/{n}", {"number": f"V{n:06}", "when": "明天"},
                NOON + timedelta(days=1, minutes=n), NOON + timedelta(days=20),
                person_id=a_person(name=f"样例{n}", email=f"r{visit.id}-{n}@example.org").id,
                subject=about,
            )
            for n in range(many)
        ]
    )  # fmt: skip


def test_a_coordinator_sees_who_will_be_reminded_and_why(
    coordinator: Browser, visit: Visit
) -> None:
    remind(visit)
    page = coordinator.get("/messages/planned")
    (row,) = [one for one in page.texts("main tbody tr") if "样例0" in one]
    assert "走访前两天提醒" in row
    assert "V000000" in row


def test_a_neighbour_sees_nothing_of_it(browse_as: BrowseAs, visit: Visit) -> None:
    remind(visit)
    other = a_visit(a_pairing())
    neighbour = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=other.county_id))
    assert other.county_id != visit.county_id
    assert "样例0" not in neighbour.get("/messages/planned").text
    neighbour.get(f"/messages/about/visit/{visit.uid}", status=404)
    neighbour.post(f"/messages/about/visit/{visit.uid}/again", status=404)


def test_what_is_called_off_or_far_ahead_is_not_listed(coordinator: Browser, visit: Visit) -> None:
    remind(visit)
    with transaction() as session:
        session.execute(update(Message).values(next_at=NOON + timedelta(days=15)))
    assert coordinator.get("/messages/planned").texts(".empty h2") == ["今后 14 天没有提醒"]
    with transaction() as session:
        session.execute(update(Message).values(next_at=NOON))
    services.close("visit", visit.uid)
    assert coordinator.get("/messages/planned").texts(".empty h2")


def test_the_list_is_paged_within_the_budget(
    coordinator: Browser, visit: Visit, at_most: AtMost
) -> None:
    remind(visit, many=60)
    with at_most(8):
        page = coordinator.get("/messages/planned")
    assert len(page.texts("main tbody tr")) == 50
    rest = coordinator.get(page.links("after=")[0])
    assert len(rest.texts("main tbody tr")) == 10


def sent(visit: Visit, *answers: Sent) -> None:
    remind(visit, many=len(answers))
    with transaction() as session:
        session.execute(update(Message).values(next_at=NOON, due_at=NOON))
    delivery.deliver(by_mail(Postman(list(answers))), plain)


def test_who_received_read_and_missed_it(
    coordinator: Browser, visit: Visit, at_most: AtMost
) -> None:
    sent(visit, Sent(Outcome.ACCEPTED), Sent(Outcome.REJECTED, "550"), Sent(Outcome.UNKNOWN))
    with transaction() as session:
        session.execute(update(InboxItem).values(read_at=NOON))
    with at_most(9):
        page = coordinator.get(f"/messages/about/visit/{visit.uid}")
    assert len(page.texts("main tbody tr")) == 6
    for word in ("已发出", "发送失败", "不知是否送到", "550", "没有送到的：1 条"):
        assert word in page.text


def test_only_those_who_missed_it_get_it_again(coordinator: Browser, visit: Visit) -> None:
    sent(visit, Sent(Outcome.ACCEPTED), Sent(Outcome.REJECTED, "550"), Sent(Outcome.UNKNOWN))
    coordinator.post(f"/messages/about/visit/{visit.uid}/again")
    db.session.rollback()
    rows = select(Message.state).where(Message.channel == Channel.EMAIL).order_by(Message.id)
    assert list(db.session.scalars(rows)) == [State.SENT, State.PENDING, State.UNKNOWN]
    coordinator.post(f"/messages/about/visit/{visit.uid}/again", status=409)


def test_every_text_reads_well_with_invented_names(app: Flask, browse_as: BrowseAs) -> None:
    for path in ("/messages/texts", "/en/messages/texts"):
        page = browse_as(a_member_of_staff(Role.CITY_COORDINATOR)).get(path)
        assert len(page.texts("main h2")) == len(KINDS)
    for kind in KINDS:
        source = (app.jinja_env.loader.get_source(app.jinja_env, f"messages/{kind}.txt"))[0]  # type: ignore[union-attr]  # it has one
        asked = meta.find_undeclared_variables(app.jinja_env.parse(source)) - {"link"}
        assert asked <= set(SAMPLES), kind


@pytest.mark.parametrize("reason", HoldReason)
def test_a_coordinator_lets_go_what_is_held(browse_as: BrowseAs, reason: HoldReason) -> None:
    holds.begin(reason, 501)
    city = browse_as(a_member_of_staff(Role.CITY_COORDINATOR))
    assert "消息停发" in city.get("/home").text
    assert city.get("/messages").soup.select("form[action='/messages/release']")
    city.post("/messages/release")
    assert not city.get("/messages").soup.select("form[action='/messages/release']")
    assert db.session.scalars(select(Hold.released_at)).one() == NOON
    city.post("/messages/release", status=409)
    assert "消息停发" not in city.get("/home").text
