"""A record written where there is no network: sealed in the phone, sent once, by nobody else."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Dialog, Page, Route, expect
from sqlalchemy import func, select

from accounts.rules import Actor
from accounts.sessions.services import open_session
from core.crypto import Sealer
from core.db import db
from core.fences import everything
from core.keys import Ring
from messages.models import Message
from tests.browser import Browser
from tests.builders.visits import SATURDAY
from tests.conftest import SetClock
from tests.test_passkeys import served
from tests.test_records import TOLD, Over
from tests.walkers import wait_for
from visits.concerns.models import VisitConcern
from visits.records import services
from visits.records.models import VisitRecord
from visits.records.queue import queries
from visits.rules import Mood

__all__ = ["served"]  # the fixture of its neighbour

pytestmark = pytest.mark.browser
DID = "一起读了两本书，折了纸飞机"
SUBMIT = "main form.form button[type=submit]:not([data-draft-button])"
LYING = """async () => {
  const base = await new Promise((open) => {
    indexedDB.open("records").onsuccess = ({ target }) => open(target.result);
  });
  const all = (store) => new Promise((done) => {
    base.transaction(store).objectStore(store).getAll().onsuccess = ({ target }) =>
      done(target.result);
  });
  const [keys, waiting] = [await all("keys"), await all("waiting")];
  const words = new TextDecoder();
  return {
    keys: keys.map((key) => key.extractable),
    waiting: waiting.map((one) => ({ ...one, iv: "", data: words.decode(one.data) })),
  };
}"""
AGE = """async (hours) => {
  const base = await new Promise((open) => {
    indexedDB.open("records").onsuccess = ({ target }) => open(target.result);
  });
  await new Promise((done) => {
    const deed = base.transaction("waiting", "readwrite");
    const store = deed.objectStore("waiting");
    store.getAll().onsuccess = ({ target }) => {
      for (const one of target.result) store.put({ ...one, at: one.at - hours * 3600 * 1000 });
    };
    deed.oncomplete = done;
  });
}"""


class Phone:
    """One browser that several people may use one after the other."""

    def __init__(self, app: Flask, url: str, chromium: Chromium) -> None:
        self.app, self.url = app, url
        self.context: BrowserContext = chromium.new_context(
            viewport={"width": 390, "height": 844}, locale="zh-CN", base_url=url
        )
        self.context.set_default_timeout(15_000)

    def sign_in(self, person: Actor) -> None:
        """Let somebody be the one who is signed in."""
        session = Browser(self.app, open_session(person.id or 0, agent="tests"))
        session.get("/visits")
        name = self.app.config["SESSION_COOKIE_NAME"]
        cookie = {"name": name, "value": session.cookie(), "url": self.url}
        self.context.add_cookies([cookie])  # type: ignore[list-item]  # as the driver reads it

    def open(self, path: str) -> Page:
        page = self.context.new_page()
        page.goto(path)
        return page

    def write(self, uid: str, did: str = DID, concern: str = "no") -> Page:
        """Open the form, lose the network, fill it in and send it."""
        page = self.open(f"/visits/{uid}/record")
        self.context.set_offline(offline=True)
        page.check("[name=child_present][value=yes]")
        page.fill("[name=did]", did)
        page.check(f"[name=concern][value={concern}]")
        page.click(SUBMIT)
        expect(page.locator("[data-record]")).to_contain_text("已加密存在这台设备里")
        return page

    def lying(self, page: Page) -> dict[str, Any]:
        found: dict[str, Any] = page.evaluate(LYING)
        return found


def written() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(VisitRecord.did).order_by(VisitRecord.number)))


@pytest.fixture
def over(served: tuple[Flask, str], set_clock: SetClock) -> Iterator[Over]:
    with everything():
        visit = Over()
        set_clock(SATURDAY + timedelta(hours=5))
        yield visit


@pytest.fixture
def phone(served: tuple[Flask, str], chromium: Chromium) -> Iterator[Phone]:
    made = Phone(*served, chromium)
    yield made
    made.context.close()


def test_a_record_waits_sealed_and_is_sent_when_the_network_is_back(
    over: Over, phone: Phone
) -> None:
    phone.sign_in(over.leader)
    page = phone.write(over.uid)

    expect(page.locator("#record-queue")).to_contain_text("有 1 份走访记录存在这台设备里")
    lying = phone.lying(page)
    assert lying["keys"] == [False]
    (entry,) = lying["waiting"]
    assert set(entry) == {"id", "owner", "at", "iv", "data", "stuck"}
    for secret in (over.uid, DID, "did"):
        assert secret not in str(entry)
    assert written() == []

    phone.context.set_offline(offline=False)

    expect(page.locator("#record-queue")).to_contain_text("已送达")
    assert written() == [DID]
    assert phone.lying(page)["waiting"] == []
    assert phone.open(f"/visits/{over.uid}").locator("#record-queue").is_hidden()


def test_two_tabs_send_one_record_and_an_answer_that_got_lost_is_asked_again(
    over: Over, phone: Phone
) -> None:
    phone.sign_in(over.leader)
    path = f"**/visits/{over.uid}/record"
    page = phone.open(f"/visits/{over.uid}/record")
    page.check("[name=child_present][value=yes]")
    page.fill("[name=did]", DID)
    page.check("[name=concern][value=no]")

    def arrives_but_nobody_hears(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch(max_redirects=0)
            route.abort()
        else:
            route.continue_()

    page.route(path, arrives_but_nobody_hears)
    page.click(SUBMIT)
    expect(page.locator("[data-record]")).to_contain_text("已加密存在这台设备里")
    assert written() == [DID]
    page.close()

    tabs = [phone.context.new_page() for _turn in range(2)]
    for tab in tabs:
        tab.goto("/visits", wait_until="commit")
    wait_for(lambda: phone.lying(tabs[0])["waiting"] == [], "the queue to be empty")
    assert written() == [DID]


def test_who_signs_in_after_somebody_neither_sees_nor_sends_their_records(
    over: Over, phone: Phone
) -> None:
    phone.sign_in(over.leader)
    stale = phone.write(over.uid)
    phone.context.clear_cookies()
    phone.sign_in(over.other)
    phone.context.set_offline(offline=False)

    expect(stale.locator("#record-queue")).to_contain_text("请先登录")
    theirs = phone.open("/visits")
    theirs.wait_for_load_state("networkidle")
    assert theirs.locator("#record-queue").is_hidden()
    assert len(phone.lying(theirs)["waiting"]) == 1
    assert written() == []

    phone.context.clear_cookies()
    phone.sign_in(over.leader)
    again = phone.open("/visits")
    expect(again.locator("#record-queue")).to_contain_text("已送达")
    db.session.rollback()
    assert db.session.scalars(select(VisitRecord.recorded_by_id)).all() == [over.leader.id]


def test_a_session_that_ended_asks_to_sign_in_and_keeps_the_record(
    over: Over, phone: Phone
) -> None:
    phone.sign_in(over.leader)
    page = phone.write(over.uid)
    phone.context.clear_cookies()
    phone.context.set_offline(offline=False)

    expect(page.locator("#record-queue")).to_contain_text("请先登录")
    assert "/sign-in?next=" in (page.locator("#record-queue a").get_attribute("href") or "")
    assert len(phone.lying(page)["waiting"]) == 1


def test_signing_out_asks_and_leaves_neither_record_nor_key(over: Over, phone: Phone) -> None:
    phone.sign_in(over.leader)
    page = phone.write(over.uid)
    page.route(f"**/visits/{over.uid}/record", lambda route: route.abort())
    phone.context.set_offline(offline=False)
    asked: list[str] = []

    def answer(*, yes: bool) -> Callable[[Dialog], None]:
        def press(dialog: Dialog) -> None:
            asked.append(dialog.message)
            (dialog.accept if yes else dialog.dismiss)()

        return press

    page.click("details.account summary")
    page.once("dialog", answer(yes=False))
    page.click("form[action$='/sign-out'] button")
    assert len(phone.lying(page)["waiting"]) == 1

    page.once("dialog", answer(yes=True))
    with page.expect_navigation():
        page.click("form[action$='/sign-out'] button")
    assert phone.lying(page) == {"keys": [], "waiting": []}
    assert asked == ["还有 1 份走访记录没有送达，退出登录后会从这台设备删除。仍要退出吗？"] * 2
    assert written() == []


def test_who_has_signed_out_in_another_tab_leaves_nothing_here(over: Over, phone: Phone) -> None:
    phone.sign_in(over.leader)
    page, other = phone.open(f"/visits/{over.uid}/record"), phone.open("/visits")
    other.click("details.account summary")
    with other.expect_navigation():
        other.click("form[action$='/sign-out'] button")
    phone.context.set_offline(offline=True)
    page.check("[name=child_present][value=yes]")
    page.fill("[name=did]", DID)
    page.check("[name=concern][value=no]")
    page.click(SUBMIT)

    expect(page.locator("[data-draft-said]")).to_have_text("没有网络，文字还在这里，会再试")
    assert page.input_value("[name=did]") == DID
    assert phone.lying(page) == {"keys": [], "waiting": []}


def test_a_change_of_keys_loses_nothing_that_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    def with_keys(*ids: int) -> str:
        ring = Ring({key_id: bytes([key_id]) * 32 for key_id in ids})
        monkeypatch.setattr(queries, "sealer", lambda: Sealer(ring))
        return queries.secret_of(7)

    assert with_keys(1) == with_keys(1, 2) == with_keys(1, 2, 3)
    assert len(with_keys(1)) == 43
    assert with_keys(1) != queries.secret_of(8)


def test_what_is_older_than_three_days_is_gone(over: Over, phone: Phone) -> None:
    phone.sign_in(over.leader)
    page = phone.write(over.uid)
    page.evaluate(AGE, 73)
    phone.context.set_offline(offline=False)

    wait_for(lambda: phone.lying(page)["waiting"] == [], "the old record to go")
    assert written() == []


def test_a_record_that_another_has_overtaken_is_merged_by_its_author(
    over: Over, phone: Phone
) -> None:
    services.record(over.uid, TOLD, follows=0, by=over.leader)
    db.session.rollback()
    phone.sign_in(over.leader)
    page = phone.write(over.uid)
    better = replace(TOLD, did="协调员的更正", mood=Mood.GREAT)
    services.record(over.uid, better, follows=1, by=over.coordinator)
    db.session.rollback()
    phone.context.set_offline(offline=False)

    expect(page.locator("#record-queue")).to_contain_text("要您看一下")
    with page.expect_navigation():
        page.get_by_role("button", name="打开看看").click()
    assert "两份走访记录" in page.inner_text("h1")
    assert page.is_checked("[name=keep_did][value=both]")  # both have changed it
    assert page.is_checked("[name=keep_mood][value=theirs]")  # only the coordinator has
    with page.expect_navigation():
        page.click(SUBMIT)

    assert page.url.endswith(f"/visits/{over.uid}")
    assert written() == [TOLD.did, better.did, f"{better.did}\n{DID}"]
    assert phone.lying(page)["waiting"] == []


def test_a_worry_is_told_as_soon_as_it_is_chosen(over: Over, phone: Phone) -> None:
    phone.sign_in(over.leader)
    page = phone.open(f"/visits/{over.uid}/record")

    page.check("[name=concern][value=yes]")

    expect(page.locator("[data-concern-said]")).to_have_text("未保专员已经收到通知")
    db.session.rollback()
    assert db.session.scalars(select(VisitConcern.opened_by_id)).all() == [over.leader.id]
    assert written() == []


def test_a_worry_without_a_network_is_not_said_to_have_been_told(over: Over, phone: Phone) -> None:
    phone.sign_in(over.leader)
    page = phone.write(over.uid, concern="yes")

    expect(page.locator("[data-record]")).to_contain_text("未保专员还不知道")
    phone.context.set_offline(offline=False)
    expect(page.locator("#record-queue")).to_contain_text("已送达")
    assert (page.locator("#record-queue a").get_attribute("href") or "").endswith("/concern")
    db.session.rollback()
    assert db.session.scalar(select(func.count(VisitConcern.id))) == 1
    told = select(func.count(Message.id)).where(Message.kind == "visit_concern")
    assert db.session.scalar(told) == 0  # there is no lead in this county: the alert stands
