"""Pairings: which team accompanies which child, proposed by one person and approved by another.

`Size.pairings` counts the newest pairing of each team and child; a pairing lasts a year at most,
so one that goes on for longer has earlier terms before it.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from children.rules import AgeBand, Category, NeedState, Risk
from core.parameters import values_on
from demo.agreements import come_so_far
from demo.courses import FINISHED, NEW, Course, courses_of, edition_on
from demo.names import NOTES
from demo.world import County, Crew, Edition, Helper, Kid, Match, Term, World, shared_out
from pairings.matching import model
from pairings.matching.judging import Verdict, judge
from pairings.models import Pairing
from pairings.rules import DECIDING, EndReason, Stage
from pairings.runs.world.queries import RISKS
from pairings.runs.world.rules import ENDLESS, SINCE, SKILLED, Figures, bits_of, figures, reasons
from volunteers.rules import Period

SHARES = {
    Stage.PROPOSED: 18.0,
    Stage.APPROVED: 6.0,
    Stage.CONSENT_PENDING: 4.0,
    Stage.SCHEDULED_INTRO: 4.0,
    Stage.PAUSED: 4.0,
    Stage.RENEWING: 3.0,
    Stage.ENDING: 12.0,
    Stage.ENDED: 22.0,
    Stage.REVIEWED: 8.0,
    Stage.TERMINATED_SAFEGUARDING: 3.0,
    Stage.ACTIVE: 336.0,
}
"""domain.md §7: 30 ended, 12 ending, 3 terminated of 420; the split of the others is ours."""
TRIES = 40
FREE_TEAMS = 0.2
STORY = (Stage.ACTIVE, Stage.ACTIVE)
"""The two children of the sign-ins' team."""
FOR_THE_SIGN_INS = (Stage.PROPOSED, Stage.PROPOSED, Stage.PROPOSED, Stage.CONSENT_PENDING)
"""What else is there in their county: something to decide on, and something to begin."""


def pair(world: World) -> None:
    """Pair children with teams of their county."""
    weights = [float(len(world.kids[county.id])) for county in world.counties]
    shares = shared_out(world.size.pairings, weights)
    stages, left = _stages(world), list[Stage]()
    counties = [_County(world, county) for county in world.counties]
    for county, share in zip(counties, shares, strict=True):
        left += county.pair(sorted(stages[:share], key=list(SHARES).index))
        stages = stages[share:]
    for county in counties:  # what some counties have no team for
        left = county.pair(left)


def _stages(world: World) -> list[Stage]:
    """Return how each pairing stands, those in front for the county of the sign-ins."""
    shares = shared_out(world.size.pairings - len(STORY), list(SHARES.values()))
    rest = Counter(dict(zip(SHARES, shares, strict=True)))
    rest.subtract(FOR_THE_SIGN_INS)
    stages = [stage for stage, count in rest.items() for _each in range(count)]
    world.rng.shuffle(stages)
    return [*STORY, *FOR_THE_SIGN_INS, *stages]


class _County:
    """Pairs the children of one county."""

    def __init__(self, world: World, county: County) -> None:
        self._world, self._county = world, county
        self._figures = figures(values_on(world.today), SINCE, ())
        self._rules = _rules(self._figures, county, world)
        crews = world.crews[county.id]
        story = county is world.counties[0]
        self._story_crew = crews[0] if story and crews else None
        kept_free = round(len(crews) * FREE_TEAMS)
        self._crews = crews[1 if story else 0 : len(crews) - kept_free]
        kids = [kid for kid in world.kids[county.id] if kid.needs and kid.band is not AgeBand.A0_2]
        self._kids = world.rng.sample(kids, len(kids))
        self._near = county.villages[0] if story else None
        if story:
            self._kids.sort(key=lambda kid: kid.village is not self._near)

    def pair(self, stages: list[Stage]) -> list[Stage]:
        """Make pairings that stand so; return for which of them there was no team or child."""
        if self._story_crew:
            stages = self._begin_story(self._story_crew, stages)
        while stages and self._kids and self._crews:
            if self._pair_first(stages[0], self._kids.pop(0), self._some_crews()):
                stages = stages[1:]
        return stages

    def _begin_story(self, crew: Crew, stages: list[Stage]) -> list[Stage]:
        """Pair the sign-ins' team with two children of their village, and no other there."""
        self._story_crew = None
        for stage in STORY:
            self._pair_first(stage, self._kids.pop(0), [crew])
            stages.remove(stage)
        self._kids = [kid for kid in self._kids if kid.village is not self._near]
        risky = [kid for kid in self._kids if kid.risk is Risk.HIGH][:1]
        self._kids = risky + [kid for kid in self._kids if kid not in risky]
        return stages

    def _some_crews(self) -> Sequence[Crew]:
        """Return a few teams of whom everybody has room for one more child."""
        self._crews = [
            crew
            for crew in self._crews
            if all(helper.children < helper.capacity for helper in crew.members)
        ]
        return self._world.rng.sample(self._crews, min(TRIES, len(self._crews)))

    def _pair_first(self, stage: Stage, kid: Kid, crews: Sequence[Crew]) -> bool:
        """Pair the child with the first of the teams that suits; whether one did."""
        for crew in crews:
            if kid.risk is Risk.HIGH and stage is Stage.PROPOSED:
                stage = Stage.UNDER_REVIEW  # something for the city's lead to decide
            weekday = self._weekday(kid, crew)
            found = judge(_child(kid, self._figures), _team(crew, self._figures), self._rules)
            if not found.against and weekday is not None and _old_enough(self._world, stage, crew):
                self._add(stage, kid, crew, weekday=weekday, found=found)
                return True
        return False

    def _weekday(self, kid: Kid, crew: Crew) -> int | None:
        free = {slot.weekday for slot in kid.free} - set(crew.weekdays)
        return next((day for day in (5, 6) if day in free), None)

    def _add(self, stage: Stage, kid: Kid, crew: Crew, *, weekday: int, found: Verdict) -> None:
        world, rows = self._world, []
        courses = courses_of(world, stage, crew)
        for course in courses:
            edition = edition_on(world, course.starts_on)
            row = self._row(course, kid, crew, edition=edition, found=found)
            pairing_id = world.bulk.add(Pairing, **row)
            rows.append(Term(pairing_id, edition, course.starts_on, course.ends_on, row))
        last = courses[-1]
        story = kid.village is self._near
        world.matches.append(Match(kid, crew, last.stage, weekday, rows, last.ended_on, story))
        _settle(world, kid, courses)
        if last.stage not in FINISHED:
            crew.weekdays.append(weekday)
            for member in crew.members:
                member.children += 1

    def _row(
        self, course: Course, kid: Kid, crew: Crew, *, edition: Edition, found: Verdict
    ) -> dict[str, Any]:
        world, village = self._world, kid.village
        return {
            "child_id": kid.id,
            "team_id": crew.id,
            "campaign_id": edition.id,
            "county_id": village.county_id,
            "township_id": village.township_id,
            "village_id": village.id,
            "stage": course.stage,
            "score": found.score,
            "reasons": list(reasons(found.points)),
            "note": world.rng.choice(NOTES),
            "starts_on": course.starts_on,
            "ends_on": course.ends_on,
            "ended_at": world.past(course.ended_on) if course.ended_on else None,
            "end_reason": course.reason,
            **self._decision(course, kid),
            **come_so_far(world, course),
        }

    def _decision(self, course: Course, kid: Kid) -> dict[str, Any]:
        """Return who proposed the pairing and, once decided, who turned which key."""
        world, county = self._world, self._county
        turn = len(world.matches) % 2
        proposer, decider = county.coordinators[turn], county.coordinators[1 - turn]
        high = kid.risk is Risk.HIGH
        if course.stage is Stage.PROPOSED:
            at = world.past(course.starts_on)
            return {"proposed_by_id": proposer, "proposed_at": at, "high_risk": high}
        decided_at = world.past(course.starts_on - timedelta(days=2))
        found = {
            "proposed_by_id": proposer,
            "proposed_at": world.past(course.starts_on - timedelta(days=5)),
            "decided_by_id": decider,
            "decided_at": decided_at,
            "decision_note": "同意，请征求监护人和孩子的意见。",
            "supervisor_id": kid.village.supervisor,
            "high_risk": high,
        }
        if high and course.stage is not Stage.UNDER_REVIEW:
            city_at = world.past(course.starts_on - timedelta(days=1))
            found |= {"city_by_id": world.staff["safeguarding"], "city_at": city_at}
        return found


def _rules(made: Figures, county: County, world: World) -> model.World:
    """Return where and by which figures the county's pairs are judged."""
    here = model.Place(county.id, county.id, None, None, made.rough)
    until = world.today + timedelta(days=made.cleared_days)
    return model.World(
        model.Term(world.today, until), made.policy, {county.id: here}, teams=(), children=()
    )


def _child(kid: Kid, made: Figures) -> model.Child:
    return model.Child(
        id=kid.id,
        girl=kid.girl,
        band=kid.band.value,
        risk=RISKS[kid.risk],
        needs=frozenset(need.value for need in kid.needs) & SKILLED,
        dialect="",
        languages=frozenset(),
        free=bits_of(kid.free, made.middles),
        spot=kid.county.id,
        waiting=0,
        institution=kid.category is Category.ORPHAN,
    )


def _team(crew: Crew, made: Figures) -> model.Team:
    members = tuple(_member(helper, made) for helper in crew.members)
    return model.Team(
        id=crew.id,
        members=members,
        base=crew.county.id,
        home=crew.county.id,
        reach=made.reach,
        capacity=min(member.places for member in members),
        until=ENDLESS,
    )


def _member(helper: Helper, made: Figures) -> model.Member:
    free = [slot for period, slot in helper.free if period is not Period.BREAK]
    return model.Member(
        cleared_from=helper.cleared_from,
        cleared_until=ENDLESS,
        woman=helper.woman,
        training=1,
        skills=frozenset(helper.skills),
        languages=frozenset(),
        free=bits_of(free, made.parts),
        places=max(0, min(helper.capacity, made.most_children) - helper.children),
    )


def _old_enough(world: World, stage: Stage, crew: Crew) -> bool:
    """Whether the team has been there long enough to have come so far."""
    return stage in NEW or crew.formed_on <= world.today - timedelta(days=60)


def _settle(world: World, kid: Kid, courses: list[Course]) -> None:
    """Note what a pairing means for the child."""
    first, last = courses[0], courses[-1]
    agreed = first.starts_on - timedelta(days=world.rng.randint(5, 12))
    kid.reported_on = min(kid.reported_on, agreed - timedelta(days=world.rng.randint(20, 50)))
    kid.agreed = (agreed, last.ended_on or world.today)
    kid.state = NeedState.OPEN if last.stage in DECIDING else NeedState.MATCHED
    if last.stage in FINISHED:
        met = last.reason is EndReason.TERM_OVER and world.chance(0.6)
        kid.state = NeedState.MET if met else NeedState.OPEN
    if last.reason is EndReason.CONSENT_WITHDRAWN:
        kid.withdrawn_on = last.ended_on
