"""Brands, their editions and the places that volunteers sign up for."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from campaigns.models import Activity, Brand, Campaign, CampaignPartner, Slot
from campaigns.rules import PUBLIC, SlotKind, Stage
from demo.world import Edition, World

BRANDS = Path(__file__).parent / "data" / "brands.json"
TEXTS = ("story", "story_en", "needed", "needed_en", "risks", "risks_en", "protections", "plans")
REVIEWED = frozenset(Stage) - {Stage.DRAFT, Stage.SAFEGUARDING_REVIEW}


def announce(world: World) -> None:
    """Add every brand with its editions."""
    for position, brand in enumerate(json.loads(BRANDS.read_text(encoding="utf-8"))):
        brand_id = world.bulk.add(
            Brand,
            position=position,
            **{
                name: brand[name]
                for name in ("slug", "name", "name_en", "tagline", "tagline_en", "art")
            },
        )
        for edition in brand["editions"]:
            _announce(world, brand, brand_id, edition)


def _announce(world: World, brand: dict[str, Any], brand_id: int, edition: dict[str, Any]) -> None:
    stage, year = Stage(edition["stage"]), edition["year"] + world.years
    recruit = world.day(edition["recruit"][0]), world.day(edition["recruit"][1])
    visits = world.day(edition["visits"][0]), world.day(edition["visits"][1])
    goal = max(10, round(edition["goal"] * world.size.volunteers / 1_200))
    campaign_id = world.bulk.add(
        Campaign,
        slug=f"{brand['slug']}-{year}",
        brand_id=brand_id,
        area_id=world.city_id,
        host_id=world.centres.get(world.city_id),
        title=f"{brand['name']} {year}",
        title_en=f"{brand['name_en']} {year}",
        summary=edition["summary"],
        summary_en=edition["summary_en"],
        **{name: brand[name] for name in TEXTS},
        recruit_from=recruit[0],
        recruit_until=recruit[1],
        training_on=world.day(edition["training"]),
        visits_from=visits[0],
        visits_until=visits[1],
        goal_volunteers=goal,
        stage=stage,
        **_who(world, stage, recruit[0]),
    )
    slots = {county.id: world.bulk.reserve(Slot) for county in world.counties}
    kind = SlotKind(brand.get("slots", SlotKind.PAIRING_VISITS))
    world.editions.append(Edition(campaign_id, stage, kind, recruit, visits, goal, slots))
    for org_id, _name in sorted(world.rng.sample(world.organisations, 4)):
        world.bulk.add(CampaignPartner, campaign_id=campaign_id, org_id=org_id)


def _who(world: World, stage: Stage, begins: date) -> dict[str, Any]:
    """Return who wrote, reviewed and published it, as far as it has come."""
    made = min(begins - timedelta(days=21), world.today - timedelta(days=3))
    found: dict[str, Any] = {
        "edited_by_id": world.staff["editor"],
        "edited_at": world.past(made),
        "created_at": world.past(made - timedelta(days=5)),
    }
    if stage in REVIEWED:
        found["reviewed_by_id"] = world.staff["safeguarding"]
    if stage in PUBLIC:
        found["published_by_id"] = world.staff["publisher"]
        found["published_at"] = world.past(begins - timedelta(days=2))
    return found


def open_slots(world: World, joined: dict[int, int]) -> None:
    """Add the slots, with the places taken so far by slot id."""
    for edition in world.editions:
        activity_id = world.bulk.add(Activity, campaign_id=edition.id, kind=edition.kind)
        for place, (county_id, slot_id) in enumerate(edition.slots.items()):
            taken = joined.get(slot_id, 0)
            share = max(3, round(edition.goal / len(edition.slots)))
            full = edition.stage == Stage.RECRUITING and place == len(edition.slots) - 1
            world.bulk.add(
                Slot,
                id=slot_id,
                campaign_id=edition.id,
                activity_id=activity_id,
                county_id=county_id,
                starts_on=edition.visits[0],
                ends_on=edition.visits[1],
                capacity=taken if full and taken else max(share, taken + taken // 5 + 3),
                taken=taken,
            )
