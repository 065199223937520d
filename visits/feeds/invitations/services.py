"""A visit as an invitation by mail (iTIP, RFC 5546), beside the words of a message about it.

Nothing is kept: which messages bring one is asked when they leave. Answers that a calendar sends
back are not read: people confirm on the site.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager

from sqlalchemy import select

from accounts.models import Person
from core.db import db
from core.logs import log
from messages.channels.rules import Invitation
from messages.delivery.rules import Due
from messages.queries import mailed
from visits.feeds import queries
from visits.feeds.invitations.rules import inviting, siblings
from visits.feeds.queries import Site
from visits.feeds.rules import Method
from visits.models import Party, Visit
from visits.rules import State

Speaking = Callable[[str], AbstractContextManager[Site]]
"""Makes the words of a block those of a language, and gives what addresses are made of."""


def invitations(rows: Sequence[Due], speaking: Speaking, *, sender: str) -> dict[int, Invitation]:
    """Return what a calendar reads beside messages to those who asked for it, by row.

    Of a plan only the first message that goes by mail brings it; a move has a higher SEQUENCE.
    """
    about = {row.id: said for row in rows if (said := inviting(row.dedup_key))}
    wanted = queries.wants_invitations({one.person_id for one in about.values()})
    about = {row_id: one for row_id, one in about.items() if one.person_id in wanted}
    if not about:
        return {}
    before = mailed(key for one in about.values() for key in siblings(one))
    known = _visits({one.visit_uid for one in about.values()})
    taking = _parties({visit.id for visit in known.values()})
    mailboxes = _mailboxes(wanted)
    languages, found = {row.id: row.language for row in rows}, dict[int, Invitation]()
    for row_id, one in about.items():
        visit, mailbox = known.get(one.visit_uid), mailboxes.get(one.person_id)
        if visit and mailbox and not before.intersection(siblings(one)):
            off = visit.state is State.CANCELLED or (visit.id, one.person_id) not in taking
            try:
                with speaking(languages[row_id]) as site:
                    found[row_id] = _invitation(visit, site, (sender, mailbox), off=off)
            except ValueError as error:  # the words go without it, and so does everybody else's
                log.error("invitation not made", visit=visit.id, error=type(error).__name__)
    return found


def _visits(uids: set[str]) -> Mapping[str, Visit]:
    visits = db.session.scalars(select(Visit).where(Visit.uid.in_(uids)))
    return {visit.uid: visit for visit in visits}


def _mailboxes(person_ids: set[int]) -> Mapping[int, str]:
    rows = db.session.execute(
        select(Person.id, Person.email).where(
            Person.id.in_(person_ids), Person.email.is_not(None), Person.disabled_at.is_(None)
        )
    )
    return {row[0]: str(row[1]) for row in rows}


def _parties(visit_ids: set[int]) -> set[tuple[int, int]]:
    """Return who takes part in which visit, as (visit, person)."""
    rows = db.session.execute(
        select(Party.visit_id, Party.person_id).where(Party.visit_id.in_(visit_ids))
    )
    return {(row[0], row[1]) for row in rows}


def _invitation(visit: Visit, site: Site, mailboxes: tuple[str, str], *, off: bool) -> Invitation:
    """Return the invitation, or that it is off: for everybody, or for whoever was taken off it.

    Raises ValueError for what calendars have no way to write.
    """
    method = Method.CANCEL if off else Method.REQUEST
    sender, guest = mailboxes
    calendar = queries.empty()
    calendar.add("method", method.value)
    (event,) = queries.events([visit], site)
    event.add("organizer", f"mailto:{sender}")
    event.add("attendee", f"mailto:{guest}", parameters={"PARTSTAT": "NEEDS-ACTION"})
    if off:
        event.pop("status")
        event.add("status", "CANCELLED")
    calendar.add_component(event)
    return Invitation(method.value, bytes(calendar.to_ical()))
