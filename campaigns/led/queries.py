"""What a campaign's big screen shows: the public page's own words and numbers, and no other."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.counties.queries import County, counties
from campaigns.numbers.queries import Progress
from campaigns.queries import Edition
from campaigns.reports.queries import reached
from campaigns.rules import Door
from campaigns.stories.faces.queries import Told, public_stories
from core import clock
from core.i18n import _

FIGURES = 4
MOST_STORIES = 2
MOST_LINES = 5
"""Lines of a list that can still be read from the other end of a hall."""


@dataclass(frozen=True, slots=True)
class Lack:
    """A county with the seats that are still free there."""

    county: str
    left: int


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with what it counts."""

    value: int
    said: str
    dated: bool = False
    """Whether it is wrong tomorrow, when nobody has brought a fresh copy."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What the panels of a big screen say."""

    door: Door
    left: int
    figures: Sequence[Figure]
    lacks: Sequence[Lack]
    needed: Sequence[str]
    progress: Progress
    stories: Sequence[Told]

    @property
    def joinable(self) -> bool:
        return self.door in {Door.OPEN, Door.UPCOMING}


def screen(campaign: Edition) -> Screen:
    """Return what the big screen of a public campaign says today."""
    found = counties(campaign)
    lacks = _lacks(found)
    left = sum(one.left for one in lacks)
    so_far = reached(campaign, found)
    return Screen(
        door=campaign.recruitment.door(clock.today(), left),
        left=left,
        figures=_figures(campaign, so_far, left, len(found)),
        lacks=sorted(lacks, key=lambda one: -one.left)[:MOST_LINES],
        needed=campaign.needed[:MOST_LINES],
        progress=so_far,
        stories=public_stories(campaign.id, MOST_STORIES),
    )


def _lacks(found: Sequence[County]) -> list[Lack]:
    sums = [Lack(one.name, sum(offer.left for offer in one.offers)) for one in found]
    return [one for one in sums if one.left]


def _figures(campaign: Edition, told: Progress, left: int, areas: int) -> list[Figure]:
    """Return four numbers: where one may not be told yet, the next of the line stands in."""
    days = (campaign.visits_until - campaign.visits_from).days + 1
    line = (
        (told.joined, _("名志愿者加入"), False),
        (told.pairings, _("个孩子有了结对的人"), False),
        (told.visits, _("次走访陪伴"), False),
        (told.hours, _("小时陪伴"), False),
        (left or None, _("个名额还在等人"), True),
        (areas, _("个县（区、市）在行动"), False),
        (campaign.goal or None, _("名志愿者是我们的目标"), False),
        (days, _("天走访的日子"), False),
    )
    known = [Figure(value, said, dated) for value, said, dated in line if value is not None]
    return known[:FIGURES]
