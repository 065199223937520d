"""Who signed up for which edition: what fills the slots and counts the volunteers."""

from collections import Counter
from datetime import date, datetime, timedelta

from campaigns.numbers.models import DayCount
from campaigns.rules import PUBLIC, Measure, Stage
from campaigns.seats.rules import SeatState
from campaigns.signups.models import SignUp
from core import ids
from core.zone import CHINA
from demo.campaigns import open_slots
from demo.world import Edition, Helper, World

HELD = timedelta(hours=48)
REACHED = 0.76
"""How much of its goal the current edition has reached."""
STAYED = frozenset({"active", "paused", "expired", "exited"})


def sign_up(world: World) -> None:
    """Add the sign-ups of every edition, the slots they fill and their count."""
    desk = _Desk(world)
    for helper, edition, day in world.joined:
        desk.join(helper, edition, day)
    for edition in world.editions:
        if edition.stage in PUBLIC:
            desk.come_again(edition)
        if edition.stage is Stage.RECRUITING:
            desk.wait(edition)
    open_slots(world, desk.taken)
    for (campaign_id, county_id, day), count in sorted(desk.counts.items()):
        world.bulk.add(
            DayCount,
            campaign_id=campaign_id,
            measure=Measure.VOLUNTEERS,
            county_id=county_id,
            day=day,
            count=count,
        )


class _Desk:
    """Takes sign-ups, and counts seats and people."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._joined: Counter[int] = Counter()
        self._pairs = world.pairs
        self.taken: Counter[int] = Counter()
        self.counts: Counter[tuple[int, int, date]] = Counter()

    def join(self, helper: Helper, edition: Edition, day: date) -> None:
        """Let a volunteer's sign-up be confirmed on a day."""
        world, confirmed = self._world, self._world.past(day)
        self._pairs.add((helper.id, edition.id))
        self._joined[edition.id] += 1
        self.taken[edition.slots[helper.county.id]] += 1
        local = confirmed.astimezone(CHINA).date()
        self.counts[edition.id, helper.county.id, local] += 1
        self._row(
            edition.slots[helper.county.id],
            helper.name,
            f"v{helper.id}@example.org",
            created=confirmed - timedelta(minutes=world.rng.randint(5, 600)),
            state=SeatState.CONFIRMED,
            person_id=helper.person_id,
            confirmed_at=confirmed,
        )

    def come_again(self, edition: Edition) -> None:
        """Let volunteers of earlier editions sign up until the edition is as full as it got."""
        world = self._world
        share = REACHED if edition.stage is Stage.RECRUITING else world.rng.uniform(0.8, 1.1)
        lacking = round(edition.goal * share) - self._joined[edition.id]
        known = [
            helper
            for helper in world.helpers
            if helper.status in STAYED
            and helper.cleared_from < edition.recruit[0]
            and (helper.id, edition.id) not in self._pairs
        ]
        span = (min(edition.recruit[1], world.today) - edition.recruit[0]).days
        for helper in world.rng.sample(known, max(0, min(lacking, len(known)))):
            day = edition.recruit[0] + timedelta(days=world.rng.randint(0, span))
            self.join(helper, edition, day)

    def wait(self, edition: Edition) -> None:
        """Add sign-ups that nobody has confirmed yet, by phone and by mail, and lapsed ones."""
        rng = self._world.rng
        for place, county in enumerate(self._world.counties):
            slot_id = edition.slots[county.id]
            for _call in range(3 if place < 2 else rng.randint(0, 2)):
                self._pending(slot_id, self._world.phone())
            for _mail in range(rng.randint(0, 2)):
                self._pending(slot_id, f"s{self._world.phone()}@example.org")
            if rng.random() < 0.5:
                ago = self._world.now - HELD - timedelta(days=rng.randint(1, 4))
                self._row(
                    slot_id,
                    self._world.name(),
                    self._world.phone(),
                    created=ago,
                    state=SeatState.ABANDONED,
                )

    def _pending(self, slot_id: int, contact: str) -> None:
        created = self._world.now - timedelta(minutes=self._world.rng.randint(20, 1_500))
        self.taken[slot_id] += 1
        self._row(slot_id, self._world.name(), contact, created=created, state=SeatState.HELD)

    def _row(
        self,
        slot_id: int,
        name: str,
        contact: str,
        *,
        created: datetime,
        state: SeatState,
        person_id: int | None = None,
        confirmed_at: datetime | None = None,
    ) -> None:
        world = self._world
        is_mail = "@" in contact
        world.bulk.add(
            SignUp,
            slot_id=slot_id,
            contact=contact,
            name=name,
            phone=None if is_mail else contact,
            email=contact if is_mail else None,
            org_text=world.rng.choice(world.organisations)[1],
            token_hash=ids.digest(world.bulk.secret(32)),
            state=state,
            person_id=person_id,
            created_at=created,
            expires_at=created + HELD,
            confirmed_at=confirmed_at,
        )
