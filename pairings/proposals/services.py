"""Proposing a team for a child; somebody else decides on it (domain.md §5.3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from accounts.rules import Actor, Role
from children.consents.labels import PURPOSES
from children.consents.queries import lacking
from children.models import Child
from children.rules import NeedState, Purpose, Risk
from children.services import locked
from core import audit, clock, ids
from core.db import insert_once, transaction
from core.errors import RuleBroken
from core.i18n import _
from core.parameters import value_on
from pairings.candidates.judging.queries import Match, match
from pairings.labels import code_words
from pairings.models import Pairing
from pairings.steps.services import begin
from volunteers.models import Volunteer
from volunteers.teams.models import Team, TeamMember


@dataclass(frozen=True, slots=True)
class Proposal:
    """Which team, why it serves this child best, until when and in which campaign."""

    team_uid: str
    note: str
    ends_on: date
    campaign_id: int | None = None


def propose(child_uid: str, proposal: Proposal, *, by: Actor) -> str:
    """Propose a team for a child; return the pairing's uid. Raises NotYours, RuleBroken."""
    today = clock.today()
    with transaction():
        check_days(today, proposal.ends_on)
        child = locked(child_uid, by, Role.COORDINATOR)
        if child.state is not NeedState.OPEN:
            raise RuleBroken(_("这个孩子现在不在等待结对"))
        fits = fitting(child, _team(proposal.team_uid), until=proposal.ends_on)
        uid = ids.uid()
        made = insert_once(
            Pairing,
            uid=uid,
            child_id=child.id,
            team_id=fits.team_id,
            campaign_id=proposal.campaign_id,
            county_id=child.county_id,
            township_id=child.township_id,
            village_id=child.village_id,
            score=fits.score,
            reasons=list(fits.reasons),
            note=proposal.note,
            proposed_by_id=by.id,
            starts_on=today,
            ends_on=proposal.ends_on,
            high_risk=child.risk is Risk.HIGH,
        )
        if made is None:
            raise RuleBroken(_("刚刚已有人为这个孩子提出结对"))
        begin(made, by=by)
        audit.record("pairing_proposed", "pairing", uid, by=by.id)
    return uid


def check_days(today: date, ends_on: date) -> None:
    """Raises RuleBroken for a last day that no pairing can have."""
    if ends_on <= today:
        raise RuleBroken(_("结束日期要在今天之后"))
    longest = int(value_on("pairings.longest_days", today))
    if ends_on - today > timedelta(days=min(longest, 9999)):
        raise RuleBroken(_("一次结对最长 %(n)d 天，请选近一点的结束日期", n=longest))


def _team(team_uid: str) -> Team:
    with transaction() as session:
        team = session.scalar(select(Team).where(Team.uid == team_uid, Team.dissolved_at.is_(None)))
        if team is None:
            raise RuleBroken(_("这个小组已经解散，请另选一组"))
        return team


def fitting(child: Child, team: Team, *, until: date, besides: int | None = None) -> Match:
    """Return the match as the rules see it now. Raises RuleBroken with all that is against it.

    The members stay locked until the transaction ends, so that two proposals made at once cannot
    give one volunteer too many children.
    """
    with transaction() as session:
        session.execute(
            select(Volunteer.id)
            .join(TeamMember, TeamMember.volunteer_id == Volunteer.id)
            .where(TeamMember.team_id == team.id, TeamMember.left_on.is_(None))
            .order_by(Volunteer.id)
            .with_for_update(of=Volunteer)
        )
    today = clock.today()
    missing = lacking([child.id], today)[child.id]
    found = match(child, team.id, today, until=until, besides=besides)
    reasons = [*_missing_words(missing), *code_words(found.against)]
    if reasons:
        raise RuleBroken(*reasons)
    return found


def _missing_words(missing: Iterable[Purpose]) -> list[str]:
    return [_("缺少有效的同意：%(what)s", what=PURPOSES[purpose]) for purpose in missing]
