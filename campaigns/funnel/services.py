"""Counting looks in memory, and writing them down in batches: a page that is read writes nothing.

Each process counts for itself; what a process had not yet written when it was killed is lost.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qs

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from accounts.rules import Actor
from campaigns.funnel.models import FunnelCount
from campaigns.funnel.rules import Seen, Step, is_a_look, kept_small
from campaigns.models import Campaign, Slot
from campaigns.posters.models import CampaignPlace
from campaigns.posters.rules import is_tag
from campaigns.rules import PUBLIC
from core import audit, clock
from core.db import transaction
from core.writers import WriterBusy
from core.zone import CHINA

LATEST_SECONDS = 60.0
"""After so long whoever looks next writes the batch down, where no job has done it."""
Key = tuple[int, date, Step, str, int]
"""Campaign, day, step, source and area."""


class _Tally:
    """What was counted since it was last written down."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Seen] = Counter()
        self._since = 0.0

    def add(self, counts: Mapping[Seen, int]) -> bool:
        """Add to the counters; return whether the batch has waited for too long."""
        now = time.monotonic()
        with self._lock:
            if not self._counts:
                self._since = now
            for one, many in counts.items():
                self._counts[kept_small(self._counts, one)] += many
            late = now - self._since > LATEST_SECONDS
            if late:
                self._since = now  # one caller writes, the others go on
            return late

    def take(self) -> Counter[Seen]:
        with self._lock:
            taken, self._counts = self._counts, Counter()
        return taken


_tally = _Tally()


def look_at_campaign(args: Mapping[str, Any], environ: Mapping[str, Any]) -> None:
    """Count that somebody looked at a campaign's page."""
    _look(Step.VIEWED, str(args["slug"]), environ)


def look_at_slot(uid: str, environ: Mapping[str, Any]) -> None:
    """Count that somebody opened the sheet of a slot."""
    _look(Step.OPENED, uid, environ)


def _look(step: Step, name: str, environ: Mapping[str, Any]) -> None:
    if not is_a_look(environ):
        return
    asked = environ.get("QUERY_STRING")
    tag = parse_qs(asked).get("from", [""])[0] if asked else ""
    seen = Seen(clock.today(), step, name, tag if is_tag(tag) else "")
    if _tally.add({seen: 1}):
        flush()


def flush() -> int:
    """Write down what this process has counted; return how many counters that moved.

    While the database is busy the batch waits for the next turn.
    """
    batch = _tally.take()
    if not batch:
        return 0
    try:
        with transaction() as session:
            return _write(session, _resolved(session, batch))
    except WriterBusy:
        _tally.add(batch)
        return 0
    except BaseException:
        _tally.add(batch)
        raise


def keep_held(rows: Iterable[tuple[int, datetime, str, int]]) -> None:
    """Keep how many had signed up, of sign-ups that are deleted, in the caller's transaction.

    Each is a slot's id, when it was made, its source and how many it was for.
    """
    counts: Counter[Key] = Counter()
    with transaction() as session:
        rows = list(rows)
        slots = _slots(session, Slot.id, {slot_id for slot_id, *_rest in rows})
        for slot_id, at, source, party in rows:
            campaign_id, county_id = slots[slot_id]
            day = at.astimezone(CHINA).date()
            counts[campaign_id, day, Step.HELD, source, county_id] += party
        _write(session, counts)


def note_export(uid: str, *, by: Actor) -> None:
    """Keep that the numbers of a campaign were taken out."""
    with transaction():
        audit.record("export_numbers", "campaign", uid, by=by.id)


def _resolved(session: Session, batch: Mapping[Seen, int]) -> Counter[Key]:
    """Return the counters of public campaigns; a tag that is none of theirs counts as none."""
    slugs = {one.name for one in batch if one.step is Step.VIEWED}
    campaigns = {
        row.slug: (row.id, row.area_id)
        for row in session.execute(
            select(Campaign.slug, Campaign.id, Campaign.area_id).where(
                Campaign.slug.in_(slugs), Campaign.stage.in_(PUBLIC)
            )
        )
    }
    slots = _slots(session, Slot.uid, {one.name for one in batch if one.step is Step.OPENED})
    known = _tags(session, {one.tag for one in batch if one.tag})
    counts: Counter[Key] = Counter()
    for one, many in batch.items():
        found = (campaigns if one.step is Step.VIEWED else slots).get(one.name)
        if found:
            source = one.tag if (found[0], one.tag) in known else ""
            counts[found[0], one.day, one.step, source, found[1]] += many
    return counts


def _slots(session: Session, column: Any, values: set[Any]) -> dict[Any, tuple[int, int]]:
    rows = session.execute(
        select(column, Slot.campaign_id, Slot.county_id)
        .join(Campaign, Campaign.id == Slot.campaign_id)
        .where(column.in_(values))
    )
    return {name: (campaign_id, county_id) for name, campaign_id, county_id in rows}


def _tags(session: Session, tags: set[str]) -> set[tuple[int, str]]:
    if not tags:
        return set()
    asked = select(CampaignPlace.campaign_id, CampaignPlace.tag).where(CampaignPlace.tag.in_(tags))
    return {(row.campaign_id, row.tag) for row in session.execute(asked)}


def _write(session: Session, counts: Mapping[Key, int]) -> int:
    """Add to the counters, in one order, so that two processes do not wait for each other."""
    if not counts:
        return 0
    names = ("campaign_id", "day", "step", "source", "area_id")
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = insert(FunnelCount)
    added = row.on_conflict_do_update(
        index_elements=list(names), set_={"count": FunnelCount.count + row.excluded.count}
    )
    values = [dict(zip(names, key, strict=True)) | {"count": counts[key]} for key in sorted(counts)]
    session.execute(added, values)
    return len(values)
