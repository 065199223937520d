from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from children.consents.rules import Answer, AnswerProblem, answer_problems, months_later
from children.rules import (
    CELLS,
    WORDS,
    AgeBand,
    ConsentProof,
    ConsentState,
    Finding,
    Purpose,
    Signer,
    Stretch,
    identifying,
    is_alias,
    merged,
    ticked,
)

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("140702201501011234", Finding.ID_NUMBER),
        ("身份证 140702 20150101 123X", Finding.ID_NUMBER),
        ("１４０７０２２０１５０１０１１２３ｘ", Finding.ID_NUMBER),
        ("妈妈电话13800138000", Finding.PHONE),
        ("138-0013-8000", Finding.PHONE),
        ("０３５４－３０２６７８９", Finding.PHONE),
        ("加微信号abc12345", Finding.ACCOUNT),
        ("QQ：123456", Finding.ACCOUNT),
        ("在长凝镇小学读书", Finding.SCHOOL),
        ("晋中市实验小学", Finding.SCHOOL),
        ("榆次一中", Finding.SCHOOL),
        ("第二小学", Finding.SCHOOL),
        ("三年级2班", Finding.SCHOOL),
        ("三（2）班", Finding.SCHOOL),
        ("阳光幼儿园", Finding.SCHOOL),
    ],
)
def test_a_text_that_tells_who_a_child_is_is_found(text: str, finding: Finding) -> None:
    assert identifying(text) == (finding,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "画画、踢球、听故事",
        "不吃花生，不要问起爸爸",
        "喜欢上小学",
        "小学三年级的数学",
        "不喜欢学校",
        "寄宿制学校，周末回家",
        "明年升初中，想考上好高中",
        "跳绳一分钟 120 个",
        "2026-11-24 10:00 以后",
        "其中最喜欢的是二胡",
    ],
)
def test_an_ordinary_text_is_left_alone(text: str) -> None:
    assert identifying(text) == ()


@given(st.from_regex(r"\A\d{17}[\dXx]\Z"), st.text("今天去河边画画，。 ", max_size=20))
def test_an_identity_number_is_found_wherever_it_stands(number: str, around: str) -> None:
    assert Finding.ID_NUMBER in identifying(f"{around} {number}。{around}")


@given(st.text())
def test_any_text_can_be_checked(text: str) -> None:
    assert isinstance(identifying(text), tuple)


@given(st.sampled_from(WORDS), st.integers(0, 99))
def test_an_alias_is_a_word_of_nature_and_two_digits(word: str, number: int) -> None:
    assert is_alias(f"小{word}{number:02}")


@pytest.mark.parametrize("text", ["小明07", "小禾7", "小禾０７", "禾07", "小禾07 ", "小禾077", ""])
def test_a_name_is_no_alias(text: str) -> None:
    assert not is_alias(text)


stretches = st.builds(
    lambda weekday, start, length: Stretch(weekday, start, start + length),
    st.integers(0, 6),
    st.integers(0, 1300),
    st.integers(1, 140),
)
weeks = st.lists(stretches, max_size=8).map(
    lambda found: tuple(
        one for place, one in enumerate(found) if not any(map(one.touches, found[:place]))
    )
)
cells = st.frozensets(st.integers(0, len(CELLS) - 1))


@given(weeks)
def test_a_week_nobody_changes_stays_to_the_minute(times: tuple[Stretch, ...]) -> None:
    assert merged(ticked(times), times) == tuple(sorted(times))


@given(cells, weeks)
def test_a_changed_week_is_what_was_ticked(
    chosen: frozenset[int], times: tuple[Stretch, ...]
) -> None:
    now = merged(chosen, times)

    assert ticked(now) == chosen
    assert not any(one.touches(two) for one in now for two in now if one is not two)


def an_answer(**given: object) -> Answer:
    fields = {
        "state": ConsentState.GIVEN,
        "dated": TODAY,
        "signer": Signer.MOTHER,
        "proof": ConsentProof.PAPER,
    }
    return Answer(**fields | given)  # type: ignore[arg-type]  # the fields are right by test


def problems(
    answer: Answer, purpose: Purpose = Purpose.PAIRING, age: AgeBand = AgeBand.A8_10
) -> tuple[AnswerProblem, ...]:
    return answer_problems(answer, purpose, age, today=TODAY, months=12)


def test_a_mothers_signature_of_today_is_fine() -> None:
    assert problems(an_answer()) == ()


def test_nobody_agrees_tomorrow() -> None:
    assert problems(an_answer(dated=TODAY + timedelta(days=1))) == (AnswerProblem.IN_THE_FUTURE,)
    assert problems(an_answer(dated=date.max)) == (AnswerProblem.IN_THE_FUTURE,)


def test_a_yes_says_who_and_how() -> None:
    assert problems(an_answer(signer=None, proof=None)) == (
        AnswerProblem.NO_SIGNER,
        AnswerProblem.NO_PROOF,
    )


def test_a_no_and_a_question_need_neither() -> None:
    for state in (ConsentState.REFUSED, ConsentState.REQUESTED):
        assert problems(an_answer(state=state, signer=None, proof=None)) == ()


def test_only_the_child_assents_and_only_a_guardian_agrees() -> None:
    child = an_answer(signer=Signer.CHILD)

    assert problems(child, Purpose.ASSENT) == ()
    assert problems(child, Purpose.PAIRING) == (AnswerProblem.WRONG_SIGNER,)
    assert problems(an_answer(), Purpose.ASSENT) == (AnswerProblem.WRONG_SIGNER,)


def test_from_fourteen_on_the_child_signs() -> None:
    asked = an_answer(signer=Signer.CHILD, proof=ConsentProof.ASKED_IN_PERSON)

    assert problems(asked, Purpose.ASSENT, AgeBand.A11_13) == ()
    assert problems(asked, Purpose.ASSENT, AgeBand.A14_15) == (AnswerProblem.WRONG_PROOF,)


def test_a_yes_holds_for_a_year_and_no_longer() -> None:
    year = months_later(TODAY, 12)

    assert problems(an_answer(valid_until=year)) == ()
    assert problems(an_answer(valid_until=year + timedelta(days=1))) == (AnswerProblem.TOO_LONG,)
    assert problems(an_answer(valid_until=TODAY - timedelta(days=1))) == (
        AnswerProblem.ENDS_BEFORE,
    )


def test_a_yes_that_has_run_out_is_not_entered_as_one() -> None:
    assert problems(an_answer(dated=TODAY - timedelta(days=400))) == (AnswerProblem.OVER,)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 60))
def test_months_later_is_that_many_months_later(day: date, months: int) -> None:
    later = months_later(day, months)

    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day <= day.day
