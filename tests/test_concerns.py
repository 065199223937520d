"""A worry is there from the moment it is said: for its author and the safeguarding leads alone."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select, text

from accounts.rules import Role
from core.audit import AuditRow
from core.db import db
from core.errors import NotYours
from messages.alerts.models import Alert
from messages.models import Message
from tests.browser import Browser
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county
from tests.conftest import BrowseAs
from tests.test_records import FILLED, TOLD, Over, over, texts
from visits.concerns import services
from visits.concerns.models import VisitConcern
from visits.concerns.rules import State
from visits.records import services as records
from visits.rules import NeedChange

__all__ = ["over"]  # the fixture of its neighbour

pytestmark = pytest.mark.usefixtures("app")
WORDS = "孩子说晚上没有人在家，手上有伤"


@pytest.fixture
def lead_id(over: Over) -> int:
    return a_member_of_staff(Role.SAFEGUARDING_LEAD, area_id=over.pairing.county_id)


@pytest.fixture
def leader(over: Over, browse_as: BrowseAs) -> Browser:
    return browse_as(over.leader.id or 0)


def states() -> list[State]:
    return list(db.session.scalars(select(VisitConcern.state).order_by(VisitConcern.id)))


def told_to() -> list[int | None]:
    return list(
        db.session.scalars(
            select(Message.person_id)
            .where(Message.kind == "visit_concern")
            .group_by(Message.person_id, Message.params)
        )
    )


def page_of(over: Over) -> str:
    return f"/visits/{over.uid}/concern"


def test_a_worry_stands_though_the_record_is_never_sent(
    over: Over, lead_id: int, leader: Browser, browse_as: BrowseAs
) -> None:
    page = leader.get(f"/visits/{over.uid}/record")
    assert page_of(over) in page.links("/concern")
    done = leader.post(page_of(over), {"told": ""})
    assert "未保专员已经收到通知" in done.text
    assert {"tel:110", "tel:12345"} <= set(done.links("tel:"))

    assert texts() == []
    assert states() == [State.DRAFT]
    assert set(told_to()) == {lead_id}
    alert = db.session.scalars(select(Alert)).one()
    lead = browse_as(lead_id)
    assert page_of(over) in lead.get(f"/alerts/{alert.uid}").links("/concern")
    assert "已通知，还没有写明" in lead.get(page_of(over)).text


def test_its_words_are_sealed_and_read_by_author_and_lead_alone(
    over: Over, lead_id: int, leader: Browser, browse_as: BrowseAs
) -> None:
    leader.post(page_of(over), {"told": WORDS})

    (raw,) = db.session.scalars(text("SELECT told FROM visit_concerns")).all()
    assert WORDS not in raw
    assert states() == [State.RAISED]
    assert WORDS in leader.get(page_of(over)).text
    assert WORDS in browse_as(lead_id).get(page_of(over)).text
    for somebody in (over.other, over.supervisor, over.coordinator):
        assert WORDS not in browse_as(somebody.id or 0).get(page_of(over)).text
    elsewhere = a_member_of_staff(Role.SAFEGUARDING_LEAD, area_id=a_county().id)
    browse_as(elsewhere).get(page_of(over), status=404)
    looks = select(AuditRow.actor_id).where(AuditRow.action == "incident_read")
    assert db.session.scalars(looks).all() == [lead_id]


def test_words_join_the_draft_and_more_of_them_stand_beside(over: Over, lead_id: int) -> None:
    services.open_draft(over.uid, by=over.leader)
    services.open_draft(over.uid, by=over.leader)
    assert states() == [State.DRAFT]
    assert len(told_to()) == 1
    services.tell(over.uid, WORDS, by=over.leader)
    assert states() == [State.RAISED]
    services.tell(over.uid, "还有一件事", by=over.leader)
    services.open_draft(over.uid, by=over.other)
    assert states() == [State.RAISED, State.RAISED, State.DRAFT]
    assert db.session.scalar(select(func.count(Alert.id))) == 1
    assert set(told_to()) == {lead_id}


def test_a_record_that_worries_opens_one_draft_however_often_it_is_corrected(
    over: Over, lead_id: int
) -> None:
    worried = replace(TOLD, concern=True)
    records.record(over.uid, worried, follows=0, by=over.leader)
    records.record(over.uid, worried, follows=1, by=over.leader)
    assert states() == [State.DRAFT]
    assert told_to() == [lead_id]


def test_a_stranger_raises_nothing(over: Over) -> None:
    stranger = Over.staff(Role.COORDINATOR, a_county().id)
    with pytest.raises(NotYours):
        services.open_draft(over.uid, by=stranger)
    with pytest.raises(NotYours):
        services.tell(over.uid, WORDS, by=stranger)
    assert states() == []


def test_a_script_is_told_in_words(over: Over, leader: Browser) -> None:
    said = leader.client.post(
        page_of(over),
        data={"csrf_token": leader.token(), "form_key": "k" * 22},
        headers={"Sec-Fetch-Mode": "cors"},
    )
    assert said.json == {"said": "未保专员已经收到通知"}
    assert states() == [State.DRAFT]


# --- what else a record says ---------------------------------------------------------------------


def test_a_change_of_needs_reaches_those_who_keep_the_file(over: Over) -> None:
    director = a_member_of_staff(Role.CHILD_DIRECTOR, area_id=over.pairing.village_id)
    changed = replace(TOLD, need_change=NeedChange.NEW, need_changes="需要一盏台灯")
    records.record(over.uid, changed, follows=0, by=over.leader)
    told = select(Message.person_id).where(Message.kind == "visit_need_change")
    assert db.session.scalars(told).all() == []

    records.approve(over.uid, 1, by=over.coordinator)

    people = set(db.session.scalars(told))
    assert people >= {director, over.supervisor.id}
    assert over.coordinator.id not in people
    params = select(Message.params).where(Message.kind == "visit_need_change")
    assert all(set(row) == {"uid", "number", "when"} for row in db.session.scalars(params))


def test_needs_that_stay_tell_nobody(over: Over) -> None:
    records.record(over.uid, TOLD, follows=0, by=over.leader)
    records.approve(over.uid, 1, by=over.coordinator)
    told = select(func.count(Message.id)).where(Message.kind == "visit_need_change")
    assert db.session.scalar(told) == 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"need_change": "met"}, "请写明是哪一项需求"),
        ({"parcels": "2"}, "请写明是什么物品"),
        ({"parcel": "书", "parcels": "0"}, "请填 1 到 99 的整数"),
        ({"parcel": "书", "parcels": "100"}, "请填 1 到 99 的整数"),
    ],
)
def test_half_an_answer_is_asked_for_the_rest(
    over: Over, leader: Browser, given: dict[str, str], said: str
) -> None:
    page = leader.post(f"/visits/{over.uid}/record", FILLED | given, status=422)
    assert any(error.endswith(said) for error in page.errors)
    assert texts() == []


def test_needs_and_parcels_are_read_on_the_visits_page(over: Over, leader: Browser) -> None:
    given = {"need_change": "met", "need_changes": "台灯", "parcel": "绘本", "parcels": "3"}
    leader.post(f"/visits/{over.uid}/record", FILLED | given)
    page = leader.get(f"/visits/{over.uid}").text
    assert "有一项已经解决：台灯" in page
    assert "绘本，3 件" in page


def test_words_without_a_choice_are_a_change(over: Over, leader: Browser) -> None:
    leader.post(f"/visits/{over.uid}/record", FILLED | {"need_changes": "台灯"})
    assert "原来的需求变了：台灯" in leader.get(f"/visits/{over.uid}").text
