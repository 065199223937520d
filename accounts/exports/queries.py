"""Reading exports: always one's own."""

from datetime import timedelta

from sqlalchemy import ColumnElement, func, select

from accounts.approvals.models import Approval
from accounts.approvals.rules import Step
from accounts.exports.models import Export
from accounts.exports.rules import ExportState
from accounts.rules import Actor
from core import clock
from core.db import AnyRow, db
from core.errors import NotYours
from core.paging import Page, newest_first
from core.scopes import scope

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@scope(Export)
def visible(person: Actor) -> ColumnElement[bool]:
    """Return the condition that somebody has asked for an export."""
    return Export.asked_by_id == person.id


def listing(person: Actor, *, after: str | None) -> Page[AnyRow]:
    """Return a page of one's own exports with the requests they wait for, the newest first."""
    listed = (
        select(Export, Approval)
        .outerjoin(Approval, Approval.id == Export.approval_id)
        .where(visible(person))
    )
    return newest_first(listed, [Export.id], after=after)


def export(uid: str, person: Actor) -> tuple[Export, Approval | None]:
    """Return one's own export with the request it waits for. Raises NotYours."""
    row = db.session.execute(
        select(Export, Approval)
        .outerjoin(Approval, Approval.id == Export.approval_id)
        .where(Export.uid == uid, visible(person))
    ).first()
    if row is None:
        raise NotYours
    return row[0], row[1]


def refusal(approval: Approval | None) -> Step | None:
    """Return how the request of an export ended without approval; None when it did not."""
    if approval is None or approval.state is Step.APPROVED:
        return None
    late = approval.state is Step.ASKED and approval.expires_at <= clock.now()
    step = Step.EXPIRED if late else approval.state
    return None if step is Step.ASKED else step


def asked_lately(person_id: int | None) -> int:
    """Return how many exports somebody has asked for within the last hour."""
    since = clock.now() - HOUR
    counted = select(func.count(Export.id)).where(
        Export.asked_by_id == person_id, Export.asked_at > since
    )
    return db.session.scalar(counted) or 0


def alone_lately(person_id: int | None) -> int:
    """Return how many rows somebody has asked for within the last day without anybody else."""
    summed = select(func.coalesce(func.sum(Export.rows), 0)).where(
        Export.asked_by_id == person_id,
        Export.asked_at > clock.now() - DAY,
        Export.approval_id.is_(None),
    )
    return db.session.scalar(summed) or 0


def ready(person: Actor) -> int:
    """Return how many of one's files can be fetched now."""
    counted = select(func.count(Export.id)).where(
        Export.asked_by_id == person.id,
        Export.state == ExportState.READY,
        Export.expires_at > clock.now(),
    )
    return db.session.scalar(counted) or 0
