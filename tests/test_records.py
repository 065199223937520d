"""The record of a visit: who writes it, who says yes, and what follows from it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from accounts.queries import actor_for
from accounts.rules import SITE, Actor, Role
from campaigns.numbers.models import DayCount
from campaigns.rules import Measure
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from messages.alerts.models import Alert
from messages.alerts.rules import AlertKind
from messages.models import Message
from messages.rules import Channel
from messages.rules import State as Sent
from pairings.models import Pairing
from pairings.rules import EndReason, Stage
from pairings.services import end_for_child
from places.models import Area
from tests.browser import Browser
from tests.builders.campaigns import a_campaign
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county
from tests.builders.visits import LASTS, SATURDAY, a_record, a_visit, members_of
from tests.conftest import BrowseAs
from tests.factories import CANARY
from visits.models import Party, Visit
from visits.queries import attendees
from visits.records import services
from visits.records.models import VisitRecord
from visits.records.rules import Account
from visits.reminders.services import planned
from visits.rules import Mood, NeedChange, PartyRole, State
from volunteers.hours.models import HourEntry

pytestmark = pytest.mark.usefixtures("app")
TOLD = Account(
    child_present=True,
    mood=Mood.GOOD,
    did="一起读了两本书，写完了作业",
    need_change=NeedChange.NONE,
    need_changes="",
    parcel="",
    parcels=None,
    concern=False,
)
FILLED = {
    "follows": "0",
    "child_present": "yes",
    "mood": "good",
    "did": "一起读了两本书",
    "concern": "no",
}


class Over:
    """A visit that has taken place, and its people."""

    def __init__(self, *, leader_came: bool = True) -> None:
        campaign = a_campaign()
        self.campaign_id = campaign.id
        self.pairing: Pairing = a_pairing(stage=Stage.SCHEDULED_INTRO, campaign_id=campaign.id)
        self.visit = a_visit(self.pairing, state=State.COMPLETED)
        self.leader, self.other = (
            actor_for(person_id) for person_id, _volunteer_id in members_of(self.pairing)
        )
        with transaction() as session:
            for party in session.scalars(select(Party).where(Party.visit_id == self.visit.id)):
                if party.person_id != self.leader.id or leader_came:
                    party.checked_in_at = SATURDAY
                    party.checked_out_at = SATURDAY + LASTS
        self.supervisor = self.staff(Role.CHILD_SUPERVISOR, self.pairing.township_id)
        self.coordinator = self.staff(Role.COORDINATOR, self.pairing.county_id)

    @staticmethod
    def staff(role: Role, area_id: int | None) -> Actor:
        return actor_for(a_member_of_staff(role, area_id=area_id))

    @property
    def uid(self) -> str:
        return self.visit.uid

    def state(self) -> State:
        db.session.expire_all()
        return db.session.scalars(select(Visit.state).where(Visit.uid == self.uid)).one()


@pytest.fixture
def over(set_clock: Callable[[datetime], None]) -> Over:
    visit = Over()
    set_clock(SATURDAY + timedelta(hours=5))
    return visit


def texts() -> list[str]:
    found = select(VisitRecord.did).order_by(VisitRecord.number)
    return list(db.session.scalars(found))


def test_the_leader_writes_and_the_supervisor_approves(over: Over) -> None:
    services.record(over.uid, TOLD, follows=0, by=over.leader)
    assert over.state() is State.RECORDED

    services.approve(over.uid, 1, by=over.supervisor)

    assert over.state() is State.APPROVED
    hours = db.session.scalars(select(HourEntry)).all()
    assert {row.volunteer_id: row.minutes for row in hours} == {
        volunteer_id: 90 for _person, volunteer_id in members_of(over.pairing)
    }
    assert {row.served_on for row in hours} == {date(2026, 11, 28)}
    counts = db.session.execute(select(DayCount.measure, DayCount.count, DayCount.county_id))
    assert {tuple(row) for row in counts} == {
        (Measure.VISITS, 1, over.pairing.county_id),
        (Measure.MINUTES, 180, over.pairing.county_id),
        (Measure.PAIRINGS, 1, over.pairing.county_id),
    }
    begun = db.session.get_one(Pairing, over.pairing.id)
    assert (begun.stage, begun.introduced_on) == (Stage.ACTIVE, date(2026, 11, 28))


def test_whoever_no_longer_accompanies_the_child_reads_no_record(
    over: Over, browse_as: BrowseAs
) -> None:
    services.record(over.uid, TOLD, follows=0, by=over.leader)
    services.approve(over.uid, 1, by=over.supervisor)
    leader, here = browse_as(over.leader.id or 0), f"/visits/{over.uid}"
    assert TOLD.did in leader.get(here).text
    assert TOLD.did not in leader.get(f"{here}/record", status=409).html
    end_for_child(over.pairing.child_id, EndReason.CONSENT_WITHDRAWN, SITE)
    assert TOLD.did not in leader.get(here).text
    assert TOLD.did in browse_as(over.supervisor.id or 0).get(here).text


def test_a_visit_outside_any_campaign_still_credits_hours(over: Over) -> None:
    with transaction() as session:
        session.get_one(Pairing, over.pairing.id).campaign_id = None
    services.record(over.uid, TOLD, follows=0, by=over.leader)
    services.approve(over.uid, 1, by=over.coordinator)
    assert db.session.scalar(select(func.count(HourEntry.id))) == 2
    assert db.session.scalar(select(func.count(DayCount.id))) == 0


def test_whoever_stays_signed_in_over_night_is_not_paid_for_it(over: Over) -> None:
    with transaction() as session:
        for party in session.scalars(select(Party).where(Party.role == PartyRole.MEMBER)):
            party.checked_out_at = SATURDAY + timedelta(hours=20)
    services.record(over.uid, TOLD, follows=0, by=over.leader)
    services.approve(over.uid, 1, by=over.supervisor)
    assert set(db.session.scalars(select(HourEntry.minutes))) == {150}


def test_only_who_was_there_is_credited(set_clock: Callable[[datetime], None]) -> None:
    over = Over(leader_came=False)
    set_clock(SATURDAY + timedelta(hours=5))
    services.record(over.uid, TOLD, follows=0, by=over.other)
    services.approve(over.uid, 1, by=over.supervisor)
    (volunteer_id,) = db.session.scalars(select(HourEntry.volunteer_id)).all()
    assert volunteer_id == members_of(over.pairing)[1][1]


def test_the_second_writes_when_the_leader_has_not_for_a_day(
    over: Over, set_clock: Callable[[datetime], None]
) -> None:
    with pytest.raises(NotYours):
        services.record(over.uid, TOLD, follows=0, by=over.other)
    set_clock(SATURDAY + LASTS + timedelta(hours=24, minutes=1))
    services.record(over.uid, TOLD, follows=0, by=over.other)


@pytest.mark.parametrize("state", [State.CONFIRMED, State.IN_PROGRESS, State.APPROVED])
def test_a_record_has_its_time(over: Over, state: State) -> None:
    with transaction() as session:
        session.get_one(Visit, over.visit.id).state = state
    with pytest.raises(RuleBroken):
        services.record(over.uid, TOLD, follows=0, by=over.leader)


def test_writing_stops_the_reminders_to_write(over: Over) -> None:
    planned(over.visit, attendees(over.visit))
    waiting = select(Message.kind).where(Message.state == Sent.PENDING)
    assert "visit_record_due" in set(db.session.scalars(waiting))
    services.record(over.uid, TOLD, follows=0, by=over.leader)
    assert set(db.session.scalars(waiting)) == set()


def test_a_correction_is_a_new_version(over: Over) -> None:
    services.record(over.uid, TOLD, follows=0, by=over.leader)
    better = replace(TOLD, did="更正")
    with pytest.raises(RuleBroken, match="刚刚有人写了"):
        services.record(over.uid, better, follows=0, by=over.leader)
    services.record(over.uid, better, follows=1, by=over.leader)
    assert texts() == [TOLD.did, "更正"]
    with pytest.raises(RuleBroken):
        services.approve(over.uid, 1, by=over.supervisor)
    services.approve(over.uid, 2, by=over.supervisor)


def test_nobody_approves_the_own_record(over: Over) -> None:
    supervisor = over.supervisor
    a_record(over.visit, supervisor.id or 0)
    with transaction() as session:
        session.get_one(Visit, over.visit.id).state = State.RECORDED
    with pytest.raises(RuleBroken, match="换一个人审核"):
        services.approve(over.uid, 1, by=supervisor)
    services.approve(over.uid, 1, by=over.coordinator)


def test_a_later_visit_changes_nothing_about_an_active_pairing(over: Over) -> None:
    with transaction() as session:
        pairing = session.get_one(Pairing, over.pairing.id)
        pairing.stage, pairing.introduced_on = Stage.ENDING, date(2026, 11, 1)
    services.record(over.uid, TOLD, follows=0, by=over.leader)
    with pytest.raises(RuleBroken, match="最新的一版"):
        services.send_back(over.uid, 7, "补充", by=over.supervisor)
    services.approve(over.uid, 1, by=over.supervisor)
    ending = db.session.get_one(Pairing, over.pairing.id)
    assert (ending.stage, ending.goodbye_on) == (Stage.ENDING, date(2026, 11, 28))


def test_approving_twice_credits_once(over: Over) -> None:
    services.record(over.uid, TOLD, follows=0, by=over.leader)
    services.approve(over.uid, 1, by=over.supervisor)
    with pytest.raises(RuleBroken):
        services.approve(over.uid, 1, by=over.coordinator)
    assert db.session.scalar(select(func.count(HourEntry.id))) == 2


def test_hours_are_those_that_stand_when_somebody_says_yes(over: Over) -> None:
    services.record(over.uid, TOLD, follows=0, by=over.leader)
    services.send_back(over.uid, 1, "签退时间不对", by=over.supervisor)
    with transaction() as session:
        for party in session.scalars(select(Party).where(Party.role == PartyRole.MEMBER)):
            party.checked_out_at = SATURDAY + timedelta(minutes=45)
    services.record(over.uid, TOLD, follows=1, by=over.leader)
    assert db.session.scalar(select(func.count(HourEntry.id))) == 0
    services.approve(over.uid, 2, by=over.supervisor)
    assert db.session.scalars(select(HourEntry.minutes)).all() == [45, 45]


def test_only_the_township_and_the_county_approve(over: Over) -> None:
    services.record(over.uid, TOLD, follows=0, by=over.leader)
    others = (
        over.leader,
        Over.staff(Role.CHILD_DIRECTOR, over.pairing.village_id),
        Over.staff(Role.SAFEGUARDING_LEAD, over.pairing.county_id),
        Over.staff(Role.COORDINATOR, a_county().id),
    )
    for somebody in others:
        with pytest.raises(NotYours):
            services.approve(over.uid, 1, by=somebody)
        with pytest.raises(NotYours):
            services.send_back(over.uid, 1, "补充", by=somebody)


def test_what_is_sent_back_is_told_and_written_anew(over: Over) -> None:
    services.record(over.uid, TOLD, follows=0, by=over.leader)
    services.send_back(over.uid, 1, "请写清楚孩子的感受", by=over.supervisor)
    assert over.state() is State.COMPLETED
    told = db.session.scalars(select(Message).where(Message.kind == "visit_sent_back")).all()
    assert {row.person_id for row in told} == {over.leader.id}
    with pytest.raises(RuleBroken):
        services.approve(over.uid, 1, by=over.supervisor)
    services.record(over.uid, TOLD, follows=1, by=over.leader)
    services.approve(over.uid, 2, by=over.supervisor)


def test_a_concern_reaches_the_safeguarding_leads_at_once(
    over: Over, set_clock: Callable[[datetime], None]
) -> None:
    county = over.pairing.county_id
    city = db.session.get_one(Area, county).parent_id
    leads = {
        a_member_of_staff(Role.SAFEGUARDING_LEAD, area_id=area_id) for area_id in (county, city)
    }
    a_member_of_staff(Role.SAFEGUARDING_LEAD, area_id=a_county().id)
    night = SATURDAY.replace(hour=23)
    set_clock(night)
    worried = replace(TOLD, concern=True)

    services.record(over.uid, worried, follows=0, by=over.leader)

    rows = db.session.scalars(select(Message).where(Message.kind == "visit_concern")).all()
    assert {row.person_id for row in rows} == leads
    assert {row.next_at for row in rows if row.channel is Channel.EMAIL} == {night}
    assert all(set(row.params) == {"uid", "number", "when"} for row in rows)


def test_a_concern_is_an_alert_until_somebody_has_closed_it(over: Over) -> None:
    officer = a_member_of_staff(Role.DPO)
    a_member_of_staff(Role.SAFEGUARDING_LEAD, area_id=over.pairing.county_id)

    services.record(over.uid, replace(TOLD, concern=True), follows=0, by=over.leader)

    alert = db.session.scalars(select(Alert)).one()
    assert (alert.kind, alert.ref) == (AlertKind.CONCERN, over.uid)
    assert alert.area_id == over.pairing.county_id
    told = db.session.scalars(select(Message.person_id).where(Message.kind == "alert_raised"))
    assert set(told) == {officer}  # the lead has had the message of the visit itself


# --- pages ---------------------------------------------------------------------------------


def test_the_leader_writes_on_a_page(over: Over, browse_as: BrowseAs) -> None:
    leader = browse_as(over.leader.id or 0)
    page = leader.get(f"/visits/{over.uid}/record")
    assert "110" in page.text
    done = leader.post(f"/visits/{over.uid}/record", FILLED)
    assert done.url == f"/visits/{over.uid}"
    assert texts() == ["一起读了两本书"]


def test_a_worried_leader_is_told_whom_to_call(over: Over, browse_as: BrowseAs) -> None:
    leader = browse_as(over.leader.id or 0)
    key = {"form_key": "k" * 22}
    for _turn in range(2):
        page = leader.post(f"/visits/{over.uid}/record", FILLED | key | {"concern": "yes"})
        assert page.url == f"/visits/{over.uid}/concern"
        assert {"tel:110", "tel:12345"} <= set(page.links("tel:"))
    assert len(texts()) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"did": ""},
        {"did": "长" * 1001},
        {"did": "a\x00b"},
        {"did": "我的电话是 13800138000"},
        {"did": "他在平遥县实验小学三年级二班"},
        {"need_changes": "微信号：abcdefg123"},
        {"child_present": "perhaps"},
        {"concern": ""},
        {"mood": "furious"},
        {"follows": "-1"},
        {"follows": "many"},
        {"follows": "9" * 40},
    ],
)
def test_a_record_that_cannot_be_is_told_beside_its_field(
    over: Over, browse_as: BrowseAs, wrong: dict[str, str]
) -> None:
    page = browse_as(over.leader.id or 0).post(
        f"/visits/{over.uid}/record", FILLED | wrong, status=422
    )
    assert page.errors
    assert texts() == []


def test_faces_and_rare_characters_may_be_written(over: Over, browse_as: BrowseAs) -> None:
    told = "一起唱歌🙂，他说“𠮷”"
    browse_as(over.leader.id or 0).post(f"/visits/{over.uid}/record", FILLED | {"did": told})
    assert texts() == [told]


def test_a_child_who_did_not_come_has_no_mood(over: Over, browse_as: BrowseAs) -> None:
    leader = browse_as(over.leader.id or 0)
    leader.post(f"/visits/{over.uid}/record", FILLED | {"child_present": "no"})
    assert db.session.scalars(select(VisitRecord.mood)).one() is None


def test_the_supervisor_reads_and_approves_on_the_visits_page(
    over: Over, browse_as: BrowseAs
) -> None:
    services.record(over.uid, TOLD, follows=0, by=over.leader)
    supervisor = browse_as(over.supervisor.id or 0)
    page = supervisor.get(f"/visits/{over.uid}")
    assert TOLD.did in page.text
    form = page.form("/record/approve")
    supervisor.post(f"/visits/{over.uid}/record/approve", {"number": form["number"]})
    assert over.state() is State.APPROVED


@pytest.mark.parametrize("number", ["", "x", "2", "9" * 40, "-1"])
def test_approving_what_is_not_there_is_refused(
    over: Over, browse_as: BrowseAs, number: str
) -> None:
    services.record(over.uid, TOLD, follows=0, by=over.leader)
    supervisor = browse_as(over.supervisor.id or 0)
    supervisor.post(f"/visits/{over.uid}/record/approve", {"number": number}, status=409)
    assert over.state() is State.RECORDED


def test_sending_back_needs_a_reason(over: Over, browse_as: BrowseAs) -> None:
    services.record(over.uid, TOLD, follows=0, by=over.leader)
    supervisor = browse_as(over.supervisor.id or 0)
    here = f"/visits/{over.uid}/record/send-back"
    form = supervisor.get(here).form("/send-back")
    assert supervisor.post(here, form | {"reason": ""}, status=422).errors
    supervisor.post(here, form | {"reason": "请写孩子的感受"})
    assert over.state() is State.COMPLETED
    leader = browse_as(over.leader.id or 0)
    assert "请写孩子的感受" in leader.get(f"/visits/{over.uid}/record").text
    assert "请写孩子的感受" in leader.get(f"/visits/{over.uid}").text


def test_others_find_no_record_page(over: Over, browse_as: BrowseAs, visitor: Browser) -> None:
    here = f"/visits/{over.uid}/record"
    stranger = members_of(a_pairing(stage=Stage.SCHEDULED_INTRO))[0][0]
    browse_as(stranger).get(here, status=404)
    browse_as(over.other.id or 0).get(here, status=404)
    browse_as(over.supervisor.id or 0).get(here, status=403)
    visitor.get(here, status=302)
    browse_as(over.coordinator.id or 0).get(f"{here}/send-back", status=404)
    assert CANARY not in browse_as(over.leader.id or 0).get(here).html
