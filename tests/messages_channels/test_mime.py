"""Mails as they travel, read by the library: words, subjects, what may not be forged."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.channels.mails import bytes_of
from messages.channels.rules import Invitation, Outgoing, Text

FROM, TO = "site@example.org", "you@example.org"


def read(outgoing: Outgoing, leave: str = "") -> EmailMessage:
    content = bytes_of(outgoing, FROM, leave)
    assert content.isascii()
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 78
    assert not any(b"\n" in line or b"\r" in line for line in lines), "lines end in both"
    found = message_from_bytes(content, policy=policy.default)
    assert isinstance(found, EmailMessage)
    assert found.defects == []
    return found


@given(st.text(st.characters(blacklist_categories=["C", "Z"]), min_size=1, max_size=120))
def test_any_subject_arrives_as_it_was(subject: str) -> None:
    assert str(read(Outgoing("k", TO, Text(subject, "x\n")))["Subject"]) == subject


@given(st.text(st.characters(blacklist_categories=["C"]), max_size=3000))
def test_any_words_arrive_as_they_were(body: str) -> None:
    assert read(Outgoing("k", TO, Text("提醒", body))).get_payload(decode=True) == body.encode()


@pytest.mark.parametrize("subject", ["a\r\nBcc: all@example.org", "a\nX: y", "=?utf-8?q?a?="])
def test_a_subject_cannot_add_headers(subject: str) -> None:
    found = read(Outgoing("k", TO, Text(subject, "x\n")))
    assert found["Bcc"] is None
    assert found["X"] is None
    assert found.get_payload(decode=True) == b"x\n"


@pytest.mark.parametrize("address", ["", "a b@example.org", "a@b.c\r\nX: y", "用户@example.org"])
def test_an_address_that_is_none_makes_no_mail(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        bytes_of(Outgoing("k", address, Text("x", "x\n")), FROM)


def test_every_mail_says_that_it_was_sent_by_itself_and_how_to_leave() -> None:
    found = read(Outgoing("k", TO, Text("走访", "x\n")), "https://site.example/leave/k")
    assert (found["From"], found["To"], found["Message-ID"]) == (FROM, TO, "<k@example.org>")
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["Date"].datetime.tzinfo is not None
    assert found["List-Unsubscribe"] == "<https://site.example/leave/k>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_an_invitation_stands_beside_the_words() -> None:
    content = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n" * 20
    found = read(Outgoing("k", TO, Text("走访", "词\n"), invitation=Invitation("REQUEST", content)))
    words, calendar = found.iter_parts()
    assert found.get_content_type() == "multipart/alternative"
    assert words.get_payload(decode=True) == "词\n".encode()
    assert calendar.get_content_type() == "text/calendar"
    assert calendar.get_param("method") == "REQUEST"
    assert calendar.get_payload(decode=True) == content
