"""What all parts of the recipe share: the dice, the days, the places and what was made so far."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import Person
from campaigns.rules import SlotKind, Stage
from children.rules import AgeBand, Category, Need, NeedState, Risk
from core import clock
from core.crypto import sealer
from core.zone import CHINA
from demo.bulk import Bulk
from demo.names import GIVEN, SUFFIX, SURNAMES
from demo.sizes import Size
from pairings.rules import Stage as PairingStage
from places.models import Area, Organisation, Post
from places.rules import Level, OrgKind, PostKind
from volunteers.rules import Period, Slot, Status

RECIPE_STARTS = date(2026, 12, 1)
"""The day on which the current edition begins to recruit, in the recipe's own calendar."""
LAST_VISITS = date(2027, 2, 20)
YEARS_AGO = 1_100
Thing = TypeVar("Thing")


@dataclass(slots=True)
class Village:
    id: int
    township_id: int
    county_id: int
    town: str
    director: int = 0
    supervisor: int = 0


@dataclass(slots=True)
class County:
    """A county with its people: who coordinates, and the villages that have a director."""

    id: int
    code: str
    name: str
    coordinators: list[int] = field(default_factory=list)
    villages: list[Village] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Edition:
    """A campaign as later steps need it; `slots` by county id."""

    id: int
    stage: Stage
    kind: SlotKind
    recruit: tuple[date, date]
    visits: tuple[date, date]
    goal: int
    slots: dict[int, int]


@dataclass(slots=True)
class Helper:
    """A volunteer; cleared from one day until another, both included."""

    id: int
    person_id: int
    name: str
    county: County
    status: Status
    woman: bool
    org_id: int | None
    applied_on: date
    cleared_from: date
    cleared_until: date
    capacity: int
    skills: list[str]
    free: list[tuple[Period, Slot]]
    children: int = 0


@dataclass(slots=True)
class Crew:
    """A team; the first of the members leads."""

    id: int
    county: County
    members: list[Helper]
    formed_on: date
    weekdays: list[int] = field(default_factory=list)
    """The weekend days on which it already visits somebody."""


@dataclass(slots=True)
class Kid:
    """A child on file."""

    id: int
    uid: str
    village: Village
    county: County
    girl: bool
    band: AgeBand
    category: Category
    risk: Risk
    boarding: bool
    needs: list[Need]
    free: list[Slot]
    reported_on: date
    state: NeedState | None = None
    """None until it is known who is paired."""
    agreed: tuple[date, date] | None = None
    """From when on all consents a pairing needs have held, and until when they do at least."""
    withdrawn_on: date | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """One pairing of a team and a child: a year at most."""

    id: int
    edition: Edition
    starts_on: date
    ends_on: date
    row: dict[str, Any]
    """What the pairing's row says."""


@dataclass(frozen=True, slots=True)
class Match:
    """A team and a child: their terms one after the other, and how the newest one stands."""

    kid: Kid
    crew: Crew
    stage: PairingStage
    weekday: int
    terms: list[Term]
    ended_on: date | None
    story: bool

    def term_on(self, day: date) -> Term | None:
        """Return the term a day lies in; between two school years there is none."""
        covering = (term for term in self.terms if term.starts_on <= day <= term.ends_on)
        return next(covering, None)


class World:
    """One demonstration in the making."""

    def __init__(self, session: Session, size: Size, seed: int) -> None:
        self.session, self.size = session, size
        self.rng = Random(seed)
        self.now = clock.now()
        self.today = clock.today()
        self.shift = _shift(self.today)
        self.bulk = Bulk(session, self.rng, self.now)
        self.counties = _counties(session, size)
        self.city_id = self._city_id()
        self.posts = {(post.kind, post.area_id): post.id for post in session.scalars(select(Post))}
        self.centres = {
            org.area_id: org.id
            for org in session.scalars(
                select(Organisation).where(Organisation.kind == OrgKind.CENTER)
            )
        }
        self.staff: dict[str, int] = {}
        self.names: dict[str, str] = {}
        """Ids and names of those who have a sign-in, by what stands before the @."""
        self.organisations: list[tuple[int, str]] = []
        self.editions: list[Edition] = []
        self.helpers: list[Helper] = []
        self.joined: list[tuple[Helper, Edition, date]] = []
        """Who first signed up for which edition, and on which day."""
        self.pairs: set[tuple[int, int]] = set()
        """Who has joined which edition, the first one or a later one."""
        self.crews: dict[int, list[Crew]] = defaultdict(list)
        self.kids: dict[int, list[Kid]] = defaultdict(list)
        self.matches: list[Match] = []
        self._phones = count(1)

    def _city_id(self) -> int:
        county = self.session.get_one(Area, self.counties[0].id)
        if county.parent_id is None:
            raise LookupError("a county without a city")
        return county.parent_id

    def day(self, recipe_day: str | date) -> date:
        """Return a day of the recipe's calendar as a day of this demonstration's."""
        if isinstance(recipe_day, str):
            recipe_day = date.fromisoformat(recipe_day)
        return recipe_day + self.shift

    @property
    def years(self) -> int:
        """Return by how many years the names of editions move with their days."""
        return self.day(LAST_VISITS).year - LAST_VISITS.year

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(day, time(hour, minute), CHINA)

    def past(self, day: date) -> datetime:
        """Return some working hour of a day that has begun, never later than now."""
        moment = self.at(day, self.rng.randint(9, 17), self.rng.randrange(0, 60, 5))
        return min(moment, self.now - timedelta(minutes=self.rng.randint(1, 50)))

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def weighted(self, weights: dict[Thing, float]) -> Thing:
        return self.rng.choices(list(weights), list(weights.values()))[0]

    def person(
        self,
        *,
        email: str = "",
        password_hash: str | None = None,
        since: date | None = None,
        code_app: str = "",
    ) -> tuple[int, str]:
        """Take a new invented person, here since that day; return the id and the name."""
        number, name = next(self._phones), self.name()
        while email and name in self.names.values():  # two sign-ins are not to be mixed up
            name = self.name()
        uid = self.bulk.secret(16)
        person_id = self.bulk.add(
            Person,
            uid=uid,
            name=name,
            phone=f"154{number:08}",
            email=email or f"p{number}@example.org",
            password_hash=password_hash,
            totp=sealer().seal(code_app, f"people.totp/{uid}") if code_app else None,
            created_at=self.past(since or self.today - timedelta(days=YEARS_AGO)),
        )
        return person_id, name

    def name(self) -> str:
        return self.rng.choice(SURNAMES) + self.rng.choice(GIVEN) + SUFFIX

    def phone(self) -> str:
        """Return another number of the block that nobody is given."""
        return f"154{next(self._phones):08}"


def shared_out(total: int, weights: Sequence[float]) -> list[int]:
    """Return whole numbers in the proportion of the weights that add up to the total."""
    whole = sum(weights) or 1
    exact = [total * weight / whole for weight in weights]
    found = [int(value) for value in exact]
    by_rest = sorted(range(len(exact)), key=lambda place: (found[place] - exact[place], place))
    for place in by_rest[: total - sum(found)]:
        found[place] += 1
    return found


def _shift(today: date) -> timedelta:
    """Return how far the recipe moves: its first day becomes a Tuesday 7 to 13 days ago."""
    a_week_ago = today - timedelta(days=7)
    starts = a_week_ago - timedelta(days=(a_week_ago.weekday() - RECIPE_STARTS.weekday()) % 7)
    return starts - RECIPE_STARTS


def _counties(session: Session, size: Size) -> list[County]:
    """Return the counties of the demonstration with all villages that have a director's post."""
    rows = session.scalars(
        select(Area).where(Area.level == Level.COUNTY).order_by(Area.nbs_code)
    ).all()
    chosen = _first_of(rows, size.counties)
    found = {area.id: County(area.id, area.nbs_code, area.name) for area in chosen}
    towns = {
        area.id: area
        for area in session.scalars(select(Area).where(Area.parent_id.in_(list(found))))
    }
    villages = session.scalars(
        select(Area)
        .join(Post, Post.area_id == Area.id)
        .where(Post.kind == PostKind.CHILD_DIRECTOR, Area.parent_id.in_(list(towns)))
        .order_by(Area.nbs_code)
    )
    for area in villages:
        town = towns[area.parent_id or 0]
        county = found[town.parent_id or 0]
        county.villages.append(Village(area.id, town.id, county.id, town.name))
    for county in found.values():
        county.villages.sort(key=lambda village: not village.town.endswith("镇"))
    return list(found.values())


def _first_of(areas: Iterable[Area], wanted: int) -> list[Area]:
    """Return that many counties; those of the sign-ins are always among them."""
    needed = ("140702", "140728")
    ordered = sorted(areas, key=lambda area: (area.nbs_code not in needed, area.nbs_code))
    return ordered[:wanted]
