"""Whether words may be public: one gate for stories, campaigns, reports and pictures alike."""

from sqlalchemy import func, literal, select

from campaigns.wording.labels import SLIPS
from campaigns.wording.rules import LABEL_WORDS, Slip, days_ahead, slips
from core import clock
from core.db import db
from core.parameters import value_on
from places.models import Area
from places.rules import Level

MOST_NAMES = 3
BELOW_COUNTY = (Level.TOWNSHIP, Level.VILLAGE)


def places_in(text: str, *levels: Level) -> list[str]:
    """Return names of our counties, townships and villages that stand in a text."""
    said = literal("".join(text.split()))
    query = select(Area.name).where(func.length(Area.name) > 1, said.contains(Area.name))
    if levels:
        query = query.where(Area.level.in_(levels))
    return list(db.session.scalars(query.distinct().order_by(Area.name).limit(MOST_NAMES)))


def problems(*texts: str) -> list[str]:
    """Return what stands against making texts public, in words the writer can act on."""
    today = clock.today()
    labels = [str(word) for word in value_on(LABEL_WORDS, today)]
    return _told(slips("\n".join(texts), labels))


def problems_of_a_story(*texts: str) -> list[str]:
    """Return the same for texts about what children lived: no place below a county, no day ahead.

    A campaign says where and when to come; a story that does tells where a child is to be found.
    """
    whole = "\n".join(texts)
    more = [(Slip.DAY, words) for words in days_ahead(whole, clock.today())]
    more += [(Slip.PLACE, name) for name in places_in(whole, *BELOW_COUNTY)]
    return [*problems(whole), *_told(more)]


def _told(found: list[tuple[Slip, str]]) -> list[str]:
    return list(dict.fromkeys(SLIPS[slip] % {"what": what} for slip, what in found))
