"""The messages about the visits of these days: those of the past sent, the others waiting.

Rows of the same shape as visits.reminders and messages.services write them, many at once.
"""

from datetime import datetime, timedelta
from typing import Any

from core.zone import CHINA
from demo.world import Match, World
from messages.models import DeliveryAttempt, InboxItem, Message, Subject
from messages.rules import Channel, Outcome, outside_quiet_hours
from messages.rules import State as MessageState
from visits.labels import number
from visits.reminders.rules import Reminder, after, before
from visits.reminders.services import SUBJECT
from visits.rules import AHEAD, State

ONE_IN, REFUSED = 100, "550 5.1.1"
"""How often an address turns out to be nobody's, and what the other side then says."""
READ = 0.6


def remind(
    world: World,
    match: Match,
    state: State,
    *,
    visit: tuple[int, str],
    span: tuple[datetime, datetime],
) -> None:
    """Add what is said about a visit that is still to come, or still to be written down."""
    leader = match.crew.members[0].person_id
    everybody = [member.person_id for member in match.crew.members]
    everybody.append(match.kid.village.director)
    due = [(leader, one) for one in after(span[1])]
    if state in AHEAD:
        due = [(person_id, one) for one in before(span[0]) for person_id in everybody] + due
    if state not in {*AHEAD, State.COMPLETED} or all(one.expire_at < world.now for _id, one in due):
        return
    subject_id = world.bulk.add(Subject, kind=SUBJECT, ref=visit[1])
    start, end = (moment.astimezone(CHINA) for moment in span)
    params = {
        "uid": visit[1],
        "number": number(visit[0]),
        "when": f"{start:%Y-%m-%d %H:%M}–{end:%H:%M}",
    }
    for person_id, reminder in due:
        _say(world, reminder, person_id, subject_id=subject_id, params=params)


def _say(
    world: World, reminder: Reminder, person_id: int, *, subject_id: int, params: dict[str, Any]
) -> None:
    """Add a message in both lanes: the site's inbox and e-mail."""
    key = f"visit/{params['uid']}/{reminder.name}/{person_id}/1"
    mail_at = outside_quiet_hours(reminder.due_at, reminder.expire_at)
    lanes = ((Channel.INAPP, "inapp", reminder.due_at), (Channel.EMAIL, "external", mail_at))
    for channel, lane, next_at in lanes:
        sent, message_id = next_at <= world.now, world.bulk.reserve(Message)
        refused = channel is Channel.EMAIL and message_id % ONE_IN == 2
        world.bulk.add(
            Message,
            id=message_id,
            dedup_key=f"{key}/{lane}",
            subject_id=subject_id,
            subject_version=1,
            kind=reminder.kind,
            person_id=person_id,
            channel=channel,
            params=params,
            due_at=reminder.due_at,
            next_at=next_at,
            expire_at=reminder.expire_at,
            created_at=min(world.now, reminder.due_at - timedelta(days=1)),
            **_sent(next_at, refused=refused) if sent else {},
        )
        if sent and channel is Channel.INAPP:
            _put_into_inbox(world, person_id, message_id, reminder=reminder, params=params)
        elif sent:
            _attempt(world, message_id, next_at, refused=refused)


def _sent(at: datetime, *, refused: bool) -> dict[str, Any]:
    """Return what became of a message that is out."""
    if refused:
        return {"state": MessageState.DEAD, "attempts": 1, "error": REFUSED}
    return {"state": MessageState.SENT, "attempts": 1, "sent_at": at}


def _put_into_inbox(
    world: World, person_id: int, message_id: int, *, reminder: Reminder, params: dict[str, Any]
) -> None:
    own = person_id in world.staff.values()
    world.bulk.add(
        InboxItem,
        person_id=person_id,
        message_id=message_id,
        kind=reminder.kind,
        params=params,
        created_at=reminder.due_at,
        read_at=None if own or not world.chance(READ) else reminder.due_at + timedelta(hours=3),
    )


def _attempt(world: World, message_id: int, at: datetime, *, refused: bool) -> None:
    world.bulk.add(
        DeliveryAttempt,
        message_id=message_id,
        number=1,
        finished_at=at,
        outcome=Outcome.REJECTED if refused else Outcome.ACCEPTED,
        code=REFUSED if refused else "250",
    )
