"""Keeping the audit whole: sealing, keeping heads, checking, and noting what came of it."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import or_, select, update

from accounts.audit.models import AuditCheck
from accounts.audit.queries import PACK, PACK_MADE, is_awaited, is_planned, last_check
from accounts.audit.rules import is_due_tonight
from accounts.rules import SITE, Actor
from core import audit, checking, clock, heads, seals
from core.checking import Report
from core.db import insert_once, transaction
from core.heads import Head
from core.i18n import lazy as _l
from core.logs import log
from core.parameters import Parameter, value_on

GIVEN_UP = timedelta(hours=1)
"""After this long without an end a check was cut off with its process; another takes it up."""
PARAMETERS = (
    Parameter("audit.check_hour", 3, _l("审计记录每夜从几点起核验"), _l("点"), _l("本站设计"), "D"),
    Parameter(
        "audit.due_day", 31, _l("上一年度未成年人合规审计情况最迟一月几日报送"), _l("日"),
        _l("国家网信办 2025-12-29 公告；《未成年人网络保护条例》第三十七条"), "P",
    ),
    Parameter(
        "audit.reminder_days", [1, 15, 25], _l("一月哪几天提醒报送"), _l("日"), _l("本站设计"), "D"
    ),
)  # fmt: skip


def keep(home: Path) -> None:
    """Seal what is settled and keep the head of now; a head that is gone asks for a check."""
    while seals.seal() == seals.AT_ONCE:
        pass
    if heads.keep(home):
        return
    known = last_check()
    if (known is None or known.fault is None) and ask(by=SITE):
        log.error("audit head is not in the chain")


def ask(*, by: Actor) -> bool:
    """Ask for a check now; False when one is already waiting or running."""
    with transaction() as session:
        if is_awaited():
            return False
        asked = AuditCheck(asked_at=clock.now(), asked_by_id=by.id)
        session.add(asked)
        session.flush()
        if by.id:
            audit.record("audit_check_asked", "audit_check", asked.id, by=by.id)
        return True


def check_when_due(home: Path, alarm: Callable[[], object]) -> int:
    """Do the checks that wait, and at night the nightly one; return how many were done.

    `alarm` is a deed of a higher room, done in the transaction that notes a broken trail.
    """
    _ask_for_tonight()
    done = 0
    while is_awaited() and (check_id := _take_up()) is not None:
        report = checking.check(home)
        with transaction():
            _note(check_id, report)
            if report.trouble:
                alarm()
        done += 1
    return done


def _ask_for_tonight() -> None:
    now, day = clock.now(), clock.today()
    if is_due_tonight(now, value_on("audit.check_hour", day)) and not is_planned(day):
        with transaction():
            insert_once(AuditCheck, day=day, asked_at=now)


def check_now(home: Path, given: Sequence[Head] = ()) -> Report:
    """Check at once, also against heads that somebody kept elsewhere; note what was found."""
    report = checking.check(home, given)
    with transaction() as session:
        made = AuditCheck(asked_at=clock.now(), begun_at=clock.now())
        session.add(made)
        session.flush()
        _note(made.id, report)
    return report


def note_package(year: int, *, by: Actor) -> None:
    """Leave the row that says that a year's package was made."""
    with transaction():
        audit.record(PACK_MADE, PACK, year, by=by.id)


def _take_up() -> int | None:
    """Claim a check that waits, or that was cut off; of several processes one gets it."""
    now = clock.now()
    with transaction() as session:
        waiting = (
            select(AuditCheck.id)
            .where(
                AuditCheck.ended_at.is_(None),
                or_(AuditCheck.begun_at.is_(None), AuditCheck.begun_at < now - GIVEN_UP),
            )
            .order_by(AuditCheck.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        return session.scalar(
            update(AuditCheck)
            .where(AuditCheck.id.in_(waiting.scalar_subquery()))
            .values(begun_at=now)
            .returning(AuditCheck.id)
        )


def _note(check_id: int, report: Report) -> None:
    trouble = report.trouble
    with transaction() as session:
        session.execute(
            update(AuditCheck)
            .where(AuditCheck.id == check_id)
            .values(
                ended_at=clock.now(),
                rows=report.rows,
                head=str(report.head) if report.head else None,
                fault=trouble.fault if trouble else None,
                bad_row=trouble.row_id if trouble else None,
            )
        )
    if trouble:
        log.error("audit check failed", row=trouble.row_id, fault=trouble.fault.value)
