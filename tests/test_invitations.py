"""Visits as invitations by mail (RFC 5546): to those who asked, once a plan, by a real server."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any
from unittest.mock import patch

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from icalendar import Calendar, Event
from sqlalchemy import update

import jobs
from accounts.models import Person
from accounts.queries import actor_for
from core.db import db, transaction
from messages.channels.smtp import Smtp
from messages.delivery.services import deliver
from messages.models import Message
from messages.rules import TOLD, Channel
from messages.texts import render
from tests.builders.visits import SATURDAY, a_plan
from tests.conftest import NOON, SetClock
from tests.factories import CANARY
from tests.servers import free_port
from tests.sites import Sink
from tests.test_visits_pages import Room, room
from visits import services as visits
from visits.feeds import queries, services
from visits.feeds.invitations.rules import inviting
from visits.queries import attendees
from visits.reminders import services as reminders
from visits.rules import CancelReason

__all__ = ["room"]  # the fixture of its neighbour
Sent = tuple[str, int, str]
"""Method, SEQUENCE and status."""


@dataclass
class Post:
    """A mail server, and the site's clock of messages in the test's hand."""

    app: Flask
    sink: Sink
    way: Smtp
    set_clock: SetClock

    def go(self, moment: datetime) -> None:
        """Send all that is due at a moment."""
        self.set_clock(moment)
        invite = jobs.inviting(self.app.extensions["settings"])
        while deliver({Channel.EMAIL: self.way}, render, invite=invite):
            pass
        db.session.rollback()

    def to(self, person_id: int) -> list[EmailMessage]:
        email = db.session.get_one(Person, person_id).email
        assert email
        return self.sink.to(email)

    def invitations(self, person_id: int) -> list[Sent]:
        """Return what somebody's calendar was told, in order."""
        return [told for mail in self.to(person_id) for told in told_by(mail)]


def content_of(part: Any) -> bytes:
    """Return a part of a mail as it was before it travelled."""
    return bytes(part.get_payload(decode=True))


def told_by(mail: EmailMessage) -> Iterator[Sent]:
    for part in mail.walk():
        if part.get_content_type() == "text/calendar":
            assert mail.get_content_type() == "multipart/alternative"
            whole = Calendar.from_ical(content_of(part))
            assert part.get_param("method") == whole["method"]
            (event,) = [one for one in whole.walk() if isinstance(one, Event)]
            yield str(whole["method"]), int(str(event["sequence"])), str(event["status"])


@pytest.fixture
def post(app: Flask, set_clock: SetClock) -> Iterator[Post]:
    sink, port = Sink(), free_port()
    server = Controller(sink, hostname="127.0.0.1", port=port)
    server.start()
    way = Smtp(f"smtp://127.0.0.1:{port}", "tongxing@example.org")
    yield Post(app, sink, way, set_clock)
    way.close()
    server.stop()


@pytest.fixture(autouse=True)
def reminded(room: Room) -> None:
    """Plan the visit's messages, as the site does with the visit."""
    with transaction():
        visit = room.now()
        reminders.planned(visit, attendees(visit))


def ask(person_id: int, *, wanted: bool = True) -> None:
    services.choose_invitations(wanted=wanted, by=actor_for(person_id))


def move(room: Room, days: int, **given: Any) -> None:
    plan = a_plan(room.pairing, SATURDAY + timedelta(days=days), escort_id=room.escort_id, **given)
    visits.move(room.visit.uid, plan, version=room.now().version, by=actor_for(room.people[0]))


def cancel(room: Room) -> None:
    visits.cancel(room.visit.uid, CancelReason.WEATHER, by=actor_for(room.people[0]))


def test_a_plan_is_one_invitation_a_move_another_and_calling_off_takes_it_back(
    room: Room, post: Post
) -> None:
    guest, other = room.people[1], room.people[0]
    ask(guest)
    post.go(NOON)
    assert post.invitations(guest) == [("REQUEST", 1, "TENTATIVE")]
    post.go(SATURDAY - timedelta(hours=47))
    assert len(post.to(guest)) == 2, "the reminder two days before"
    assert len(post.invitations(guest)) == 1, "brings no second one"
    move(room, 14)
    post.go(SATURDAY - timedelta(hours=46))
    assert post.invitations(guest)[1:] == [("REQUEST", 2, "TENTATIVE")]
    cancel(room)
    post.go(SATURDAY - timedelta(hours=45))
    assert post.invitations(guest)[2:] == [("CANCEL", 3, "CANCELLED")]
    assert post.to(other), "who did not ask gets the same mails"
    assert post.invitations(other) == [], "and no invitation"


def test_what_went_another_way_keeps_no_mail_from_inviting(room: Room, post: Post) -> None:
    guest = room.people[1]
    ask(guest)
    post.go(NOON)
    with transaction() as session:
        first = (
            Message.person_id == guest,
            Message.state.in_(TOLD),
            Message.channel == Channel.EMAIL,
        )
        session.execute(update(Message).where(*first).values(channel=Channel.WECOM))
    post.go(SATURDAY - timedelta(hours=47))
    assert len(post.invitations(guest)) == 2


def test_an_invitation_tells_when_and_nothing_of_the_child(room: Room, post: Post) -> None:
    guest = room.people[1]
    ask(guest)
    post.go(NOON)
    (mail,) = post.to(guest)
    words, calendar = mail.iter_parts()
    event = Calendar.from_ical(content_of(calendar)).walk("VEVENT")[0]
    assert event["uid"] == f"visit-{room.visit.uid}@localhost"
    assert str(event["organizer"]) == "mailto:tongxing@localhost"
    assert str(event["attendee"]) == f"mailto:{mail['To']}"
    assert event.decoded("dtstart") == SATURDAY
    for part in (words, calendar):
        text = content_of(part).decode()
        for private in (room.alias, room.name_of(room.pairing.township_id), "活动室", CANARY):
            assert private not in text


def test_an_invitation_that_cannot_be_made_holds_no_message_up(room: Room, post: Post) -> None:
    for person_id in room.people:
        ask(person_id)

    def broken(*_given: object) -> None:
        raise ValueError("no calendar writes that")

    with patch.object(queries, "events", broken):
        post.go(NOON)
    for person_id in room.people:
        assert len(post.to(person_id)) == 1
        assert post.invitations(person_id) == []


def test_who_asks_no_more_gets_no_more(room: Room, post: Post) -> None:
    guest = room.people[1]
    ask(guest)
    post.go(NOON)
    ask(guest, wanted=False)
    cancel(room)
    post.go(NOON + timedelta(hours=1))
    assert len(post.to(guest)) == 2
    assert len(post.invitations(guest)) == 1


def test_who_has_no_part_any_more_is_told_that_it_is_off_for_them(room: Room, post: Post) -> None:
    guest = room.escort_id
    with transaction() as session:
        session.execute(update(Person).where(Person.id == guest).values(email="e@example.org"))
    ask(guest)
    post.go(NOON)
    plan = a_plan(room.pairing, SATURDAY + timedelta(days=14))
    assert plan.escort_id != guest
    visits.move(room.visit.uid, plan, version=1, by=actor_for(room.people[0]))
    post.go(NOON + timedelta(hours=1))
    assert post.invitations(guest) == [("REQUEST", 1, "TENTATIVE"), ("CANCEL", 2, "CANCELLED")]


def test_whoever_has_no_mailbox_any_more_breaks_nothing(room: Room, post: Post) -> None:
    ask(room.people[1])
    with transaction() as session:
        session.execute(
            update(Person)
            .where(Person.id == room.people[1])
            .values(email=None, phone="15400009999")
        )
    post.go(NOON)
    assert post.invitations(room.people[0]) == []
    assert post.to(room.people[0])


def test_after_an_outage_an_invitation_still_goes_alone(room: Room, post: Post) -> None:
    guest = room.people[1]
    ask(guest)
    post.go(NOON + timedelta(hours=3))
    assert post.invitations(guest) == [("REQUEST", 1, "TENTATIVE")]


@pytest.mark.parametrize(
    "key",
    [
        "visit/v/t7d/1/1/inapp",
        "visit/v/t7d/1/1/external_again",
        "visit/v/due1/1/1/external",
        "visit/v/t7d/1/external",
        "hello/external",
    ],
)
def test_other_messages_bring_no_invitation(key: str) -> None:
    assert inviting(key) is None


def test_the_page_asks_who_wants_invitations(room: Room) -> None:
    leader, me = room.leader, room.people[0]
    for wanted in ("1", "1", "0", "0"):
        assert "日历邀请" in leader.get("/account/calendars").text
        leader.post("/account/calendars/invitations", {"wanted": wanted})
        expected = {me} if wanted == "1" else set()
        assert queries.wants_invitations([me, room.people[1]]) == expected
