"""What a term, a campus address and a line of a list are, without any clock or database."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteers.students.rules import TERM_ENDS, domain_of, is_domain, term_end, told


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_a_term_ends_on_one_of_its_days_within_half_a_year(today: date) -> None:
    end = term_end(today, TERM_ENDS)
    assert today <= end <= today + timedelta(days=184)
    assert (end.month, end.day) in TERM_ENDS


def test_a_day_that_is_none_is_passed_over() -> None:
    assert term_end(date(2026, 3, 1), [[2, 30], [6, 20], []]) == date(2026, 6, 20)
    assert term_end(date(2026, 3, 1), [[2, 30]]) == date(2026, 7, 31)


@pytest.mark.parametrize(
    "text_", ["", "stu", "qq.com", "a b.cn", "例.cn", "-a.cn", "a..cn", "a@b.cn"]
)
def test_what_is_no_school_s_own_domain_is_refused(text_: str) -> None:
    assert not is_domain(text_)


@pytest.mark.parametrize(
    "address",
    ["", "a", "@b.cn", "a+b@stu.example.org", "甲@stu.example.org", "a@b@c.cn", "a..b@c.cn"],
)
def test_what_is_no_plain_address_has_no_domain(address: str) -> None:
    assert domain_of(address) == ""


def test_wide_signs_spaces_and_small_letters_are_one_student() -> None:
    assert told(" ｄｅｍｏ-００１ ", "样例 甲") == told("DEMO-001", "样例甲")
    assert told("1", "23") != told("12", "3")
