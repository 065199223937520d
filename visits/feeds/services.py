"""Making and revoking private calendars, reading them, and asking for invitations."""

import hashlib
from collections import OrderedDict
from datetime import timedelta
from threading import Lock

from sqlalchemy import delete, func, select, update

from accounts.models import Person
from accounts.rules import Actor
from core import audit, clock, ids, limits
from core.db import hold, insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _, locale
from core.limits import Limit
from core.scopes import visible
from visits.feeds import queries
from visits.feeds.models import CalendarFeed, InvitationWish
from visits.feeds.queries import Site
from visits.feeds.rules import MOST_FEEDS, Reach

GUESSES = Limit("calendar_guesses", 60, 3600)
"""Wrong addresses from one place: a calendar whose feed was revoked asks some times an hour."""
NOTED_EVERY = timedelta(minutes=10)
KEPT = 64
"""Files kept in the process, the least asked for goes first: some megabytes."""
_files: OrderedDict[str, bytes] = OrderedDict()
_lock = Lock()


def make(name: str, reach: Reach, *, by: Actor) -> str:
    """Make a calendar and return its secret, which is shown once. Raises RuleBroken."""
    secret = ids.token()
    with transaction() as session:
        hold(select(Person.id).where(Person.id == by.id))
        mine = (CalendarFeed.person_id == by.id, CalendarFeed.revoked_at.is_(None))
        kept = session.scalar(select(func.count()).select_from(CalendarFeed).where(*mine)) or 0
        if kept >= MOST_FEEDS:
            raise RuleBroken(_("最多 %(n)d 个日历链接，请先作废一个", n=MOST_FEEDS))
        feed = CalendarFeed(person_id=by.id, name=name, reach=reach, token_hash=ids.digest(secret))
        session.add(feed)
        session.flush()
        audit.record("make_calendar_feed", "calendar_feed", feed.uid, by=by.id)
    return secret


def revoke(uid: str, *, by: Actor) -> None:
    """Let a calendar's address open nothing any more. Raises NotYours."""
    with transaction() as session:
        gone = session.scalar(
            update(CalendarFeed)
            .where(
                CalendarFeed.uid == uid,
                visible(by, CalendarFeed),
                CalendarFeed.revoked_at.is_(None),
            )
            .values(revoked_at=clock.now())
            .returning(CalendarFeed.id)
        )
        if gone is None:
            raise NotYours
        audit.record("revoke_calendar_feed", "calendar_feed", uid, by=by.id)


def opened(token: str, *, address: str) -> tuple[CalendarFeed, Actor]:
    """Return the calendar of a secret address and its reader. Raises NotYours, TooMany.

    Only wrong addresses count: a calendar that asks every few minutes is never shut out.
    """
    guess = GUESSES.of(address)
    limits.look(guess)
    found = queries.reader_of(token)
    if found is None:
        limits.spend(guess)
        raise NotYours
    _note_reading(found[0])
    return found


def _note_reading(feed: CalendarFeed) -> None:
    """Keep when a calendar was last read, to ten minutes: its person sees which one is in use."""
    now, feed_id = clock.now(), feed.id
    if feed.read_at is None or feed.read_at < now - NOTED_EVERY:
        with transaction() as session:
            session.execute(
                update(CalendarFeed).where(CalendarFeed.id == feed_id).values(read_at=now)
            )


def mark_of(feed: CalendarFeed, reader: Actor, site: Site) -> str:
    """Return what names this very content of a calendar: its ETag."""
    told = [feed.uid, locale(), site.visit_url]
    told += [f"{row.uid}:{row.version}" for row in queries.versions(feed, reader)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:32]


def file_of(mark: str, feed: CalendarFeed, reader: Actor, site: Site) -> bytes:
    """Return the file of that mark: made once as long as nothing it holds has changed."""
    with _lock:
        known = _files.get(mark)
        if known is not None:
            _files.move_to_end(mark)
            return known
    made = queries.ics(queries.held(feed, reader), site, name=_("童行走访"))
    with _lock:
        _files[mark] = made
        while len(_files) > KEPT:
            _files.popitem(last=False)
    return made


def choose_invitations(*, wanted: bool, by: Actor) -> None:
    """Ask for invitations by mail, or for none any more."""
    with transaction() as session:
        if wanted:
            insert_once(InvitationWish, person_id=by.id, asked_at=clock.now())
        else:
            session.execute(delete(InvitationWish).where(InvitationWish.person_id == by.id))
        audit.record("choose_invitations", "person", by.id, by=by.id)
