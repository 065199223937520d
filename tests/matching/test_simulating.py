"""An invented city over many weeks: what each order promises, and what no order can do."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import Result
from flask import Flask

from pairings.fairness.labels import ORDERS
from pairings.matching.model import World
from pairings.matching.run import run
from pairings.matching.simulating.city import City, Scale, city
from pairings.matching.simulating.course import Course, run_course
from pairings.matching.simulating.orders import Order, policy_of
from pairings.matching.simulating.report import simulate
from pairings.matching.weighing import tier_of

SMALL = Scale(teams=60, arrivals=8, weeks=40)
SEEDS = (1, 2, 3)


@pytest.fixture(scope="module", params=SEEDS)
def town(request: pytest.FixtureRequest) -> City:
    return city(replace(SMALL, seed=request.param))


def test_the_same_seed_gives_the_same_report_and_another_one_another() -> None:
    short = replace(SMALL, weeks=12)
    assert simulate(short) == simulate(short)
    assert simulate(short)["sha256"] != simulate(replace(short, seed=2))["sha256"]


@pytest.mark.parametrize("seed", SEEDS)
def test_strict_tiers_serve_more_than_first_come(
    seed: int,
) -> None:
    larger = city(Scale(teams=240, arrivals=31, weeks=60, seed=seed))
    tiers, first = (run_course(larger, one) for one in (Order.TIERS, Order.FIRST_COME))
    assert served(tiers) > served(first)


def served(course: Course) -> int:
    return sum(fate.served is not None for fate in course.fates)


@pytest.mark.parametrize("order", Order)
def test_every_child_has_one_fate_and_no_place_is_given_twice(order: Order, town: City) -> None:
    course = run_course(town, order)
    assert sorted(fate.child.id for fate in course.fates) == sorted(
        child.id for week in town.arrivals for child in week
    )
    assert all(fate.served is None or fate.served >= fate.came for fate in course.fates)
    most = sum(town.places(0))
    for week in range(town.scale.weeks):
        lasting = range(week - town.scale.service + 1, week + 1)
        assert sum(fate.served in lasting for fate in course.fates) <= most


@pytest.mark.parametrize("order", [Order.POINTS, Order.LINEAR, Order.TIERS])
def test_each_week_is_what_the_engine_says_of_the_whole_world(order: Order, town: City) -> None:
    course = run_course(town, order)
    for week in (0, 9, 20, 33):
        told = {
            (fate.child.id, fate.pair[0]): fate.pair[1]
            for fate in course.fates
            if fate.pair and fate.served == week
        }
        made = run(world_of(course, week))
        assert {(child, team): slot for child, team, slot in made.matched()} == told
        assert told


def world_of(course: Course, week: int) -> World:
    """Return a week as one world: pairs that last stand in it, whoever waits has waited so long."""
    town = course.city
    here = [one for one in course.fates if one.came <= week]
    lasting = range(week - town.scale.service + 1, week)
    waiting = [
        replace(one.child, waiting=7 * (week - one.came))
        for one in here
        if one.served is None or one.served >= week
    ]
    standing = [one for one in here if one.served in lasting]
    return replace(
        town.world,
        policy=policy_of(course.order, town.world.policy),
        teams=tuple(
            replace(team, capacity=places)
            for team, places in zip(town.world.teams, town.places(week), strict=True)
        ),
        children=(*waiting, *(one.child for one in standing)),
        pinned=tuple((one.child.id, *one.pair[:2]) for one in standing if one.pair),
    )


def test_in_strict_tiers_nobody_overdue_stays_behind_for_somebody_who_is_not(town: City) -> None:
    """Who is served from the higher tiers is as many as any matching of them alone could serve."""
    course = run_course(town, Order.TIERS)
    for week in (15, 25, 35):
        world = world_of(course, week)
        before = {child for child, _team, _slot in world.pinned}
        served = {one.child.id for one in course.fates if one.served == week}
        for tier in (6, 4, 2, 1):
            urgent = {
                one.id
                for one in world.children
                if one.id not in before and tier_of(one, world.policy) >= tier
            }
            kept = [one for one in world.children if one.id in urgent | before]
            alone = run(replace(world, children=tuple(kept))).matched()
            assert len(served & urgent) == len(alone)


def test_no_order_helps_where_teams_are_missing() -> None:
    course = run_course(city(replace(SMALL, load=180, teams=40)), Order.TIERS)
    assert course.queue[-1] > SMALL.arrivals
    assert course.longest[-1] > 0


def simulated(site: Flask, folder: Path, *words: str) -> Result:
    asked = ["matching", "simulate", str(folder / "out.json"), *words]
    return site.test_cli_runner().invoke(args=asked)


@pytest.mark.parametrize(("language", "title"), [("zh", "周模拟"), ("en", "weeks simulated")])
def test_the_command_writes_a_report_and_draws_it(
    site: Flask, tmp_path: Path, language: str, title: str
) -> None:
    chart = tmp_path / "out.svg"
    done = simulated(
        site, tmp_path, "--weeks", "8", "--teams", "60", "--arrivals", "8",
        "--chart", str(chart), "--language", language,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    report = json.loads((tmp_path / "out.json").read_bytes())
    assert [one["order"] for one in report["orders"]] == list(ORDERS)
    drawn = ET.fromstring(chart.read_bytes())  # noqa: S314 - our own file
    said = " ".join(drawn.itertext())
    assert title in said
    assert len(list(drawn.iter("{http://www.w3.org/2000/svg}polyline"))) == len(Order)
    assert ("严格分层" in said) is (language == "zh")


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--teams", "10", "--arrivals", "100"), "at least 341"),
        (("--weeks", "0"), "--weeks"),
        (("--seed", "x"), "--seed"),
        (("--load", "0"), "--load"),
        (("--language", "fr"), "--language"),
    ],
)
def test_what_cannot_be_simulated_is_refused(
    site: Flask, tmp_path: Path, words: tuple[str, ...], named: str
) -> None:
    done = simulated(site, tmp_path, *words)
    assert done.exit_code == 2
    assert named in done.output
    assert not (tmp_path / "out.json").exists()
