"""Looks at a campaign are counted in memory and written in batches; nobody is known by them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, select

from app import create_app
from campaigns.funnel import services
from campaigns.funnel.models import FunnelCount
from campaigns.funnel.rules import MOST_KEYS, Step, is_a_look
from campaigns.funnel.services import flush, look_at_campaign, look_at_slot
from campaigns.rules import Stage
from core import clock
from core.db import db, writing
from core.fences import everything
from core.writers import WriterBusy
from tests.browser import Browser
from tests.builders.campaigns import a_campaign, a_campaign_place, a_slot
from tests.conftest import NOON, SetClock, settings_for
from tests.races import ENGINES, at_once, site_on

LOOK = {"REQUEST_METHOD": "GET", "QUERY_STRING": "", "HTTP_USER_AGENT": "Mozilla/5.0"}


@pytest.fixture(autouse=True)
def nothing_waits() -> Iterator[None]:
    """What other tests have looked at is theirs."""
    services._tally.take()  # noqa: SLF001
    yield
    services._tally.take()  # noqa: SLF001


def counts(step: Step = Step.VIEWED) -> list[tuple[str, int]]:
    """Return what has been written down: the source and how many, by day."""
    db.session.rollback()
    rows = db.session.execute(
        select(FunnelCount.source, FunnelCount.count)
        .where(FunnelCount.step == step)
        .order_by(FunnelCount.day, FunnelCount.source)
    )
    return [(row.source, row[1]) for row in rows]


def test_a_page_that_is_read_writes_nothing_until_the_batch_is(
    app: Flask, visitor: Browser
) -> None:
    campaign = a_campaign()

    for _turn in range(3):
        visitor.get(f"/campaigns/{campaign.slug}")

    assert counts() == []
    assert flush() == 1
    assert counts() == [("", 3)]
    assert flush() == 0
    assert counts() == [("", 3)]
    assert visitor.cookie() == ""


def test_whoever_scans_a_code_counts_for_its_place_and_day(
    app: Flask, visitor: Browser, set_clock: SetClock
) -> None:
    place = a_campaign_place(campaign := a_campaign())
    address = f"/campaigns/{campaign.slug}?from={place.tag}"

    visitor.get(address)
    visitor.get(address)
    set_clock(NOON + timedelta(days=1))
    visitor.get(address)
    flush()

    assert counts() == [(place.tag, 2), (place.tag, 1)]
    assert visitor.cookie() == ""


def test_a_slot_that_is_opened_counts_for_its_county(app: Flask, visitor: Browser) -> None:
    place = a_campaign_place(campaign := a_campaign())
    slot = a_slot(campaign)

    visitor.get(f"/slots/{slot.uid}/join?from={place.tag}")
    visitor.get(f"/slots/{slot.uid}/join")
    visitor.get(f"/slots/{'A' * 22}/join", status=404)
    flush()

    assert counts(Step.OPENED) == [("", 1), (place.tag, 1)]
    assert set(db.session.scalars(select(FunnelCount.area_id))) == {slot.county_id}


@pytest.mark.parametrize("tag", ["zzzzzzz", "", "x" * 3000, "abc' OR 1=1", "中文标记甲乙丙"])
def test_a_tag_that_somebody_made_up_counts_as_none(app: Flask, visitor: Browser, tag: str) -> None:
    campaign = a_campaign()
    a_campaign_place(campaign)
    other = a_campaign_place(a_campaign())

    page = visitor.get(f"/campaigns/{campaign.slug}?from={tag}")
    visitor.get(f"/campaigns/{campaign.slug}?from={other.tag}")
    flush()

    assert counts() == [("", 2)]
    assert not [link for link in page.soup.select("main a") if "from=" in str(link.get("href"))]


def test_a_suspended_campaign_counts_nobody(app: Flask, visitor: Browser) -> None:
    campaign = a_campaign(stage=Stage.SUSPENDED, published_at=clock.now())

    visitor.get(f"/campaigns/{campaign.slug}")
    flush()

    assert counts() == []


@pytest.mark.parametrize(
    "given",
    [
        {"REQUEST_METHOD": "HEAD"},
        {"HTTP_PURPOSE": "prefetch"},
        {"HTTP_SEC_PURPOSE": "prefetch;prerender"},
        {"HTTP_X_MOZ": "prefetch"},
        {"HTTP_USER_AGENT": "Mozilla/5.0 (compatible; SampleBot/2.1)"},
        {"HTTP_USER_AGENT": "sample-spider"},
        {"HTTP_USER_AGENT": "curl/8.5"},
    ],
)
def test_a_program_or_a_browser_that_fetches_ahead_is_nobody_looking(
    app: Flask, given: dict[str, str]
) -> None:
    campaign = a_campaign()

    assert is_a_look(LOOK)
    assert not is_a_look(LOOK | given)
    look_at_campaign({"slug": campaign.slug}, LOOK | given)

    assert flush() == 0


def test_a_busy_database_loses_no_look(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = a_campaign()
    look_at_campaign({"slug": campaign.slug}, LOOK)

    def busy() -> None:
        raise WriterBusy

    with monkeypatch.context() as patched:
        patched.setattr(services, "transaction", busy)
        assert flush() == 0
    look_at_campaign({"slug": campaign.slug}, LOOK)

    assert flush() == 1
    assert counts() == [("", 2)]


def test_a_process_without_jobs_writes_by_itself_after_a_minute(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = a_campaign()
    look_at_campaign({"slug": campaign.slug}, LOOK)
    assert counts() == []

    monkeypatch.setattr(services, "LATEST_SECONDS", -1)
    look_at_campaign({"slug": campaign.slug}, LOOK)

    assert counts() == [("", 2)]


def test_invented_tags_do_not_fill_the_memory(app: Flask) -> None:
    campaign = a_campaign()
    letters = "abcdefghjkmnpqrstuv"
    tags = [a + b + c + "aaaa" for a in letters for b in letters for c in letters]
    assert len(tags) > MOST_KEYS
    for tag in tags:
        look_at_campaign({"slug": campaign.slug}, LOOK | {"QUERY_STRING": f"from={tag}"})

    waiting = services._tally.take()  # noqa: SLF001

    assert len(waiting) <= MOST_KEYS + 1
    assert sum(waiting.values()) == len(tags)


@pytest.mark.parametrize("engine", ENGINES)
def test_batches_that_are_written_at_once_add_up(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with site_on(engine, request, tmp_path) as app:
        slot = a_slot(campaign := a_campaign())
        tag, slug, uid = a_campaign_place(campaign).tag, campaign.slug, slot.uid

        def looks() -> None:
            for _turn in range(10):
                look_at_campaign({"slug": slug}, LOOK)
                look_at_slot(uid, LOOK | {"QUERY_STRING": f"from={tag}"})
                flush()

        at_once(app, *[looks] * 6)
        flush()

        assert counts() == [("", 60)]
        assert counts(Step.OPENED) == [(tag, 60)]


def test_a_page_from_the_shelf_counts_each_who_gets_it_and_asks_no_more(tmp_path: Path) -> None:
    app = create_app(settings_for(tmp_path, page_seconds=3600))
    asked: list[str] = []

    def note(*context: object) -> None:
        asked.append(str(context[2]))

    with app.app_context(), everything():
        with writing():
            db.create_all()
        campaign = a_campaign()
        client = app.test_client(use_cookies=False)
        etag = client.get(f"/campaigns/{campaign.slug}").headers["ETag"]
        event.listen(db.engine, "before_cursor_execute", note)
        again = client.get(f"/campaigns/{campaign.slug}")
        known = client.get(f"/campaigns/{campaign.slug}", headers={"If-None-Match": etag})
        event.remove(db.engine, "before_cursor_execute", note)
        client.head(f"/campaigns/{campaign.slug}")
        client.get(f"/campaigns/{campaign.slug}", headers={"Sec-Purpose": "prefetch"})
        client.get("/campaigns/nothing-of-the-sort")
        flush()

        assert counts() == [("", 3)]
        assert known.status_code == 304
        assert "Set-Cookie" not in again.headers
        assert len([one for one in asked if one.startswith("SELECT")]) == 2, "one for each"
        db.session.remove()
        db.engine.dispose()
