"""The table of OWASP ASVS 5.0.0 in docs/asvs.csv: whole, honest in form, and each test is there.

Whether a test proves what it is named for is for people to read; that it exists is checked here.
"""

import ast
import csv
import re
from collections.abc import Iterator
from functools import cache

import pytest

from tests.test_house import ROOT

LEVEL_1 = (
    "1.2.1-5 1.3.1-2 1.5.1 2.1.1 2.2.1-2 2.3.1 3.2.1-2 3.3.1 3.4.1-2 3.5.1-3 4.1.1 4.4.1 "
    "5.2.1-2 5.3.1-2 6.1.1 6.2.1-8 6.3.1-2 6.4.1-2 7.2.1-4 7.4.1-2 8.1.1 8.2.1-2 8.3.1 "
    "9.1.1-3 9.2.1 10.4.1-5 11.3.1-2 11.4.1 12.1.1 12.2.1-2 13.4.1 14.2.1 14.3.1 15.1.1 "
    "15.2.1 15.3.1"
)
LEVEL_2 = (
    "1.1.1-2 1.2.6-9 1.3.3-11 1.4.1-3 1.5.2 2.1.2-3 2.2.3 2.3.2-4 2.4.1 3.3.2-4 3.4.3-6 "
    "3.5.4-5 3.7.1-2 4.1.2-3 4.2.1 4.3.1-2 4.4.2-4 5.1.1 5.2.3 5.4.1-3 6.1.2-3 6.2.9-12 "
    "6.3.3-4 6.4.3-4 6.5.1-5 6.6.1-3 6.8.1-4 7.1.1-3 7.3.1-2 7.4.3-5 7.5.1-2 7.6.1-2 8.1.2 "
    "8.2.3 8.4.1 9.2.2-4 10.1.1-2 10.2.1-2 10.3.1-4 10.4.6-11 10.5.1-5 10.6.1-2 10.7.1-3 "
    "11.1.1-2 11.2.1-3 11.3.3 11.4.2-4 11.5.1 11.6.1 12.1.2-3 12.3.1-4 13.1.1 13.2.1-5 "
    "13.3.1-2 13.4.2-5 14.1.1-2 14.2.2-4 14.3.2-3 15.1.2-3 15.2.2-3 15.3.2-7 16.1.1 16.2.1-5 "
    "16.3.1-4 16.4.1-3 16.5.1-3 17.1.1 17.2.1-4 17.3.1-2"
)
DOCUMENT = re.compile(r"(?:docs/)?[A-Za-z]+\.md")


def _listed(spans: str) -> Iterator[str]:
    for span in spans.split():
        section, _dot, numbers = span.rpartition(".")
        first, _dash, last = numbers.partition("-")
        yield from (f"V{section}.{number}" for number in range(int(first), int(last or first) + 1))


@cache
def _rows() -> list[dict[str, str]]:
    with (ROOT / "docs/asvs.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@cache
def _tests_in(file: str) -> frozenset[str]:
    path = ROOT / file
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def _said(row: dict[str, str]) -> tuple[str, str]:
    answer, _colon, reason = row["answer"].partition(":")
    return answer, reason.strip()


def test_each_requirement_is_there_once_with_its_level() -> None:
    expected = [(name, "1") for name in _listed(LEVEL_1)]
    expected += [(name, "2") for name in _listed(LEVEL_2)]
    assert len(expected) == 253
    assert sorted((row["id"], row["level"]) for row in _rows()) == sorted(expected)


def test_each_row_is_whole() -> None:
    assert set(_rows()[0]) == {"id", "level", "asks", "answer", "tests"}
    assert [row["id"] for row in _rows() if not row["asks"] or None in row.values()] == []


@pytest.mark.parametrize("row", _rows(), ids=lambda row: str(row["id"]))
def test_each_answer_has_what_it_needs(row: dict[str, str]) -> None:
    answer, reason = _said(row)
    assert answer in {"holds", "n/a", "operator", "open"}
    if answer == "holds":
        assert row["tests"] or reason, "neither a test nor a reason"
    else:
        assert reason, "no reason"
    named = DOCUMENT.findall(reason)
    assert answer != "operator" or named, "where it is documented"
    assert [name for name in named if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("row", _rows(), ids=lambda row: str(row["id"]))
def test_each_test_that_is_named_exists(row: dict[str, str]) -> None:
    for named in row["tests"].split():
        file, _colons, name = named.partition("::")
        assert name.startswith("test_")
        assert name in _tests_in(file), named


def test_the_document_of_threats_names_tests_that_exist() -> None:
    """`test_x.py::test_y` in docs/safety.md, with its folder below tests/ where it has one."""
    text = (ROOT / "docs/safety.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:\w+/)?test_\w+\.py)::(test_\w+)`", text)
    missing = [f"{file}::{name}" for file, name in named if name not in _tests_in(f"tests/{file}")]
    assert missing == []
    rows = [line for line in text.splitlines() if re.match(r"\| T\d+ \|", line)]
    assert [line.split("|")[1].strip() for line in rows] == [f"T{n}" for n in range(1, 26)]
    assert all("::test_" in line or "does not exist yet" in line for line in rows)
