"""An activity that goes on today, with people in every state, one of yesterday, one of tomorrow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

from campaigns.models import Activity, Slot
from campaigns.numbers.models import DayCount
from campaigns.rules import Measure, SlotKind, SlotRole, Stage, Timing
from campaigns.seats.rules import SeatState
from campaigns.signups.day.models import Attendance
from campaigns.signups.models import SignUp
from core import ids
from core.zone import CHINA
from demo.world import Edition, Helper, World
from volunteers.rules import Status

LASTS = 8 * 60
HALF_AN_HOUR = timedelta(minutes=30)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
Stay: TypeAlias = tuple[datetime, datetime | None]
"""When somebody came on a day, and when they left."""
JOINED = timedelta(days=6)
"""How long ago everybody has joined: the edition recruited long before, so the day is theirs."""
LOGINS = ("volunteer", "leader")


@dataclass(frozen=True, slots=True)
class _Session:
    """A slot in the making; somebody who comes adds a seat."""

    slot_id: int
    day: date
    begins_at: datetime
    came: list[int]


def hold_days(world: World) -> None:
    """Add an activity to the edition that is running: the last step, so that no dice fall anew."""
    for edition in world.editions:
        if edition.stage is Stage.RUNNING and edition.visits[0] <= world.today <= edition.visits[1]:
            _Days(world, edition).hold()


class _Days:
    """Opens slots around today, and seats people in them."""

    def __init__(self, world: World, edition: Edition) -> None:
        self._world, self._edition, self._county = world, edition, world.counties[0]
        local = world.now.astimezone(CHINA)
        self._from = max(0, (local.hour - 2) * 60)
        self._until = min(1440, self._from + LASTS)
        self._activity_id = world.bulk.add(
            Activity,
            campaign_id=edition.id,
            kind=SlotKind.GROUP_ACTIVITY,
            timing=Timing.FIXED,
            title="县图书馆读书日",
            title_en="Reading day at the county library",
        )
        self._corner = world.bulk.add(
            Activity,
            campaign_id=edition.id,
            kind=SlotKind.GROUP_ACTIVITY,
            timing=Timing.WINDOW,
            title="县图书馆读书角",
            title_en="Reading corner at the county library",
        )
        self._new = 0

    def hold(self) -> None:
        """Seat the county's volunteers, and count those who are new to the edition."""
        active = [
            helper
            for helper in self._world.helpers
            if helper.county is self._county and helper.status is Status.ACTIVE
        ]
        staff = self._world.staff
        known = {name: staff.get(name) for name in LOGINS}
        plain = [helper for helper in active if helper.person_id not in known.values()]
        mine = {
            name: helper
            for name, person_id in known.items()
            for helper in active
            if helper.person_id == person_id
        }
        self.today(plain, mine)
        self.yesterday(plain)
        self.tomorrow(plain)
        self.week(plain)
        day = (self._world.now - JOINED).astimezone(CHINA).date()
        self._world.bulk.add(
            DayCount,
            campaign_id=self._edition.id,
            measure=Measure.VOLUNTEERS,
            county_id=self._county.id,
            day=day,
            count=self._new,
        )

    def today(self, plain: list[Helper], known: dict[str, Helper]) -> None:
        now = self._world.now
        slot = self._session(0)
        came = min(slot.begins_at + timedelta(minutes=5), now - HALF_AN_HOUR)
        left = now - timedelta(minutes=15)
        if "volunteer" in known:
            self._seat(slot, known["volunteer"], promised_at=now - 40 * HOUR)
        for place, helper in enumerate(plain[:9]):
            given: dict[str, Any] = {"promised_at": now - 50 * HOUR, "party": 1 + (place == 4)}
            if place % 3 == 0:
                self._seat(slot, helper, came=[(came, None)], state=SeatState.ARRIVED, **given)
            elif place % 3 == 1:
                self._seat(slot, helper, came=[(came, left)], state=SeatState.COMPLETED, **given)
            else:
                self._seat(slot, helper, **given)
        self._open(slot, SlotRole.COMPANION)
        leaders = self._session(0)
        if "leader" in known:
            lead = known["leader"]
            self._seat(leaders, lead, came=[(came, None)], state=SeatState.ARRIVED)
        self._open(leaders, SlotRole.LEADER)

    def yesterday(self, plain: list[Helper]) -> None:
        slot = self._session(-1)
        came, left = slot.begins_at, slot.begins_at + 2 * HOUR
        for place, helper in enumerate(plain[:5]):
            if place:
                self._seat(slot, helper, came=[(came, left)], state=SeatState.COMPLETED)
            else:
                self._seat(slot, helper, state=SeatState.NO_SHOW)
        self._open(slot, SlotRole.COMPANION)

    def week(self, plain: list[Helper]) -> None:
        """Keep a reading corner open for ten days: people come on the days that suit them."""
        first = self._session(-3)
        opened = first.begins_at
        days = [(opened + n * DAY, opened + n * DAY + 2 * HOUR) for n in range(3)]
        for place, helper in enumerate(plain[2:8]):
            came = days[place % 3 :] if place < 5 else []
            state = SeatState.ARRIVED if came else SeatState.CONFIRMED
            self._seat(first, helper, came=came, state=state)
        self._open(first, SlotRole.HELPER, self._corner, days=10)

    def tomorrow(self, plain: list[Helper]) -> None:
        """Some have said yes, two have been asked twice and said nothing."""
        now, slot = self._world.now, self._session(1)
        for place, helper in enumerate(plain[:6]):
            answered: dict[str, Any] = {"promised_at": now - 30 * HOUR, "asked": 1}
            silent: dict[str, Any] = {"asked": 2, "asked_at": now - 6 * HOUR}
            self._seat(slot, helper, **(answered if place > 1 else silent), by_phone=place == 0)
        self._open(slot, SlotRole.COMPANION)

    def _session(self, days: int) -> _Session:
        world, day = self._world, self._world.today + timedelta(days=days)
        hour, minute = divmod(self._from, 60)
        return _Session(world.bulk.reserve(Slot), day, world.at(day, hour, minute), [])

    def _seat(
        self,
        slot: _Session,
        helper: Helper,
        *,
        came: Sequence[Stay] = (),
        by_phone: bool = False,
        **given: Any,
    ) -> None:
        world = self._world
        mail = f"v{helper.id}@example.org"
        phone = world.phone() if by_phone or world.chance(0.5) else None
        confirmed = world.now - JOINED
        pair = helper.id, self._edition.id
        self._new += pair not in world.pairs
        world.pairs.add(pair)
        fields = {
            "slot_id": slot.slot_id,
            "contact": phone or mail,
            "name": helper.name,
            "phone": phone,
            "email": None if phone else mail,
            "org_text": world.rng.choice(world.organisations)[1],
            "token_hash": ids.digest(world.bulk.secret(32)),
            "state": SeatState.CONFIRMED,
            "person_id": helper.person_id,
            "created_at": confirmed - HOUR,
            "expires_at": confirmed + 47 * HOUR,
            "confirmed_at": confirmed,
        }
        slot.came.append(given.get("party", 1))
        sign_up_id = world.bulk.add(SignUp, **fields | given)
        for arrived, left in came:
            day = arrived.astimezone(CHINA).date()
            world.bulk.add(
                Attendance, sign_up_id=sign_up_id, day=day, arrived_at=arrived, left_at=left
            )

    def _open(
        self, slot: _Session, role: SlotRole, activity_id: int | None = None, days: int = 1
    ) -> None:
        taken = sum(slot.came)
        self._world.bulk.add(
            Slot,
            id=slot.slot_id,
            campaign_id=self._edition.id,
            activity_id=activity_id or self._activity_id,
            county_id=self._county.id,
            place="县图书馆",
            role=role,
            starts_on=slot.day,
            ends_on=slot.day + timedelta(days=days - 1),
            from_minute=self._from if days == 1 else 0,
            until_minute=self._until if days == 1 else 1440,
            capacity=taken + 3,
            taken=taken,
            most_party=3,
            with_children=False,
        )
