"""Certificates in the demonstration: last year's and this year's, few of them void, some asked."""

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import func, select

from core import signatures
from core.crypto import sealer
from core.zone import CHINA
from demo.world import Helper, World
from volunteers.certificates.models import Certificate
from volunteers.certificates.queries import PLACE as BLOCKS
from volunteers.certificates.rules import Issue, Period, Served, Snapshot, State
from volunteers.certificates.services import CENTRE, HOTLINE
from volunteers.certificates.signing.models import SigningKey
from volunteers.certificates.signing.services import PLACE as KEYS
from volunteers.certificates.signing.services import sign
from volunteers.hours.models import HourEntry

ISSUED, VOID, ASKED = 0.6, 0.01, 0.03
"""How many of those who served hold a certificate of a year; how many of these are void; how many
of the others have asked for one of this year."""
WHY = "样例：姓名写错，重新开"


def certify(world: World) -> None:
    """Issue certificates as coordinators do, from the hours that the visits have brought."""
    world.bulk.flush()
    desk = _Desk(world)
    helpers = {one.id: one for one in world.helpers}
    for period in _years(world.today):
        for volunteer_id, served in sorted(_served(world, period).items()):
            if world.chance(ISSUED):
                desk.issue(helpers[volunteer_id], period, served)
            elif period.last == world.today and world.chance(ASKED / (1 - ISSUED)):
                desk.keep(helpers[volunteer_id], period, state=State.REQUESTED)


def _years(today: date) -> tuple[Period, Period]:
    this = today.replace(month=1, day=1)
    before = this.replace(year=this.year - 1)
    return Period(before, before.replace(month=12, day=31)), Period(this, today)


def _served(world: World, period: Period) -> dict[int, Served]:
    found: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    rows = world.session.execute(
        select(HourEntry.volunteer_id, HourEntry.source, func.count(), func.sum(HourEntry.minutes))
        .where(HourEntry.served_on.between(period.first, period.last))
        .group_by(HourEntry.volunteer_id, HourEntry.source)
        .order_by(HourEntry.volunteer_id, HourEntry.source)
    )
    for volunteer_id, kind, times, minutes in rows:
        found[volunteer_id].append((kind, times, int(minutes)))
    return {
        one: Served(sum(minutes for _kind, _times, minutes in kinds), tuple(kinds))
        for one, kinds in found.items()
    }


class _Desk:
    """Signs with a key that the seed decides."""

    def __init__(self, world: World) -> None:
        self._world, self._orgs = world, dict(world.organisations)
        uid, private = world.bulk.secret(16), world.rng.randbytes(32).hex()
        self._key = SigningKey(
            uid=uid,
            public=signatures.public_of(private),
            private=sealer().seal(private, KEYS + uid),
            signs=True,
            made_at=world.now,
        )
        world.session.add(self._key)
        world.session.flush()

    def issue(self, helper: Helper, period: Period, served: Served) -> None:
        world = self._world
        at = min(world.at(period.last, 10), world.now)
        number = f"TX-{at.year}-{world.rng.randrange(10**8):08}"
        issue = Issue(number, at.astimezone(CHINA).date(), self._key.uid)
        blocks = self._said(helper, period, served, issue).blocks()
        uid, by_id = world.bulk.secret(16), helper.county.coordinators[0]
        void = world.chance(VOID)
        ended = {"ended_at": at, "ended_by_id": by_id, "reason": WHY} if void else {}
        self.keep(
            helper,
            period,
            uid=uid,
            number=number,
            state=State.VOIDED if void else State.ISSUED,
            minutes=served.minutes,
            blocks=sealer().seal(signatures.canonical(blocks).decode(), BLOCKS + uid),
            signature=sign(self._key, blocks),
            key_id=self._key.id,
            issued_at=at,
            issued_by_id=by_id,
            **ended,
        )

    def keep(self, helper: Helper, period: Period, **more: Any) -> None:
        self._world.bulk.add(
            Certificate,
            code=self._world.bulk.secret(16),
            volunteer_id=helper.id,
            county_id=helper.county.id,
            from_on=period.first,
            until_on=period.last,
            asked_at=min(self._world.at(period.last, 9), self._world.now),
            **more,
        )

    def _said(self, helper: Helper, period: Period, served: Served, issue: Issue) -> Snapshot:
        return Snapshot(
            name=helper.name,
            volunteer_no=f"TX{helper.id:06}",
            organisation=self._orgs.get(helper.org_id or 0, ""),
            period=period,
            served=served,
            issuer=helper.county.name + CENTRE,
            handler="样例",
            contact=HOTLINE,
            issue=issue,
        )
