"""A table from outside is taken as it is, or refused in words; nothing in it is guessed or run."""

import io
import re
import zipfile

import pytest
from flask import Flask

from core.errors import RuleBroken
from core.sheets import read, xlsx_file
from tests.content.hostile_sheets import HOSTILE, HOSTILE_CSV, SHEET, changed, good, sheet

TABLE = [["姓名", "电话"], ["样例甲", "13800000000"]]


def test_a_table_is_read_as_text(app: Flask) -> None:
    assert read(good(), "名单.xlsx") == TABLE
    for encoding in ("utf-8", "utf-8-sig", "gbk", "gb18030"):
        assert read("姓名,电话\r\n样例甲,13800000000\r\n\r\n".encode(encoding), "名单.CSV") == TABLE


def test_numbers_and_days_are_read_as_people_see_them(app: Flask) -> None:
    rows = read(xlsx_file("数", ["甲", "乙", "丙"], [[13800000000, 1.5, None]]), "a.xlsx")
    assert rows[1] == ["13800000000", "1.5", ""]


def test_rows_keep_their_numbers_though_the_first_are_empty(app: Flask) -> None:
    text = '<row r="3"><c r="B3" t="inlineStr"><is><t>样例</t></is></c></row>'
    assert read(sheet(text), "a.xlsx") == [["", ""], ["", ""], ["", "样例"]]


def test_a_link_that_a_person_may_click_is_only_text(app: Flask) -> None:
    rels = (
        b'<Relationships><Relationship Id="rId1" TargetMode="External"'
        b' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"'
        b' Target="mailto:a@example.org"/></Relationships>'
    )
    book = changed({"xl/worksheets/_rels/sheet1.xml.rels": rels})
    assert read(book, "a.xlsx") == TABLE


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_workbook_is_refused_in_words(app: Flask, what: str) -> None:
    reason, made = HOSTILE[what]
    with pytest.raises(RuleBroken, match=reason):
        read(made(), "名单.xlsx")


@pytest.mark.parametrize("what", HOSTILE_CSV)
def test_a_hostile_csv_is_refused_in_words(app: Flask, what: str) -> None:
    reason, made = HOSTILE_CSV[what]
    with pytest.raises(RuleBroken, match=reason):
        read(made(), "名单.csv")


@pytest.mark.parametrize("name", ["a.xlsm", "a.xls", "a.exe", "a", "a.csv.html", ""])
def test_a_file_of_another_kind_is_not_looked_at(app: Flask, name: str) -> None:
    with pytest.raises(RuleBroken, match="只收"):
        read(good(), name)


def test_a_workbook_spoilt_anywhere_is_refused_or_read_but_never_fails(app: Flask) -> None:
    """Turn every hundredth byte, one at a time: whatever happens is an answer."""
    whole, read_all = good(), 0
    for at in range(0, len(whole), 101):
        spoilt = bytearray(whole)
        spoilt[at] ^= 0x55
        try:
            read(bytes(spoilt), "a.xlsx")
            read_all += 1
        except RuleBroken:
            continue
    assert read_all < len(range(0, len(whole), 101))


@pytest.mark.parametrize("claim", ["A1:XFD1048576", "XFD9:A1", "A0:B0", "", "x"])
def test_what_a_sheet_says_of_its_own_size_costs_nothing(app: Flask, claim: str) -> None:
    with zipfile.ZipFile(io.BytesIO(good())) as parts:
        whole = parts.read(SHEET)
    book = changed({SHEET: re.sub(rb'ref="A1[^"]*"', f'ref="{claim}"'.encode(), whole)})
    try:
        assert read(book, "a.xlsx") == TABLE
    except RuleBroken:
        assert claim in {"A0:B0", "", "x"}
