"""A list of members: looked through first, taken once, confirmed by each for themselves."""

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.models import Person
from accounts.queries import actor_for
from accounts.rules import Role
from campaigns.blocks.models import Block
from campaigns.imports import services
from campaigns.imports.models import ImportRow, ImportRun
from campaigns.imports.rules import Fate, State
from campaigns.imports.steps.services import go_on
from campaigns.models import Campaign, Slot
from campaigns.rules import Stage
from campaigns.seats.rules import GONE, SeatState
from campaigns.signups.leaving.services import expire_pending
from campaigns.signups.models import SignUp
from campaigns.signups.services import Wish, sign_up
from core import clock
from core.audit import AuditRow
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from core.sheets import read
from messages.models import Message
from messages.texts import render
from tests.browser import Browser
from tests.builders.campaigns import a_block, a_campaign, a_sign_up, a_slot
from tests.builders.imports import a_csv, an_import, an_xlsx, brought, fates, rows_of, the_run
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county, an_organisation
from tests.conftest import NOON, AtMost, BrowseAs, SetClock
from volunteers.models import Volunteer


@pytest.fixture
def block(app: Flask) -> Block:
    """Five seats of a slot of twenty."""
    county, org = a_county(), an_organisation(name="示例·晨光队")
    return a_block(a_slot(a_campaign(area_id=county.id), capacity=20), seats=5, org_id=org.id)


@pytest.fixture
def lead(block: Block) -> int:
    return a_member_of_staff(Role.ORG_LEAD, org_id=block.org_id)


@pytest.fixture
def coordinator(block: Block) -> int:
    from_slot = select(Block.slot_id).where(Block.id == block.id)
    slot = db.session.scalars(from_slot).one()
    return a_member_of_staff(Role.COORDINATOR, area_id=county_of(slot))


def county_of(slot_id: int) -> int:

    return db.session.get_one(Slot, slot_id).county_id


def taken(block: Block) -> int:
    db.session.expire_all()
    return db.session.get_one(Block, block.id).taken


def many(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def confirmed(run: ImportRun, by: int, *, same_names: bool = False) -> ImportRun:
    services.confirm(run.uid, same_names=same_names, by=actor_for(by))
    go_on()
    return the_run(run.uid)


# --- the whole way --------------------------------------------------------------------------------


def test_a_lead_brings_a_list_and_each_member_confirms_alone(
    block: Block, lead: int, browse_as: BrowseAs, visitor: Browser
) -> None:
    browser, at = browse_as(lead), f"/seat-blocks/{block.uid}/lists"
    people = many(Person)
    form = browser.get(at).form("/lists")
    data = an_xlsx(
        [("样例甲", "", "a@example.org", ""), ("样例乙", "１３８ ０００0-0001", "", "中文")]
    )
    page = browser.post(at, form | {"file": (io.BytesIO(data), "名单.xlsx")})
    assert "正在检查" in page.text
    assert page.soup.select_one("progress") is not None
    assert many(SignUp) == 0

    go_on()
    page = browser.get(page.url)
    assert "导入 2 人" in page.text
    assert many(SignUp) == 0

    browser.post(f"{page.url}/confirm", page.form("/confirm"))
    go_on()

    held = db.session.scalars(select(SignUp).order_by(SignUp.id)).all()
    assert [(one.name, one.contact, one.state) for one in held] == [
        ("样例甲", "a@example.org", SeatState.HELD),
        ("样例乙", "13800000001", SeatState.HELD),
    ]
    assert {one.block_id for one in held} == {block.id}
    assert {one.person_id for one in held} == {None}
    assert (many(Person), many(Volunteer)) == (people, 0)
    assert taken(block) == 2
    assert "导入完了" in browser.get(page.url).text

    letter = db.session.scalars(select(Message)).one()
    link = next(
        word
        for word in render(letter.kind, letter.language, letter.params).body.split()
        if "/sign-ups/" in word
    )
    path = "/sign-ups/" + link.partition("/sign-ups/")[2]
    asked = visitor.get(path)
    assert "风险告知" in asked.text
    visitor.post(path, asked.form(path))
    db.session.expire_all()
    first = db.session.get_one(SignUp, held[0].id)
    assert first.state is SeatState.CONFIRMED
    assert first.person_id is not None


def test_what_is_pasted_from_a_sheet_is_a_list(
    block: Block, lead: int, browse_as: BrowseAs
) -> None:
    browser, at = browse_as(lead), f"/seat-blocks/{block.uid}/lists"
    text = "姓名\t电话\t备注\r\n样例甲\t13800000001\t很高兴\r\n样例乙\t13800000002\t\r\n"
    browser.post(at, browser.get(at).form("/lists") | {"pasted": text})
    go_on()

    run = db.session.scalars(select(ImportRun)).one()
    assert fates(run) == [Fate.GOOD, Fate.GOOD]
    assert run.data is None


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_template_reads_as_a_list_whose_example_is_never_taken(
    kind: str, block: Block, lead: int, browse_as: BrowseAs
) -> None:
    answer = browse_as(lead).client.get(f"/seat-blocks/lists/template.{kind}")
    run = brought(block, answer.data, by=lead, ending=kind)

    assert answer.status_code == 200
    assert fates(run) == [Fate.BAD_NAME]


# --- what a dry run says --------------------------------------------------------------------------


def test_each_row_is_told_what_is_wrong_with_it(block: Block, lead: int) -> None:
    run = brought(
        block,
        a_csv(
            [
                ("样例甲", "13800000001", "a@example.org", "English"),
                ("", "13800000002", "", ""),
                ("样例3", "13800000003", "", ""),
                ("样例丁", "", "", ""),
                ("样例戊", "1380000", "", ""),
                ("样例己", "", "f@example", ""),
                ("样例庚", "13800000007", "", "拉丁语"),
                ("姓名", "手机号", "邮箱", "语言"),
                ("样例辛", "110101199003070000", "h@example.org", ""),
            ]
        ),
        by=lead,
    )

    assert fates(run) == [
        Fate.GOOD, Fate.NO_NAME, Fate.BAD_NAME, Fate.NO_CONTACT, Fate.BAD_PHONE, Fate.BAD_EMAIL,
        Fate.BAD_LANGUAGE, Fate.HEADER, Fate.ID_NUMBER,
    ]  # fmt: skip
    kept = db.session.scalars(select(ImportRow).order_by(ImportRow.number)).all()
    assert kept[0].contact == "a@example.org"
    assert kept[0].spoken == "en"
    assert kept[-1].phone == ""


def test_an_identity_number_in_a_column_of_its_own_is_refused_too(block: Block, lead: int) -> None:
    rows = [("样例甲", "13800000001", "11010119900307001X")]
    run = brought(block, a_csv(rows, ("姓名", "手机", "身份证号")), by=lead)

    assert fates(run) == [Fate.ID_NUMBER]


def test_one_person_by_phone_and_by_mail_is_one_person(block: Block, lead: int) -> None:
    run = brought(
        block,
        a_csv(
            [
                ("样例甲", "13800000001", "a@example.org", ""),
                ("样例甲", "+86 138 0000 0001", "", ""),
                ("样例甲", "", "A@Example.org", ""),
                ("样例乙", "13800000002", "", ""),
                ("样例乙", "", "b@example.org", ""),
            ]
        ),
        by=lead,
    )

    assert fates(run) == [Fate.GOOD, Fate.TWICE, Fate.TWICE, Fate.GOOD, Fate.SAME_NAME]
    others = db.session.scalars(select(ImportRow.other).order_by(ImportRow.number)).all()
    assert others == [None, 2, 2, None, 5]
    confirmed(run, lead)
    assert many(SignUp) == 2


def test_two_people_of_one_name_are_taken_when_somebody_says_so(block: Block, lead: int) -> None:
    rows = [("样例甲", "13800000001", "", ""), ("样例甲", "", "a@example.org", "")]
    run = brought(block, a_csv(rows), by=lead)

    assert fates(confirmed(run, lead, same_names=True)) == [Fate.PLACED, Fate.PLACED]


def test_whoever_is_on_the_groups_seats_is_not_taken_again(block: Block, lead: int) -> None:
    a_sign_up(
        slot_id=block.slot_id, block_id=block.id, contact="a@example.org", email="a@example.org"
    )
    run = brought(block, a_csv([("样例甲", "13800000001", "a@example.org", "")]), by=lead)

    assert fates(run) == [Fate.ALREADY]
    with pytest.raises(RuleBroken, match="没有可以导入的行"):
        confirmed(run, lead)


def test_a_lead_does_not_learn_who_else_comes_and_a_coordinator_does(
    block: Block, lead: int, coordinator: int
) -> None:
    a_sign_up(slot_id=block.slot_id, contact="a@example.org", email="a@example.org", name="样例甲")
    data = a_csv([("样例甲", "", "a@example.org", "")])

    assert fates(brought(block, data, by=lead)) == [Fate.GOOD]
    assert fates(brought(block, data, by=coordinator)) == [Fate.ALREADY]


def test_rows_to_mend_come_back_as_the_same_sheet_with_the_reason(
    block: Block, lead: int, browse_as: BrowseAs
) -> None:
    rows = [
        ("样例甲", "", "a@example.org", ""),
        ('=HYPERLINK("http://example.org")', "1380", "", ""),
    ]
    run = brought(block, a_csv(rows), by=lead)
    browser = browse_as(lead)
    browser.get(f"/lists/{run.uid}")

    for kind in ("csv", "xlsx"):
        answer = browser.client.post(
            f"/lists/{run.uid}/rows.{kind}", data=browser.get(f"/lists/{run.uid}").form(kind)
        )
        table = read(answer.data, f"a.{kind}")
        assert table[0] == ["姓名", "手机号", "邮箱", "语言", "要改的地方"]
        assert len(table) == 2
        assert table[1][0].startswith("'")
        assert table[1][4] == "姓名要 2 到 40 个字，不要用数字和符号"
        if kind == "csv":
            assert answer.data.startswith(b"\xef\xbb\xbf")
        assert fates(brought(block, answer.data, by=lead, ending=kind)) == [Fate.BAD_NAME]
    assert "fetch_failed_rows" in db.session.scalars(select(AuditRow.action)).all()


# --- confirming and undoing -----------------------------------------------------------------------


def test_a_list_longer_than_the_seats_is_refused_whole(block: Block, lead: int) -> None:
    run = brought(block, a_csv(rows_of(6)), by=lead)

    with pytest.raises(RuleBroken, match="名单有 6 人，只剩 5 个名额"):
        confirmed(run, lead)

    assert (many(SignUp), taken(block), the_run(run.uid).state) == (0, 0, State.CHECKED)


def test_a_second_click_places_nobody_twice(block: Block, lead: int, browse_as: BrowseAs) -> None:
    run = brought(block, a_csv(rows_of(3)), by=lead)
    browser = browse_as(lead)
    form = browser.get(f"/lists/{run.uid}").form("/confirm")
    browser.post(f"/lists/{run.uid}/confirm", form)
    go_on()
    browser.post(f"/lists/{run.uid}/confirm", form)
    go_on()

    with pytest.raises(RuleBroken):
        services.confirm(run.uid, same_names=False, by=actor_for(lead))
    assert (many(SignUp), taken(block), many(Message)) == (3, 3, 3)


def test_the_same_list_again_finds_everybody_there(block: Block, lead: int) -> None:
    confirmed(brought(block, a_csv(rows_of(3)), by=lead), lead)

    assert fates(brought(block, a_csv(rows_of(4)), by=lead)) == [Fate.ALREADY] * 3 + [Fate.GOOD]


def test_seats_that_go_meanwhile_leave_the_last_rows_to_mend(block: Block, lead: int) -> None:
    run = brought(block, a_csv(rows_of(4)), by=lead)
    services.confirm(run.uid, same_names=False, by=actor_for(lead))
    with transaction() as session:
        session.get_one(Block, block.id).taken += 3
    go_on()

    assert fates(the_run(run.uid)) == [Fate.PLACED, Fate.PLACED, Fate.FULL, Fate.FULL]
    assert (taken(block), many(SignUp)) == (5, 2)


def test_a_block_that_has_ended_meanwhile_takes_nobody(
    block: Block, lead: int, set_clock: SetClock
) -> None:
    run = brought(block, a_csv(rows_of(2)), by=lead)
    services.confirm(run.uid, same_names=False, by=actor_for(lead))
    set_clock(NOON + timedelta(days=8))
    go_on()

    assert fates(the_run(run.uid)) == [Fate.CLOSED, Fate.CLOSED]
    assert many(SignUp) == 0


def test_undoing_withdraws_whoever_has_not_confirmed(block: Block, lead: int) -> None:
    run = confirmed(brought(block, a_csv(rows_of(3)), by=lead), lead)
    with transaction() as session:
        first = session.scalars(select(SignUp).order_by(SignUp.id).limit(1)).one()
        first.state = SeatState.CONFIRMED

    assert services.undo(run.uid, by=actor_for(lead)) == 2

    db.session.expire_all()
    states = db.session.scalars(select(SignUp.state).order_by(SignUp.id)).all()
    assert states == [SeatState.CONFIRMED, SeatState.CANCELLED, SeatState.CANCELLED]
    assert taken(block) == 1
    with pytest.raises(RuleBroken):
        services.undo(run.uid, by=actor_for(lead))


def test_undoing_leaves_whoever_has_come_again_by_themselves(
    block: Block, lead: int, set_clock: SetClock
) -> None:
    run = confirmed(brought(block, a_csv(rows_of(1)), by=lead), lead)
    set_clock(NOON + timedelta(days=3))
    expire_pending()
    slot = db.session.scalars(select(SignUp.slot_id)).one()

    uid = db.session.get_one(Slot, slot).uid
    sign_up(uid, Wish("样例零", "m0@example.org", "个人"))

    assert services.undo(run.uid, by=actor_for(lead)) == 0
    db.session.expire_all()
    assert db.session.scalars(select(SignUp.state)).one() is SeatState.HELD


def test_nobody_confirms_and_the_seats_are_free_again(
    block: Block, lead: int, set_clock: SetClock
) -> None:
    confirmed(brought(block, a_csv(rows_of(3)), by=lead), lead)
    set_clock(NOON + timedelta(days=4))
    expire_pending()

    assert taken(block) == 0
    assert set(db.session.scalars(select(SignUp.state))) <= GONE


def test_an_address_is_not_written_to_again_and_again(block: Block, lead: int) -> None:
    for _turn in range(3):
        run = confirmed(brought(block, a_csv(rows_of(1)), by=lead), lead)
        services.undo(run.uid, by=actor_for(lead))
    run = confirmed(brought(block, a_csv(rows_of(1)), by=lead), lead)

    assert fates(run) == [Fate.TOO_OFTEN]
    assert many(Message) == 3


# --- whose it is, and for how long ----------------------------------------------------------------


def test_a_list_is_seen_by_whoever_brought_it_alone(
    block: Block, lead: int, coordinator: int
) -> None:
    run = an_import(block, lead)
    for stranger in (
        coordinator,
        a_member_of_staff(Role.ORG_LEAD, org_id=block.org_id),
        a_member_of_staff(Role.ORG_LEAD, org_id=an_organisation().id),
        a_member_of_staff(Role.COORDINATOR, area_id=a_county().id),
    ):
        for deed in (
            lambda by: services.confirm(run.uid, same_names=False, by=by),
            lambda by: services.undo(run.uid, by=by),
            lambda by: services.take_failed(run.uid, by=by),
        ):
            with pytest.raises(NotYours):
                deed(actor_for(stranger))


def test_nobody_brings_a_list_for_anothers_seats(block: Block) -> None:
    for stranger in (
        a_member_of_staff(Role.ORG_LEAD, org_id=an_organisation().id),
        a_member_of_staff(Role.COORDINATOR, area_id=a_county().id),
    ):
        with pytest.raises(NotYours):
            brought(block, a_csv(rows_of(1)), by=stranger)


def test_seats_that_were_given_back_take_no_list(
    block: Block, lead: int, set_clock: SetClock, browse_as: BrowseAs
) -> None:
    set_clock(NOON + timedelta(days=8))
    with pytest.raises(RuleBroken, match="放回去了"):
        brought(block, a_csv(rows_of(1)), by=lead)

    assert "不能再导入" in browse_as(lead).get(f"/seat-blocks/{block.uid}/lists").text


def test_twenty_lists_an_hour_are_enough(block: Block, lead: int, browse_as: BrowseAs) -> None:
    browser, at = browse_as(lead), f"/seat-blocks/{block.uid}/lists"
    for _turn in range(20):
        browser.post(at, browser.get(at).form("/lists") | {"pasted": "姓名,电话\n"}, follow=False,
                     status=302)  # fmt: skip
    browser.post(at, browser.get(at).form("/lists") | {"pasted": "姓名,电话\n"}, status=429)

    assert many(ImportRun) == 20


def test_rows_are_kept_for_a_week(
    block: Block, lead: int, set_clock: SetClock, browse_as: BrowseAs
) -> None:
    run = confirmed(brought(block, a_csv(rows_of(3)), by=lead), lead)
    set_clock(NOON + timedelta(days=6, hours=23))
    assert services.forget() == 0
    set_clock(clock.now() + timedelta(hours=1))
    assert services.forget() == 1
    assert services.forget() == 0

    assert many(ImportRow) == 0
    assert many(SignUp) == 3
    assert the_run(run.uid).state is State.EXPIRED
    assert "已经删除" in browse_as(lead).get(f"/lists/{run.uid}").text


def test_a_campaign_that_was_halted_meanwhile_takes_nobody(block: Block, lead: int) -> None:
    run = brought(block, a_csv(rows_of(2)), by=lead)
    services.confirm(run.uid, same_names=False, by=actor_for(lead))

    with transaction() as session:
        session.scalars(select(Campaign)).one().stage = Stage.SUSPENDED
    go_on()

    assert fates(the_run(run.uid)) == [Fate.CLOSED, Fate.CLOSED]


@pytest.mark.parametrize("length", [10, 1000])
def test_a_page_of_a_list_asks_the_same_however_long_it_is(
    length: int, block: Block, lead: int, browse_as: BrowseAs, at_most: AtMost
) -> None:
    run = brought(block, a_csv(rows_of(length)), by=lead)
    browser = browse_as(lead)
    page = f"/lists/{run.uid}"
    browser.get(page)

    with at_most(8):
        browser.get(page)
    with at_most(8):
        browser.get(f"/seat-blocks/{block.uid}/lists")
