"""Two people write of one visit: neither covers up what the other has written."""

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from core.db import db, transaction
from tests.browser import Browser, Page
from tests.builders.visits import SATURDAY
from tests.conftest import AtMost, BrowseAs, SetClock
from tests.test_records import FILLED, TOLD, Over, over
from visits.forgetting.services import forget_child
from visits.records import services
from visits.records.merging.rules import LONGEST, Keep, both, differing, merged, suggested
from visits.records.models import VisitRecord
from visits.records.rules import Account
from visits.rules import Mood, NeedChange, State

__all__ = ["over"]  # the fixture of its neighbour

pytestmark = pytest.mark.usefixtures("app")
accounts = st.builds(
    Account,
    child_present=st.booleans(),
    mood=st.none() | st.sampled_from(Mood),
    did=st.text(max_size=9),
    need_change=st.sampled_from(NeedChange),
    need_changes=st.text(max_size=9),
    parcel=st.text(max_size=9),
    parcels=st.none() | st.integers(1, 99),
    concern=st.booleans(),
)


# --- rules ---------------------------------------------------------------------------------


@given(accounts, accounts)
def test_all_of_one_is_that_one(mine: Account, theirs: Account) -> None:
    names = differing(mine, theirs)
    assert merged(mine, theirs, dict.fromkeys(names, Keep.MINE)) == mine
    assert merged(mine, theirs, dict.fromkeys(names, Keep.THEIRS)) == theirs


@given(accounts, accounts, st.none() | accounts)
def test_what_is_suggested_loses_no_worry_and_no_text_of_two(
    mine: Account, theirs: Account, base: Account | None
) -> None:
    keep = {name: suggested(name, base, mine, theirs) for name in differing(mine, theirs)}
    told = merged(mine, theirs, {name: kept for name, kept in keep.items() if kept})
    assert told.concern == (mine.concern or theirs.concern)
    for name in LONGEST if base is None else ():
        assert getattr(mine, name) in getattr(told, name)
        assert getattr(theirs, name) in getattr(told, name)


def test_whoever_changed_it_is_suggested() -> None:
    base = TOLD
    for field in fields(Account):
        changed = {"did": "另写", "need_changes": "作业本", "parcel": "书", "parcels": 2}
        values: dict[str, Any] = changed | {
            "child_present": False, "mood": Mood.BAD, "need_change": NeedChange.NEW,
            "concern": True,
        }  # fmt: skip
        other = replace(base, **{field.name: values[field.name]})
        assert suggested(field.name, base, other, base) is Keep.MINE
        assert suggested(field.name, base, base, other) is Keep.THEIRS
    assert suggested("mood", None, replace(TOLD, mood=Mood.BAD), TOLD) is None


def test_two_texts_become_one_with_the_saved_one_in_front() -> None:
    mine, theirs = replace(TOLD, did="乙", parcel="笔"), replace(TOLD, did="甲", parcel="书")
    assert both("did", mine, theirs) == "甲\n乙"
    assert both("parcel", mine, theirs) == "书；笔"


# --- pages ---------------------------------------------------------------------------------


@pytest.fixture
def leader(over: Over, browse_as: BrowseAs) -> Browser:
    return browse_as(over.leader.id or 0)


def overtaken(over: Over, leader: Browser, **typed: str) -> Page:
    """Let the leader send what somebody else has overtaken, and return the choice."""
    return leader.post(f"/visits/{over.uid}/record", FILLED | typed, status=409)


def newest() -> VisitRecord:
    return db.session.scalars(select(VisitRecord).order_by(VisitRecord.number.desc())).first()  # type: ignore[return-value]  # there is one


def test_who_saves_second_sees_both_and_chooses_field_by_field(
    over: Over, browse_as: BrowseAs, set_clock: SetClock
) -> None:
    set_clock(SATURDAY + timedelta(hours=26))
    services.record(over.uid, replace(TOLD, concern=True), follows=0, by=over.other)
    set_clock(SATURDAY + timedelta(hours=26, minutes=2))
    leader = browse_as(over.leader.id or 0)

    page = overtaken(over, leader, did="我写的", mood="bad")

    assert "2 分钟前改过这份记录" in page.text
    assert TOLD.did in page.text
    assert "我写的" in page.text
    form = page.form(f"/visits/{over.uid}/record")
    assert form["follows"] == "1"
    assert (form["keep_concern"], form["keep_did"]) == ("theirs", "both")
    assert "keep_mood" not in form  # both have said something: nobody can tell
    assert "keep_child_present" not in page.html  # they agree
    assert len(db.session.scalars(select(VisitRecord.id)).all()) == 1

    here = f"/visits/{over.uid}/record"
    unsure = leader.post(here, form, status=422)
    assert "孩子说今天怎么样：请选一个" in unsure.errors
    leader.post(here, unsure.form(here) | {"keep_mood": "mine"})
    kept = newest()
    assert (kept.number, kept.did) == (2, f"{TOLD.did}\n我写的")
    assert (kept.mood, kept.concern) == (Mood.BAD, True)
    assert kept.recorded_by_id == over.leader.id


def test_overtaken_again_while_choosing_what_is_chosen_stays(over: Over, leader: Browser) -> None:
    here = f"/visits/{over.uid}/record"
    services.record(over.uid, TOLD, follows=0, by=over.leader)
    page = overtaken(over, leader, did="我写的")
    services.record(over.uid, replace(TOLD, did="又改了"), follows=1, by=over.coordinator)

    again = leader.post(here, page.form(here) | {"keep_did": "both"}, status=409)

    form = again.form(here)
    assert form["follows"] == "2"
    assert form["did"] == f"{TOLD.did}\n我写的"
    leader.post(here, form | {"keep_did": "mine"})
    assert newest().did == f"{TOLD.did}\n我写的"


def test_two_texts_that_are_too_long_together_are_not_cut(over: Over, leader: Browser) -> None:
    here = f"/visits/{over.uid}/record"
    services.record(over.uid, replace(TOLD, did="甲" * 600), follows=0, by=over.leader)
    page = overtaken(over, leader, did="乙" * 600)
    refused = leader.post(here, page.form(here) | {"keep_did": "both"}, status=422)
    assert "一起做了什么：合起来超过 1000 个字，请选一段" in refused.errors
    leader.post(here, refused.form(here) | {"keep_did": "theirs"})
    assert newest().did == "甲" * 600


def test_the_same_written_twice_asks_nothing_and_saves(over: Over, leader: Browser) -> None:
    here = f"/visits/{over.uid}/record"
    services.record(over.uid, replace(TOLD, did=FILLED["did"]), follows=0, by=over.leader)
    page = overtaken(over, leader)
    assert "不用再选" in page.text
    leader.post(here, page.form(here))
    assert newest().number == 2


@pytest.mark.parametrize("follows", ["", "x", "-1", "9" * 40])
def test_a_choice_about_no_record_is_refused(over: Over, leader: Browser, follows: str) -> None:
    sent = FILLED | {"merging": "yes", "follows": follows}
    leader.post(f"/visits/{over.uid}/record", sent, status=422)


def test_a_coordinator_corrects_what_is_written_and_another_approves(
    over: Over, browse_as: BrowseAs, at_most: AtMost
) -> None:
    coordinator, here = browse_as(over.coordinator.id or 0), f"/visits/{over.uid}/record"
    coordinator.get(here, status=404)  # nothing to correct yet
    services.record(over.uid, TOLD, follows=0, by=over.leader)
    with at_most(25):
        page = coordinator.get(here)
    assert TOLD.did in page.html
    coordinator.post(here, page.form(here) | {"did": "更正后的记录"})
    assert newest().did == "更正后的记录"

    approve = f"{here}/approve"
    coordinator.post(approve, {"number": "2"}, status=409)
    browse_as(over.supervisor.id or 0).post(approve, {"number": "2"})
    assert over.state() is State.APPROVED


def test_what_is_typed_is_kept_as_a_draft_until_it_is_sent(over: Over, leader: Browser) -> None:
    here = f"/visits/{over.uid}/record"
    form = leader.get(here).form(here)
    leader.post("/account/drafts", form | {"did": "写到一半"})
    assert "写到一半" in leader.get(f"{here}?draft=1").html
    leader.post(here, leader.get(f"{here}?draft=1").form(here) | FILLED)
    assert "草稿" not in leader.get(f"/visits/{over.uid}/record").texts(".alert")


@pytest.mark.parametrize("made_up", [{"mood": "zzz"}, {"need_change": "zzz"}, {"keep_mood": "zzz"}])
def test_a_choice_about_an_account_that_is_none_is_shown_as_the_form(
    over: Over, leader: Browser, made_up: dict[str, str]
) -> None:
    services.record(over.uid, TOLD, follows=0, by=over.leader)
    sent = FILLED | {"merging": "yes", "follows": "1"} | made_up
    page = leader.post(f"/visits/{over.uid}/record", sent, status=422)
    assert page.errors


def test_of_an_erased_child_nothing_more_is_written(over: Over, leader: Browser) -> None:
    here = f"/visits/{over.uid}/record"
    form = leader.get(here).form(here)
    with transaction():
        forget_child(over.pairing.child_id)

    page = leader.post(here, form | FILLED, status=422)

    assert "孩子的档案已删除" in page.text
    assert db.session.scalars(select(VisitRecord.id)).all() == []
    assert "写记录" not in leader.get(f"/visits/{over.uid}").text
