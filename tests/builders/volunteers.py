"""Volunteers, their evidence and their teams for tests."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from accounts.rules import Role
from core import clock, ids
from core.crypto import sealer
from places.models import Area, Organisation
from places.rules import OrgKind
from tests.builders.people import a_grant, a_person
from tests.builders.places import a_county
from tests.factories import a_number, saved
from volunteers.hours.models import HourEntry
from volunteers.models import Evidence, FreeTime, Volunteer
from volunteers.orgs.models import Standing
from volunteers.rules import ALWAYS, EvidenceKind, Outcome, Sex, Status
from volunteers.students.models import StudentDomain, StudentStatus, Vouch
from volunteers.students.rules import TERM_ENDS, How, term_end
from volunteers.students.services import secret_of
from volunteers.teams.forming.models import TeamProposal, TeamRun
from volunteers.teams.forming.rules import Points, State, Terms
from volunteers.teams.models import Team, TeamMember

LASTS = timedelta(days=365)
ENDING = frozenset({EvidenceKind.SCREENING, EvidenceKind.TRAINING, EvidenceKind.INSURANCE})


def a_volunteer(county: Area | None = None, **given: Any) -> Volunteer:
    """Return somebody who has just applied: a person with the role, no evidence yet.

    `name`, `phone` and `email` are the person's; `person_id` takes somebody who exists.
    """
    number = a_number()
    person = {key: given.pop(key) for key in ("name", "phone", "email") if key in given}
    person_id = given.pop("person_id", None) or a_person(**person).id
    a_grant(person_id, Role.VOLUNTEER)
    fields = {
        "person_id": person_id,
        "number": f"TX{number:06}",
        "county_id": (county or a_county()).id,
        "org_text": "示例大学",
        "initials": "yl",
        "sex": Sex.FEMALE if number % 2 else Sex.MALE,
        "birth_year": clock.today().year - 20,
    }
    return saved(Volunteer(**fields | given))


def an_evidence(volunteer: Volunteer, kind: EvidenceKind, **given: Any) -> Evidence:
    """Return evidence of a month ago that holds for a year, or without an end."""
    dated = given.get("dated", clock.today() - timedelta(days=30))
    fields = {
        "volunteer_id": volunteer.id,
        "kind": kind,
        "outcome": Outcome.CLEAR,
        "dated": dated,
        "valid_until": dated + LASTS if kind in ENDING else None,
        "reference": f"T-{kind}",
    }
    return saved(Evidence(**fields | given))


def cleared(volunteer: Volunteer, *, but: EvidenceKind | None = None) -> Volunteer:
    """Give the volunteer everything that clearance asks for, but one kind if named."""
    for kind in sorted(ALWAYS):
        if kind is not but:
            an_evidence(volunteer, kind)
    return volunteer


def an_active_volunteer(county: Area | None = None, **given: Any) -> Volunteer:
    """Return a volunteer who may meet children today, free on Saturdays from 9 to 18."""
    fields = {"status": Status.ACTIVE, "activated_at": clock.now()}
    volunteer = cleared(a_volunteer(county, **fields | given))
    a_free_time(volunteer)
    return volunteer


def a_free_time(volunteer: Volunteer, **given: Any) -> FreeTime:
    fields = {
        "volunteer_id": volunteer.id,
        "weekday": 5,
        "start_minute": 9 * 60,
        "end_minute": 18 * 60,
    }
    return saved(FreeTime(**fields | given))


def a_team(
    county: Area | None = None, n: int = 2, *, members: list[Volunteer] | None = None, **given: Any
) -> Team:
    """Return a team of active volunteers, by default a woman and men; the first one leads it."""
    county = county or a_county()
    if members is None:
        sexes = [Sex.FEMALE, *[Sex.MALE] * (n - 1)]
        members = [an_active_volunteer(county, sex=sex) for sex in sexes]
    team = saved(Team(**{"name": f"示例{a_number()}组", "county_id": county.id} | given))
    for place, volunteer in enumerate(members):
        a_member(team, volunteer, leads=place == 0)
    a_grant(members[0].person_id, Role.TEAM_LEADER, area_id=county.id)
    return team


def a_member(team: Team, volunteer: Volunteer, **given: Any) -> TeamMember:
    fields = {"team_id": team.id, "volunteer_id": volunteer.id, "joined_on": clock.today()}
    return saved(TeamMember(**fields | given))


def a_team_run(county: Area, by_id: int, **given: Any) -> TeamRun:
    """Return a finished search that proposes one pair of new volunteers."""
    fields = {
        "county_id": county.id,
        "by_id": by_id,
        "state": State.READY,
        "total": 2,
        "points": 200,
        "figures": asdict(Terms(points=Points())),
    }
    run = saved(TeamRun(**fields | given))
    one, two = (an_active_volunteer(county) for _turn in range(2))
    reasons = ["time:540:40", "woman:1:20", "school:0:20", "experience:1:20"]
    people = {"one_id": one.id, "two_id": two.id, "leader_id": one.id}
    saved(TeamProposal(run_id=run.id, points=200, reasons=reasons, **people))
    return run


def a_standing(county: Area | None = None, **given: Any) -> Standing:
    """Return an organisation that has applied to a county's centre."""
    fields = {
        "county_id": (county or a_county()).id,
        "kind": OrgKind.SOCIAL_ORG,
        "name": f"示例·暖阳社工{a_number()}",
        "credit_code": "52140700MJ00000000",
        "contact_name": "样例联系人",
        "contact_phone": f"154{a_number():08}",
        "lead_name": "样例负责人",
        "lead_phone": f"154{a_number():08}",
    }
    return saved(Standing(**fields | given))


def an_hour_entry(volunteer: Volunteer, **given: Any) -> HourEntry:
    fields = {
        "volunteer_id": volunteer.id,
        "minutes": 90,
        "served_on": clock.today(),
        "source": "visit",
        "source_ref": f"V{a_number()}",
    }
    return saved(HourEntry(**fields | given))


def a_student(volunteer: Volunteer, org: Organisation, **given: Any) -> StudentStatus:
    """Return somebody's status as a student there until the end of the term, by campus mail."""
    fields = {
        "person_id": volunteer.person_id,
        "org_id": org.id,
        "how": How.MAIL,
        "proof": f"{a_number():064}",
        "since": clock.today(),
        "until": term_end(clock.today(), TERM_ENDS),
    }
    return saved(StudentStatus(**fields | given))


def a_domain(org: Organisation, domain: str = "") -> StudentDomain:
    domain = domain or f"stu{a_number()}.example.org"
    return saved(StudentDomain(org_id=org.id, domain=domain))


def a_vouch(org: Organisation, lead_id: int, **given: Any) -> Vouch:
    """Return a lead's link for two students, open for a week."""
    uid, key_id = f"vouch{a_number():017}", sealer().ring.current
    fields = {
        "uid": uid,
        "org_id": org.id,
        "made_by_id": lead_id,
        "token_hash": ids.digest(secret_of(uid, key_id)),
        "key_id": key_id,
        "uses_left": 2,
        "expires_on": clock.today() + timedelta(days=7),
    }
    return saved(Vouch(**fields | given))
