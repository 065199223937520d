"""The code on site in a real browser: it is fetched anew by itself, and nothing else is."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect
from sqlalchemy import func, select, update

from core.audit import AuditRow
from core.db import db, transaction
from pairings.rules import Stage
from tests.builders.pairings import a_pairing
from tests.builders.visits import SATURDAY, a_visit, an_escort, the_code
from tests.conftest import BrowseAs, SetClock
from tests.test_axe import Onlooker
from visits.models import Visit
from visits.rules import State

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("app")]


def looks() -> int:
    asked = select(func.count(AuditRow.id)).where(AuditRow.action == "child_seen")
    return db.session.scalar(asked) or 0


def test_the_code_on_the_escorts_page_changes_with_the_minute_without_another_look_at_the_child(
    browse_as: BrowseAs, set_clock: SetClock, chromium: Chromium
) -> None:
    pairing = a_pairing(stage=Stage.ACTIVE)
    escort_id = an_escort(pairing)
    visit = a_visit(pairing, escort_id=escort_id, state=State.CONFIRMED)
    set_clock(SATURDAY + timedelta(seconds=48))
    onlooker = Onlooker(chromium)
    onlooker.caller = browse_as(escort_id)
    window, first = onlooker.window, the_code(visit)
    window.clock.install()
    window.goto(f"/visits/{visit.uid}")
    expect(window.locator(".code-big")).to_have_text(f"{first[:3]} {first[3:]}")
    expect(window.locator("[data-left]")).to_contain_text("还有 12 秒")
    window.clock.run_for(5_000)
    expect(window.locator("[data-left]")).to_contain_text("还有 7 秒")
    seen = looks()

    set_clock(SATURDAY + timedelta(seconds=60))
    second = the_code(visit)
    window.clock.run_for(8_000)

    expect(window.locator(".code-big")).to_have_text(f"{second[:3]} {second[3:]}")
    assert second != first
    assert looks() == seen


def test_a_page_opened_too_early_shows_the_code_as_large_as_any(
    browse_as: BrowseAs, set_clock: SetClock, chromium: Chromium
) -> None:
    pairing = a_pairing(stage=Stage.ACTIVE)
    escort_id = an_escort(pairing)
    visit = a_visit(pairing, escort_id=escort_id, state=State.CONFIRMED)
    set_clock(SATURDAY - timedelta(minutes=31) - timedelta(seconds=12))
    onlooker = Onlooker(chromium)
    onlooker.caller = browse_as(escort_id)
    window = onlooker.window
    window.clock.install()
    window.goto(f"/visits/{visit.uid}/code")
    expect(window.locator("[data-code]")).to_contain_text("现在没有签到码")
    set_clock(SATURDAY - timedelta(minutes=29))
    window.clock.run_for(13_000)
    code = the_code(visit)
    expect(window.locator(".code-huge")).to_have_text(f"{code[:3]} {code[3:]}")
    set_clock(SATURDAY - timedelta(minutes=28))
    with transaction() as session:
        session.execute(update(Visit).values(state=State.CANCELLED))
    window.clock.run_for(61_000)
    expect(window.locator("[data-code]")).to_contain_text("现在没有签到码")
    expect(window.locator(".code-huge")).to_have_count(0)


def test_whoever_is_signed_out_meanwhile_sees_no_old_code(
    browse_as: BrowseAs, set_clock: SetClock, chromium: Chromium
) -> None:
    pairing = a_pairing(stage=Stage.ACTIVE)
    escort_id = an_escort(pairing)
    visit = a_visit(pairing, escort_id=escort_id, state=State.CONFIRMED)
    set_clock(SATURDAY)
    onlooker = Onlooker(chromium)
    onlooker.caller = browse_as(escort_id)
    window = onlooker.window
    window.clock.install()
    window.goto(f"/visits/{visit.uid}/code")
    set_clock(SATURDAY + timedelta(days=1))
    window.clock.run_for(61_000)
    expect(window.locator(".code-huge")).to_have_count(0)
