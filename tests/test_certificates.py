"""Certificates: asked for, issued as a signed snapshot, replaced, made void, checked by anybody."""

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from accounts.forgetting.services import forget as forget_account
from accounts.queries import actor_for
from accounts.rules import Actor, Role
from core import clock, ids, signatures
from core.audit import AuditRow
from core.db import db, transaction
from core.errors import RuleBroken
from core.paper import missing
from messages.models import Message
from tests.browser import Browser
from tests.builders.certificates import a_certificate, an_asked_certificate, this_month
from tests.builders.people import a_grant, a_member_of_staff
from tests.builders.places import a_county
from tests.builders.volunteers import a_volunteer, an_hour_entry
from tests.conftest import AtMost, BrowseAs
from volunteers.certificates import services
from volunteers.certificates.batches.queries import Who, number
from volunteers.certificates.drawing import drawn
from volunteers.certificates.models import Certificate
from volunteers.certificates.queries import file_of
from volunteers.certificates.rules import Period, State, is_named, masked
from volunteers.certificates.sheets import sheet_of
from volunteers.certificates.signing.queries import Forged, proved, public_keys
from volunteers.certificates.signing.services import change
from volunteers.forgetting.services import forget
from volunteers.rules import Status

HANDLER = Actor(None, "样例经办")


def days(period: Period) -> dict[str, str]:
    return {"first": period.first.isoformat(), "last": period.last.isoformat()}


def so_far() -> Period:
    return Period(clock.today() - timedelta(days=300), clock.today())


def newest() -> Certificate:
    db.session.expire_all()
    return db.session.scalars(select(Certificate).order_by(Certificate.id.desc()).limit(1)).one()


def a_file(found: Certificate) -> bytes:
    return json.dumps(file_of(found), ensure_ascii=False).encode()


def test_a_volunteer_asks_and_a_coordinator_issues(app: Flask, browse_as: BrowseAs) -> None:
    county = a_county()
    volunteer = a_volunteer(county, name="样例甲")
    an_hour_entry(volunteer, minutes=150, served_on=clock.today())
    me = browse_as(volunteer.person_id)
    desk = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=county.id))

    me.post("/volunteers/me/certificates", days(so_far()))
    waiting = desk.get("/certificates")
    assert "样例甲" in waiting.html
    desk.post(f"/certificates/{newest().uid}/issue")

    found = newest()
    assert (found.state, found.minutes) == (State.ISSUED, 150)
    told = db.session.scalars(select(Message.kind).where(Message.kind.like("certificate%"))).all()
    assert set(told) == {"certificate_issued"}
    assert str(found.number) in me.get("/volunteers/me/certificates").html


def test_nothing_is_issued_for_days_without_hours(app: Flask, browse_as: BrowseAs) -> None:
    me = browse_as(a_volunteer().person_id)
    page = me.post("/volunteers/me/certificates", days(so_far()), status=422)
    assert "没有已记入的服务时长" in page.html
    assert db.session.scalar(select(Certificate.id)) is None


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [(1, 0, "不能晚于今天"), (-5, -9, "早于"), (-9000, 0, "二十年")],
)
def test_days_that_cannot_be_are_refused_in_words(
    app: Flask, browse_as: BrowseAs, first: int, last: int, said: str
) -> None:
    volunteer = a_volunteer()
    an_hour_entry(volunteer)
    today = clock.today()
    if first > 0:
        first, last = -3, 1
    period = Period(today + timedelta(days=first), today + timedelta(days=last))
    page = browse_as(volunteer.person_id).post(
        "/volunteers/me/certificates", days(period), status=422
    )
    assert said in page.html


def test_only_one_wish_waits_at_a_time_and_it_can_be_taken_back(
    app: Flask, browse_as: BrowseAs
) -> None:
    volunteer = a_volunteer()
    an_hour_entry(volunteer)
    me = browse_as(volunteer.person_id)
    me.post("/volunteers/me/certificates", days(so_far()))
    assert me.post("/volunteers/me/certificates", days(so_far()), status=422)
    me.post(f"/volunteers/me/certificates/{newest().uid}/withdraw")
    assert newest().state is State.WITHDRAWN
    me.post("/volunteers/me/certificates", days(so_far()))


def test_nobody_issues_their_own(app: Flask, browse_as: BrowseAs) -> None:
    county = a_county()
    volunteer = a_volunteer(county)
    a_grant(volunteer.person_id, Role.COORDINATOR, area_id=county.id)
    an_hour_entry(volunteer)
    uid, own = an_asked_certificate(volunteer).uid, volunteer.uid
    me = browse_as(volunteer.person_id)

    me.post(f"/certificates/{uid}/issue", status=409)
    me.post(f"/volunteers/{own}/certificate", days(so_far()), status=422)

    assert newest().state is State.REQUESTED


def test_the_same_wish_is_issued_once(app: Flask) -> None:
    volunteer = a_volunteer()
    an_hour_entry(volunteer)
    county_id, uid = volunteer.county_id, an_asked_certificate(volunteer).uid
    by = _coordinator(county_id)
    services.issue(uid, by=by)
    number = newest().number
    with pytest.raises(RuleBroken):
        services.issue(uid, by=by)
    assert newest().number == number


def _coordinator(county_id: int) -> Actor:
    return actor_for(a_member_of_staff(Role.COORDINATOR, area_id=county_id))


def test_the_same_days_are_certified_once(app: Flask) -> None:
    volunteer = a_volunteer()
    county_id, volunteer_id, uid = volunteer.county_id, volunteer.id, volunteer.uid
    a_certificate(volunteer)
    by, asked = _coordinator(county_id), an_asked_certificate(volunteer).uid
    with pytest.raises(RuleBroken):
        services.issue(asked, by=by)
    with pytest.raises(RuleBroken):
        services.hand(uid, this_month(), by=by)
    with pytest.raises(RuleBroken):
        services.give(volunteer_id, this_month(), by=by)
    issued = select(func.count()).where(Certificate.state == State.ISSUED)
    assert db.session.scalar(issued) == 1


def test_it_stays_true_when_hours_grow(app: Flask) -> None:
    volunteer = a_volunteer()
    found = a_certificate(volunteer)
    text = a_file(found)
    an_hour_entry(volunteer, minutes=600, served_on=clock.today())
    assert proved(text, public_keys()).served.minutes == 90
    assert newest().state is State.ISSUED


def test_a_correction_replaces_and_both_tell_of_it(
    app: Flask, browse_as: BrowseAs, visitor: Browser
) -> None:
    county = a_county()
    old = a_certificate(a_volunteer(county, name="样例乙"))
    uid, code, number = old.uid, old.code, old.number
    desk = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=county.id))
    sent = days(so_far()) | {"wrong": "日期写错了"}
    desk.post(f"/certificates/{uid}/correct", sent)

    made = newest()
    assert (made.state, made.replaces_id) == (State.ISSUED, old.id)
    assert proved(a_file(made), public_keys()).issue.replaces == number
    shown = visitor.get(f"/certificates/check/{code}").html
    assert "已换新" in shown
    assert str(made.number) in shown
    assert "日期写错了" not in shown


def test_what_is_void_is_void_for_everybody_who_asks(
    app: Flask, browse_as: BrowseAs, visitor: Browser
) -> None:
    county = a_county()
    found = a_certificate(a_volunteer(county))
    uid, code = found.uid, found.code
    assert "现在有效" in visitor.get(f"/certificates/check/{code}").html
    desk = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=county.id))
    desk.post(f"/certificates/{uid}/void", {"reason": "不是本人"})
    shown = visitor.get(f"/certificates/check/{code}").html
    assert "已作废" in shown
    assert "不是本人" not in shown
    assert newest().reason == "不是本人"
    trace = select(AuditRow.reason).where(AuditRow.action == "certificate_voided")
    assert db.session.scalars(trace).all() == [""]


def test_a_stranger_sees_a_masked_name_and_no_deed(app: Flask, visitor: Browser) -> None:
    found = a_certificate(a_volunteer(name="样例丙丁", org_text="示例大学"))
    shown = visitor.get(f"/certificates/check/{found.code}").html
    assert "样***" in shown
    assert "样例丙丁" not in shown
    assert "示例大学" not in shown


def test_number_and_name_have_to_fit(app: Flask, visitor: Browser) -> None:
    found = a_certificate(a_volunteer(name="样例丙"))
    number = str(found.number)
    page = visitor.post("/certificates/check", {"number": number.lower(), "name": "样例丙"})
    assert "现在有效" in page.html
    for sent in ({"number": number, "name": "样例"}, {"number": "TX-2026-0", "name": "样例丙"}):
        refused = visitor.post("/certificates/check", sent, status=404)
        assert "没有查到" in refused.html


def test_a_square_that_was_tampered_with_leads_nowhere(app: Flask, visitor: Browser) -> None:
    found = a_certificate(a_volunteer())
    visitor.get(f"/certificates/check/{found.code[:-1]}x", status=404)
    asked = an_asked_certificate(a_volunteer())
    visitor.get(f"/certificates/check/{asked.code}", status=404)


def test_checks_are_counted(app: Flask, visitor: Browser) -> None:
    sent = {"number": "TX-2026-00000000", "name": "样例"}
    for _turn in range(60):
        visitor.post("/certificates/check", sent, status=404)
    visitor.post("/certificates/check", sent, status=429)


def _changed(content: dict[str, Any], path: list[str], value: object) -> bytes:
    part = content
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    return json.dumps(content).encode()


FORGERIES = [
    (["blocks", "service", "minutes"], 9000),
    (["blocks", "service", "kinds"], []),
    (["blocks", "service", "until"], "2027-01-01"),
    (["blocks", "person", "name"], "样例假"),
    (["blocks", "person", "volunteer_no"], "TX999999"),
    (["blocks", "issuer", "name"], "别的中心"),
    (["blocks", "certificate", "number"], "TX-2026-11111111"),
    (["blocks", "certificate", "key"], "another"),
    (["blocks", "certificate", "key"], ["list"]),
    (["blocks", "more"], {}),
    (["blocks"], []),
    (["blocks"], None),
    (["signature"], "00" * 64),
    (["signature"], "ff"),
    (["signature"], None),
    (["signature"], "样" * 128),
    (["format"], "tongxing-certificate-2"),
    (["extra"], 1),
]


@pytest.mark.parametrize(("path", "value"), FORGERIES)
def test_whatever_is_changed_is_refused(app: Flask, path: list[str], value: object) -> None:
    content = json.loads(a_file(a_certificate(a_volunteer())))
    with pytest.raises(Forged):
        proved(_changed(content, path, value), public_keys())


def test_every_shorter_file_and_every_changed_letter_is_refused(app: Flask) -> None:
    text, keys = a_file(a_certificate(a_volunteer(name="Sample"))), public_keys()
    said = proved(text, keys)
    for end in range(len(text)):
        with pytest.raises(Forged):
            proved(text[:end], keys)
    for place in range(len(text)):
        changed = text[:place] + bytes([text[place] ^ 1]) + text[place + 1 :]
        try:
            assert proved(changed, keys) == said, place
        except Forged:
            continue


def test_a_file_signed_by_another_key_is_refused(app: Flask) -> None:
    content, keys = json.loads(a_file(a_certificate(a_volunteer()))), public_keys()
    private, _public = signatures.new_key()
    content["signature"] = signatures.signed(private, content["blocks"])
    with pytest.raises(Forged):
        proved(json.dumps(content).encode(), keys)


@pytest.mark.parametrize(
    "text",
    [
        b"", b"null", b"[]", b"{}", b"\xff\xfe", b"[" * 60_000, b"{" * 10, b" " * 70_000,
        b'{"format": NaN}', b'{"a": 1, "a": 2}', b'{"a": 1.5}', b'{"a": 99999999999999999999}',
        b'{"a": "\\ud800"}',
    ],
)  # fmt: skip
def test_what_is_no_file_of_ours_is_refused(text: bytes) -> None:
    with pytest.raises(Forged):
        proved(text, {})


def test_old_keys_still_prove_what_they_signed(app: Flask) -> None:
    old = a_file(a_certificate(a_volunteer()))
    change()
    new = a_file(a_certificate(a_volunteer()))
    keys = public_keys()
    assert len(keys) == 2
    assert {proved(old, keys).issue.key, proved(new, keys).issue.key} == set(keys)


def test_the_file_is_checked_on_the_page(app: Flask, visitor: Browser) -> None:
    text = a_file(a_certificate(a_volunteer()))
    shown = visitor.post("/certificates/check/file", {"file": (io.BytesIO(text), "a.json")})
    assert "现在有效" in shown.html
    forged = text.replace(b'"minutes": 90', b'"minutes": 900')
    refused = visitor.post(
        "/certificates/check/file", {"file": (io.BytesIO(forged), "a.json")}, status=404
    )
    assert "没有查到" in refused.html


@pytest.mark.parametrize("sent", [{}, {"file": "no file"}, {"file": (io.BytesIO(b""), "")}])
def test_no_file_is_said_in_words(app: Flask, visitor: Browser, sent: dict[str, Any]) -> None:
    assert "请选一个文件" in visitor.post("/certificates/check/file", sent, status=422).html


def test_a_file_is_checked_offline(app: Flask, tmp_path: Path, visitor: Browser) -> None:
    text = a_file(a_certificate(a_volunteer(name="样例丙")))
    (tmp_path / "file.json").write_bytes(text)
    (tmp_path / "forged.json").write_bytes(text.replace(b"90", b"91"))
    (tmp_path / "keys.json").write_text(
        visitor.client.get("/certificates/keys.json").get_data(as_text=True)
    )
    run = app.test_cli_runner().invoke
    keys = ["--keys", str(tmp_path / "keys.json")]

    fine = run(args=["certificates", "verify", str(tmp_path / "file.json"), *keys])
    bad = run(args=["certificates", "verify", str(tmp_path / "forged.json"), *keys])

    assert (fine.exit_code, bad.exit_code) == (0, 1)
    assert "genuine" in fine.output
    assert "样例丙" in fine.output
    assert "not genuine" in bad.output


@pytest.mark.parametrize("path", ["", "/en"])
def test_the_paper_is_a_sheet_in_the_readers_language(
    app: Flask, browse_as: BrowseAs, path: str
) -> None:
    volunteer = a_volunteer(name="样例丙")
    found = a_certificate(volunteer)
    number, me = str(found.number), browse_as(volunteer.person_id)
    answer = me.client.get(f"{path}/certificates/{found.uid}.pdf")
    assert answer.content_type == "application/pdf"
    assert (b"(en)" if path else b"(zh-Hans)") in answer.data
    assert answer.headers["Cache-Control"] == "no-store"
    assert number in answer.headers["Content-Disposition"]
    assert newest().fetched_at is not None


def test_the_paper_says_it_all_and_tells_of_no_visit(app: Flask) -> None:
    found = a_certificate(a_volunteer(name="样例丙"))
    with app.test_request_context():
        sheet = sheet_of(found)
        assert sheet is not None
        assert drawn([sheet]) == drawn([sheet])
    words = " ".join(sheet.texts)
    for part in (str(found.number), "样例丙", "1.5", "样例经办", "12345", "不是国家级认证"):
        assert part in words
    assert missing(*sheet.texts) == ""
    assert sheet.code.endswith(f"/certificates/check/{found.code}")
    assert sheet.stamp == ""


def test_somebody_who_is_forgotten_leaves_a_number_and_no_name(
    app: Flask, visitor: Browser
) -> None:
    volunteer = a_volunteer(name="样例丙", status=Status.EXITED)
    found = a_certificate(volunteer)
    code, number = found.code, str(found.number)
    forget(volunteer.id)
    shown = visitor.get(f"/certificates/check/{code}").html
    assert number in shown
    assert "样" not in visitor.get(f"/certificates/check/{code}").texts("dd")[2]
    assert newest().blocks is None


def test_nothing_is_certified_of_somebody_who_is_forgotten(app: Flask) -> None:
    volunteer = a_volunteer(status=Status.EXITED)
    an_hour_entry(volunteer, served_on=clock.today())
    by, uid = _coordinator(volunteer.county_id), an_asked_certificate(volunteer).uid
    with transaction():
        forget_account(forget(volunteer.id), by=by)
    assert newest().state is State.WITHDRAWN
    with pytest.raises(RuleBroken):
        services.issue(uid, by=by)
    with pytest.raises(RuleBroken, match="已注销"):
        services.hand(volunteer.uid, so_far(), by=by)
    assert not number(Who(volunteer.county_id, None, None), so_far())


def test_days_that_another_certificate_covers_are_refused_in_words(app: Flask) -> None:
    volunteer = a_volunteer()
    first, by = a_certificate(volunteer), _coordinator(volunteer.county_id)
    wrong = Period(first.from_on - timedelta(days=1), first.until_on)
    services.hand(volunteer.uid, wrong, by=by)
    with pytest.raises(RuleBroken, match="已经开过"):
        services.correct(newest().uid, Period(first.from_on, first.until_on), "日期", by=by)
    assert newest().state is State.ISSUED


def test_a_number_that_is_taken_is_drawn_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn_in_turn = iter(["11111111", "11111111", "22222222"])
    monkeypatch.setattr(ids, "digits", lambda _many: next(drawn_in_turn))
    numbers = [str(a_certificate(a_volunteer()).number)[-8:] for _turn in range(2)]
    assert numbers == ["11111111", "22222222"]


def test_a_page_of_the_desk_asks_little(app: Flask, browse_as: BrowseAs, at_most: AtMost) -> None:
    county = a_county()
    for _turn in range(12):
        a_certificate(a_volunteer(county))
    desk = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=county.id))
    desk.get("/certificates?show=issued")
    with at_most(12):
        page = desk.get("/certificates?show=issued")
    assert len(page.soup.select("tbody tr")) == 12


@given(st.text(min_size=1, max_size=40))
def test_a_masked_name_keeps_one_sign(name: str) -> None:
    hidden = masked(name)
    assert hidden[0] == name[0]
    assert set(hidden[1:]) <= {"*"}


def test_names_are_compared_as_people_type_them() -> None:
    assert is_named("阿依古丽·样例", "阿依古丽样例")
    assert is_named("Sample Person", "ＳＡＭＰＬＥ person")
    assert not is_named("样例", "")
    assert not is_named("", "")
