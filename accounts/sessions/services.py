"""Where somebody is signed in: a row a device, which the person or an administrator can end.

The browser holds a secret of 256 bits, the row its digest: a stolen row is no cookie. The secret
is new at sign-in and at each change of what the session may do.
"""

from datetime import timedelta

from sqlalchemy import Update, delete, select, update
from sqlalchemy.exc import OperationalError

from accounts.models import RoleGrant, SignInLink, SignInSession
from accounts.queries import holds_now
from accounts.rules import STAFF, Actor, Role
from accounts.sessions.rules import SLACK, Limits
from core import audit, clock, ids, parameters
from core.db import db, transaction
from core.errors import NotYours
from core.i18n import lazy as _l
from core.parameters import Parameter
from core.writers import WriterBusy

PARAMETERS = (
    Parameter(
        "accounts.staff_idle_minutes",
        30,
        _l("工作人员多久没有操作就自动退出"),
        _l("分钟"),
        _l("本站设计；参照公开系统的做法"),
        "D",
    ),
    Parameter(
        "accounts.volunteer_idle_minutes",
        120,
        _l("志愿者多久没有操作就自动退出"),
        _l("分钟"),
        _l("本站设计"),
        "D",
    ),
    Parameter(
        "accounts.session_hours",
        12,
        _l("一次登录最长保持多久，不论是否在用"),
        _l("小时"),
        _l("本站设计；参照公开系统的做法"),
        "D",
    ),
    Parameter(
        "accounts.step_up_minutes",
        10,
        _l("查看敏感内容或导出前的身份验证，多久内有效"),
        _l("分钟"),
        _l("本站设计"),
        "D",
    ),
)


def limits() -> Limits:
    """Return what holds today."""
    return Limits.of(parameters.values_on(clock.today()))


def begin_session(person_id: int, *, agent: str) -> str:
    """Sign somebody in on a device; return the session's secret, which is kept nowhere else.

    Whoever needs a second factor has yet to pass it; for the others this was the proof.
    """
    return _new_session(person_id, agent=agent, factor=False, stepped_up=True)


def open_session(person_id: int, *, agent: str, stepped_up: bool = False) -> str:
    """Sign somebody in with the second factor passed: for tests, which begin behind it."""
    return _new_session(person_id, agent=agent, factor=True, stepped_up=stepped_up)


def _new_session(person_id: int, *, agent: str, factor: bool, stepped_up: bool) -> str:
    secret, now, allowed = ids.token(), clock.now(), limits()
    with transaction() as session:
        session.add(
            SignInSession(
                person_id=person_id,
                token_hash=ids.digest(secret),
                agent=agent[:120],
                created_at=now,
                seen_at=now,
                idle_at=now + allowed.idle(staff=_is_staff(person_id)),
                expires_at=now + allowed.longest,
                factor_at=now if factor else None,
                step_up_until=now + allowed.step_up if stepped_up else None,
            )
        )
        audit.record("sign_in", "person", person_id, by=person_id)
    return secret


def _is_staff(person_id: int) -> bool:
    held = select(RoleGrant.id).where(
        RoleGrant.person_id == person_id, RoleGrant.role.in_(STAFF), holds_now()
    )
    return db.session.scalar(held.limit(1)) is not None


def note_sight(me: Actor) -> None:
    """Write down that the session is in use; never an earlier moment than is written already.

    Reading goes on where nothing can be written just now: a full disk signs nobody out at once.
    """
    now = clock.now()
    try:
        with transaction() as session:
            idle_at = now + limits().idle(staff=me.has(*STAFF) or me.second_factor_due)
            session.execute(
                update(SignInSession)
                .where(SignInSession.id == me.session_id, SignInSession.seen_at < now)
                .values(seen_at=now, idle_at=idle_at)
            )
    except (WriterBusy, OperationalError):
        return


def renew(session_id: int | None) -> str:
    """Give a session a new secret and return it; the old one opens nothing any more."""
    secret = ids.token()
    with transaction() as session:
        renewed = session.scalar(
            update(SignInSession)
            .where(SignInSession.id == session_id, SignInSession.ended_at.is_(None))
            .values(token_hash=ids.digest(secret), renewal_due=False)
            .returning(SignInSession.id)
        )
        if renewed is None:
            raise NotYours
    return secret


def pass_factor(me: Actor) -> str:
    """Note that the second factor was passed here; return the session's new secret."""
    with transaction() as session:
        session.execute(_this(me).values(factor_at=clock.now()))
        return step_up(me)


def step_up(me: Actor) -> str:
    """Note that somebody has just proved who they are; return the session's new secret."""
    now = clock.now()
    with transaction() as session:
        until = now + limits().step_up
        session.execute(_this(me).values(step_up_until=until, seen_at=now, factor_tries=0))
        audit.record("step_up", "person", me.id, by=me.id)
        return renew(me.session_id)


def _this(me: Actor) -> Update:
    return update(SignInSession).where(SignInSession.id == me.session_id)


def rights_changed(person_id: int) -> None:
    """Let every session of the person take a new secret at its next request."""
    with transaction() as session:
        session.execute(
            update(SignInSession)
            .where(SignInSession.person_id == person_id, SignInSession.ended_at.is_(None))
            .values(renewal_due=True)
        )


def end_session(session_id: int, *, by: Actor) -> None:
    """End one of the person's own sessions, or anybody's for an administrator."""
    with transaction() as session:
        ended = update(SignInSession).where(
            SignInSession.id == session_id, SignInSession.ended_at.is_(None)
        )
        if not by.has(Role.ADMIN):
            ended = ended.where(SignInSession.person_id == by.id)
        owner = session.scalar(
            ended.values(ended_at=clock.now(), ended_by_id=by.id).returning(SignInSession.person_id)
        )
        if owner is None:
            raise NotYours
        audit.record("end_session", "person", owner, by=by.id)


def end_others(me: Actor) -> int:
    """End every session of one's own but this one; return how many."""
    with transaction():
        ended = end_all(me.id, by=me, but=me.session_id)
        audit.record("end_session", "person", me.id, by=me.id)
    return ended


def end_all(person_id: int | None, *, by: Actor, but: int | None = None) -> int:
    """End the sessions of somebody, but for one; return how many."""
    with transaction() as session:
        ended = session.scalars(
            update(SignInSession)
            .where(
                SignInSession.person_id == person_id,
                SignInSession.ended_at.is_(None),
                SignInSession.id != (but or 0),
            )
            .values(ended_at=clock.now(), ended_by_id=by.id)
            .returning(SignInSession.id)
        ).all()
    return len(ended)


def end_what_a_clock_set_back_would_extend() -> int:
    """End sessions last seen at a time that has not come yet; return how many."""
    now = clock.now()
    with transaction() as session:
        ended = session.scalars(
            update(SignInSession)
            .where(SignInSession.ended_at.is_(None), SignInSession.seen_at > now + SLACK)
            .values(ended_at=now)
            .returning(SignInSession.id)
        ).all()
    return len(ended)


def purge() -> int:
    """Forget sessions and links that ended a month ago; return how many sessions."""
    long_ago = clock.now() - timedelta(days=30)
    with transaction() as session:
        session.execute(delete(SignInLink).where(SignInLink.expires_at < long_ago))
        gone = session.scalars(
            delete(SignInSession)
            .where(SignInSession.expires_at < long_ago)
            .returning(SignInSession.id)
        ).all()
    return len(gone)
