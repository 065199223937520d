"""Which pairings somebody has to ask about now, and whose voice is still missing there."""

from datetime import date, timedelta

from sqlalchemy import CTE, case, exists, func, literal, null, or_, select

from accounts.rules import Actor
from children.consents.services import ENTERING
from children.models import Child
from core import clock
from core.db import AnyRow, db
from core.paging import Page, page_of
from pairings.models import Pairing
from pairings.rules import BEGUN, Stage
from pairings.voices.models import PairingVoice
from pairings.voices.queries import of_own_team
from pairings.voices.rules import DUE, Occasion, Voice
from places.models import Area
from places.queries import within
from volunteers.teams.models import Team

LACKS = {voice: f"lacks_{voice}" for voice in Voice}


def number(actor: Actor) -> int:
    """Return for how many pairings this person has to ask a guardian or a child now."""
    asked = _due(actor, clock.today())
    waits = or_(*(asked.c[LACKS[voice]] for voice in (Voice.GUARDIAN, Voice.CHILD)))
    return db.session.scalar(select(func.count()).where(waits, ~asked.c.own)) or 0


def listed(actor: Actor, *, after: str | None) -> Page[AnyRow]:
    """Return a page of the pairings that lack a voice, those first that began first."""
    asked = _due(actor, clock.today())
    return page_of(
        select(
            Pairing.uid,
            Child.alias,
            Team.name.label("team"),
            Area.name,
            Area.name_en,
            *(asked.c[name] for name in ("occasion", "own", *LACKS.values())),
        )
        .join(asked, asked.c.pairing_id == Pairing.id)
        .join(Child, Child.id == Pairing.child_id)
        .join(Team, Team.id == Pairing.team_id)
        .outerjoin(Area, Area.id == Pairing.village_id)
        .where(or_(*(asked.c[name] for name in LACKS.values()))),
        [asked.c.begun, Pairing.id],
        after=after,
    )


def _due(actor: Actor, today: date) -> CTE:
    """Return (pairing_id, begun, occasion, own, what it lacks) of the pairings one asks about."""
    begun = func.coalesce(Pairing.introduced_on, Pairing.starts_on)
    reached = [
        (begun <= today - timedelta(days=days), literal(name))
        for name, days in sorted(DUE.items(), key=lambda one: -one[1])
    ]
    ending = (Pairing.stage == Stage.ENDING, literal(Occasion.END.value))
    those = (
        select(
            Pairing.id.label("pairing_id"),
            begun.label("begun"),
            case(ending, *reached, else_=null()).label("occasion"),
            of_own_team(actor).label("own"),
        )
        .where(within(Pairing, actor.reaches(*ENTERING)), Pairing.stage.in_(BEGUN))
        .cte("those")
    )
    lacks = (
        ~exists()
        .where(
            PairingVoice.pairing_id == those.c.pairing_id,
            PairingVoice.occasion == those.c.occasion,
            PairingVoice.voice == voice,
        )
        .correlate(those)
        for voice in Voice
    )
    named = (one.label(name) for one, name in zip(lacks, LACKS.values(), strict=True))
    return select(those, *named).where(those.c.occasion.is_not(None)).cte("asked")
