"""Places that look alike: one's own, another of the same county, and the neighbour's county."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from accounts.models import Person, RoleGrant
from accounts.queries import sessions_of
from accounts.rules import Actor, Role
from accounts.sessions.services import open_session
from campaigns.rules import Stage as CampaignStage
from campaigns.seats.rules import SeatState
from campaigns.stories.rules import State as StoryState
from campaigns.wishes.rules import WishState
from children.access.rules import GrantState
from children.rules import NeedState
from core import clock
from core.db import db, transaction
from messages.models import InboxItem, Message
from messages.rules import Channel
from pairings.models import Pairing
from pairings.rules import Stage
from places.days.models import CalendarDay, SchoolTime
from places.days.rules import DayKind
from places.models import Area
from places.rules import OrgKind
from rights.requests.rules import RequestKind
from tests.builders.access import a_grant_to_look
from tests.builders.alerts import an_alert
from tests.builders.approvals import an_approval, an_export
from tests.builders.calendars import a_feed, a_school_time
from tests.builders.campaigns import (
    a_block,
    a_campaign,
    a_campaign_place,
    a_correction,
    a_picture,
    a_reported_campaign,
    a_sign_up,
    a_slot,
    a_slot_of_today,
    an_exam,
)
from tests.builders.certificates import a_batch, a_certificate, an_asked_certificate
from tests.builders.channels import a_channel
from tests.builders.children import a_child, a_consented_child
from tests.builders.imports import an_import
from tests.builders.matches import a_match_run
from tests.builders.pairings import a_letter, a_pairing, a_signed, a_voice_task, an_explanation
from tests.builders.people import a_grant, a_member_of_staff, a_person
from tests.builders.places import a_city, a_county, a_township, a_village, an_organisation
from tests.builders.rights import (
    a_breach,
    a_guardian_link,
    a_request,
    an_assessment,
    an_erasure,
)
from tests.builders.series import a_series, an_occurrence
from tests.builders.stories import a_drawn_story, a_story, a_willing_child, concerns
from tests.builders.visits import SATURDAY, a_record, a_visit
from tests.builders.volunteers import (
    a_domain,
    a_standing,
    a_student,
    a_team,
    a_team_run,
    a_volunteer,
    a_vouch,
    an_active_volunteer,
    an_evidence,
)
from tests.builders.wishes import a_claim, a_wish
from tests.factories import a_number, saved
from visits.models import Party, Visit
from visits.rules import State
from visits.series.models import Series
from visits.series.rules import Outcome
from visits.weather.models import BadWeather
from volunteers.certificates.batches.rules import State as BatchState
from volunteers.models import Volunteer
from volunteers.rules import EvidenceKind

BY_LEVEL = {
    Role.ORG_LEAD: "org",
    Role.CHILD_DIRECTOR: "village",
    Role.CHILD_SUPERVISOR: "township",
    Role.COORDINATOR: "county",
    Role.SAFEGUARDING_LEAD: "county",
    Role.CITY_COORDINATOR: "city",
}


@dataclass(frozen=True)
class County:
    """What one county holds, by the names that addresses use."""

    people: dict[str, int]
    alert: str
    approval: str
    export: str
    applicant: str
    volunteer: str
    team: str
    team_run: str
    match_run: str
    child: str
    waiting_child: str
    proposal: str
    pairing: str
    voice_task: str
    signature: int
    """Under its agreement."""
    visit: str
    holiday: str
    school_time: str
    feed: str
    """The volunteer's."""
    stopped_day: str
    """On which the weather lets nobody set out."""
    series: str
    series_visit: str
    """Planned, and of a series."""
    done_visit: str
    recorded_visit: str
    sign_up: str
    org_standing: str
    certificate: str
    """Issued to the volunteer."""
    asked_certificate: str
    """The volunteer waits for it."""
    certificate_code: str
    certificate_batch: str
    university: str
    student_domain: int
    student: str
    vouch: str
    own_sign_up: str
    """The volunteer's."""
    slot: str
    block: str
    block_code: str
    import_run: str
    wish: str
    """Waits for a second person."""
    open_wish: str
    claim: str
    called_claim: str
    parcel: str
    day_slot: str
    day_sign_up: str
    """Of the slot that is on today."""
    campaign: str
    open_campaign: str
    """People may join it, in this county."""
    slug: str
    draft_slot: str
    hung_place: str
    exam: str
    reported: str
    """Its report has been corrected once, and a second correction waits."""
    reported_slug: str
    picture: str
    story: str
    """Public, with a picture."""
    story_picture: str
    waiting_story: str
    story_child: str
    """Of the story that waits."""
    message: str
    grant_asked: str
    grant_held: str
    evidence: int
    inbox_item: int
    person: str
    grant: int
    session: int
    consented_child: str
    link: str
    request: str
    child_request: str
    deletion: str
    erasure: str
    assessment: str
    breach: str


@dataclass(frozen=True)
class World:
    county_id: int
    mine: County
    same: County
    """Another township, village, organisation and team of one's own county."""
    others: County
    secrets: dict[str, str]
    """The session secret of each role's person in one's own county."""
    ended: dict[str, str]
    """Those of people whose role has ended."""


def a_world() -> World:
    """Return all places, and everybody of the first one signed in."""
    county = a_county()
    for channel in (Channel.WECOM, Channel.ALIYUN_SMS):
        a_channel(channel)
    mine, same = a_place_with_everything(county), a_place_with_everything(county)
    others = a_place_with_everything(a_county())
    secrets = {
        role: open_session(person, agent="matrix", stepped_up=True)
        for role, person in mine.people.items()
    }
    return World(county.id, mine, same, others, secrets, _ended(county, mine))


def _ended(county: Area, mine: County) -> dict[str, str]:
    """Sign in people who held each role at the same place until yesterday."""
    yesterday = clock.today() - timedelta(days=1)
    found = {}
    for role in Role:
        grants = db.session.execute(
            select(RoleGrant.area_id, RoleGrant.org_id).where(
                RoleGrant.person_id == mine.people[role], RoleGrant.role == role
            )
        ).all()
        person = a_person()
        for area_id, org_id in grants:
            a_grant(
                person.id, role, area_id=area_id, org_id=org_id,
                from_on=yesterday - timedelta(days=30), until_on=yesterday,
            )  # fmt: skip
        found[role.value] = open_session(person.id, agent="matrix", stepped_up=True)
    return found


def a_place_with_everything(county: Area) -> County:
    village = a_village(a_township(county))
    org = an_organisation(OrgKind.UNIVERSITY, area=county)
    places = {
        "org": org.id,
        "village": village.id,
        "township": village.parent_id,
        "county": county.id,
        "city": a_city().id,
    }
    people = _staff(places)
    members = [an_active_volunteer(county, org_id=org.id) for _turn in range(2)]
    team = a_team(county, members=members)
    people |= {"team_leader": members[0].person_id, "volunteer": members[1].person_id}
    given = {"proposed_by_id": a_member_of_staff(Role.COORDINATOR, area_id=county.id)}
    pairing = a_pairing(
        a_consented_child(village, state=NeedState.MATCHED),
        team,
        stage=Stage.SCHEDULED_INTRO,
        supervisor_id=people["child_supervisor"],
        **given,
    )
    proposal = a_pairing(a_consented_child(village), a_team(county), **given)
    series, series_visit = _a_series(pairing, people)
    an_explanation(pairing)
    a_letter(pairing)
    campaign = a_campaign(stage=CampaignStage.DRAFT, area_id=county.id)
    day_slot = a_slot_of_today(a_campaign(area_id=county.id))
    stranger = a_person()
    session_id, grant_id = _signed_in_staff(stranger)
    return County(
        people=people,
        alert=an_alert(county.id).uid,
        approval=an_approval(given["proposed_by_id"], county.id).uid,
        export=an_export(people["coordinator"]).uid,
        applicant=a_volunteer(county, org_id=org.id).uid,
        volunteer=members[1].uid,
        team=team.uid,
        team_run=a_team_run(county, given["proposed_by_id"]).uid,
        match_run=a_match_run(a_consented_child(village), team, given["proposed_by_id"]).uid,
        child=a_child(village, state=NeedState.REPORTED).uid,
        waiting_child=a_consented_child(village).uid,
        proposal=proposal.uid,
        pairing=pairing.uid,
        voice_task=a_voice_task(pairing).uid,
        signature=a_signed(pairing).id,
        visit=a_visit(pairing, escort_id=people["child_director"]).uid,
        holiday=_a_holiday(),
        school_time=_a_term(county),
        feed=a_feed(people["volunteer"])[0].uid,
        stopped_day=_a_stopped_day(county, people).uid,
        series=series.uid,
        series_visit=series_visit.uid,
        done_visit=_a_done_visit(pairing, people, weeks_ago=2).uid,
        recorded_visit=_a_recorded_visit(pairing, people).uid,
        sign_up=a_sign_up(a_slot(a_campaign(area_id=county.id)), phone=f"154{a_number():08}").uid,
        org_standing=a_standing(county).uid,
        **_certificates(members[1], people["coordinator"]),
        university=org.uid,
        student_domain=a_domain(org).id,
        student=a_student(members[1], org).uid,
        vouch=a_vouch(org, people["org_lead"]).uid,
        own_sign_up=a_sign_up(
            a_slot(a_campaign(area_id=county.id)),
            state=SeatState.CONFIRMED,
            person_id=people["volunteer"],
        ).uid,
        slot=a_slot(a_campaign(area_id=county.id)).uid,
        **_block(county, org.id, people["coordinator"]),
        **_wishes(county),
        day_slot=day_slot.uid,
        day_sign_up=a_sign_up(
            day_slot, phone=f"154{a_number():08}", state=SeatState.CONFIRMED, asked=2
        ).uid,
        campaign=campaign.uid,
        open_campaign=_an_open_campaign(county),
        slug=a_campaign(area_id=county.id).slug,
        picture=a_picture(a_campaign(area_id=county.id)).uid,
        **_stories(county, village),
        draft_slot=a_slot(campaign, county_id=county.id).uid,
        **_reported(county),
        hung_place=a_campaign_place(a_campaign(area_id=county.id)).uid,
        exam=an_exam(last_day=clock.today() + timedelta(days=35)).uid,
        message=_a_message(people["volunteer"]).uid,
        **_grants(village, people["safeguarding_lead"]),
        evidence=an_evidence(members[1], EvidenceKind.TRAINING).id,
        inbox_item=_an_inbox_item(people["volunteer"]).id,
        person=stranger.uid,
        grant=grant_id,
        session=session_id,
        **_rights(village, people, members[1].id),
    )


def _certificates(volunteer: Volunteer, by_id: int) -> dict[str, str]:
    batch = a_batch(volunteer.county_id, by_id, state=BatchState.READY)
    issued = a_certificate(volunteer, by=Actor(by_id, "样例"), batch_id=batch.id)
    return {
        "certificate": issued.uid,
        "certificate_code": issued.code,
        "certificate_batch": batch.uid,
        "asked_certificate": an_asked_certificate(volunteer).uid,
    }


def _a_holiday() -> str:
    """Return a day ahead that is only expected: the same for every county."""
    day = clock.today() + timedelta(days=20)
    if db.session.get(CalendarDay, day) is None:
        saved(
            CalendarDay(
                day=day, kind=DayKind.HOLIDAY, name="样例节", source="推算", confirmed=False
            )
        )
    return day.isoformat()


def _a_term(county: Area) -> str:
    """Return a term of the county's schools: the same for all its villages."""
    known = db.session.scalar(select(SchoolTime.uid).where(SchoolTime.area_id == county.id))
    return known or a_school_time(county.id).uid


def _an_open_campaign(county: Area) -> str:
    campaign = a_campaign(area_id=county.id)
    a_slot(campaign)
    return campaign.uid


def _reported(county: Area) -> dict[str, str]:
    """Return a campaign with a corrected report, and one more correction that waits."""
    campaign = a_reported_campaign(area_id=county.id)
    a_correction(campaign, published_by_id=a_person().id, published_at=clock.now())
    a_correction(campaign, text="谢谢每一位。", text_en="Thanks to all.", reason="更正了称呼")
    return {"reported": campaign.uid, "reported_slug": campaign.slug}


def _block(county: Area, org_id: int, by: int) -> dict[str, str]:
    """Return seats of the county that are kept for the organisation."""
    block = a_block(a_slot(a_campaign(area_id=county.id)), org_id=org_id, made_by_id=by)
    run = an_import(block, by)
    return {"block": block.uid, "block_code": block.code, "import_run": run.uid}


def _wishes(county: Area) -> dict[str, str]:
    """Return wishes of the county's centre: to be looked at, public, and claimed ones."""
    campaign = a_campaign(area_id=county.id)
    return {
        "wish": a_wish(campaign, county, state=WishState.PROPOSED).uid,
        "open_wish": a_wish(campaign, county).uid,
        "claim": a_claim(a_wish(campaign, county), phone=f"154{a_number():08}").uid,
        "called_claim": a_claim(
            a_wish(campaign, county), phone=f"154{a_number():08}", state=SeatState.CONFIRMED
        ).uid,
        "parcel": a_claim(a_wish(campaign, county), state=SeatState.CONFIRMED).uid,
    }


def _stories(county: Area, village: Area) -> dict[str, str]:
    """Return stories of the county: a public one, and one about a child that waits for a lead."""
    campaign = a_campaign(area_id=county.id)
    public = a_drawn_story(campaign)
    waiting = a_story(campaign, state=StoryState.SECOND_CHECK, children=1)
    return {
        "story": public.uid,
        "story_picture": str(public.picture_uid),
        "waiting_story": waiting.uid,
        "story_child": str(concerns(waiting, a_willing_child(village)).id),
    }


def _grants(village: Area, decided_by_id: int) -> dict[str, str]:
    """Return leave to look at a child of the county: asked for, and held."""
    child = a_child(village)
    asker = a_member_of_staff(Role.COORDINATOR, area_id=child.county_id)
    asked = a_grant_to_look(child, asker, state=GrantState.REQUESTED)
    held = a_grant_to_look(child, asker, decided_by_id=decided_by_id)
    return {"grant_asked": asked.uid, "grant_held": held.uid}


def _rights(village: Area, people: dict[str, int], volunteer_id: int) -> dict[str, str]:
    child = a_consented_child(village, state=NeedState.MET)
    by = people["child_director"]
    deletion = a_request(child, kind=RequestKind.DELETE, entered_by_id=by)
    return {
        "consented_child": child.uid,
        "link": a_guardian_link(child, by).uid,
        "request": a_request(volunteer_id=volunteer_id, entered_by_id=by).uid,
        "child_request": a_request(child, entered_by_id=by).uid,
        "deletion": deletion.uid,
        "erasure": an_erasure(a_child(village, state=NeedState.MET), by).uid,
        "assessment": an_assessment(by).uid,
        "breach": a_breach(by).uid,
    }


def _staff(places: dict[str, int | None]) -> dict[str, int]:
    people = {}
    for role in Role:
        where = BY_LEVEL.get(role)
        given = {"org_id" if where == "org" else "area_id": places[where]} if where else {}
        if role not in {Role.VOLUNTEER, Role.TEAM_LEADER}:
            people[role.value] = a_member_of_staff(role, **given)
    return people


def _signed_in_staff(person: Person) -> tuple[int, int]:
    grant = a_grant(person.id, Role.AUDITOR)
    open_session(person.id, agent="matrix")
    return sessions_of(person.id)[0].id, grant.id


def _a_stopped_day(county: Area, people: dict[str, int]) -> BadWeather:
    day = clock.today() + timedelta(days=300 + a_number() % 30_000)
    return saved(BadWeather(county_id=county.id, day=day, said_by_id=people["coordinator"]))


def _a_series(pairing: Pairing, people: dict[str, int]) -> tuple[Series, Visit]:
    """Return a series with a day that is planned and one that a rule stands against."""
    escort_id = people["child_director"]
    series = a_series(pairing, escort_id=escort_id)
    visit = a_visit(pairing, escort_id=escort_id, starts_at=SATURDAY + timedelta(days=14))
    an_occurrence(
        series, key="2026-12-12T10:00", starts_at=visit.starts_at, reasons=[],
        outcome=Outcome.PLANNED, visit_id=visit.id,
    )  # fmt: skip
    an_occurrence(series, starts_at=SATURDAY)
    return series, visit


def _a_done_visit(pairing: Pairing, people: dict[str, int], *, weeks_ago: int) -> Visit:
    starts_at = SATURDAY - timedelta(weeks=weeks_ago)
    escort_id = people["child_director"]
    visit = a_visit(pairing, escort_id=escort_id, state=State.COMPLETED, starts_at=starts_at)
    with transaction() as session:
        session.execute(
            update(Party)
            .where(Party.visit_id == visit.id)
            .values(checked_in_at=visit.starts_at, checked_out_at=visit.ends_at)
        )
    return visit


def _a_recorded_visit(pairing: Pairing, people: dict[str, int]) -> Visit:
    visit = _a_done_visit(pairing, people, weeks_ago=3)
    a_record(visit, people["team_leader"])
    with transaction():
        visit.state = State.RECORDED
    return visit


def _a_message(person_id: int) -> Message:
    now = clock.now()
    return saved(
        Message(
            dedup_key=f"matrix/{a_number()}",
            kind="volunteer_expired",
            person_id=person_id,
            channel=Channel.INAPP,
            params={},
            due_at=now,
            next_at=now,
            expire_at=now,
        )
    )


def _an_inbox_item(person_id: int) -> InboxItem:
    message = _a_message(person_id)
    return saved(
        InboxItem(
            person_id=person_id,
            message_id=message.id,
            kind=message.kind,
            params={"name": "样例", "own": True},
            created_at=clock.now(),
        )
    )
