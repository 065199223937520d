"""What can happen to a volunteer, from the application to the last day."""

import secrets
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from accounts.models import Person
from accounts.queries import holders
from accounts.rules import SITE, Actor, Role
from accounts.services import Office, grant
from core import audit, clock
from core.db import insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.i18n import lazy as _l
from core.parameters import Parameter, Stricter
from messages.services import Notice, plan
from volunteers import queries
from volunteers.evidence import queries as evidence
from volunteers.evidence.appeals import services as appeals
from volunteers.evidence.needs import services as needs
from volunteers.labels import lacking
from volunteers.models import Volunteer
from volunteers.profile.services import initials
from volunteers.rules import Status
from volunteers.teams import services as teams
from volunteers.teams.forming.seeking import queries as seeking

PARAMETERS = (
    Parameter(
        "volunteers.screening_days",
        365,
        _l("入职查询最长有效多少天，到期须复查"),
        _l("天"),
        _l("未成年人保护法第六十二条：每年定期查询"),
        "T",
        Stricter.LOWER,
    ),
    Parameter(
        "volunteers.training_days",
        365,
        _l("上岗培训最长有效多少天，到期须复训"),
        _l("天"),
        "domain.md §1b",
        "D",
        Stricter.LOWER,
    ),
    Parameter(
        "volunteers.insurance_days",
        3 * 366,
        _l("保险止期最多晚于出单多少天，超过的视为笔误"),
        _l("天"),
        _l("志愿服务条例第十七条要求保险；上限为本站设计"),
        "D",
        Stricter.LOWER,
    ),
    Parameter(
        "volunteers.least_age",
        18,
        _l("一对一结对志愿者的最低年龄"),
        _l("岁"),
        "domain.md §2.3",
        "D",
        Stricter.HIGHER,
    ),
    Parameter(
        "volunteers.most_children",
        2,
        _l("一名志愿者最多陪伴几个孩子"),
        _l("个"),
        "domain.md §5.3",
        "D",
        Stricter.LOWER,
    ),
    Parameter(
        "volunteers.warning_days",
        30,
        _l("到期前多少天提醒协调员"),
        _l("天"),
        "domain.md §1b",
        "D",
        Stricter.NO_MATTER,
    ),
    *appeals.PARAMETERS,
    *needs.PARAMETERS,
    *seeking.PARAMETERS,
)
TOLD_FOR = timedelta(days=14)
AT_ONCE = 200
ENTRIES = (Status.APPLIED, Status.EXPIRED, Status.SUSPENDED)
"""Where a coordinator's yes leads to active from; a pause is ended by `resume`."""
SUSPENDABLE = (Status.APPLIED, Status.ACTIVE, Status.PAUSED, Status.EXPIRED)
PRESENT = (*SUSPENDABLE, Status.SUSPENDED)
HIT_STANDS = evidence.undecided_hit()


def register(person_id: int, *, name: str, county_id: int, org_text: str = "") -> int:
    """Make somebody a volunteer and return the id; who is one already stays as they are.

    Who had left may come back: as an applicant, or suspended while a hit is undecided.
    """
    with transaction() as session:
        made = _insert(person_id, name, county_id=county_id, org_text=org_text)
        volunteer = session.scalars(
            select(Volunteer).where(Volunteer.person_id == person_id).with_for_update()
        ).one()
        if made:
            audit.record("apply", "volunteer", volunteer.uid, by=person_id)
        elif volunteer.status is Status.EXITED:
            hit = session.scalar(
                select(Volunteer.id).where(Volunteer.id == volunteer.id, evidence.undecided_hit())
            )
            back = Status.SUSPENDED if hit else Status.APPLIED
            move(volunteer, back, since=(Status.EXITED,), by=Actor(person_id, name))
        grant(person_id, Office(Role.VOLUNTEER), by=SITE, reason="apply")
        return volunteer.id


def _insert(person_id: int, name: str, *, county_id: int, org_text: str) -> bool:
    """Insert the volunteer with a free number unless the person is one; whether it was needed."""
    with transaction() as session:
        known = select(Volunteer.id).where(Volunteer.person_id == person_id)
        while session.scalar(known) is None:
            made = insert_once(
                Volunteer,
                person_id=person_id,
                number=f"TX{secrets.randbelow(10**6):06}",
                county_id=county_id,
                org_text=org_text[:80],
                initials=initials(name),
            )
            if made is not None:
                return True
    return False


def under(uid: str, by: Actor, *roles: Role) -> Volunteer:
    """Return a volunteer this person answers for, locked against every other change.

    Raises NotYours, and RuleBroken for oneself: nobody clears or bars themselves.
    """
    with transaction() as session:
        volunteer = session.scalar(
            select(Volunteer)
            .where(Volunteer.uid == uid, queries.visible(by, *roles))
            .with_for_update()
        )
        if volunteer is None:
            raise NotYours
        if volunteer.person_id == by.id:
            raise RuleBroken(_("不能给自己办理，请另一位工作人员办理"))
        return volunteer


def move(
    volunteer: Volunteer,
    to: Status,
    *,
    since: Collection[Status],
    by: Actor,
    reason: str = "",
    **values: Any,
) -> int:
    """Bring a volunteer into a state out of others; return the row's new version.

    Raises RuleBroken when the volunteer is in none of them any more.
    """
    with transaction() as session:
        version: int | None = session.scalar(
            update(Volunteer)
            .where(Volunteer.id == volunteer.id, Volunteer.status.in_(since))
            .values(status=to, status_reason=reason[:200], version=Volunteer.version + 1, **values)
            .returning(Volunteer.version)
        )
        if version is None:
            raise RuleBroken(_("状态已经变了，请刷新页面再办理"))
        audit.record(to.value, "volunteer", volunteer.uid, by=by.id, reason=reason)
        return version


def activate(uid: str, *, by: Actor) -> None:
    """Let a volunteer meet children. Raises RuleBroken with everything that is still missing."""
    with transaction():
        volunteer = under(uid, by, Role.COORDINATOR)
        _complete_or_refuse(volunteer)
        version = move(volunteer, Status.ACTIVE, since=ENTRIES, by=by, activated_at=clock.now())
        _tell("volunteer_active", volunteer, version)


def _complete_or_refuse(volunteer: Volunteer) -> None:
    with transaction() as session:
        progress = queries.progress_of(volunteer, clock.today())
        reasons = lacking(progress)
        if session.scalar(select(Volunteer.id).where(Volunteer.id == volunteer.id, HIT_STANDS)):
            reasons.append(_("入职查询结果待未保专员决定"))
        if reasons:
            raise RuleBroken(*reasons)


def pause(uid: str, *, by: Actor) -> None:
    """Let a volunteer rest, at their own wish or the coordinator's."""
    with transaction():
        move(queries.own_or_under(uid, by, lock=True), Status.PAUSED, since=(Status.ACTIVE,), by=by)


def resume(uid: str, *, by: Actor) -> None:
    """End a pause; what ran out meanwhile has to be renewed first."""
    with transaction():
        volunteer = queries.own_or_under(uid, by, lock=True)
        _complete_or_refuse(volunteer)
        move(volunteer, Status.ACTIVE, since=(Status.PAUSED,), by=by)


def suspend(uid: str, *, reason: str, by: Actor) -> None:
    """Keep a volunteer away from children at once."""
    with transaction():
        volunteer = under(uid, by, Role.COORDINATOR, Role.SAFEGUARDING_LEAD)
        suspend_at_once(volunteer, reason=reason, by=by)


def suspend_at_once(volunteer: Volunteer, *, reason: str, by: Actor) -> None:
    """Suspend within the caller's transaction, which has locked the volunteer."""
    version = move(volunteer, Status.SUSPENDED, since=SUSPENDABLE, by=by, reason=reason)
    _tell("volunteer_suspended", volunteer, version)


def leave(uid: str, *, reason: str, by: Actor) -> None:
    """Let a volunteer go, out of every team: their own wish or the coordinator's decision."""
    with transaction():
        volunteer = queries.own_or_under(uid, by, lock=True)
        move(volunteer, Status.EXITED, since=PRESENT, by=by, reason=reason)
        teams.leave_all(volunteer.id, by=by)


def bar(uid: str, *, reason: str, by: Actor) -> None:
    """Keep somebody away for good: a safeguarding lead's decision on who is suspended or left."""
    with transaction():
        volunteer = under(uid, by, Role.SAFEGUARDING_LEAD)
        appeals.refuse_before_its_end(volunteer.id)
        since = (Status.SUSPENDED, Status.EXITED)
        move(volunteer, Status.BARRED, since=since, by=by, reason=reason)
        teams.leave_all(volunteer.id, by=by)


def expire_lapsed() -> int:
    """Expire whoever is active without complete clearance today; return how many.

    They and their county's coordinators are told. Asked again, there is nobody left to expire.
    """
    ids = evidence.lapsed(Volunteer.status == Status.ACTIVE)
    chunks = [ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)]
    return sum(_expire(chunk) for chunk in chunks)


def _expire(ids: list[int]) -> int:
    """Expire those of these volunteers who still are active and lapsed under the lock."""
    with transaction() as session:
        among = Volunteer.id.in_(ids) & (Volunteer.status == Status.ACTIVE)
        session.execute(select(Volunteer.id).where(among).with_for_update())
        lapsed = evidence.lapsed(among)
        for volunteer_id in lapsed:
            volunteer = session.get_one(Volunteer, volunteer_id)
            version = move(volunteer, Status.EXPIRED, since=(Status.ACTIVE,), by=SITE)
            staff = [row.id for row in holders(Role.COORDINATOR, [volunteer.county_id])]
            _tell("volunteer_expired", volunteer, version, *staff)
        return len(lapsed)


def _tell(kind: str, volunteer: Volunteer, version: int, *staff: int) -> None:
    """Tell the volunteer, and members of staff by name, within the caller's transaction."""
    now = clock.now()
    with transaction() as session:
        people = session.execute(
            select(Person.id, Person.name, Person.language).where(
                Person.id.in_([volunteer.person_id, *staff])
            )
        ).all()
        name = next(row.name for row in people if row.id == volunteer.person_id)
        plan(
            [
                Notice(
                    kind=kind,
                    key=f"{kind}/{volunteer.uid}/{version}/{row.id}",
                    params={
                        "name": name,
                        "uid": volunteer.uid,
                        "own": row.id == volunteer.person_id,
                    },
                    due_at=now,
                    expire_at=now + TOLD_FOR,
                    person_id=row.id,
                    language=row.language,
                )
                for row in people
            ]
        )
