"""The yearly package of the audit, and whoever has to make it in January."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.audit import services
from accounts.audit.packing.rules import SECTIONS, Table, section_of
from accounts.audit.packing.services import write_folder
from accounts.audit.rules import due_on, reminder_on
from accounts.rules import SITE, Role
from core import audit
from core.audit import AuditRow
from core.db import db, transaction
from messages.models import Message
from messages.texts import render
from messages.yearly.services import remind
from tests.audit.chains import behind_its_back, some_rows
from tests.browser import Browser
from tests.builders.people import a_member_of_staff
from tests.conftest import BrowseAs, SetClock


def the_day(month: int, day: int, hour: int = 4, *, year: int = 2027) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def deeds(*actions: str, by: int | None = None) -> None:
    with transaction():
        for action in actions:
            audit.record(action, "child", "u" * 22, by=by, fields=["real_name"], reason="不外传")


def table(folder: Path, name: str) -> list[dict[str, str]]:
    text = (folder / f"{name}.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline="")))


def test_a_years_deeds_are_sorted_into_their_files(
    app: Flask, tmp_path: Path, set_clock: SetClock
) -> None:
    officer = a_member_of_staff(Role.DPO, name="样例护")
    set_clock(datetime(2025, 12, 31, 15, 59, tzinfo=UTC))  # a minute before 2026 in China
    deeds("child_revealed")
    set_clock(datetime(2025, 12, 31, 16, 0, tzinfo=UTC))
    deeds("child_revealed", by=officer)
    set_clock(the_day(12, 31, 15, year=2026))
    deeds("access_granted", "denied", "export_made", "consent_withdrawn", "child_erased")
    deeds("incident_opened", "visit_concern", "grant_role", "plan_visit")
    set_clock(the_day(1, 1))
    deeds("child_revealed")
    services.check_now(tmp_path)

    written = write_folder(2026, tmp_path / "package", ())

    assert written == {
        "access": 1, "reveals": 1, "denials": 1, "exports": 1, "consents": 1, "erasures": 1,
        "incidents": 2, "roles": 1, "looks": 0, "requests": 0,
    }  # fmt: skip
    (revealed,) = table(tmp_path / "package", "reveals")
    assert revealed == {
        "row": "2", "at": "2026-01-01T00:00:00+08:00", "actor_id": str(officer),
        "actor": "样例护", "action": "child_revealed", "kind": "child", "ref": "u" * 22,
        "fields": "real_name",
    }  # fmt: skip
    zh = (tmp_path / "package/summary.zh.md").read_text()
    en = (tmp_path / "package/summary.en.md").read_text()
    assert "# 2026 年度" in zh
    assert "儿童个人信息保护负责人：样例护" in zh
    assert "12 行完好，链尾 12:" in zh
    assert "担心、事件与泄露：2 行（incidents.csv）" in zh
    assert "In charge of children's personal information: 样例护" in en
    assert "12 rows are whole, head 12:" in en
    everything = b"".join(one.read_bytes() for one in (tmp_path / "package").iterdir())
    assert "不外传".encode() not in everything, "reasons stay in the site"


def test_no_cell_of_the_package_is_calculated(app: Flask, tmp_path: Path) -> None:
    somebody = a_member_of_staff(Role.COORDINATOR, name="=cmd|'/c calc'!A1")
    deeds("child_revealed", by=somebody)
    more = Table("alerts", ("id", "about"), [(1, "@SUM(1)"), (2, None), (3, "\t+1")])

    written = write_folder(2026, tmp_path / "package", (lambda _year: more,))

    assert written["alerts"] == 3
    assert table(tmp_path / "package", "reveals")[0]["actor"] == "'=cmd|'/c calc'!A1"
    told = [row["about"] for row in table(tmp_path / "package", "alerts")]
    assert told == ["'@SUM(1)", "", "'\t+1"]


def test_the_command_makes_it_once_and_leaves_a_row(app: Flask, tmp_path: Path) -> None:
    deeds("child_revealed")
    run = app.test_cli_runner().invoke
    words = ["audit", "pack", "--year", "2026", "--to", str(tmp_path / "package")]

    done = run(args=words)
    assert done.exit_code == 0, done.output
    assert "reveals 1" in done.output.splitlines()
    again = run(args=words)
    assert again.exit_code == 1
    assert "File exists" in again.output
    made = select(AuditRow.ref).where(AuditRow.action == "audit_pack_made")
    assert db.session.scalars(made).all() == ["2026"]


def test_a_trail_that_is_not_whole_is_packed_with_a_warning(app: Flask, tmp_path: Path) -> None:
    some_rows(4)
    with behind_its_back(app) as raw:
        raw.execute("DELETE FROM audit_rows WHERE id = 2")
    done = app.test_cli_runner().invoke(
        args=["audit", "pack", "--year", "2026", "--to", str(tmp_path / "package")]
    )
    assert done.exit_code == 0
    assert "the trail is not whole: row 2 was taken away" in done.output
    assert "第 2 行有问题" in (tmp_path / "package/summary.zh.md").read_text()


def download(browser: Browser, year: int) -> bytes:
    answer = browser.client.post(
        f"/audit/pack/{year}",
        data=browser.get(f"/audit/pack?year={year}").form(f"/audit/pack/{year}"),
    )
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    body = answer.get_data()
    answer.close()
    return body


def test_an_officer_downloads_it_and_the_page_tells_who_did(
    app: Flask, browse_as: BrowseAs, set_clock: SetClock
) -> None:
    officer = a_member_of_staff(Role.DPO, name="样例护")
    deeds("child_revealed", "consent_given")
    set_clock(the_day(1, 5))
    browser = browse_as(officer, stepped_up=True)
    page = browser.get("/audit/pack")
    assert "还没有生成过，最迟 2027年1月31日" in page.text
    assert "查看和查找密封栏目 reveals.csv 1" in page.text

    packed = zipfile.ZipFile(io.BytesIO(download(browser, 2026)))

    names = {f"{one.name}.csv" for one in SECTIONS} | {"summary.zh.md", "summary.en.md"}
    assert set(packed.namelist()) == names
    assert packed.read("consents.csv").count(b"\r\n") == 2
    assert "样例护生成过" in browser.get("/audit/pack").text
    made = select(AuditRow.actor_id, AuditRow.ref).where(AuditRow.action == "audit_pack_made")
    assert [tuple(row) for row in db.session.execute(made)] == [(officer, "2026")]


def test_the_city_sees_how_it_stands_and_makes_none(browse_as: BrowseAs) -> None:
    city = browse_as(a_member_of_staff(Role.CITY_COORDINATOR), stepped_up=True)
    deeds("child_revealed")
    assert not city.get("/audit/pack").soup.select("form[action*='/audit/pack/']")
    city.post("/audit/pack/2026", status=403)


@pytest.mark.parametrize("year", [1999, 2025, 2028, 10**9])
def test_a_year_that_the_trail_does_not_know_has_no_package(browse_as: BrowseAs, year: int) -> None:
    officer = browse_as(a_member_of_staff(Role.DPO), stepped_up=True)
    officer.post(f"/audit/pack/{year}", status=404)
    assert "2026 年度" in officer.get(f"/audit/pack?year={year}").heading


@pytest.mark.parametrize("role", [Role.DPO, Role.AUDITOR, Role.CITY_COORDINATOR])
def test_in_january_it_waits_until_it_was_made(
    app: Flask, browse_as: BrowseAs, set_clock: SetClock, role: Role
) -> None:
    somebody = a_member_of_staff(role)
    deeds("child_revealed")
    told = []
    for moment in (
        the_day(12, 31, 15, year=2026), the_day(12, 31, 16, year=2026), the_day(1, 31),
        the_day(1, 31, 16),
    ):  # fmt: skip
        set_clock(moment)
        told.append(
            [t for t in browse_as(somebody).get("/home").texts(".action-title") if "材料" in t]
        )
    assert told == [
        [], ["准备 2026 年度合规审计材料"], ["准备 2026 年度合规审计材料"],
        ["2026 年度合规审计材料逾期未报"],
    ]  # fmt: skip

    services.note_package(2026, by=SITE)
    assert "合规审计材料" not in browse_as(somebody).get("/home").text


def test_a_site_that_began_this_year_owes_nothing_of_the_last(
    app: Flask, browse_as: BrowseAs, set_clock: SetClock
) -> None:
    set_clock(the_day(1, 10))
    officer = browse_as(a_member_of_staff(Role.DPO), stepped_up=True)
    deeds("child_revealed")
    assert "合规审计材料" not in officer.get("/home").text
    assert remind() == 0


def test_officers_are_reminded_on_three_days_of_january_until_it_was_made(
    app: Flask, set_clock: SetClock
) -> None:
    officers = {a_member_of_staff(Role.DPO) for _turn in range(2)}
    a_member_of_staff(Role.AUDITOR)
    deeds("child_revealed")
    planned = []
    for month, day in ((12, 31), (1, 1), (1, 2), (1, 14), (1, 15), (1, 24), (2, 1)):
        set_clock(the_day(month, day, year=2026 if month == 12 else 2027))
        planned.append(remind())
        assert remind() == 0, "told once"
    assert planned == [0, 4, 0, 0, 4, 0, 0], "to the inbox and by mail, two officers"

    services.note_package(2026, by=SITE)
    set_clock(the_day(1, 25))
    assert remind() == 0
    sent = db.session.scalars(select(Message)).all()
    assert {one.person_id for one in sent} == officers
    for language in ("zh_Hans", "en"):
        text = render(sent[0].kind, language, sent[0].params)
        assert "2026" in text.subject
        assert "/audit/pack?year=2026" in text.body


def test_a_site_that_was_off_on_the_day_catches_up(app: Flask, set_clock: SetClock) -> None:
    a_member_of_staff(Role.DPO)
    deeds("child_revealed")
    set_clock(the_day(1, 19))
    assert remind() == 2


@pytest.mark.parametrize(
    ("today", "reminder"),
    [
        (date(2027, 1, 4), None),
        (date(2027, 1, 5), date(2027, 1, 5)),
        (date(2027, 1, 31), date(2027, 1, 20)),
        (date(2027, 2, 1), None),
        (date(2027, 12, 31), None),
    ],
)
def test_the_latest_reminder_that_is_due(today: date, reminder: date | None) -> None:
    assert reminder_on(today, [20, 5], due_on(today, 31)) == reminder


def test_every_deed_lies_in_one_file_at_most() -> None:
    assert section_of("child_revealed") == "reveals"
    assert section_of("incident_closed") == "incidents"
    assert section_of("plan_visit") is None
    named = [action for section in SECTIONS for action in section.actions]
    assert len(named) == len(set(named))
