"""Small wishes: goods only, claimed by link or call, brought in time or given to somebody else."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from campaigns.models import Campaign
from campaigns.rules import Stage
from campaigns.seats.rules import SeatState
from campaigns.wishes import services
from campaigns.wishes.models import Wish, WishClaim
from campaigns.wishes.rules import WishState, drop_off_code
from campaigns.wishes.services import Donor
from campaigns.wishes.telling.services import claim_secret
from core import ids
from core.db import db, transaction
from core.errors import RuleBroken
from core.sealing import Cells
from messages.models import Message
from messages.rules import State
from messages.texts import render
from rooms import SEALED
from tests.browser import Browser
from tests.builders.campaigns import a_campaign
from tests.builders.places import a_city, a_county
from tests.builders.wishes import a_claim, a_wish
from tests.conftest import NOON, AtMost, SetClock
from tests.races import ENGINES, at_once, site_on

SECRET = "w" * 43


@pytest.fixture(params=ENGINES)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application on each engine."""
    with site_on(request.param, request, tmp_path) as app:
        yield app


def a_form(**given: Any) -> dict[str, Any]:
    return {"name": "李样例", "contact": "li@example.org", "agree": "y"} | given


def the_claim() -> WishClaim:
    db.session.expire_all()
    return db.session.scalars(select(WishClaim)).one()


def fresh(wish: Wish) -> Wish:
    db.session.expire_all()
    return db.session.get_one(Wish, wish.id)


def slug_of(wish: Wish) -> str:
    return db.session.get_one(Campaign, wish.campaign_id).slug


def kinds() -> list[str]:
    return list(db.session.scalars(select(Message.kind).order_by(Message.id)))


def taken_in_truth() -> int:
    seated = (SeatState.HELD, SeatState.CONFIRMED, SeatState.ARRIVED, SeatState.COMPLETED)
    return db.session.scalar(select(func.count()).where(WishClaim.state.in_(seated))) or 0


# --- the list -------------------------------------------------------------------------------------


def test_the_list_shows_things_and_centres_and_nobody(visitor: Browser) -> None:
    campaign = a_campaign(area_id=a_city().id)
    wish = a_wish(campaign, a_county(), item="书包", code="X7K2")
    for state in (WishState.PROPOSED, WishState.RETURNED, WishState.WITHDRAWN):
        a_wish(campaign, a_county(), item="不公开的", state=state)
    a_claim(a_wish(campaign, a_county(), item="足球"), name="李样例", email="li@example.org")

    page = visitor.get(f"/campaigns/{campaign.slug}/wishes")

    assert page.texts(".card h2") == ["书包", "足球"], "what waits stands first"
    assert page.links("/claim") == [f"/wishes/{wish.uid}/claim"]
    for told in ("X7K2", "33 码", "9–11 岁"):
        assert told in page.text
    shown = page.soup.select(".cards")[0].get_text()
    for hidden in ("不公开的", "李样例", "li@example.org"):
        assert hidden not in shown
    assert not re.search(r"(?<!\d)80(?!\d)", shown), "what it may cost; places count up to 10380"


def test_the_list_is_by_centre(visitor: Browser) -> None:
    campaign = a_campaign(area_id=a_city().id)
    a_wish(campaign, a_county(), item="书包")
    a_wish(campaign, a_county(), item="足球")

    page = visitor.get(f"/campaigns/{campaign.slug}/wishes")
    (mine, _other) = page.links("centre=")

    assert visitor.get(mine).texts(".card h2") == ["书包"]
    assert visitor.get(f"/campaigns/{campaign.slug}/wishes?centre=x").texts(".card h2") == []


def test_a_long_list_costs_the_same_and_goes_on(visitor: Browser, at_most: AtMost) -> None:
    campaign = a_campaign()
    for _number in range(30):
        a_wish(campaign)
    with at_most(8):
        first = visitor.get(f"/campaigns/{campaign.slug}/wishes")
    second = visitor.get(str(first.soup.select(".pager a")[0]["href"]))

    assert (len(first.texts(".card h2")), len(second.texts(".card h2"))) == (24, 6)
    assert not set(first.links("/claim")) & set(second.links("/claim"))


@pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.SUSPENDED, Stage.CANCELLED])
def test_wishes_of_a_campaign_that_is_not_on_are_not_shown(visitor: Browser, stage: Stage) -> None:
    wish = a_wish(a_campaign(stage=stage, published_at=NOON))

    visitor.get(f"/campaigns/{slug_of(wish)}/wishes", status=404)
    visitor.get(f"/wishes/{wish.uid}/claim", status=404)


def test_a_campaign_leads_to_its_wishes_while_some_wait(visitor: Browser) -> None:
    wish = a_wish()
    page = f"/campaigns/{slug_of(wish)}"
    assert visitor.get(page).links("/wishes") == [f"{page}/wishes"]
    a_claim(wish)
    assert visitor.get(page).links("/wishes") == []


# --- claiming -------------------------------------------------------------------------------------


def test_a_claim_keeps_the_wish_and_its_link_goes_out_sealed(
    visitor: Browser, at_most: AtMost
) -> None:
    wish = a_wish()
    with at_most(8):
        visitor.get(f"/wishes/{wish.uid}/claim")

    page = visitor.post(f"/wishes/{wish.uid}/claim", a_form())

    found, message = the_claim(), db.session.scalars(select(Message)).one()
    assert page.heading == "收到了，还差一步"
    assert (fresh(wish).taken, found.state) == (1, SeatState.HELD)
    secret = claim_secret(message.params["sealed"], found.uid)
    assert found.token_hash == ids.digest(secret)
    assert secret not in str(message.params)
    body = render(message.kind, "zh_Hans", message.params).body
    assert f"http://localhost/wish-claims/{secret}" in body
    assert "李样例" not in body
    assert drop_off_code(secret) not in body, "digits are for who has confirmed"


def test_a_change_of_keys_finds_the_secrets_of_wishes_and_of_sign_ups(app: Flask) -> None:
    services.claim(a_wish().uid, Donor("李样例", "li@example.org"))
    message = db.session.scalars(select(Message)).one()

    (inside,) = (one for one in SEALED if isinstance(one, Cells))

    assert inside.place("", message.params) == f"wish_claims.token/{the_claim().uid}"
    assert inside.place("", {"sealed": "", "sign_up": "u"}) == "sign_ups.token/u"


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("name", "", "请填姓名"),
        ("name", "13800138000", "请填真实姓名"),
        ("contact", "", "请填手机号或邮箱"),
        ("contact", "123", "请填 11 位手机号"),
        ("agree", "", "请看清楚再勾选"),
    ],
)
def test_what_is_missing_is_told_beside_the_field(
    visitor: Browser, field: str, value: str, told: str
) -> None:
    wish = a_wish()
    form = a_form(**{field: value}) if value or field != "agree" else a_form()
    if field == "agree":
        del form["agree"]

    page = visitor.post(f"/wishes/{wish.uid}/claim", form, status=422)

    assert any(told in one for one in page.errors)
    assert fresh(wish).taken == 0


def test_a_taken_wish_is_told_to_be_taken_to_everybody_alike(visitor: Browser) -> None:
    wish = a_wish()
    a_claim(wish, email="li@example.org")

    for contact in ("li@example.org", "wang@example.org"):
        page = visitor.post(f"/wishes/{wish.uid}/claim", a_form(contact=contact), status=422)
        assert any("已经有人认领了" in one for one in page.errors)
    assert kinds() == []


@pytest.mark.parametrize("given", [{"state": WishState.PROPOSED}, {"state": WishState.WITHDRAWN}])
def test_a_wish_that_is_not_public_is_not_there(visitor: Browser, given: dict[str, Any]) -> None:
    visitor.post(f"/wishes/{a_wish(**given).uid}/claim", a_form(), status=404)


def test_a_campaign_that_is_over_takes_no_more_claims(visitor: Browser) -> None:
    wish = a_wish(a_campaign(stage=Stage.WRAP_UP))

    assert "现在不收了" in visitor.get(f"/wishes/{wish.uid}/claim").text
    with pytest.raises(RuleBroken, match="现在不收了"):
        services.claim(wish.uid, Donor("李样例", "li@example.org"))


# --- confirming and bringing ----------------------------------------------------------------------


def test_the_link_shows_a_button_then_the_days_and_the_digits(visitor: Browser) -> None:
    wish = a_wish()
    a_claim(wish, secret=SECRET)
    code = drop_off_code(SECRET)

    before = visitor.get(f"/wish-claims/{SECRET}")
    assert (before.heading, the_claim().state) == ("确认认领", SeatState.HELD)
    assert code[:4] not in before.text
    page = visitor.post(f"/wish-claims/{SECRET}")

    found = the_claim()
    assert (found.state, found.expires_at) == (SeatState.CONFIRMED, NOON + timedelta(days=14))
    assert page.texts(".code-big") == [f"{code[:4]} {code[4:]}"]
    assert found.code_hash == ids.digest(f"drop-off:{code}")
    message, later = db.session.scalars(select(Message).order_by(Message.due_at))
    assert (message.kind, later.kind) == ("wish_bring", "wish_remind")
    body = render(message.kind, "zh_Hans", message.params).body
    assert f"/wish-claims/{SECRET}" in body
    assert "2026-12-08" in body
    visitor.post(f"/wish-claims/{SECRET}", status=422)


def test_a_link_that_nobody_has_leads_nowhere(visitor: Browser) -> None:
    a_claim(secret=SECRET)
    visitor.get(f"/wish-claims/{'x' * 43}", status=404)
    visitor.post(f"/wish-claims/{'x' * 43}", status=404)
    visitor.post(f"/wish-claims/{'x' * 43}/leave", status=404)


@pytest.mark.parametrize("given", [{}, {"state": SeatState.CONFIRMED}])
def test_whoever_cannot_bring_it_lets_somebody_else(
    visitor: Browser, given: dict[str, Any]
) -> None:
    wish = a_wish()
    a_claim(wish, secret=SECRET, **given)

    visitor.post(f"/wish-claims/{SECRET}/leave", status=302, follow=False)

    assert (the_claim().state, fresh(wish).taken) == (SeatState.CANCELLED, 0)
    assert "已经不在了" in visitor.get(f"/wish-claims/{SECRET}", status=410).text
    visitor.post(f"/wish-claims/{SECRET}/leave", status=409)
    assert fresh(wish).taken == 0, "given back once"


@pytest.mark.parametrize("state", [SeatState.ARRIVED, SeatState.COMPLETED])
def test_what_has_come_is_not_taken_back(visitor: Browser, state: SeatState) -> None:
    wish = a_wish()
    a_claim(wish, secret=SECRET, state=state)

    page = visitor.get(f"/wish-claims/{SECRET}")
    visitor.post(f"/wish-claims/{SECRET}/leave", status=409)

    assert "谢谢您" in page.text
    assert not page.texts(".code-big")
    assert (the_claim().state, fresh(wish).taken) == (state, 1)


def test_whoever_left_may_claim_it_again_with_another_link(app: Flask) -> None:
    wish, donor = a_wish(), Donor("李样例", "li@example.org")
    services.claim(wish.uid, donor)
    first = the_claim().token_hash
    with transaction() as session:
        services.let_go(session, [wish.id], WishClaim.wish_id == wish.id, SeatState.CANCELLED)

    services.claim(wish.uid, donor)

    found = the_claim()
    assert (found.state, found.confirmed_at, fresh(wish).taken) == (SeatState.HELD, None, 1)
    assert found.token_hash != first


def test_nobody_confirms_what_has_been_withdrawn_or_called_off(app: Flask) -> None:
    for given in ({"state": WishState.WITHDRAWN}, {"campaign": a_campaign(stage=Stage.SUSPENDED)}):
        secret = ids.token()
        a_claim(a_wish(**given), secret=secret)
        with pytest.raises(RuleBroken, match="心愿已撤下"):
            services.confirm(secret)


# --- what time does -------------------------------------------------------------------------------


def test_after_two_days_without_a_word_the_wish_waits_again(
    app: Flask, set_clock: SetClock, visitor: Browser
) -> None:
    wish = a_wish()
    services.claim(wish.uid, Donor("李样例", "li@example.org"))
    set_clock(NOON + timedelta(hours=48) - timedelta(seconds=1))
    assert services.expire() == 0

    set_clock(NOON + timedelta(hours=48))
    assert services.expire() == 1

    assert (the_claim().state, fresh(wish).taken) == (SeatState.ABANDONED, 0)
    assert kinds() == ["wish_confirm"], "who never confirmed hears nothing more"
    assert visitor.get(f"/wishes/{wish.uid}/claim").form("/claim")
    assert services.expire() == 0


def test_after_two_weeks_without_the_thing_the_wish_goes_to_the_next(
    app: Flask, set_clock: SetClock
) -> None:
    wish = a_wish()
    a_claim(wish, secret=SECRET)
    services.confirm(SECRET)
    set_clock(NOON + timedelta(days=14))

    assert services.expire() == 1
    services.claim(wish.uid, Donor("王样例", "wang@example.org"))

    assert fresh(wish).taken == 1
    assert kinds() == ["wish_bring", "wish_remind", "wish_lapsed", "wish_confirm"]


def test_a_donor_is_reminded_three_days_before_the_wish_goes_to_the_next(app: Flask) -> None:
    a_claim(a_wish(), secret=SECRET)
    services.confirm(SECRET)

    (reminder,) = db.session.scalars(select(Message).where(Message.kind == "wish_remind"))

    assert reminder.due_at == NOON + timedelta(days=11)
    assert reminder.expire_at == the_claim().expires_at
    body = render(reminder.kind, "zh_Hans", reminder.params).body
    assert f"/wish-claims/{SECRET}" in body
    assert "2026-12-08" in body


def test_whoever_lets_go_is_not_reminded(app: Flask) -> None:
    a_claim(a_wish(), secret=SECRET)
    services.confirm(SECRET)

    services.leave(SECRET)

    (reminder,) = db.session.scalars(select(Message).where(Message.kind == "wish_remind"))
    assert reminder.state is State.CANCELLED


def test_what_has_arrived_does_not_lapse(app: Flask, set_clock: SetClock) -> None:
    a_claim(state=SeatState.ARRIVED)
    set_clock(NOON + timedelta(days=400))
    assert services.expire() == 0
    assert the_claim().state is SeatState.ARRIVED


def test_donors_are_forgotten_a_month_after_the_end(app: Flask, set_clock: SetClock) -> None:
    a_claim(state=SeatState.CANCELLED, phone="15400000001", expires_at=NOON)
    done = a_claim(state=SeatState.COMPLETED, email="li@example.org")
    set_clock(NOON + timedelta(days=30) - timedelta(seconds=1))
    services.expire()
    assert db.session.scalar(select(func.count()).select_from(WishClaim)) == 2

    set_clock(NOON + timedelta(days=30))
    services.expire()

    kept = the_claim()
    assert (kept.id, kept.name, kept.phone) == (done.id, "×", None)
    assert kept.contact == kept.email == f"{done.id}@deleted.invalid"
    assert kept.arrived_by_id != kept.completed_by_id, "that two people received it stays"


def test_a_cancelled_campaign_tells_everybody_who_was_to_bring_something(app: Flask) -> None:
    campaign = a_campaign()
    held, sure = a_claim(a_wish(campaign)), a_claim(a_wish(campaign), state=SeatState.CONFIRMED)
    here, other = a_claim(a_wish(campaign), state=SeatState.ARRIVED), a_claim()

    services.call_off(campaign.id)

    db.session.expire_all()
    states = [db.session.get_one(WishClaim, one.id).state for one in (held, sure, here, other)]
    assert states == [
        SeatState.CANCELLED, SeatState.CANCELLED, SeatState.ARRIVED, SeatState.HELD,
    ]  # fmt: skip
    assert kinds() == ["wish_withdrawn"] * 2


# --- at the same moment ---------------------------------------------------------------------------


def test_of_many_at_once_one_gets_the_wish(both: Flask) -> None:
    uid = a_wish().uid

    refused = at_once(
        both,
        *(
            lambda number=number: services.claim(uid, Donor("样例", f"d{number}@example.org"))
            for number in range(12)
        ),
    )

    assert [one for one in refused if one is None] == [None]
    assert (the_claim().state, taken_in_truth()) == (SeatState.HELD, 1)
    assert db.session.scalars(select(Wish.taken)).one() == 1
    assert kinds() == ["wish_confirm"]


def test_confirming_leaving_and_lapsing_at_once_count_the_seat_once(
    both: Flask, set_clock: SetClock
) -> None:
    secrets = [ids.token() for _turn in range(6)]
    for secret in secrets:
        a_claim(secret=secret)
    confirms = [lambda secret=secret: services.confirm(secret) for secret in secrets]
    leaves = [lambda secret=secret: services.leave(secret) for secret in secrets]

    at_once(both, *confirms, *leaves, services.expire)

    taken = db.session.scalar(select(func.sum(Wish.taken)))
    assert taken == taken_in_truth() == 0, "whatever comes first, everybody has left in the end"
