"""What leaves as a spreadsheet calculates nothing, whatever somebody called themselves."""

import csv
import io
import zipfile

import pytest
from python_calamine import load_workbook

from core.sheets import csv_file, neutral, xlsx_file

FORMULAS = (
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.example","x")',
    "+1+1",
    "-2+3",
    "@SUM(1,1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\u3000＝1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    "\u200b=1",
    "\ufeff=1",
)
HARMLESS = ("样例甲", "13800000000", "140702199001011234", "a=b", "", "1-2", "'已有引号")


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_name_that_would_be_calculated_is_written_as_text(formula: str) -> None:
    assert neutral(formula) == "'" + formula

    written = csv_file(["姓名"], [[formula]]).decode("utf-8-sig")
    (_header, row) = csv.reader(io.StringIO(written, newline=""))
    assert row == ["'" + formula]

    book = xlsx_file("名单", [formula], [[formula]])
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("text", HARMLESS)
def test_an_ordinary_text_stays_as_it_is(text: str) -> None:
    assert neutral(text) == text
    rows = load_workbook(io.BytesIO(xlsx_file("名单", ["一", "二"], [[text, "末"]])))
    assert rows.get_sheet_by_index(0).to_python()[1] == [text, "末"]


def test_numbers_stay_numbers_and_nothing_stays_nothing() -> None:
    book = xlsx_file("数", ["甲", "乙", "丙"], [[-5, None, 1.5]])

    assert load_workbook(io.BytesIO(book)).get_sheet_by_index(0).to_python()[1] == [-5, "", 1.5]
    assert csv_file(["甲"], [[-5, None]]) == "\ufeff甲\r\n-5,\r\n".encode()


def test_an_address_in_a_cell_is_no_link() -> None:
    book = xlsx_file("名单", ["网址"], [["http://evil.example/"]])

    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert b"<hyperlink" not in parts.read("xl/worksheets/sheet1.xml")


def test_a_text_too_long_for_a_cell_is_refused_and_not_left_out() -> None:
    with pytest.raises(ValueError, match="longer than a cell"):
        xlsx_file("名单", ["文"], [["长" * 32_768]])
