"""What can happen to a certificate: asked for, issued, replaced, made void (domain.md §5.7)."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import aliased

from accounts.forgetting.queries import is_forgotten
from accounts.models import Person
from accounts.rules import Actor, Role
from core import audit, clock, ids, signatures
from core.crypto import sealer
from core.db import insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.zone import CHINA
from messages.services import Notice, plan
from places.models import Area, Organisation
from places.rules import OrgKind
from volunteers import queries as people
from volunteers.certificates import queries
from volunteers.certificates.labels import FAULTS
from volunteers.certificates.models import Certificate
from volunteers.certificates.rules import Issue, Period, Served, Snapshot, State
from volunteers.certificates.signing import services as signing
from volunteers.models import Volunteer

TOLD_FOR = timedelta(days=14)
CENTRE = "未成年人救助保护中心"
HOTLINE = "12345"


def ask(period: Period, *, by: Actor) -> None:
    """Ask for a certificate of one's own hours. Raises NotYours, RuleBroken."""
    with transaction():
        volunteer = people.volunteer_of(by.id)
        if volunteer is None:
            raise NotYours
        _worth(volunteer.id, period)
        uid = ids.uid()
        made = insert_once(
            Certificate,
            uid=uid,
            code=ids.uid(),
            volunteer_id=volunteer.id,
            county_id=volunteer.county_id,
            state=State.REQUESTED,
            from_on=period.first,
            until_on=period.last,
            asked_at=clock.now(),
        )
        if made is None:
            raise RuleBroken(_("您已经申请了一张，还在办理；要改日期，请先撤回"))
        audit.record("certificate_asked", "certificate", uid, by=by.id)


def withdraw(uid: str, *, by: Actor) -> None:
    """Take one's own wish back. Raises NotYours, RuleBroken."""
    with transaction():
        found = queries.certificate(uid, by)
        if not _is_own(found, by):
            raise NotYours
        _end(found, State.WITHDRAWN, since=State.REQUESTED, by=by)


def decline(uid: str, reason: str, *, by: Actor) -> None:
    """Say no to a wish, with the reason. Raises NotYours, RuleBroken."""
    with transaction():
        found = _under(uid, by)
        _end(found, State.DECLINED, since=State.REQUESTED, by=by, reason=reason)
        _tell("certificate_declined", found.uid, found.volunteer_id)


def void(uid: str, reason: str, *, by: Actor) -> None:
    """Make a certificate void, for everybody who asks from now on. Raises NotYours, RuleBroken."""
    with transaction():
        found = _under(uid, by)
        _end(found, State.VOIDED, since=State.ISSUED, by=by, reason=reason)
        _tell("certificate_voided", found.uid, found.volunteer_id)


def issue(uid: str, *, by: Actor) -> None:
    """Issue what somebody has asked for, as the hours stand now. Raises NotYours, RuleBroken."""
    with transaction() as session:
        found = _under(uid, by)
        period = Period(found.from_on, found.until_on)
        values = _signed(found.uid, found.volunteer_id, period, by=by)
        made = session.scalar(
            update(Certificate)
            .where(Certificate.id == found.id, Certificate.state == State.REQUESTED)
            .values(**values)
            .returning(Certificate.id)
        )
        if made is None:
            raise RuleBroken(_("刚刚有人办过，请看最新的情况再办"))
        _issued(found.uid, found.volunteer_id, by.id)


def give(volunteer_id: int, period: Period, *, by: Actor, batch_id: int | None = None) -> None:
    """Issue a certificate that nobody has asked for, in the caller's transaction.

    Who gives it answers for the volunteer: the caller sees to that. Raises RuleBroken.
    """
    with transaction():
        _insert(volunteer_id, period, _signed(ids.uid(), volunteer_id, period, by=by), batch_id)


def hand(uid: str, period: Period, *, by: Actor) -> None:
    """Issue a certificate to a volunteer of one's counties. Raises NotYours, RuleBroken."""
    with transaction():
        volunteer = people.file(uid, by, Role.COORDINATOR).volunteer
        if volunteer.person_id == by.id:
            raise RuleBroken(_("自己的证明要请另一位同事办理"))
        give(volunteer.id, period, by=by)


def correct(uid: str, period: Period, reason: str, *, by: Actor) -> None:
    """Issue another certificate in the place of one that is wrong. Raises NotYours, RuleBroken."""
    with transaction():
        found = _under(uid, by)
        _end(found, State.SUPERSEDED, since=State.ISSUED, by=by, reason=reason)
        values = _signed(ids.uid(), found.volunteer_id, period, by=by, replaces=found.number or "")
        _insert(found.volunteer_id, period, values | {"replaces_id": found.id})


def fetched(uid: str, *, by: Actor) -> None:
    """Note that the person has taken the file: the first time counts."""
    with transaction() as session:
        found = queries.certificate(uid, by)
        if not _is_own(found, by):
            audit.record("certificate_read", "certificate", uid, by=by.id)
            return
        taken = update(Certificate).where(
            Certificate.id == found.id, Certificate.fetched_at.is_(None)
        )
        session.execute(taken.values(fetched_at=clock.now()))


def _under(uid: str, by: Actor) -> Certificate:
    """Return a certificate that somebody decides on: never one of their own hours."""
    found = queries.certificate(uid, by)
    if not by.has(Role.COORDINATOR):
        raise NotYours
    if _is_own(found, by):
        raise RuleBroken(_("自己的证明要请另一位同事办理"))
    return found


def _is_own(found: Certificate, by: Actor) -> bool:
    with transaction() as session:
        asked = select(Volunteer.person_id).where(Volunteer.id == found.volunteer_id)
        return session.scalar(asked) == by.id


def _claim(volunteer_id: int, period: Period) -> None:
    """Let nobody else certify these days until the commit. Raises RuleBroken.

    Hours may still be credited meanwhile: only the key of the row is shared.
    """
    with transaction() as session:
        alone = select(Volunteer.id).where(Volunteer.id == volunteer_id)
        session.execute(alone.with_for_update(key_share=True))
        asked = alone.join(Person, Person.id == Volunteer.person_id).where(is_forgotten())
        if session.scalar(asked) is not None:
            raise RuleBroken(_("这位志愿者已注销，不能再开证明"))
        if queries.has(volunteer_id, period):
            raise RuleBroken(_("这段日期的证明已经开过，还有效"))


def _worth(volunteer_id: int, period: Period) -> Served:
    """Return what was served in the period. Raises RuleBroken when it says nothing."""
    fault = period.fault(clock.today())
    if fault:
        raise RuleBroken(str(FAULTS[fault]))
    served = queries.served(volunteer_id, period)
    if not served.minutes:
        raise RuleBroken(_("这段日期里没有已记入的服务时长，请改日期"))
    return served


def _insert(
    volunteer_id: int, period: Period, values: dict[str, Any], batch_id: int | None = None
) -> None:
    made = insert_once(
        Certificate,
        code=ids.uid(),
        volunteer_id=volunteer_id,
        from_on=period.first,
        until_on=period.last,
        asked_at=clock.now(),
        batch_id=batch_id,
        **values,
    )
    if made is None:
        raise RuleBroken(_("刚刚有人办过，请看最新的情况再办"))
    _issued(values["uid"], volunteer_id, values["issued_by_id"])


def _signed(
    uid: str, volunteer_id: int, period: Period, *, by: Actor, replaces: str = ""
) -> dict[str, Any]:
    """Return the columns of an issued certificate: what it says, sealed, and its signature."""
    with transaction():
        _claim(volunteer_id, period)
        now, key = clock.now(), signing.current()
        today = now.astimezone(CHINA).date()
        stated = Issue(queries.free_number(today), today, key.uid, replaces)
        county_id, said = _said(volunteer_id, period, stated, by)
        blocks = said.blocks()
        text = signatures.canonical(blocks).decode()
        return {
            "uid": uid,
            "county_id": county_id,
            "state": State.ISSUED,
            "number": stated.number,
            "minutes": said.served.minutes,
            "blocks": sealer().seal(text, queries.PLACE + uid),
            "signature": signing.sign(key, blocks),
            "key_id": key.id,
            "issued_at": now,
            "issued_by_id": by.id,
        }


def _said(volunteer_id: int, period: Period, stated: Issue, by: Actor) -> tuple[int, Snapshot]:
    """Return whose centre issues it, and what it says."""
    with transaction() as session:
        served = _worth(volunteer_id, period)
        theirs = aliased(Organisation)
        centre = (
            select(theirs.name)
            .where(theirs.kind == OrgKind.CENTER, theirs.area_id == Area.id)
            .limit(1)
            .scalar_subquery()
        )
        number, org_text, name, org, county_id, county, issuer = session.execute(
            select(
                Volunteer.number, Volunteer.org_text, Person.name, Organisation.name,
                Area.id, Area.name, centre,
            )
            .join(Person, Person.id == Volunteer.person_id)
            .join(Area, Area.id == Volunteer.county_id)
            .outerjoin(Organisation, Organisation.id == Volunteer.org_id)
            .where(Volunteer.id == volunteer_id)
        ).one()  # fmt: skip
        return county_id, Snapshot(
            name=name,
            volunteer_no=number,
            organisation=org or org_text,
            period=period,
            served=served,
            issuer=issuer or county + CENTRE,
            handler=by.name,
            contact=HOTLINE,
            issue=stated,
        )


def _issued(uid: str, volunteer_id: int, by_id: int | None) -> None:
    audit.record("certificate_issued", "certificate", uid, by=by_id)
    _tell("certificate_issued", uid, volunteer_id)


def _end(found: Certificate, to: State, *, since: State, by: Actor, reason: str = "") -> None:
    with transaction() as session:
        ended = session.scalar(
            update(Certificate)
            .where(Certificate.id == found.id, Certificate.state == since)
            .values(state=to, ended_at=clock.now(), ended_by_id=by.id, reason=reason)
            .returning(Certificate.id)
        )
        if ended is None:
            raise RuleBroken(_("刚刚有人办过，请看最新的情况再办"))
        audit.record(f"certificate_{to}", "certificate", found.uid, by=by.id, fields=["reason"])


def _tell(kind: str, uid: str, volunteer_id: int) -> None:
    """Tell the person, in the caller's transaction, what has become of a certificate."""
    now = clock.now()
    with transaction() as session:
        person_id, language = session.execute(
            select(Person.id, Person.language)
            .join(Volunteer, Volunteer.person_id == Person.id)
            .where(Volunteer.id == volunteer_id)
        ).one()
        key = f"{kind}/{uid}"
        plan([Notice(kind, key, {}, now, now + TOLD_FOR, person_id=person_id, language=language)])
