"""How volunteers show that they study: by a campus mailbox, a list, or a teacher's word.

Each way is walked by the student, signed in: nobody gets an account or a status by what somebody
else does. What is kept is a digest, the organisation and two days.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from accounts.models import Person
from accounts.rules import Actor
from core import audit, clock, ids
from core.crypto import sealer
from core.db import insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.i18n import lazy as _l
from core.limits import Limit, spend
from core.parameters import Parameter, Stricter, value_on
from places.models import Organisation
from volunteers.students import queries
from volunteers.students.models import RosterEntry, StudentDomain, StudentMail, StudentStatus, Vouch
from volunteers.students.rules import TERM_ENDS, How, domain_of, plain, term_end, told
from volunteers.students.telling import services as telling

MAILS = Limit("student_mail_person", 3, 3600)
MAILS_TO = Limit("student_mail_to", 3, 86400)
LISTS = Limit("student_roster_person", 5, 86400)
LISTS_FROM = Limit("student_roster_address", 60, 3600)
ENDS = "students.term_ends"
PARAMETERS = (
    Parameter(
        ENDS,
        [list(end) for end in TERM_ENDS],
        _l("学期最后一天，学生身份到这天为止：月、日"),
        "",
        _l("各校校历不同，请核对后修改"),
        "D",
        Stricter.NO_MATTER,
    ),
)


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody has shown, and until when it counts."""

    org_id: int
    how: How
    digest: str
    until: date
    vouched_by_id: int | None = None


def digests(purpose: How, text: str) -> list[str]:
    """Return the digests of a text by each of the site's keys, the current one first.

    Keyed, since student numbers are few enough to be tried out.
    """
    seals = sealer()
    keys = (
        seals.derived_by(key_id, f"students/{purpose}") for key_id in reversed([*seals.ring.keys])
    )
    return [hmac.new(key, text.encode(), hashlib.sha256).hexdigest() for key in keys]


def this_term() -> date:
    """Return the last day of the term that is on."""
    today = clock.today()
    return term_end(today, value_on(ENDS, today))


def may_ask_by_mail(person_id: int | None, address: str) -> None:
    """Count a mail to a campus address. Raises TooMany for the person or the mailbox."""
    spend(MAILS.of(str(person_id)), MAILS_TO.of(address.lower()))


def ask_by_mail(address: str, *, language: str, by: Actor) -> None:
    """Send a link to a campus mailbox; one that was asked for before opens nothing any more."""
    secret = ids.token()
    with transaction() as session:
        org_id = _university(session, domain_of(address))
        for old in session.scalars(
            delete(StudentMail)
            .where(StudentMail.person_id == by.id)
            .returning(StudentMail.token_hash)
        ).all():
            telling.forget_mail(old)
        session.add(
            StudentMail(
                person_id=by.id,
                org_id=org_id,
                digest=digests(How.MAIL, address.lower())[0],
                token_hash=ids.digest(secret),
                expires_at=clock.now() + telling.LASTS,
            )
        )
        telling.tell(address, secret, language=language)
        audit.record("student_mail_asked", "person", by.id, by=by.id)


def _university(session: Session, domain: str) -> int:
    org_id = session.scalar(
        select(StudentDomain.org_id)
        .join(Organisation, Organisation.id == StudentDomain.org_id)
        .where(StudentDomain.domain == domain, queries.trusted())
    )
    if org_id is None:
        raise RuleBroken(
            _("这个邮箱不在已核实的校园邮箱里。请换学校发的邮箱，或用学号、老师的链接")
        )
    return org_id


def confirm_mail(secret: str, *, by: Actor) -> None:
    """Use a campus mail's link, as the one who asked for it. Raises NotYours, RuleBroken."""
    with transaction() as session:
        found = queries.asked(secret, by.id).StudentMail
        used = session.scalar(
            delete(StudentMail).where(StudentMail.id == found.id).returning(StudentMail.id)
        )
        if used is None:
            raise NotYours
        telling.forget_mail(found.token_hash)
        proof = Proof(found.org_id, How.MAIL, found.digest, this_term())
        if not _keep(session, proof, by=by):
            raise RuleBroken(_("这个邮箱这学期已经证明过一个账号，不能再用"))


def may_try_a_roster(person_id: int | None, address: str) -> None:
    """Count a try at a list. Raises TooMany for the person or the place it comes from."""
    spend(LISTS.of(str(person_id)), LISTS_FROM.of(address))


def prove_by_roster(org_id: int, number: str, name: str, *, by: Actor) -> None:
    """Find number and name on a university's list, under the name of one's own account.

    Not listed, listed under another name, and used by somebody else are one answer.
    """
    with transaction() as session:
        _refuse_who_has_one(session, org_id, by=by)
        line = session.scalar(
            select(RosterEntry)
            .join(Organisation, Organisation.id == RosterEntry.org_id)
            .where(
                RosterEntry.org_id == org_id,
                RosterEntry.digest.in_(digests(How.ROSTER, f"{org_id}\0{told(number, name)}")),
                RosterEntry.until >= clock.today(),
                queries.trusted(),
            )
            .order_by(RosterEntry.until)
            .limit(1)
        )
        mine = plain(name) == plain(session.get_one(Person, by.id).name)
        proof = line and Proof(org_id, How.ROSTER, line.digest, line.until)
        if not (proof and mine and _keep(session, proof, by=by)):
            raise RuleBroken(
                _("没有对上。学号和姓名要与学校名册、与您的账号都一致；也可以请老师发链接给您")
            )


def accept(secret: str, *, by: Actor) -> None:
    """Take a teacher's word: the WHERE that counts a use is the lock. Raises RuleBroken."""
    with transaction() as session:
        found = queries.word(secret, clock.today())
        if found.vouch.made_by_id == by.id:
            raise RuleBroken(_("不能为自己担保，请把链接发给学生"))
        _refuse_who_has_one(session, found.vouch.org_id, by=by)
        taken = session.scalar(
            update(Vouch)
            .where(Vouch.id == found.vouch.id, Vouch.uses_left > 0, Vouch.ended_at.is_(None))
            .values(uses_left=Vouch.uses_left - 1)
            .returning(Vouch.id)
        )
        if taken is None or not found.open:
            raise RuleBroken(_("这个链接已经用完、过期或停用，请向老师要新的"))
        digest = ids.digest(f"vouch/{found.vouch.uid}/{by.id}")
        proof = Proof(found.vouch.org_id, How.VOUCH, digest, this_term(), found.vouch.made_by_id)
        if not _keep(session, proof, by=by):
            raise RuleBroken(_("老师撤回过对您的担保，请直接联系老师"))


def _refuse_who_has_one(session: Session, org_id: int, *, by: Actor) -> None:
    until = session.scalar(
        select(StudentStatus.until).where(
            StudentStatus.person_id == by.id,
            StudentStatus.org_id == org_id,
            StudentStatus.until >= this_term(),
            StudentStatus.ended_at.is_(None),
        )
    )
    if until is not None:
        raise RuleBroken(
            _("您的学生身份已经有效，到 %(day)s 为止，不用再办", day=until.isoformat())
        )


def _keep(session: Session, proof: Proof, *, by: Actor) -> bool:
    """Keep a status; False when what was shown has served somebody this term already."""
    uid = ids.uid()
    _refuse_who_has_one(session, proof.org_id, by=by)
    made = insert_once(
        StudentStatus,
        uid=uid,
        person_id=by.id,
        org_id=proof.org_id,
        how=proof.how,
        proof=proof.digest,
        since=clock.today(),
        until=proof.until,
        vouched_by_id=proof.vouched_by_id,
    )
    if made is not None:
        org = session.get_one(Organisation, proof.org_id)
        telling.remind(uid, by.id or 0, org=org, until=proof.until)
        audit.record("student_proved", "student_status", uid, by=by.id, fields=[proof.how])
    return made is not None


def vouch_secret(vouch: Vouch) -> str:
    """Return the secret of a link, made from our key: only its digest is kept."""
    return secret_of(vouch.uid, vouch.key_id)


def secret_of(uid: str, key_id: int) -> str:
    key = sealer().derived_by(key_id, "students/vouch-link")
    return base64.urlsafe_b64encode(hmac.digest(key, uid.encode(), "sha256")).decode().rstrip("=")


def forget_old() -> int:
    """Forget lists of terms that are over and mails nobody has answered; return how many."""
    with transaction() as session:
        lines = session.scalars(
            delete(RosterEntry).where(RosterEntry.until < clock.today()).returning(RosterEntry.id)
        ).all()
        mails = session.scalars(
            delete(StudentMail)
            .where(StudentMail.expires_at <= clock.now())
            .returning(StudentMail.token_hash)
        ).all()
        for token_hash in mails:
            telling.forget_mail(token_hash)
    return len(lines) + len(mails)
