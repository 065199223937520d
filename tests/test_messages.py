"""The ledger: what is planned, moved, taken back, sent, and what is told of it."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from accounts.rules import Role
from core import crypto
from core.db import db, transaction
from core.zone import CHINA
from messages import services
from messages.channels.rules import Outgoing, Sent, Text
from messages.delivery import services as delivery
from messages.labels import KINDS
from messages.models import InboxItem, Message, Subject
from messages.rules import Channel, Outcome, State, outside_quiet_hours
from messages.services import Notice
from tests.browser import Browser
from tests.builders.people import a_member_of_staff, a_person
from tests.conftest import NOON, AtMost, BrowseAs, SetClock
from tests.ledgers import CHUNK, by_mail

ABOUT = ("visit", "v1")


@dataclass
class Postman:
    """A carrier that keeps what it is given and answers as it is told."""

    answers: list[Sent] = field(default_factory=list)
    given: list[Outgoing] = field(default_factory=list)

    def send(self, outgoing: Outgoing) -> Sent:
        self.given.append(outgoing)
        return self.answers.pop(0) if self.answers else Sent(Outcome.ACCEPTED)


def plain(kind: str, language: str, params: dict[str, Any]) -> Text:
    return Text(kind, f"{language} {params}")


def a_notice(**given: Any) -> Notice:
    fields: dict[str, Any] = {
        "kind": "visit_t2d",
        "key": "k1",
        "params": {"number": "V1"},
        "due_at": NOON + timedelta(hours=1),
        "expire_at": NOON + timedelta(days=1),
    }
    if "address" not in given and "person_id" not in given:
        fields["person_id"] = a_person().id
    return Notice(**fields | given)


def states(channel: Channel | None = None) -> list[State]:
    rows = select(Message.state).order_by(Message.id)
    return list(db.session.scalars(rows.where(Message.channel == channel) if channel else rows))


def run(carrier: Any = None) -> Postman:
    postman = carrier or Postman()
    delivery.deliver(by_mail(postman), plain)
    db.session.expire_all()
    return postman


# --- planning ------------------------------------------------------------------------------


def test_a_person_gets_it_on_the_site_and_by_mail(app: Flask) -> None:
    assert services.plan([a_notice()]) == 2
    assert sorted(db.session.scalars(select(Message.channel))) == ["email", "inapp"]


def test_a_person_without_an_address_gets_it_on_the_site(app: Flask) -> None:
    assert services.plan([a_notice(person_id=a_person(email=None, phone="15400000001").id)]) == 1


def test_planning_again_adds_nothing(app: Flask) -> None:
    notice = a_notice()
    assert [services.plan([notice]), services.plan([notice])] == [2, 0]


def test_what_is_too_late_is_not_planned(app: Flask) -> None:
    assert services.plan([a_notice(expire_at=NOON)]) == 0


def test_an_address_is_sealed_in_the_ledger(app: Flask) -> None:
    services.plan([a_notice(address="new@example.org")])
    row = db.session.scalars(select(Message)).one()
    assert row.address is not None
    assert "new@" not in row.address
    assert crypto.sealer().open(row.address, services.place_of(row.uid)) == "new@example.org"


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - placed below
    st.integers(1, 100),
)
def test_nobody_is_disturbed_at_night(naive: datetime, hours: int) -> None:
    due = naive.replace(tzinfo=CHINA)
    moved = outside_quiet_hours(due, due + timedelta(hours=hours)).astimezone(CHINA)

    assert time(8) <= moved.time() < time(21, 30)
    assert abs(moved - due) <= timedelta(hours=12)
    assert moved < due + timedelta(hours=hours) or moved <= due


def test_an_urgent_one_does_not_wait_for_the_morning(app: Flask, set_clock: SetClock) -> None:
    night = NOON.replace(hour=15)  # 23:00 in China
    set_clock(night)
    for urgent in (True, False):
        services.plan([a_notice(key=f"u{urgent}", due_at=night, urgent=urgent)])

    rows = db.session.execute(
        select(Message.dedup_key, Message.next_at).where(Message.channel == Channel.EMAIL)
    )
    assert {key: at - night for key, at in rows} == {
        "uTrue/external": timedelta(0),
        "uFalse/external": timedelta(hours=9),
    }


# --- changing and closing ------------------------------------------------------------------


def planned(**given: Any) -> Notice:
    services.open_subject(*ABOUT)
    notice = a_notice(subject=ABOUT, **given)
    services.plan([notice])
    return notice


def test_a_change_takes_back_what_waits_and_corrects_nothing_that_was_not_told(app: Flask) -> None:
    notice = planned()
    services.change(
        *ABOUT,
        [a_notice(key="k2", person_id=notice.person_id, subject=ABOUT)],
        correction=[a_notice(key="c", person_id=notice.person_id, subject=ABOUT)],
    )
    assert states() == [State.CANCELLED] * 2 + [State.PENDING] * 2
    assert "c/inapp" not in db.session.scalars(select(Message.dedup_key)).all()


def test_a_change_after_telling_is_corrected(app: Flask, set_clock: SetClock) -> None:
    notice = planned()
    set_clock(NOON + timedelta(hours=2))
    run()

    services.change(
        *ABOUT,
        [],
        correction=[
            a_notice(
                key="c", kind="visit_moved", person_id=notice.person_id, subject=ABOUT, due_at=NOON
            )
        ],
    )
    assert [out.text.subject for out in run().given] == ["visit_moved"]


def test_closing_stops_everything_but_the_correction(app: Flask, set_clock: SetClock) -> None:
    notice = planned()
    set_clock(NOON + timedelta(hours=2))
    run()
    services.plan([a_notice(key="later", person_id=notice.person_id, subject=ABOUT)])
    services.close(
        *ABOUT,
        correction=[
            a_notice(
                key="c",
                kind="visit_cancelled",
                person_id=notice.person_id,
                subject=ABOUT,
                after_close=True,
                due_at=NOON,
            )
        ],
    )

    assert [out.text.subject for out in run().given] == ["visit_cancelled"]
    assert db.session.scalars(select(Subject.open)).one() is False


def test_what_stands_in_a_transaction_that_fails_was_never_planned(app: Flask) -> None:
    def fail() -> None:
        with transaction():
            planned()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert states() == []


def test_a_claimed_message_is_not_sent_once_its_subject_has_changed(
    app: Flask, set_clock: SetClock
) -> None:
    planned()
    set_clock(NOON + timedelta(hours=2))

    class Meddler(Postman):
        """While the first is being sent, the visit of the others is called off."""

        def send(self, outgoing: Outgoing) -> Sent:
            services.close(*ABOUT)
            return super().send(outgoing)

    for number in range(CHUNK):
        services.plan([a_notice(key=f"n{number}", subject=ABOUT)])
    postman = run(Meddler())

    assert len(postman.given) == CHUNK
    assert states(Channel.EMAIL).count(State.SENT) == CHUNK
    assert states(Channel.EMAIL).count(State.CANCELLED) == 1


# --- pages and commands --------------------------------------------------------------------


def told(person_id: int, many: int = 1) -> None:
    services.plan(
        [
            a_notice(
                kind="volunteer_active",
                key=f"t{person_id}/{n}",
                person_id=person_id,
                due_at=NOON,
                params={"name": "样例"},
            )
            for n in range(many)
        ]
    )
    delivery.deliver(by_mail(Postman()), plain)


def test_a_person_reads_messages_on_the_site(browse_as: BrowseAs) -> None:
    me = a_member_of_staff(Role.AUDITOR)
    told(me)
    browser = browse_as(me)

    page = browser.get("/inbox")
    assert page.texts("main h2") == ["您已正式上岗"]
    (item,) = db.session.scalars(select(InboxItem.id))
    assert "未读" not in browser.post(f"/inbox/{item}/read").text
    assert browser.get("/en/inbox").soup.select("html[lang=en]")


def test_nobody_reads_anothers_message(browse_as: BrowseAs) -> None:
    told(a_member_of_staff(Role.DPO))
    stranger = browse_as(a_member_of_staff(Role.AUDITOR))
    (item,) = db.session.scalars(select(InboxItem.id))

    assert stranger.get("/inbox").texts(".empty h2") == ["还没有消息"]
    stranger.post(f"/inbox/{item}/read", status=404)


def test_an_inbox_is_paged_within_the_budget(browse_as: BrowseAs, at_most: AtMost) -> None:
    me = a_member_of_staff(Role.AUDITOR)
    told(me, many=25)
    browser = browse_as(me)
    with at_most(6):
        page = browser.get("/inbox")
    assert len(page.texts("main h2")) == 20
    assert len(browser.get(page.links("after=")[0]).texts("main h2")) == 5


@pytest.fixture
def admin(browse_as: BrowseAs, app: Flask) -> Browser:
    return browse_as(a_member_of_staff(Role.ADMIN))


def test_the_ledger_shows_trouble_without_contents(
    browse_as: BrowseAs, set_clock: SetClock, at_most: AtMost
) -> None:
    person_id = a_member_of_staff(Role.ADMIN)
    admin = browse_as(person_id)
    services.plan([a_notice(address="secret@example.org", expire_at=NOON + timedelta(days=3))])
    assert admin.get("/messages").texts(".empty h2") == ["都送到了"]
    set_clock(NOON + timedelta(hours=2))
    admin = browse_as(person_id)  # whoever looks away that long signs in again
    run(Postman([Sent(Outcome.UNKNOWN, "TimeoutError")]))

    with at_most(7):
        page = admin.get("/messages")
    assert "不知是否送到" in page.text
    assert "secret@" not in page.html
    assert admin.get("/messages?state=sent").texts(".empty h2")

    uid = db.session.scalars(select(Message.uid)).one()
    admin.post(f"/messages/{uid}/again")
    assert len(run().given) == 1
    admin.post(f"/messages/{uid}/again", status=409)


def test_the_ledger_is_exported_without_contents(app: Flask) -> None:
    services.plan([a_notice(address="secret@example.org")])
    made = app.test_cli_runner().invoke(args=["messages", "export", "--jsonl"])
    assert '"key": "k1/external"' in made.output
    assert "secret" not in made.output


def test_a_delivery_by_hand(app: Flask, set_clock: SetClock) -> None:
    services.plan(
        [a_notice(kind="volunteer_active", params={"name": "样例"}, address="x@example.org")]
    )
    set_clock(NOON + timedelta(hours=2))
    made = app.test_cli_runner().invoke(args=["messages", "deliver"])
    assert made.output == "taken up 1\n"
    assert len(list((app.extensions["settings"].home / "outbox").iterdir())) == 1


def test_every_text_has_a_name_in_the_ledger(app: Flask) -> None:
    texts = Path(app.root_path, "templates", "messages").glob("[!_]*.txt")
    assert {text.stem for text in texts} == set(KINDS)
