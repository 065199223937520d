"""Exports are requests: a purpose, a second person for many rows, one download within a day."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from flask import Flask
from python_calamine import load_workbook
from sqlalchemy import func, select, update

import jobs
from accounts import services as accounts
from accounts.approvals import services as approvals
from accounts.approvals.models import Approval
from accounts.exports import services
from accounts.exports.files import services as files
from accounts.exports.models import Export
from accounts.exports.rules import ExportState, Format
from accounts.exports.services import STOPPED, Wish
from accounts.models import RoleGrant
from accounts.queries import actor_for
from accounts.rules import Actor, Role
from children.models import Child
from core.audit import AuditRow
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from core.parameters import ParameterValue
from messages.alerts.models import Alert
from messages.alerts.rules import AlertKind
from places.models import Area
from places.rules import OrgKind
from tests.browser import Browser
from tests.builders.approvals import an_export
from tests.builders.children import a_child
from tests.builders.pairings import a_pairing
from tests.builders.people import a_grant, a_member_of_staff
from tests.builders.places import a_city, a_county, a_township, a_village, an_organisation
from tests.builders.volunteers import a_volunteer, an_hour_entry
from tests.conftest import NOON, AtMost, BrowseAs, SetClock
from tests.factories import CANARY, saved
from tests.races import ENGINES, at_once, site_on

TODAY = NOON.date()


@pytest.fixture
def home(app: Flask) -> Iterator[Path]:
    folder: Path = app.extensions["settings"].home
    yield folder
    for left in (folder / "exports").glob("*"):
        left.unlink()


@pytest.fixture
def county(app: Flask) -> Area:
    return a_county()


@pytest.fixture
def coordinator(county: Area) -> Actor:
    return a_coordinator(county)


def a_coordinator(county: Area) -> Actor:
    return actor_for(a_member_of_staff(Role.COORDINATOR, area_id=county.id))


def at_most_alone(rows: int) -> None:
    """Let more than so many rows take two people, so that a test needs few."""
    value = {"value": rows}
    saved(ParameterValue(name="exports.alone", effective_from=TODAY, value=value, source="test"))


def calm(_person: Actor, _area_id: int | None) -> None:
    raise AssertionError("nobody exports too much here")


def asked(by: Actor, kind: str = "volunteers", given: Format = Format.CSV, **filters: str) -> str:
    return services.ask_for(Wish(kind, filters, given, "年终总结"), by=by, flooded=calm)


def state(uid: str) -> ExportState:
    return db.session.scalars(select(Export.state).where(Export.uid == uid)).one()


def approval_of(uid: str) -> str:
    return db.session.scalars(select(Approval.uid).where(Approval.subject == uid)).one()


def table_in(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def deeds() -> list[str]:
    kept = select(AuditRow.action).where(AuditRow.kind == "export").order_by(AuditRow.id)
    return list(db.session.scalars(kept))


def test_few_rows_are_made_at_once_and_say_whose_they_are(
    home: Path, county: Area, coordinator: Actor
) -> None:
    volunteer = a_volunteer(county, org_text="示例大学")
    uid = asked(coordinator)
    assert files.make(uid, home)

    note, header, row = table_in(files.fetch(uid, home, by=coordinator) or b"")

    assert coordinator.name in note[0]
    assert "年终总结" in note[0]
    assert uid in note[0]
    assert header[:2] == ["编号", "姓名"]
    assert row[0] == volunteer.number
    assert deeds() == ["export_asked", "export_made", "export_fetched"]
    found = re.search(r"编号 (\d+)-([\w-]{22})", note[0])
    assert found is not None
    number, name = found.groups()
    traced = db.session.scalars(select(Export).where(Export.uid == name)).one()
    assert (traced.id, traced.asked_by_id) == (int(number), coordinator.id)


def test_a_workbook_says_whose_it_is_on_top_and_on_every_printed_page(
    home: Path, county: Area, coordinator: Actor
) -> None:
    a_volunteer(county)
    uid = asked(coordinator, given=Format.XLSX)
    files.make(uid, home)
    data = files.fetch(uid, home, by=coordinator) or b""

    rows = load_workbook(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert uid in str(rows[0][0])
    assert rows[1][0] == "编号"
    sheet = ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    assert "<oddFooter>" in sheet
    assert coordinator.name in sheet.split("<oddFooter>")[1]


@pytest.mark.parametrize("given", list(Format))
def test_no_cell_of_an_export_calculates(
    home: Path, county: Area, coordinator: Actor, given: Format
) -> None:
    for trick in ("=cmd|'/c calc'!A0", "@SUM(1)", "\t=1", "＝1+1", "-2+3", "+1"):
        a_volunteer(county, org_text=trick)
    uid = services.ask_for(Wish("volunteers", {}, given, "=1+1"), by=coordinator, flooded=calm)
    files.make(uid, home)
    data = files.fetch(uid, home, by=coordinator) or b""

    if given is Format.CSV:
        cells = [cell for row in table_in(data) for cell in row]
        assert not [cell for cell in cells if cell.lstrip()[:1] in set("=+-@＝＋－＠")]
    else:
        sheet = ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet


def test_many_rows_wait_for_another_person(home: Path, county: Area, coordinator: Actor) -> None:
    at_most_alone(2)
    for _turn in range(3):
        a_volunteer(county)
    uid = asked(coordinator)

    assert state(uid) is ExportState.WAITING
    assert not files.make(uid, home)
    with pytest.raises(RuleBroken, match="还没有做好"):
        files.fetch(uid, home, by=coordinator)
    with pytest.raises(RuleBroken, match="要由另一个人决定"):
        approvals.approve(approval_of(uid), "", by=coordinator)
    assert state(uid) is ExportState.WAITING

    approvals.approve(approval_of(uid), "", by=a_coordinator(county))
    assert files.make(uid, home)
    assert len(table_in(files.fetch(uid, home, by=coordinator) or b"")) == 5
    assert deeds() == ["export_asked", "export_approved", "export_made", "export_fetched"]


def test_fifty_rows_are_few_and_fifty_one_are_many(county: Area, coordinator: Actor) -> None:
    for _turn in range(50):
        a_volunteer(county)
    assert state(asked(coordinator)) is ExportState.QUEUED
    a_volunteer(county)
    assert state(asked(coordinator)) is ExportState.WAITING


def test_a_list_in_pieces_is_the_list(
    county: Area, coordinator: Actor, set_clock: SetClock
) -> None:
    at_most_alone(3)
    for _turn in range(2):
        a_volunteer(county)
    assert state(asked(coordinator)) is ExportState.QUEUED
    assert state(asked(coordinator)) is ExportState.WAITING
    assert state(asked(a_coordinator(county))) is ExportState.QUEUED, "each has their own"
    set_clock(NOON + timedelta(days=1, minutes=1))
    assert state(asked(coordinator)) is ExportState.QUEUED


def test_rows_that_have_become_many_are_not_made_without_another_person(
    home: Path, county: Area, coordinator: Actor
) -> None:
    at_most_alone(1)
    a_volunteer(county)
    uid = asked(coordinator)
    a_volunteer(county)
    assert not files.make(uid, home)
    assert state(uid) is ExportState.REFUSED


def test_a_neighbour_neither_approves_nor_fetches(
    home: Path, county: Area, coordinator: Actor
) -> None:
    at_most_alone(0)
    a_volunteer(county)
    uid = asked(coordinator)
    neighbour = a_coordinator(a_county())
    with pytest.raises(NotYours):
        approvals.approve(approval_of(uid), "", by=neighbour)
    approvals.approve(approval_of(uid), "", by=a_coordinator(county))
    files.make(uid, home)
    for stranger in (neighbour, a_coordinator(county)):
        with pytest.raises(NotYours):
            files.fetch(uid, home, by=stranger)


def test_a_city_coordinator_approves_for_every_county(county: Area, coordinator: Actor) -> None:
    at_most_alone(0)
    a_volunteer(county)
    uid = asked(coordinator)
    city = actor_for(a_member_of_staff(Role.CITY_COORDINATOR, area_id=a_city().id))
    approvals.approve(approval_of(uid), "", by=city)
    assert state(uid) is ExportState.QUEUED


def test_whoever_has_moved_gets_neither_a_new_file_nor_the_old_one(
    home: Path, county: Area, coordinator: Actor
) -> None:
    a_volunteer(county)
    made, waiting = asked(coordinator), asked(coordinator)
    files.make(made, home)
    grant = db.session.scalars(
        select(RoleGrant.id).where(RoleGrant.person_id == coordinator.id)
    ).one()
    accounts.end_grant(grant, by=coordinator, reason="调动")
    a_grant(coordinator.id or 0, Role.COORDINATOR, area_id=a_county().id)
    moved = actor_for(coordinator.id or 0)

    assert not files.make(waiting, home)
    assert state(waiting) is ExportState.REFUSED
    with pytest.raises(RuleBroken, match="职责变了"):
        files.fetch(made, home, by=moved)


def test_a_file_is_fetched_once(home: Path, county: Area, coordinator: Actor) -> None:
    a_volunteer(county)
    uid = asked(coordinator)
    files.make(uid, home)
    assert files.fetch(uid, home, by=coordinator)
    assert files.fetch(uid, home, by=coordinator) is None
    assert list((home / "exports").iterdir()) == []


def test_a_file_is_gone_after_a_day(
    home: Path, county: Area, coordinator: Actor, set_clock: SetClock
) -> None:
    a_volunteer(county)
    uid = asked(coordinator)
    files.make(uid, home)
    set_clock(NOON + timedelta(hours=24))
    assert files.fetch(uid, home, by=coordinator) is None
    assert files.purge(home) == 1
    assert list((home / "exports").iterdir()) == []
    assert state(uid) is ExportState.EXPIRED


def test_what_lies_in_the_folder_cannot_be_read(
    home: Path, county: Area, coordinator: Actor
) -> None:
    volunteer = a_volunteer(county)
    first, second = asked(coordinator), asked(coordinator)
    for uid in (first, second):
        files.make(uid, home)
    (one, other) = sorted((home / "exports").iterdir())
    assert volunteer.number.encode() not in one.read_bytes()
    assert one.stat().st_mode & 0o077 == 0
    one.write_bytes(other.read_bytes())  # moved to another row, it no longer opens
    given = [files.fetch(uid, home, by=coordinator) for uid in (first, second)]
    assert sorted(data is None for data in given) == [False, True]


def test_childrens_files_leave_by_alias_only(home: Path, county: Area) -> None:
    child = a_child(a_village(a_township(county)))
    a_child(a_village(a_township(a_county())))
    by = a_coordinator(county)
    uid = asked(by, "children")
    files.make(uid, home, jobs.sight_of)
    note, header, *rows = table_in(files.fetch(uid, home, by=by) or b"")
    assert header == ["代号", "年龄段", "需要", "状态"]
    assert [row[0] for row in rows] == [child.alias]
    assert CANARY not in "".join(cell for row in (note, header, *rows) for cell in row)


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        ("volunteers", "number name status org hours phone email"),
        ("hours", "number name org times hours"),
        ("children", "alias age_band needs state"),
        ("pairings", "alias team stage starts_on ends_on"),
    ],
)
def test_the_audit_keeps_which_columns_left_by_names_that_no_language_changes(
    home: Path, county: Area, coordinator: Actor, kind: str, columns: str
) -> None:
    uid = asked(coordinator, kind)
    files.make(uid, home, jobs.sight_of)

    row = db.session.scalars(select(AuditRow).where(AuditRow.action == "export_made")).one()
    assert row.fields == columns.split()
    _note, header = table_in(files.fetch(uid, home, by=coordinator) or b"")
    assert len(header) == len(row.fields)


def test_an_organisations_lead_gets_its_own_members_without_their_phones(
    home: Path, county: Area
) -> None:
    org = an_organisation(OrgKind.UNIVERSITY, area=county)
    mine, _other = a_volunteer(county, org_id=org.id), a_volunteer(county)
    an_hour_entry(mine, minutes=90, served_on=TODAY)
    lead = actor_for(a_member_of_staff(Role.ORG_LEAD, org_id=org.id))
    for kind, hours in (("volunteers", 4), ("hours", 4)):
        uid = asked(lead, kind)
        files.make(uid, home)
        _note, header, row = table_in(files.fetch(uid, home, by=lead) or b"")
        assert "手机号" not in header
        assert (row[0], row[hours]) == (mine.number, "1.5")
    with pytest.raises(NotYours):
        asked(lead, "children")


def test_the_list_of_pairings_is_the_counties_own(home: Path, county: Area) -> None:
    mine = a_pairing(a_child(a_village(a_township(county))))
    a_pairing()
    by = a_coordinator(county)
    uid = asked(by, "pairings", tab="proposed")
    files.make(uid, home, jobs.sight_of)
    _note, _header, *rows = table_in(files.fetch(uid, home, by=by) or b"")
    alias = db.session.get_one(Child, mine.child_id).alias
    assert [row[0] for row in rows] == [alias]


def test_the_eleventh_export_within_an_hour_stops_and_alerts(
    browse_as: BrowseAs, home: Path, county: Area, coordinator: Actor, set_clock: SetClock
) -> None:
    a_volunteer(county)
    browser = browse_as(coordinator.id or 0)
    wanted = {"format": "csv", "reason": "试试"}
    for _turn in range(10):
        browser.post("/exports/new/volunteers", wanted)
    for _turn in range(2):
        assert browser.post("/exports/new/volunteers", wanted, status=429)

    alert = db.session.scalars(select(Alert)).one()
    assert (alert.kind, alert.about_id) == (AlertKind.EXPORT_FLOOD, coordinator.id)
    assert alert.area_id == county.id
    assert deeds().count("export_stopped") == 2
    assert db.session.scalar(select(func.count(Export.id))) == 10
    set_clock(NOON + timedelta(hours=1))
    browser.post("/exports/new/volunteers", wanted)


def test_the_scheduler_makes_what_was_approved(
    app: Flask, home: Path, county: Area, coordinator: Actor
) -> None:
    at_most_alone(0)
    a_child(a_village(a_township(county)))
    uid = asked(coordinator, "children")
    approvals.approve(approval_of(uid), "", by=a_coordinator(county))
    table = {job.name: job for job in jobs.jobs_of(app.extensions["settings"])}
    table["exports"].act()
    assert state(uid) is ExportState.READY
    table["old exports"].act()
    assert files.fetch(uid, home, by=coordinator)


def test_a_file_whose_maker_died_is_made_anew(
    home: Path, county: Area, coordinator: Actor, set_clock: SetClock
) -> None:
    a_volunteer(county)
    uid = asked(coordinator)
    with transaction() as session:
        session.execute(update(Export).values(state=ExportState.MAKING, claimed_at=NOON))
    assert not files.make(uid, home)
    set_clock(NOON + files.STUCK + timedelta(seconds=1))
    assert files.make_due(home, jobs.sight_of) == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_twenty_downloads_at_once_hand_it_over_once(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with site_on(engine, request, tmp_path) as site:
        county = a_county()
        a_volunteer(county)
        by = a_coordinator(county)
        uid = asked(by)
        files.make(uid, tmp_path)
        got: list[bytes | None] = []

        def fetching() -> Callable[[], None]:
            return lambda: got.append(files.fetch(uid, tmp_path, by=by))

        at_once(site, *(fetching() for _turn in range(20)))
        assert len([data for data in got if data]) == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_exports_asked_for_at_once_are_counted_one_by_one(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with site_on(engine, request, tmp_path) as site:
        county = a_county()
        by = a_coordinator(county)
        answers: list[str] = []
        wish = Wish("volunteers", {}, Format.CSV, "试试")

        def asking() -> None:
            answers.append(services.ask_for(wish, by=by, flooded=lambda *_told: None))

        at_once(site, *(asking for _turn in range(14)))
        assert answers.count(STOPPED) == 4
        assert db.session.scalar(select(func.count(Export.id))) == 10


# --- pages ---------------------------------------------------------------------------------


@pytest.fixture
def browser(browse_as: BrowseAs, coordinator: Actor) -> Browser:
    return browse_as(coordinator.id or 0, stepped_up=True)


def test_a_coordinator_exports_what_the_list_shows(
    browser: Browser, home: Path, county: Area
) -> None:
    a_volunteer(county)
    (link,) = browser.get("/volunteers").links("/exports/new/")
    assert "行数" in browser.get(link).text
    assert "请填写" in " ".join(browser.post(link, {"format": "csv"}, status=422).errors)
    page = browser.post(link, {"format": "csv", "reason": "年终总结"})
    assert page.texts(".tag") == ["可以下载"]
    assert browser.get("/home").texts("a.action-title[href='/exports']") == ["导出的文件可以下载了"]

    once = {"form_key": "k" * 22}
    file = browser.client.post(f"{page.url}/file", data=once | _token(browser))
    assert file.status_code == 200
    assert file.headers["Content-Disposition"].startswith("attachment; filename=tongxing-")
    assert file.data.startswith(b"\xef\xbb\xbf")
    for key in (once, {}):
        assert "已经" in browser.post(f"{page.url}/file", key, status=410).text
    assert browser.get(page.url).texts(".tag") == ["已下载"]


def test_whoever_has_not_lately_proved_who_they_are_is_asked_first(
    browse_as: BrowseAs, home: Path, county: Area, coordinator: Actor
) -> None:
    a_volunteer(county)
    uid = asked(coordinator)
    files.make(uid, home)
    page = browse_as(coordinator.id or 0).post(f"/exports/{uid}/file")
    assert page.url == "/account/step-up"
    assert state(uid) is ExportState.READY


def _token(browser: Browser) -> dict[str, str]:
    page = browser.get("/account")
    return {"csrf_token": str(page.form("sign-out")["csrf_token"])}


def test_the_page_tells_that_many_rows_wait(
    browser: Browser, browse_as: BrowseAs, county: Area, home: Path
) -> None:
    at_most_alone(0)
    a_volunteer(county)
    page = browser.get("/exports/new/volunteers")
    assert "要另一个人批准" in page.text
    page = browser.post("/exports/new/volunteers", {"format": "xlsx", "reason": "年终总结"})
    assert page.texts(".tag") == ["等待批准"]
    (request,) = page.links("/approvals/")
    other = browse_as(a_coordinator(county).id or 0, stepped_up=True)
    assert "年终总结" in other.get(request).text
    other.post(f"{request}/decline", {"why": "用不着"})
    assert browser.get(page.url).texts(".tag") == ["已驳回"]
    assert "已驳回" in browser.get("/exports").text


@pytest.mark.parametrize(
    "kind",
    [
        "volunteers?status=active&q=样例",
        "hours?year=2025",
        "children?state=open&need=reading&consent=lacking",
        "pairings",
    ],
)
def test_every_list_can_be_asked_for(browser: Browser, kind: str) -> None:
    assert "0" in browser.get(f"/exports/new/{kind}").texts("dd")


def test_the_list_of_exports_keeps_within_its_budget(
    browser: Browser, coordinator: Actor, at_most: AtMost
) -> None:
    for _turn in range(55):
        an_export(coordinator.id or 0)
    with at_most(6):
        page = browser.get("/exports")
    assert page.texts("a[rel=next]")
