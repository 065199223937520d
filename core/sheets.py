"""Spreadsheets that leave the site: what a spreadsheet program would calculate stays text.

A name such as `=cmd|…` is somebody's text here and a command in a spreadsheet program. It gets an
apostrophe in front in both formats: a workbook is soon saved as CSV, and opened again.
"""

import csv
import io
from collections.abc import Iterable, Sequence

import xlsxwriter

from core import clock

CALCULATES = "=+-@\t\r＝＋－＠"
BLANK = " \u00a0\u3000\u200b\ufeff\n"
"""What a spreadsheet program passes over before it looks for a formula."""
LONGEST_CELL = 32_767

Cell = str | int | float | None


def neutral(cell: Cell) -> Cell:
    """Return what may stand in a cell: a text that would be calculated gets an apostrophe.

    Numbers stay numbers; only text can be something else than it says.
    """
    if not isinstance(cell, str):
        return cell
    bare = cell.lstrip(BLANK)
    return "'" + cell if bare and bare[0] in CALCULATES else cell


def csv_file(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a table as CSV that spreadsheet programs read as UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    for row in (header, *rows):
        writer.writerow(["" if cell is None else neutral(cell) for cell in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def xlsx_file(title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a table as a workbook of one sheet, whose texts are texts whatever they look like.

    Raises ValueError for a text longer than a cell can hold, rather than leave it out.
    """
    file = io.BytesIO()
    as_text = {"strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, {"in_memory": True} | as_text)
    book.set_properties({"created": clock.now().replace(tzinfo=None)})
    sheet = book.add_worksheet(title)
    bold = book.add_format({"bold": True})
    for column, name in enumerate(header):
        sheet.write_string(0, column, str(neutral(name)), bold)
    for number, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            _write(sheet, (number, column), neutral(cell))
    sheet.freeze_panes(1, 0)
    book.close()
    return file.getvalue()


def _write(sheet: xlsxwriter.worksheet.Worksheet, at: tuple[int, int], cell: Cell) -> None:
    if cell is None:
        return
    if not isinstance(cell, str):
        sheet.write_number(*at, cell)
    elif len(cell) > LONGEST_CELL:
        raise ValueError(f"the text in row {at[0]}, column {at[1]} is longer than a cell holds")
    else:
        sheet.write_string(*at, cell)
