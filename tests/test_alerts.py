"""Alerts reach those who answer for safety; a false alarm takes two people."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from accounts.queries import actor_for
from accounts.rules import Actor, Role
from core.audit import AuditRow
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from messages.alerts import queries, services
from messages.alerts.models import Alert
from messages.alerts.rules import AlertKind, AlertState
from messages.alerts.services import raise_alert
from messages.models import Message
from messages.rules import Channel
from messages.texts import render
from places.models import Area
from tests.browser import Browser
from tests.builders.alerts import an_alert
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_city, a_county, a_township, a_village
from tests.conftest import NOON, AtMost, BrowseAs, SetClock

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def county() -> Area:
    return a_county()


@pytest.fixture
def lead_id(county: Area) -> int:
    return a_member_of_staff(Role.SAFEGUARDING_LEAD, area_id=county.id)


@pytest.fixture
def lead(lead_id: int) -> Actor:
    return actor_for(lead_id)


@pytest.fixture
def dpo() -> Actor:
    return actor_for(a_member_of_staff(Role.DPO))


def _told() -> set[int | None]:
    kinds = select(Message.person_id).where(
        Message.kind == "alert_raised", Message.channel == Channel.INAPP
    )
    return set(db.session.scalars(kinds))


def _state(alert: Alert) -> AlertState:
    return db.session.scalars(select(Alert.state).where(Alert.id == alert.id)).one()


def test_an_alert_reaches_everybody_who_answers_for_safety_and_nobody_else(
    county: Area, lead_id: int
) -> None:
    city_id, other = a_city().id, a_county()
    data_officer = a_member_of_staff(Role.DPO)
    city = [
        a_member_of_staff(role, area_id=city_id)
        for role in (Role.CITY_COORDINATOR, Role.SAFEGUARDING_LEAD)
    ]
    a_member_of_staff(Role.SAFEGUARDING_LEAD, area_id=other.id)
    a_member_of_staff(Role.COORDINATOR, area_id=county.id)

    village = a_village(a_township(county))
    found = an_alert(village.id)

    assert found.area_id == county.id
    assert _told() == {lead_id, data_officer, *city}


def test_an_alert_of_the_whole_site_reaches_the_city(county: Area, lead_id: int) -> None:
    city = a_member_of_staff(Role.CITY_COORDINATOR, area_id=a_city().id)
    an_alert(None, AlertKind.AUDIT_BROKEN)
    assert _told() == {city}
    assert queries.waiting(actor_for(city)) == 1
    assert queries.waiting(actor_for(lead_id)) == 0


def test_the_mail_says_nothing_of_what_happened(county: Area, lead_id: int) -> None:
    found = an_alert(county.id, ref="secret-ref")
    (mail,) = db.session.scalars(select(Message).where(Message.channel == Channel.EMAIL))

    text = render(mail.kind, "zh_Hans", mail.params)
    assert mail.params == {"uid": found.uid}
    assert text.subject == "有一条安全提醒，请登录查看"
    assert "secret-ref" not in text.body
    assert mail.next_at == NOON


def test_the_same_thing_is_one_alert_a_day_until_it_is_closed(
    county: Area, lead: Actor, set_clock: SetClock
) -> None:
    def again() -> str | None:
        return raise_alert(AlertKind.DECOY_OPENED, ref="x", area_id=county.id, about_id=None)

    first = again()
    assert first is not None
    assert again() is None
    services.close(first, "查明是误点，已提醒", by=lead)
    assert again() is not None
    set_clock(NOON + timedelta(days=1))
    assert again() is not None


def test_a_refused_deed_takes_its_alert_back_only_when_the_transaction_fails(county: Area) -> None:
    def raise_and_refuse() -> None:
        with transaction():
            an_alert(county.id)
            raise RuleBroken("no")

    with pytest.raises(RuleBroken):
        raise_and_refuse()
    assert db.session.scalar(select(Alert.id)) is None


def test_a_neighbour_finds_no_alert(county: Area) -> None:
    neighbour = actor_for(a_member_of_staff(Role.SAFEGUARDING_LEAD, area_id=a_county().id))
    found = an_alert(county.id)
    with pytest.raises(NotYours):
        services.acknowledge(found.uid, by=neighbour)


def test_whoever_it_is_about_neither_hears_of_it_nor_decides_on_it(
    county: Area, lead: Actor, lead_id: int
) -> None:
    found = an_alert(county.id, about_id=lead_id)
    assert _told() == set()
    assert queries.waiting(lead) == 0
    with pytest.raises(NotYours):
        services.close(found.uid, "没事", by=lead)
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(
            update(Alert).values(state=AlertState.CLOSED, closed_by_id=lead_id, closed_at=NOON)
        )


def test_a_false_alarm_needs_somebody_else(county: Area, lead: Actor, dpo: Actor) -> None:
    found = an_alert(county.id)
    services.propose_false_alarm(found.uid, "是演练", by=lead)

    with pytest.raises(RuleBroken, match="要由另一个人确认"):
        services.confirm_false_alarm(found.uid, by=lead)
    with pytest.raises(RuleBroken, match="要由另一个人确认"):
        services.decline_false_alarm(found.uid, by=lead)
    with pytest.raises(RuleBroken, match="刚刚有变动"):
        services.close(found.uid, "没事", by=lead)
    assert _state(found) is AlertState.OPEN

    services.confirm_false_alarm(found.uid, by=dpo)
    assert _state(found) is AlertState.FALSE_ALARM
    deeds = db.session.scalars(select(AuditRow.action).where(AuditRow.ref == found.uid)).all()
    assert deeds == ["alert_raised", "false_alarm_proposed", "false_alarm_confirmed"]


def test_the_database_itself_asks_for_two_people(county: Area, lead: Actor) -> None:
    found = an_alert(county.id)
    services.propose_false_alarm(found.uid, "是演练", by=lead)
    for closer in (lead.id, None):
        with pytest.raises(IntegrityError), transaction() as session:
            session.execute(update(Alert).values(state=AlertState.FALSE_ALARM, closed_by_id=closer))


def test_a_false_alarm_nobody_proposed_is_not_confirmed(county: Area, dpo: Actor) -> None:
    found = an_alert(county.id)
    with pytest.raises(RuleBroken):
        services.confirm_false_alarm(found.uid, by=dpo)
    assert _state(found) is AlertState.OPEN


def test_a_declined_false_alarm_waits_on(county: Area, lead: Actor, dpo: Actor) -> None:
    found = an_alert(county.id)
    services.propose_false_alarm(found.uid, "是演练", by=lead)
    services.decline_false_alarm(found.uid, by=dpo)
    services.acknowledge(found.uid, by=dpo)
    services.close(found.uid, "已联系本人，换了密码", by=lead)
    assert _state(found) is AlertState.CLOSED


def test_two_people_settle_it_on_the_page(browse_as: BrowseAs, county: Area, lead_id: int) -> None:
    found = an_alert(county.id)
    first, second = browse_as(lead_id), browse_as(a_member_of_staff(Role.DPO))
    here = f"/alerts/{found.uid}"

    assert first.get("/home").texts("a.action-title[href='/alerts']") == ["安全提醒"]
    assert first.get("/alerts").links(here) == [here]
    first.post(f"{here}/acknowledge")
    assert "请填写" in " ".join(first.post(f"{here}/false-alarm", status=422).errors)
    assert "请填写" in " ".join(first.post(f"{here}/close", status=422).errors)
    page = first.post(f"{here}/false-alarm", {"reason": "是演练"})
    assert "要由另一个人确认" in page.text
    assert "要由另一个人确认" in first.post(f"{here}/false-alarm/confirm", status=409).text

    second.post(f"{here}/false-alarm/decline")
    first.post(f"{here}/false-alarm", {"reason": "是演练，有通知"})
    second.post(f"{here}/false-alarm/confirm")
    assert first.get("/alerts").texts(".empty h2") == ["没有安全提醒"]
    assert first.get("/alerts?state=settled").links(here) == [here]
    assert "误报" in first.get(here).text


def test_an_alert_is_closed_with_its_result(
    browse_as: BrowseAs, county: Area, lead_id: int
) -> None:
    found = an_alert(county.id, AlertKind.CONCERN)
    browser = browse_as(lead_id)
    browser.post(f"/alerts/{found.uid}/close", {"outcome": "已走访，孩子安全"})
    page = browser.get(f"/alerts/{found.uid}")
    assert "已走访，孩子安全" in page.text
    assert browser.get("/home").texts("a.action-title[href='/alerts']") == []


def test_the_list_keeps_within_its_budget(
    browse_as: BrowseAs, county: Area, lead_id: int, at_most: AtMost
) -> None:
    for _turn in range(55):
        an_alert(county.id)
    browser: Browser = browse_as(lead_id)
    with at_most(6):
        page = browser.get("/alerts")
    assert page.texts("a[rel=next]")
