"""Declaring that a few rows will be sent now: the last look before anything leaves."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, case, exists, or_, type_coerce, update
from sqlalchemy.orm import Session

from core import clock
from core.db import transaction
from messages.channels.rules import Outgoing, Text
from messages.delivery.breakers.services import Breakers
from messages.delivery.quotas.services import Limits, Refused, take
from messages.delivery.results.services import keep
from messages.delivery.rules import AGAIN, SEVERAL, Group, Invitations, Pace, Ready, Render, Results
from messages.models import Message, Subject
from messages.rules import State


@dataclass(frozen=True, slots=True)
class Pass:
    """What a pass over the ledger works with."""

    token: str
    pace: Pace
    limits: Limits
    breakers: Breakers
    invitations: Invitations = field(default_factory=dict)


def still_stands() -> Any:
    """Return the condition that what a message is about has not changed or gone."""
    same = exists().where(
        Subject.id == Message.subject_id,
        Subject.version == Message.subject_version,
        or_(Subject.open.is_(True), Message.after_close.is_(True)),
    )
    return or_(Message.subject_id.is_(None), same)


def intend(groups: Sequence[Group], results: Results, work: Pass) -> list[Group]:
    """Keep the results of the chunk before, declare these, and return what may be sent.

    What has changed, has come too late or would be too much for somebody is left out.
    """
    now = clock.now()
    ids = [row.id for group in groups for row in group.rows]
    with transaction() as session:
        keep(session, results, work.token, work.breakers)
        declared = _declare(session, groups, work, now)
        if len(declared) < len(ids):
            drop_the_rest(session, ids, work.token)
        left = [part for group in groups if (part := _part(group, declared))]
        _name_the_carrier(session, left)
        return _within_limits(session, left, work, now)


def _declare(session: Session, groups: Sequence[Group], work: Pass, now: datetime) -> set[int]:
    """Mark what stands as being sent, with the way it takes."""
    declared: set[int] = set()
    for channel in dict.fromkeys(group.channel for group in groups):
        ids = [row.id for group in groups if group.channel is channel for row in group.rows]
        given = {"ids": ids, "token": work.token, "now": now, "by": channel}
        until = {"until": clock.now() + work.pace.lease}
        declared |= set(session.connection().scalars(_declaring(), given | until))
    return declared


@cache
def _declaring() -> Any:
    """Return the statement without its values: putting it together costs more than sending it."""
    return (
        update(Message)
        .where(
            Message.id.in_(bindparam("ids", expanding=True)),
            Message.claim_token == bindparam("token"),
            Message.state == State.CLAIMED,
            Message.expire_at > bindparam("now"),
            still_stands(),
        )
        .values(
            state=State.SENDING,
            channel=bindparam("by"),
            carried_by=None,
            attempts=Message.attempts + 1,
            lease_until=bindparam("until"),
        )
        .returning(Message.id)
    )


def drop_the_rest(session: Session, row_ids: Sequence[int], token: str) -> None:
    """What was claimed and may not be sent: it is too late, or its subject has changed."""
    expired, cancelled = (
        type_coerce(state, Message.state.type) for state in (State.EXPIRED, State.CANCELLED)
    )
    session.execute(
        update(Message)
        .where(
            Message.id.in_(row_ids), Message.claim_token == token, Message.state == State.CLAIMED
        )
        .values(
            state=case((Message.expire_at <= clock.now(), expired), else_=cancelled),
            lease_until=None,
        )
    )


def _part(group: Group, declared: set[int]) -> Group | None:
    """Return the group with what still stands of it."""
    rows = tuple(row for row in group.rows if row.id in declared)
    return Group(group.channel, group.address, rows, group.ways_left) if rows else None


def _name_the_carrier(session: Session, groups: Sequence[Group]) -> None:
    """Write beside each row of a group whose key they go out with."""
    for group in groups:
        if len(group.rows) > 1:
            session.execute(
                update(Message)
                .where(Message.id.in_([row.id for row in group.rows[1:]]))
                .values(carried_by=group.rows[0].uid)
            )


def _within_limits(
    session: Session, groups: Sequence[Group], work: Pass, now: datetime
) -> list[Group]:
    """Return what people may still get; the rest waits, or stays on the site."""
    counted = {group.rows[0].person_id for group in groups if not group.exempt}
    refused = take(session, {one for one in counted if one}, now, work.limits)
    seen: set[int | None] = set()
    allowed: list[Group] = []
    for group in groups:
        person_id = group.rows[0].person_id
        again = Refused(now + work.limits.gap) if person_id in seen else refused.get(person_id or 0)
        if group.exempt or again is None:
            allowed.append(group)
        else:
            _hold_back(session, group, again)
        if not group.exempt:
            seen.add(person_id)
    return allowed


def _hold_back(session: Session, group: Group, refused: Refused) -> None:
    for row in group.rows:
        values: dict[str, Any] = {"lease_until": None, "error": "limit", "attempts": row.attempts}
        if refused.again_at is None or refused.again_at >= row.expire_at:
            values |= {"state": State.SUPPRESSED}
        else:
            values |= {"state": State.PENDING, "claim_token": None, "next_at": refused.again_at}
        session.execute(update(Message).where(Message.id == row.id).values(**values))


def ready(group: Group, render: Render, invitations: Invitations) -> Ready:
    """Return the group with its text, or with the reason why it has none."""
    first = group.rows[0]
    try:
        text = _text(group, render)
    except ValueError as error:
        return Ready(group, None, f"text: {error}"[:200])
    values = tuple((name, str(value)) for name, value in sorted(first.params.items()))
    beside = None if len(group.rows) > 1 or first.repeats else invitations.get(first.id)
    return Ready(group, Outgoing(first.uid, group.address, text, first.kind, values, beside))


def _text(group: Group, render: Render) -> Text:
    first = group.rows[0]
    if len(group.rows) > 1:
        parts = [[row.kind, row.params] for row in group.rows]
        return render(SEVERAL, first.language, {"parts": parts})
    if first.repeats:
        return render(AGAIN, first.language, {"parts": [[first.kind, first.params]]})
    return render(first.kind, first.language, first.params)
