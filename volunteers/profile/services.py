"""What volunteers tell about themselves, and the pinyin initials they are found by."""

import itertools
from dataclasses import dataclass

from pypinyin import Style, pinyin
from sqlalchemy import delete, select

from accounts.rules import Actor
from core import audit, clock
from core.db import transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.parameters import values_on
from places.models import Organisation
from places.rules import OrgKind
from volunteers import queries
from volunteers.models import FreeTime, Volunteer
from volunteers.rules import EvidenceKind, Period, Sex, Slot, Status, of_age

JOINING = frozenset({OrgKind.SOCIAL_ORG, OrgKind.UNIVERSITY})
LEFT = frozenset({Status.BARRED, Status.EXITED})
LONGEST_INITIALS = 40
SURNAMES = {"曾": "z", "单": "s", "解": "x", "仇": "q", "区": "o", "查": "z", "盖": "g", "朴": "p"}
"""Surnames read otherwise than the word; looked up first, the word's own reading after it."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What volunteers tell about themselves."""

    sex: Sex | None
    birth_year: int | None
    skills: tuple[str, ...]
    capacity: int
    free: tuple[tuple[Period, Slot], ...]
    org_id: int | None = None
    org_text: str = ""
    wants_team: bool = False


def initials(name: str) -> str:
    """Return the pinyin initials of a name, in every way it can be read that fits.

    曾乐 is «zl zy cl cy»: whoever searches need not know which reading is right.
    """
    letters = []
    for place, sign in enumerate(name):
        readings = [
            reading[0].lower()
            for reading in pinyin(sign, style=Style.NORMAL, heteronym=True)[0]
            if reading and reading[0].isascii() and reading[0].isalnum()
        ]
        first = SURNAMES.get(sign, "") if place == 0 else ""
        found = list(dict.fromkeys([*first, *readings]))
        if found:
            letters.append(found)
    fitting = ""
    for reading in itertools.product(*letters):
        longer = f"{fitting} {''.join(reading)}".strip()
        if len(longer) > LONGEST_INITIALS:
            break
        fitting = longer
    return fitting


def update_profile(profile: Profile, *, by: Actor) -> None:
    """Keep what a volunteer tells; sex and year of birth stay as they were once checked."""
    with transaction() as session:
        volunteer = of_person(by)
        checked = identity_checked(volunteer.id)
        _check(profile, checked=checked)
        if not checked:
            volunteer.sex, volunteer.birth_year = profile.sex, profile.birth_year
        volunteer.skills = sorted(profile.skills)
        volunteer.capacity, volunteer.wants_team = profile.capacity, profile.wants_team
        volunteer.org_id, volunteer.org_text = profile.org_id, profile.org_text[:80]
        volunteer.version += 1
        session.execute(delete(FreeTime).where(FreeTime.volunteer_id == volunteer.id))
        session.add_all(
            FreeTime(
                volunteer_id=volunteer.id,
                period=period,
                weekday=slot.weekday,
                start_minute=slot.start,
                end_minute=slot.end,
            )
            for period, slot in profile.free
        )
        audit.record("update_profile", "volunteer", volunteer.uid, by=by.id)


def _check(profile: Profile, *, checked: bool) -> None:
    today = clock.today()
    values = values_on(today)
    most, least = values["volunteers.most_children"], values["volunteers.least_age"]
    if not 1 <= profile.capacity <= most:
        raise RuleBroken(_("一名志愿者最多陪伴 %(most)d 个孩子", most=most))
    born = profile.birth_year
    if not checked and (not profile.sex or not born or not of_age(born, today, least)):
        raise RuleBroken(_("结对志愿者须年满 %(least)d 周岁，并填写性别", least=least))
    if profile.org_id is not None and not _joinable(profile.org_id):
        raise RuleBroken(_("请在列表里选择学校或组织"))


def _joinable(org_id: int) -> bool:
    with transaction() as session:
        org = session.get(Organisation, org_id)
        return org is not None and org.kind in JOINING


def identity_checked(volunteer_id: int) -> bool:
    """Whether a document has been compared: from then on nobody changes who they are."""
    proofs = queries.proofs_of([volunteer_id])[volunteer_id]
    return any(proof.kind is EvidenceKind.IDENTITY for proof in proofs)


def of_person(by: Actor) -> Volunteer:
    """Return the volunteer who acts, locked. Raises NotYours, or RuleBroken for who has left."""
    with transaction() as session:
        volunteer = session.scalar(
            select(Volunteer).where(Volunteer.person_id == by.id).with_for_update()
        )
        if volunteer is None:
            raise NotYours
        if volunteer.status in LEFT:
            raise RuleBroken(_("您现在不是志愿者，不能办理"))
        return volunteer
