"""What a university's lead and the county's coordinator do: domains, lists, links, and ends."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, func, select, update

from accounts.rules import Actor, Role
from core import audit, clock, ids, sheets
from core.crypto import sealer
from core.db import hold, insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.scopes import find
from places.models import Organisation
from volunteers.students.desk import queries
from volunteers.students.models import RosterEntry, StudentDomain, StudentStatus, Vouch
from volunteers.students.rules import LONGEST, How, is_domain, plain, told
from volunteers.students.services import digests, secret_of
from volunteers.students.telling.services import remind_no_more

MOST_DOMAINS = 10
MOST_USES = 200
LINK_LASTS = timedelta(days=60)
NUMBER, NAME = ("学号", "student number"), ("姓名", "name")
"""What the columns of a list may be called."""
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Roster:
    """A university's list: digests only, and the last day it counts."""

    digests: tuple[str, ...]
    until: date


def add_domain(uid: str, domain: str, *, by: Actor) -> None:
    """Enter a domain that the coordinator has checked. Raises NotYours, RuleBroken."""
    if not is_domain(domain):
        raise RuleBroken(_("请填学校自己的邮箱域名，如 stu.example.edu.cn；大家都能注册的邮箱不行"))
    with transaction() as session:
        org = queries.university(uid, by, *queries.CLERKS)
        hold(select(Organisation.id).where(Organisation.id == org.id))
        many = select(func.count()).where(StudentDomain.org_id == org.id)
        if (session.scalar(many) or 0) >= MOST_DOMAINS:
            raise RuleBroken(_("一所学校最多 %(most)d 个邮箱域名", most=MOST_DOMAINS))
        made = insert_once(
            StudentDomain, org_id=org.id, domain=domain, set_by_id=by.id, set_at=clock.now()
        )
        if made is None:
            raise RuleBroken(_("这个域名已经登记过了"))
        audit.record("student_domain_added", "organisation", uid, by=by.id)


def remove_domain(uid: str, domain_id: int, *, by: Actor) -> None:
    """Take a domain away; who has shown it before keeps the status until it ends."""
    with transaction() as session:
        org = queries.university(uid, by, *queries.CLERKS)
        gone = session.scalar(
            delete(StudentDomain)
            .where(StudentDomain.id == domain_id, StudentDomain.org_id == org.id)
            .returning(StudentDomain.id)
        )
        if gone is None:
            raise NotYours
        audit.record("student_domain_removed", "organisation", uid, by=by.id)


def read_roster(data: bytes, name: str, org_id: int) -> tuple[str, ...]:
    """Return the digests of an uploaded list; numbers and names are gone when this returns.

    Raises RuleBroken with the first line that cannot be used.
    """
    header, *lines = sheets.read(data, name)
    columns = _column(header, NUMBER), _column(header, NAME)
    found = {}
    for row, line in enumerate(lines, 2):
        number, person = (line[at] if at < len(line) else "" for at in columns)
        if not plain(number) and not plain(person):
            continue
        if not plain(number) or not plain(person):
            raise RuleBroken(_("第 %(row)d 行缺学号或姓名，请补上再传", row=row))
        found[digests(How.ROSTER, f"{org_id}\0{told(number, person)}")[0]] = row
    if not found:
        raise RuleBroken(_("名册里一个学生也没有，请核对后再传"))
    return tuple(found)


def _column(header: list[str], names: tuple[str, ...]) -> int:
    for place, heading in enumerate(header):
        if heading.lower() in names:
            return place
    raise RuleBroken(_("第一行要有“学号”和“姓名”两列，其他列会被忽略"))


def add_roster(uid: str, roster: Roster, *, by: Actor) -> str:
    """Add a list's digests; those that are there already stay. Returns how many are new."""
    today = clock.today()
    if not today <= roster.until <= today + LONGEST:
        raise RuleBroken(_("有效期要在今天之后、一年之内，一般填学期最后一天"))
    with transaction() as session:
        org = queries.university(uid, by, Role.ORG_LEAD)
        hold(select(Organisation.id).where(Organisation.id == org.id))
        known = set(
            session.scalars(
                select(RosterEntry.digest).where(
                    RosterEntry.org_id == org.id, RosterEntry.until == roster.until
                )
            )
        )
        fresh = [digest for digest in roster.digests if digest not in known]
        for some in _pieces(fresh):
            session.add_all(
                RosterEntry(org_id=org.id, until=roster.until, digest=digest) for digest in some
            )
            session.flush()
        audit.record("student_roster_added", "organisation", uid, by=by.id)
    return str(len(fresh))


def _pieces(many: list[str]) -> Iterable[list[str]]:
    return (many[at : at + AT_ONCE] for at in range(0, len(many), AT_ONCE))


def clear_rosters(uid: str, *, by: Actor) -> None:
    """Forget a university's lists; who was on them keeps the status until it ends."""
    with transaction() as session:
        org = queries.university(uid, by, Role.ORG_LEAD)
        session.execute(delete(RosterEntry).where(RosterEntry.org_id == org.id))
        audit.record("student_roster_cleared", "organisation", uid, by=by.id)


def make_link(uid: str, uses: int, expires_on: date, *, by: Actor) -> None:
    """Make a link by which the lead vouches for so many students. Raises NotYours, RuleBroken."""
    today = clock.today()
    if not 1 <= uses <= MOST_USES:
        raise RuleBroken(_("一个链接最多给 %(most)d 人用", most=MOST_USES))
    if not today <= expires_on <= today + LINK_LASTS:
        raise RuleBroken(_("链接最多开 %(days)d 天", days=LINK_LASTS.days))
    with transaction() as session:
        org = queries.university(uid, by, Role.ORG_LEAD)
        hold(select(Organisation.id).where(Organisation.id == org.id))
        if len(queries.links_of(org.id)) >= queries.MOST_LINKS:
            raise RuleBroken(_("开着的链接太多了，请先停用不用的"))
        link_uid, key_id = ids.uid(), sealer().ring.current
        session.add(
            Vouch(
                uid=link_uid,
                org_id=org.id,
                made_by_id=by.id,
                token_hash=ids.digest(secret_of(link_uid, key_id)),
                key_id=key_id,
                uses_left=uses,
                expires_on=expires_on,
            )
        )
        audit.record("student_link_made", "student_link", link_uid, by=by.id)


def end_link(uid: str, *, by: Actor) -> str:
    """Let a link open nothing any more; returns its university's uid."""
    with transaction() as session:
        found = find(Vouch, uid, by)
        session.execute(
            update(Vouch)
            .where(Vouch.id == found.id, Vouch.ended_at.is_(None))
            .values(ended_at=clock.now())
        )
        audit.record("student_link_ended", "student_link", uid, by=by.id)
        return session.get_one(Organisation, found.org_id).uid


def end_status(uid: str, *, by: Actor) -> str:
    """Take a status back today; what it rested on serves nobody again this term."""
    with transaction() as session:
        found = find(StudentStatus, uid, by)
        ended = session.scalar(
            update(StudentStatus)
            .where(StudentStatus.id == found.id, StudentStatus.ended_at.is_(None))
            .values(ended_at=clock.now(), ended_by_id=by.id)
            .returning(StudentStatus.id)
        )
        if ended is None:
            raise RuleBroken(_("这个学生身份已经撤回了"))
        remind_no_more(uid)
        audit.record("student_ended", "student_status", uid, by=by.id)
        return session.get_one(Organisation, found.org_id).uid
