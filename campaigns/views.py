"""The public pages of campaigns: the front page, the list, and each campaign's own page."""

from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns import labels, queries
from campaigns.cards.texts import card_of
from campaigns.counties.queries import Ordered, counties, ordered
from campaigns.funnel.services import look_at_campaign
from campaigns.numbers import queries as numbers
from campaigns.pages.queries import version
from campaigns.posters.queries import county_of, known
from campaigns.reports.queries import published, reached
from campaigns.rules import Door, Measure
from campaigns.stories.faces.queries import public_stories
from core import clock
from core.access import EVERYONE, allow
from core.codes import outside
from core.shelf import shelved
from places.queries import network

bp = Blueprint("campaigns", __name__)


@bp.app_template_filter("days")
def days(value: tuple[date, date]) -> str:
    """Return a stretch of days, 2027年1月16日—2月21日 or 16 Jan – 21 Feb 2027; or a single day."""
    return labels.told_days(*value)


@bp.get("/")
@allow(EVERYONE)
@shelved(version)
def index() -> ResponseReturnValue:
    counties, cards = network(), queries.current_cards()
    return render_template(
        "campaigns/index.html",
        cards=cards,
        joinable=next((card for card in cards if card.door is Door.OPEN), None),
        reached=numbers.of_all([one.county.id for one in counties]),
        counties=len(counties),
        stations=sum(one.stations for one in counties),
        supervisors=sum(one.supervisors for one in counties),
        directors=sum(one.directors for one in counties),
        labels=labels,
        measures=Measure,
    )


@bp.get("/campaigns")
@allow(EVERYONE)
@shelved(version)
def listing() -> ResponseReturnValue:
    brand = request.args.get("brand", "")[:40]
    return render_template(
        "campaigns/listing.html",
        page=queries.card_page(brand_slug=brand, after=request.args.get("after")),
        brands=queries.brands(),
        brand=brand,
        labels=labels,
    )


@bp.get("/campaigns/<slug>")
@allow(EVERYONE)
@shelved(version, by=["near"], seen=look_at_campaign)
def show(slug: str) -> ResponseReturnValue:
    campaign = queries.edition(slug)
    if campaign.halted:
        return render_template("campaigns/halted.html", campaign=campaign, stages=labels.STAGES)
    tag = known(campaign.id, request.args.get("from", ""))
    near = request.args.get("near", "") or county_of(slug, tag)
    slots = ordered(counties(campaign), near)
    if "near" in request.args and slots.start is None:
        return redirect(url_for("campaigns.show", slug=slug))
    return render_template("campaigns/show.html", **page_of(campaign, slots, tag))


def page_of(campaign: queries.Edition, slots: Ordered, tag: str = "") -> dict[str, Any]:
    """Return what the page of a campaign is made of; its links carry on a place's tag."""
    left = sum(offer.left for offer in slots.offers)
    return {
        "campaign": campaign,
        "slots": slots,
        "came": {"from": tag or None, "near": slots.near or None},
        "left": left,
        "door": campaign.recruitment.door(clock.today(), left),
        "days_left": (campaign.recruitment.last - clock.today()).days,
        "partners": queries.partners(campaign.id),
        "progress": reached(campaign, slots.counties),
        "reported": published(campaign) is not None,
        "stories": public_stories(campaign.id),
        "labels": labels,
        "address": outside(url_for("campaigns.show", slug=campaign.slug)),
        "card": _card(campaign),
        "preview": None,
    }


def _card(campaign: queries.Edition) -> str:
    """Return the whole address of the share card; empty where there is none."""
    if card_of(campaign) is None:
        return ""
    return outside(url_for("cards.show", slug=campaign.slug, v=campaign.version))
