"""Where a pairing stands on its way. Nothing here reads a clock or a database."""

from dataclasses import dataclass
from enum import StrEnum

from pairings.rules import BEGUN, LIVE, OVER, Stage


class Milestone(StrEnum):
    PROPOSED = "proposed"
    COUNTY = "county"
    CITY = "city"
    ANSWERS = "answers"
    AGREEMENT = "agreement"
    INTRO = "intro"
    ACTIVE = "active"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Way:
    """What of a pairing tells how far it has come."""

    stage: Stage
    high_risk: bool
    city: bool
    guardian: bool
    child: bool
    agreed: bool
    before: bool
    """Agreed before answers were recorded apart."""

    @property
    def lacks_city(self) -> bool:
        return self.high_risk and not self.city and self.stage in LIVE - {Stage.PROPOSED}


def present(way: Way) -> Milestone:
    """Return at which milestone a live pairing stands."""
    if way.stage is Stage.PROPOSED:
        return Milestone.COUNTY
    if way.stage is Stage.UNDER_REVIEW:
        return Milestone.CITY
    if way.stage in {Stage.APPROVED, Stage.CONSENT_PENDING}:
        if not (way.guardian and way.child):
            return Milestone.ANSWERS
        return Milestone.INTRO if way.agreed else Milestone.AGREEMENT
    if way.stage is Stage.SCHEDULED_INTRO:
        return Milestone.INTRO
    return Milestone.ACTIVE if way.stage in BEGUN - {Stage.ENDING} else Milestone.OVER


def milestones(way: Way) -> list[tuple[Milestone, str]]:
    """Return the milestones with `done`, `now` or `todo`; none for what was declined."""
    if way.stage not in LIVE | OVER:
        return []
    shown = [one for one in Milestone if one is not Milestone.CITY or way.high_risk or way.city]
    if way.stage in {Stage.REVIEWED, Stage.TERMINATED_SAFEGUARDING}:
        return [(one, "done") for one in shown]
    now = shown.index(present(way))
    states = ["done"] * now + ["now"] + ["todo"] * (len(shown) - now - 1)
    return list(zip(shown, states, strict=True))
