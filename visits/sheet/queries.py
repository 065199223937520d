"""What one person may know of one visit at this moment (the table of domain.md §3)."""

from dataclasses import dataclass

from children.labels import AGES
from core import clock
from places.queries import area_names
from visits.arrivals.labels import LACKS
from visits.arrivals.queries import code_now, lack_of
from visits.queries import Seen, packet, still_paired
from visits.rules import State, on_the_day, released


@dataclass(frozen=True, slots=True)
class Sheet:
    """A visit in words; what the reader may not know (yet) is empty."""

    child: str
    age: str
    interests: str
    care_hint: str
    county: str
    township: str
    place: str
    phone: str
    code: str
    lacks: str
    team: str
    pairing_uid: str
    child_id: int
    released: bool


def sheet(seen: Seen) -> Sheet:
    """Return what whoever looks may know.

    Staff of the place know it all. Volunteers know the alias, the age band and the hint while
    the pairing lives; who takes part or plans it knows where to meet and whom to call from 48 h
    before to 24 h after, this visit's only; the township on the day itself.
    """
    visit, about, now = seen.visit, packet(seen.visit), clock.now()
    paired = seen.staff or still_paired(about.stage)
    goes = paired and (seen.me is not None or seen.plans)
    open_now = seen.staff or (goes and released(now, visit.starts_at, visit.ends_at))
    near = seen.staff or (paired and on_the_day(now, visit.starts_at))
    names = area_names([visit.county_id, visit.township_id])
    phone = seen.escort.phone if seen.escort and open_now else ""
    return Sheet(
        child=about.alias if paired else "",
        age=str(AGES[about.age_band]) if paired else "",
        interests=about.interests if paired else "",
        care_hint=about.care_hint if paired else "",
        county=names[visit.county_id],
        township=names[visit.township_id] if near else "",
        place=visit.place_text if open_now else "",
        phone=phone or "",
        code=code_now(seen),
        lacks=_lacks(seen) if paired else "",
        team=about.team,
        pairing_uid=about.pairing_uid if paired else "",
        child_id=about.child_id,
        released=open_now,
    )


def _lacks(seen: Seen) -> str:
    """Say who is missing while people are there, to whoever is of the visit or answers for it."""
    on = seen.here and seen.visit.state in {State.CONFIRMED, State.IN_PROGRESS}
    if not on or not (seen.me or seen.receives or seen.plans):
        return ""
    lack = lack_of(seen.visit)
    return str(LACKS[lack]) if lack else ""
