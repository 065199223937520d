"""Spreadsheets as they come: half broken, wrongly encoded, hostile. Nothing is half written."""

import io
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.rules import Role
from campaigns.blocks.models import Block
from campaigns.imports.models import ImportRow, ImportRun
from campaigns.imports.rules import Fate, State
from campaigns.imports.steps.services import go_on
from core.db import db
from tests.browser import Browser
from tests.builders.campaigns import a_block
from tests.builders.imports import HEADER, a_csv, an_xlsx, brought, fates, rows_of
from tests.builders.people import a_member_of_staff
from tests.conftest import BrowseAs
from tests.content.hostile_sheets import HOSTILE, HOSTILE_CSV


@pytest.fixture
def block(app: Flask) -> Block:
    return a_block()


@pytest.fixture
def lead(block: Block) -> int:
    return a_member_of_staff(Role.ORG_LEAD, org_id=block.org_id)


def stored() -> int:
    return db.session.scalar(select(func.count()).select_from(ImportRow)) or 0


def post(browser: Browser, block: Block, file: tuple[bytes, str], *, status: int = 422) -> str:
    """Upload a file and return the page that says why not."""
    at = f"/seat-blocks/{block.uid}/lists"
    form = browser.get(at).form("/lists")
    return browser.post(at, form | {"file": (io.BytesIO(file[0]), file[1])}, status=status).text


# --- what is refused at once ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.xls", bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600), "旧格式或加了密码"),
        ("a.xlsx", bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600), "旧格式或加了密码"),
        ("a.xlsm", b"PK\x03\x04", "只收 .xlsx 和 .csv"),
        ("a.csv", b"PK\x03\x04", "只收 .xlsx 和 .csv"),
        ("a.xlsx", "姓名,电话".encode(), "只收 .xlsx 和 .csv"),
        ("a.pdf", b"%PDF-1.7", "只收 .xlsx 和 .csv"),
        ("a.csv", b"1" * (5 * 1024 * 1024 + 1), "最多 5 MB"),
    ],
)
def test_what_is_no_table_is_refused_at_once(
    name: str, data: bytes, said: str, block: Block, lead: int, browse_as: BrowseAs
) -> None:
    assert said in post(browse_as(lead), block, (data, name))
    assert db.session.scalar(select(func.count()).select_from(ImportRun)) == 0


def test_a_file_far_too_large_is_not_even_read(
    block: Block, lead: int, browse_as: BrowseAs
) -> None:
    browser, at = browse_as(lead), f"/seat-blocks/{block.uid}/lists"
    form = browser.get(at).form("/lists")
    browser.post(at, form | {"file": (io.BytesIO(bytes(7 * 1024 * 1024)), "a.csv")}, status=413)


def test_nothing_and_both_are_asked_for_again(block: Block, lead: int, browse_as: BrowseAs) -> None:
    browser, at = browse_as(lead), f"/seat-blocks/{block.uid}/lists"
    form = browser.get(at).form("/lists")
    both = {"pasted": "姓名,电话", "file": (io.BytesIO(a_csv(rows_of(1))), "a.csv")}

    assert "两样只要一样" in browser.post(at, form, status=422).text
    assert "两样只要一样" in browser.post(at, form | both, status=422).text


# --- what is found out while it is read -----------------------------------------------------------


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_workbook_is_refused_in_words_and_leaves_nothing(
    name: str, block: Block, lead: int, browse_as: BrowseAs
) -> None:
    _reason, made = HOSTILE[name]
    data = made()
    if len(data) > 6 * 1024 * 1024:
        assert "太大" in post(browse_as(lead), block, (data, "a.xlsx"), status=413)
        return
    if len(data) > 5 * 1024 * 1024 or not data.startswith(b"PK\x03\x04"):
        assert "还有几处需要改正" in post(browse_as(lead), block, (data, "a.xlsx"))
        return
    run = brought(block, data, by=lead, ending="xlsx")

    assert run.state is State.REFUSED
    assert run.problem
    assert (run.data, stored()) == (None, 0)
    assert run.problem in browse_as(lead).get(f"/lists/{run.uid}").text


@pytest.mark.parametrize("name", sorted(HOSTILE_CSV))
def test_a_hostile_text_is_refused_in_words_and_leaves_nothing(
    name: str, block: Block, lead: int
) -> None:
    run = brought(block, HOSTILE_CSV[name][1](), by=lead)

    assert run.state is State.REFUSED
    assert (bool(run.problem), run.data, stored()) == (True, None, 0)


def _numbers() -> bytes:
    return an_xlsx([("样例甲", 13800000001.0, "", "")])  # type: ignore[list-item]  # as Excel keeps it


def _long_number() -> bytes:
    return an_xlsx([("样例甲", 110101199003070000.0, "", "")])  # type: ignore[list-item]  # likewise


@pytest.mark.parametrize(
    ("ending", "made", "said"),
    [
        ("csv", lambda: a_csv(rows_of(5001)), "最多 5000 行"),
        ("xlsx", lambda: an_xlsx(rows_of(5001)), "最多 5000 行"),
        ("xlsx", _long_number, "第 2 行第 2 列的长数字已被表格软件改动"),
        ("csv", "姓名,电话\n样例甲,1.38E+10\n".encode, "已被表格软件改动"),
        ("csv", lambda: b"\xff\xfe\xfa\x00", "打不开"),
        ("csv", lambda: b"\x81\xff\xff,\xff", "编码认不出来"),
        ("xlsx", lambda: an_xlsx(rows_of(3))[:-40], "打不开"),
        ("csv", lambda: a_csv([], ("成员名单", "", "")), "第一行要写列名"),
        ("csv", lambda: a_csv([HEADER, *rows_of(2)], ("成员名单",)), "删掉上面 1 行"),
        ("csv", lambda: a_csv(rows_of(1), ("姓名", "手机", "电话")), "有两列的列名是一样的"),
        ("csv", lambda: a_csv([]), "只有表头"),
        ("csv", lambda: b"", "表格是空的"),
    ],
)
def test_a_table_that_cannot_be_taken_says_what_to_do(
    ending: str, made: Callable[[], bytes], said: str, block: Block, lead: int
) -> None:
    run = brought(block, made(), by=lead, ending=ending)

    assert said in str(run.problem)
    assert (run.state, stored()) == (State.REFUSED, 0)


def test_what_is_wrong_is_said_in_the_language_of_whoever_brought_it(
    block: Block, lead: int, browse_as: BrowseAs
) -> None:
    browser, at = browse_as(lead), f"/en/seat-blocks/{block.uid}/lists"
    browser.post(at, browser.get(at).form("/lists") | {"pasted": "a,b\nc,d"})
    go_on()
    run = db.session.scalars(select(ImportRun)).one()

    assert "The first row names the columns" in str(run.problem)


# --- what is read all the same --------------------------------------------------------------------


def test_a_list_in_the_encoding_of_chinese_spreadsheets_is_read(block: Block, lead: int) -> None:
    run = brought(block, "姓名,电话\r\n样例甲,13800000001\r\n".encode("gb18030"), by=lead)

    assert fates(run) == [Fate.GOOD]
    assert db.session.scalars(select(ImportRow.name)).one() == "样例甲"


def test_a_phone_number_kept_as_a_number_is_one(block: Block, lead: int) -> None:
    assert fates(brought(block, _numbers(), by=lead, ending="xlsx")) == [Fate.GOOD]
    assert db.session.scalars(select(ImportRow.contact)).one() == "13800000001"


def test_five_thousand_rows_are_the_most_and_fit(block: Block, lead: int) -> None:
    run = brought(block, an_xlsx(rows_of(5000)), by=lead, ending="xlsx")

    assert (run.state, run.total, run.checked, stored()) == (State.CHECKED, 5000, 5000, 5000)


def test_empty_rows_between_members_do_not_count(block: Block, lead: int) -> None:
    rows = [*rows_of(1), ("", "", "", ""), ("样例乙", "", "b@example.org", "")]
    run = brought(block, a_csv(rows), by=lead)

    assert run.total == 2
    assert list(db.session.scalars(select(ImportRow.number).order_by(ImportRow.id))) == [2, 4]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_half_broken_rows_do_not_spoil_the_others(ending: str, block: Block, lead: int) -> None:
    rows = [("样例甲",), ("样例乙", "", "b@example.org"), ("", "", "", "", "多出来的")]
    data = a_csv(rows) if ending == "csv" else an_xlsx(rows)
    run = brought(block, data, by=lead, ending=ending)

    assert fates(run) == [Fate.NO_CONTACT, Fate.GOOD, Fate.NO_NAME]
