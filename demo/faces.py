"""Where posters hang in the demonstration, and the reports of the campaigns that are over."""

from datetime import date, timedelta

from sqlalchemy import select

from campaigns.numbers.queries import figures
from campaigns.numbers.rules import laid_aside
from campaigns.posters.models import CampaignPlace
from campaigns.posters.rules import LENGTH, LETTERS
from campaigns.reports.models import ClosingReport
from campaigns.rules import CURRENT, REPORTED
from demo.looks import look
from demo.world import Edition, World
from places.models import Area
from places.rules import Level

PLACES = ("示例·图书馆大厅", "示例·汽车站", "示例·大学食堂")
TEXT = (
    "## 走过的路\n"
    "志愿者两人一组走进村庄，**每一次走访都有儿童主任陪同**。\n"
    "- 一起读书、画画、写信\n- 在儿童之家和一群孩子一起活动\n- 把看到的困难报给工作站\n"
    "## 学到的事\n约好了就要去：临时来不了，早一点说，孩子就不会白等。\n"
    "## 谢谢\n谢谢每一位来过的人，也谢谢村里的乡亲。"
)
MENDED = TEXT.replace("每一次走访都有儿童主任陪同", "每一次走访都有儿童主任或督导员陪同")
WHY, WHY_EN = "样例：更正了由谁陪同的说法", "Sample: who went along was put right"
TEXT_EN = (
    "## The way we went\n"
    "Volunteers went into the villages in teams of two, **with a child director each time**.\n"
    "- Reading, drawing and writing letters together\n- Afternoons at the children's homes\n"
    "- Telling the stations what somebody lacked\n"
    "## What we learnt\nA promise is a promise: who cannot come says so early.\n"
    "## Thanks\nTo everybody who came, and to the villages."
)
MENDED_EN = TEXT_EN.replace("with a child director", "with a child director or supervisor")


def show_faces(world: World) -> None:
    """Add places with what came from there, and reports with the numbers of today."""
    for edition in world.editions:
        if edition.stage in CURRENT:
            _hang(world, edition)
    world.bulk.flush()
    look(world)
    ids = list(world.session.scalars(select(Area.id).where(Area.level == Level.COUNTY)))
    for edition in _reported(world):
        _report(world, edition, ids)


def _hang(world: World, edition: Edition) -> None:
    for name in PLACES:
        tag = "".join(world.rng.choice(LETTERS) for _letter in range(LENGTH))
        world.bulk.add(CampaignPlace, campaign_id=edition.id, name=name, tag=tag)


def _report(world: World, edition: Edition, county_ids: list[int]) -> None:
    written = edition.visits[1] + timedelta(days=15)
    told = {
        "campaign_id": edition.id,
        "text_en": TEXT_EN,
        "written_by_id": world.staff["editor"],
        "figures": laid_aside(figures(edition.id, county_ids)),
    }
    first = {"text": TEXT, "begun_at": world.past(written), "written_at": world.past(written)}
    world.bulk.add(ClosingReport, **told, **first, **_published(world, written))
    if edition is _reported(world)[-1]:
        mended = written + timedelta(days=9)
        told |= {
            "number": 2,
            "text": MENDED,
            "text_en": MENDED_EN,
            "reason": WHY,
            "reason_en": WHY_EN,
        }
        told |= {"begun_at": world.past(mended), "written_at": world.past(mended)}
        world.bulk.add(ClosingReport, **told, **_published(world, mended))


def _published(world: World, written: date) -> dict[str, object]:
    return {
        "published_by_id": world.staff["publisher"],
        "published_at": world.past(written + timedelta(days=2)),
    }


def _reported(world: World) -> list[Edition]:
    return [one for one in world.editions if one.stage in REPORTED]
