"""Coming and going, and what happens when nobody does."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from accounts.models import RoleGrant
from accounts.queries import actor_for
from accounts.rules import SITE, Actor, Role
from children.models import Child
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from messages.models import Message
from messages.rules import State as Sent
from pairings.models import Pairing
from pairings.rules import Stage
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county
from tests.builders.visits import LASTS, SATURDAY, a_visit, an_escort, members_of, the_code
from visits import queries, services
from visits.arrivals.rules import Lack, lack
from visits.arrivals.services import CodeSpent, check_in, check_in_for, check_out, check_out_for
from visits.holds import services as holds
from visits.holds.models import Hold
from visits.holds.services import Claim
from visits.models import Party, Visit
from visits.rules import State
from visits.sheet.queries import sheet
from volunteers.models import Evidence, Volunteer
from volunteers.rules import EvidenceKind, Sex, Status

pytestmark = pytest.mark.usefixtures("app")
SetClock = Callable[[datetime], None]


class Meeting:
    """A confirmed visit at its start, and its people."""

    def __init__(self, set_clock: SetClock, *, state: State = State.CONFIRMED) -> None:
        self.pairing: Pairing = a_pairing(stage=Stage.ACTIVE)
        self.escort = actor_for(an_escort(self.pairing))
        self.visit = a_visit(self.pairing, escort_id=self.escort.id, state=state)
        self.leader, self.other = (
            actor_for(person_id) for person_id, _volunteer_id in members_of(self.pairing)
        )
        set_clock(SATURDAY)

    @property
    def uid(self) -> str:
        return self.visit.uid

    @property
    def code(self) -> str:
        return the_code(self.visit)

    def state(self) -> State:
        db.session.expire_all()
        return db.session.scalars(select(Visit.state).where(Visit.uid == self.uid)).one()

    def party(self, actor: Actor) -> Party:
        db.session.expire_all()
        return db.session.scalars(
            select(Party).where(Party.visit_id == self.visit.id, Party.person_id == actor.id)
        ).one()


@pytest.fixture
def meeting(set_clock: SetClock) -> Meeting:
    return Meeting(set_clock)


def test_two_adults_there_and_the_visit_begins(meeting: Meeting) -> None:
    check_in(meeting.uid, meeting.code, by=meeting.leader)
    assert meeting.state() is State.CONFIRMED
    check_in_for(meeting.uid, meeting.party(meeting.escort).id, by=meeting.escort)
    assert meeting.state() is State.IN_PROGRESS
    check_in(meeting.uid, meeting.code, by=meeting.other)
    assert meeting.party(meeting.other).checked_in_at == SATURDAY


def test_a_girl_is_not_met_before_a_woman_has_come(meeting: Meeting) -> None:
    with transaction() as session:
        session.get_one(Child, meeting.pairing.child_id).girl = True
        for one, sex in ((meeting.leader, Sex.MALE), (meeting.other, Sex.FEMALE)):
            theirs = select(Volunteer).where(Volunteer.person_id == one.id)
            session.scalars(theirs).one().sex = sex
    check_in(meeting.uid, meeting.code, by=meeting.leader)
    check_in_for(meeting.uid, meeting.party(meeting.escort).id, by=meeting.escort)
    assert meeting.state() is State.CONFIRMED
    shown = sheet(queries.seen(meeting.uid, meeting.leader))
    assert "女志愿者" in shown.lacks
    check_in(meeting.uid, meeting.code, by=meeting.other)
    assert meeting.state() is State.IN_PROGRESS
    assert sheet(queries.seen(meeting.uid, meeting.leader)).lacks == ""
    check_out_for(meeting.uid, meeting.party(meeting.other).id, by=meeting.escort)
    assert "一起离开" in sheet(queries.seen(meeting.uid, meeting.escort)).lacks


@pytest.mark.parametrize(
    ("adults", "girl", "woman", "lacking"),
    [
        (1, False, True, Lack.ADULTS),
        (2, False, False, None),
        (2, True, False, Lack.WOMAN),
        (3, True, True, None),
    ],
)
def test_who_is_missing_on_the_spot(
    adults: int, *, girl: bool, woman: bool, lacking: Lack | None
) -> None:
    assert lack(adults, 1, girl=girl, woman=woman) is lacking


def test_an_escort_whose_post_has_ended_is_no_second_adult(meeting: Meeting) -> None:
    coordinator = a_member_of_staff(Role.COORDINATOR, area_id=meeting.pairing.county_id)
    check_in(meeting.uid, meeting.code, by=meeting.leader)
    with transaction() as session:
        session.execute(
            update(RoleGrant)
            .where(RoleGrant.person_id == meeting.escort.id)
            .values(ended_at=SATURDAY - timedelta(hours=1))
        )
    with pytest.raises(RuleBroken, match="已不在这里任职"):
        check_in_for(meeting.uid, meeting.party(meeting.escort).id, by=actor_for(coordinator))
    assert meeting.state() is State.CONFIRMED


def test_the_last_one_out_ends_the_visit(meeting: Meeting, set_clock: SetClock) -> None:
    check_in(meeting.uid, meeting.code, by=meeting.leader)
    check_in(meeting.uid, meeting.code, by=meeting.other)
    set_clock(SATURDAY + LASTS)
    check_out(meeting.uid, meeting.code, by=meeting.leader)
    assert meeting.state() is State.IN_PROGRESS
    check_out_for(meeting.uid, meeting.party(meeting.other).id, by=meeting.escort)
    assert meeting.state() is State.COMPLETED
    assert meeting.party(meeting.other).checked_out_at == SATURDAY + LASTS


def test_coming_and_going_twice_is_once(meeting: Meeting, set_clock: SetClock) -> None:
    check_in(meeting.uid, meeting.code, by=meeting.leader)
    check_in(meeting.uid, meeting.code, by=meeting.other)
    set_clock(SATURDAY + timedelta(minutes=5))
    check_in(meeting.uid, meeting.code, by=meeting.leader)
    assert meeting.party(meeting.leader).checked_in_at == SATURDAY
    check_out_for(meeting.uid, meeting.party(meeting.leader).id, by=meeting.escort)
    set_clock(SATURDAY + timedelta(minutes=50))
    check_out(meeting.uid, meeting.code, by=meeting.leader)
    assert meeting.party(meeting.leader).checked_out_at == SATURDAY + timedelta(minutes=5)


def test_after_five_wrong_codes_only_the_escort_checks_in(meeting: Meeting) -> None:
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(RuleBroken, match=f"还可以试 {left} 次"):
            check_in(meeting.uid, "000000", by=meeting.leader)
    with pytest.raises(RuleBroken, match="请陪同人为您签到"):
        check_in(meeting.uid, meeting.code, by=meeting.leader)
    assert meeting.party(meeting.leader).checked_in_at is None
    check_in(meeting.uid, meeting.code, by=meeting.other)

    check_in_for(meeting.uid, meeting.party(meeting.leader).id, by=meeting.escort)
    assert meeting.party(meeting.leader).checked_in_at == SATURDAY


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (SATURDAY - timedelta(minutes=31), "开始前 30 分钟起"),
        (SATURDAY + LASTS + timedelta(seconds=1), "已过结束时间"),
    ],
)
def test_nobody_checks_in_too_early_or_too_late(
    meeting: Meeting, set_clock: SetClock, moment: datetime, words: str
) -> None:
    set_clock(moment)
    with pytest.raises(RuleBroken, match=words):
        check_in(meeting.uid, meeting.code, by=meeting.leader)


def test_half_an_hour_before_is_early_enough(meeting: Meeting, set_clock: SetClock) -> None:
    set_clock(SATURDAY - timedelta(minutes=30))
    check_in(meeting.uid, meeting.code, by=meeting.leader)


@pytest.mark.parametrize(
    ("state", "words"),
    [(State.PLANNED, "还没有确认"), (State.CANCELLED, "已取消"), (State.COMPLETED, "已结束")],
)
def test_nobody_checks_in_to_a_visit_that_is_not_on(
    set_clock: SetClock, state: State, words: str
) -> None:
    meeting = Meeting(set_clock, state=state)
    with pytest.raises(RuleBroken, match=words):
        check_in(meeting.uid, meeting.code, by=meeting.leader)


def test_a_member_whose_clearance_has_lapsed_is_turned_back(meeting: Meeting) -> None:
    _person, volunteer_id = members_of(meeting.pairing)[1]
    with transaction() as session:
        row = session.scalars(
            select(Evidence).where(
                Evidence.volunteer_id == volunteer_id, Evidence.kind == EvidenceKind.TRAINING
            )
        ).one()
        row.valid_until = SATURDAY.date() - timedelta(days=1)
    with pytest.raises(RuleBroken, match="不能与孩子见面"):
        check_in(meeting.uid, meeting.code, by=meeting.other)
    with pytest.raises(RuleBroken, match="不能与孩子见面"):
        check_in_for(meeting.uid, meeting.party(meeting.other).id, by=meeting.escort)
    check_in(meeting.uid, meeting.code, by=meeting.leader)


def test_a_suspended_member_is_turned_back_even_by_the_escort(meeting: Meeting) -> None:
    with transaction() as session:
        session.get_one(Volunteer, members_of(meeting.pairing)[1][1]).status = Status.SUSPENDED
    with pytest.raises(NotYours):
        check_in(meeting.uid, meeting.code, by=meeting.other)
    with pytest.raises(RuleBroken, match="不能与孩子见面"):
        check_in_for(meeting.uid, meeting.party(meeting.other).id, by=meeting.escort)


def test_without_a_live_pairing_nobody_meets(meeting: Meeting) -> None:
    with transaction() as session:
        session.get_one(Pairing, meeting.pairing.id).stage = Stage.PAUSED
    with pytest.raises(RuleBroken, match="请不要见面"):
        check_in(meeting.uid, meeting.code, by=meeting.leader)


def test_the_escort_and_the_coordinator_check_anybody_in(meeting: Meeting) -> None:
    theirs = meeting.party(meeting.other).id
    director = actor_for(an_escort(meeting.pairing))
    for somebody in (meeting.leader, director, SITE):
        with pytest.raises(NotYours):
            check_in_for(meeting.uid, theirs, by=somebody)
    with pytest.raises(NotYours):
        check_in_for(meeting.uid, 999_999, by=meeting.escort)
    coordinator = a_member_of_staff(Role.COORDINATOR, area_id=meeting.pairing.county_id)
    check_in_for(meeting.uid, theirs, by=actor_for(coordinator))


def test_a_leader_who_has_come_checks_the_other_volunteers_in_and_all_of_them_out(
    meeting: Meeting,
) -> None:
    check_in(meeting.uid, meeting.code, by=meeting.leader)
    check_in_for(meeting.uid, meeting.party(meeting.other).id, by=meeting.leader)
    assert meeting.state() is State.IN_PROGRESS
    for one in (meeting.other, meeting.leader):
        check_out_for(meeting.uid, meeting.party(one).id, by=meeting.leader)
    assert meeting.state() is State.COMPLETED


def test_a_leader_vouches_for_no_escort_and_a_member_for_nobody(meeting: Meeting) -> None:
    for one in (meeting.leader, meeting.other):
        check_in(meeting.uid, meeting.code, by=one)
    with pytest.raises(NotYours):
        check_in_for(meeting.uid, meeting.party(meeting.escort).id, by=meeting.leader)
    for one in (meeting.leader, meeting.other):
        with pytest.raises(NotYours):
            check_out_for(meeting.uid, meeting.party(one).id, by=meeting.other)


# --- the code of the minute ------------------------------------------------------------------


def test_a_code_opens_once_for_one_person(meeting: Meeting, set_clock: SetClock) -> None:
    code = meeting.code
    check_in(meeting.uid, code, by=meeting.leader)
    with pytest.raises(CodeSpent):
        check_out(meeting.uid, code, by=meeting.leader)
    assert meeting.party(meeting.leader).checked_out_at is None
    check_in(meeting.uid, code, by=meeting.other)
    set_clock(SATURDAY + timedelta(seconds=60))
    check_out(meeting.uid, meeting.code, by=meeting.leader)
    assert meeting.party(meeting.leader).checked_out_at is not None


@pytest.mark.parametrize(("seconds", "opens"), [(59, True), (60, True), (89, True), (90, False)])
def test_who_was_typing_when_the_code_changed_has_half_a_minute(
    meeting: Meeting, set_clock: SetClock, seconds: int, *, opens: bool
) -> None:
    code = meeting.code
    set_clock(SATURDAY + timedelta(seconds=seconds))
    if opens:
        check_in(meeting.uid, code, by=meeting.leader)
        return
    with pytest.raises(CodeSpent):
        check_in(meeting.uid, code, by=meeting.leader)
    assert meeting.party(meeting.leader).tries == 1


def test_the_code_of_the_next_minute_opens_nothing_yet(meeting: Meeting) -> None:
    with pytest.raises(CodeSpent):
        check_in(meeting.uid, the_code(meeting.visit, 1), by=meeting.leader)


def test_a_code_of_another_visit_is_wrong(meeting: Meeting) -> None:
    other = a_visit(a_pairing(stage=Stage.ACTIVE), state=State.CONFIRMED)
    with pytest.raises(RuleBroken, match="签到码不对"):
        check_in(meeting.uid, the_code(other), by=meeting.leader)


def test_a_right_code_gives_the_tries_back(meeting: Meeting) -> None:
    for _once in range(4):
        with pytest.raises(RuleBroken):
            check_in(meeting.uid, "000000", by=meeting.leader)
    check_in(meeting.uid, meeting.code, by=meeting.leader)
    assert meeting.party(meeting.leader).tries == 0


def test_a_code_is_for_members_of_this_visit(meeting: Meeting) -> None:
    stranger = actor_for(members_of(a_pairing(stage=Stage.SCHEDULED_INTRO))[0][0])
    for somebody in (stranger, meeting.escort):
        with pytest.raises(NotYours):
            check_in(meeting.uid, meeting.code, by=somebody)


def test_nobody_leaves_who_never_came(meeting: Meeting) -> None:
    with pytest.raises(RuleBroken, match="还没有签到"):
        check_out(meeting.uid, meeting.code, by=meeting.leader)
    with pytest.raises(NotYours):
        check_out_for(meeting.uid, meeting.party(meeting.other).id, by=meeting.leader)


def test_people_leave_a_visit_that_was_called_off_under_them(
    meeting: Meeting, set_clock: SetClock
) -> None:
    check_in(meeting.uid, meeting.code, by=meeting.leader)
    check_in(meeting.uid, meeting.code, by=meeting.other)
    services.consent_withdrawn(meeting.pairing.child_id, SITE)
    assert meeting.state() is State.CANCELLED
    set_clock(SATURDAY + timedelta(minutes=1))
    check_out(meeting.uid, meeting.code, by=meeting.leader)
    assert meeting.party(meeting.leader).checked_out_at == SATURDAY + timedelta(minutes=1)


# --- nobody comes, nobody goes -------------------------------------------------------------


def alarms(kind: str) -> set[int | None]:
    rows = db.session.scalars(select(Message).where(Message.kind == kind)).all()
    assert all(row.next_at == row.due_at for row in rows)
    return {row.person_id for row in rows}


@pytest.mark.parametrize("state", [State.PLANNED, State.CONFIRMED])
def test_when_nobody_has_come_those_responsible_hear_of_it_once(
    set_clock: SetClock, state: State
) -> None:
    meeting = Meeting(set_clock, state=state)
    coordinator = a_member_of_staff(Role.COORDINATOR, area_id=meeting.pairing.county_id)
    stranger = a_member_of_staff(Role.COORDINATOR, area_id=a_county().id)
    set_clock(SATURDAY + timedelta(minutes=19))
    assert services.sweep() == 0

    set_clock(SATURDAY + timedelta(minutes=20))
    assert services.sweep() == 1
    told = alarms("visit_checkin_missing")
    assert told >= {meeting.leader.id, meeting.escort.id, coordinator}
    assert not told & {stranger, meeting.other.id}

    many = len(db.session.scalars(select(Message)).all())
    set_clock(SATURDAY + timedelta(minutes=40))
    assert services.sweep() == 0
    assert len(db.session.scalars(select(Message)).all()) == many


def test_one_adult_alone_is_not_two(meeting: Meeting, set_clock: SetClock) -> None:
    check_in(meeting.uid, meeting.code, by=meeting.leader)
    set_clock(SATURDAY + timedelta(minutes=31))
    services.sweep()
    assert alarms("visit_checkin_missing")


def test_who_came_first_and_goes_again_leaves_everybody_taken_for_the_visit(
    set_clock: SetClock, meeting: Meeting
) -> None:
    with transaction():
        taken = frozenset({meeting.leader.id or 0, meeting.other.id or 0})
        holds.take(
            Claim(meeting.visit.id, taken, meeting.pairing.child_id, SATURDAY, SATURDAY + LASTS)
        )
    check_in(meeting.uid, meeting.code, by=meeting.leader)
    set_clock(SATURDAY + timedelta(minutes=2))
    check_out(meeting.uid, meeting.code, by=meeting.leader)
    assert meeting.state() is State.CONFIRMED
    assert len(db.session.scalars(select(Hold.id)).all()) == 3


def test_who_has_not_gone_is_asked_first_and_others_are_called_later(
    meeting: Meeting, set_clock: SetClock
) -> None:
    coordinator = a_member_of_staff(Role.COORDINATOR, area_id=meeting.pairing.county_id)
    check_in(meeting.uid, meeting.code, by=meeting.leader)
    check_in(meeting.uid, meeting.code, by=meeting.other)
    for minutes, found in ((29, 0), (30, 1), (59, 0), (60, 1), (90, 0)):
        set_clock(SATURDAY + LASTS + timedelta(minutes=minutes))
        assert services.sweep() == found, minutes
    assert alarms("visit_checkout_due") == {meeting.leader.id, meeting.other.id}
    assert alarms("visit_checkout_missing") >= {meeting.escort.id, coordinator}
    assert not alarms("visit_checkout_missing") & {meeting.leader.id, meeting.other.id}
    assert not alarms("visit_checkin_missing")


def test_somebody_alone_is_missed_too(meeting: Meeting, set_clock: SetClock) -> None:
    check_in(meeting.uid, meeting.code, by=meeting.other)
    set_clock(SATURDAY + LASTS + timedelta(minutes=60))
    services.sweep()
    assert alarms("visit_checkout_due") == {meeting.leader.id, meeting.other.id}
    assert meeting.escort.id in alarms("visit_checkout_missing")


def test_people_there_are_missed_when_the_visit_was_called_off_under_them(
    meeting: Meeting, set_clock: SetClock
) -> None:
    for one in (meeting.leader, meeting.other):
        check_in(meeting.uid, meeting.code, by=one)
    services.consent_withdrawn(meeting.pairing.child_id, SITE)
    set_clock(SATURDAY + LASTS + timedelta(minutes=60))
    assert services.sweep() == 2
    assert meeting.escort.id in alarms("visit_checkout_missing")
    waiting = select(Message.kind).where(Message.state == Sent.PENDING)
    assert "visit_checkout_missing" in set(db.session.scalars(waiting))
    assert services.sweep() == 0


def test_of_two_only_who_is_still_there_and_the_leader_are_asked(
    meeting: Meeting, set_clock: SetClock
) -> None:
    for one in (meeting.leader, meeting.other):
        check_in(meeting.uid, meeting.code, by=one)
    check_in_for(meeting.uid, meeting.party(meeting.escort).id, by=meeting.escort)
    set_clock(SATURDAY + LASTS)
    check_out(meeting.uid, meeting.code, by=meeting.other)
    check_out_for(meeting.uid, meeting.party(meeting.escort).id, by=meeting.escort)
    set_clock(SATURDAY + LASTS + timedelta(minutes=30))
    services.sweep()
    assert alarms("visit_checkout_due") == {meeting.leader.id}


def test_whoever_checks_out_takes_back_what_was_still_to_be_said(
    meeting: Meeting, set_clock: SetClock
) -> None:
    for one in (meeting.leader, meeting.other):
        check_in(meeting.uid, meeting.code, by=one)
    set_clock(SATURDAY + LASTS + timedelta(minutes=60))
    services.sweep()
    for one in (meeting.leader, meeting.other):
        check_out(meeting.uid, meeting.code, by=one)
    assert meeting.state() is State.COMPLETED
    kinds = select(Message.kind).where(Message.state == Sent.PENDING)
    assert set(db.session.scalars(kinds)) == {"visit_record_due"}
    assert services.sweep() == 0


def test_two_adults_who_have_come_take_back_that_nobody_has(
    meeting: Meeting, set_clock: SetClock
) -> None:
    set_clock(SATURDAY + timedelta(minutes=20))
    services.sweep()
    for one in (meeting.leader, meeting.other):
        check_in(meeting.uid, meeting.code, by=one)
    kinds = select(Message.kind).where(Message.state == Sent.PENDING)
    assert "visit_checkin_missing" not in set(db.session.scalars(kinds))


def test_after_a_day_a_visit_nobody_came_to_is_closed(
    meeting: Meeting, set_clock: SetClock
) -> None:
    set_clock(SATURDAY + timedelta(hours=24))
    assert services.sweep() == 1
    assert meeting.state() is State.NO_SHOW
    waiting = select(Message.id).where(Message.state == Sent.PENDING)
    assert db.session.scalars(waiting).all() == []
    assert services.sweep() == 0


def test_an_alarm_is_raised_again_for_a_visit_that_was_moved_after_one(
    set_clock: SetClock,
) -> None:
    meeting = Meeting(set_clock, state=State.PLANNED)
    set_clock(SATURDAY + timedelta(minutes=30))
    assert services.sweep() == 1
    later = SATURDAY + timedelta(days=7)
    with transaction() as session:
        visit = session.get_one(Visit, meeting.visit.id)
        visit.starts_at, visit.ends_at = later, later + LASTS
    assert services.sweep() == 0
    set_clock(later + timedelta(minutes=30))
    assert services.sweep() == 1


def test_a_visit_that_took_place_is_left_alone(meeting: Meeting, set_clock: SetClock) -> None:
    with transaction() as session:
        session.get_one(Visit, meeting.visit.id).state = State.COMPLETED
    set_clock(SATURDAY + timedelta(days=30))
    assert services.sweep() == 0
    assert meeting.state() is State.COMPLETED
