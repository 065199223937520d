"""Proposing a team for a child, and deciding on it: always two people (domain.md §5.3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select, update

from accounts.queries import holders
from accounts.rules import Actor, Role
from campaigns.numbers.services import count
from campaigns.rules import Measure
from children.consents.labels import PURPOSES
from children.consents.queries import lacking
from children.models import Child
from children.rules import NeedState, Purpose, Risk
from children.services import locked, mark
from core import audit, clock, ids
from core.db import insert_once, transaction
from core.errors import RuleBroken
from core.i18n import _
from core.parameters import value_on
from pairings.candidates.queries import candidate
from pairings.labels import against_words
from pairings.matching.rules import Candidate
from pairings.models import Pairing
from pairings.rules import Stage
from pairings.services import locked_pairing, member_ids, tell
from places.queries import within
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
        _check_days(today, proposal.ends_on)
        child = locked(child_uid, by, Role.COORDINATOR)
        if child.state is not NeedState.OPEN:
            raise RuleBroken(_("这个孩子现在不在等待结对"))
        match = _fitting(child, _team(proposal.team_uid))
        uid = ids.uid()
        made = insert_once(
            Pairing,
            uid=uid,
            child_id=child.id,
            team_id=match.team_id,
            campaign_id=proposal.campaign_id,
            county_id=child.county_id,
            township_id=child.township_id,
            village_id=child.village_id,
            score=match.score,
            reasons=list(match.reasons),
            note=proposal.note,
            proposed_by_id=by.id,
            starts_on=today,
            ends_on=proposal.ends_on,
        )
        if made is None:
            raise RuleBroken(_("刚刚已有人为这个孩子提出结对"))
        audit.record("pairing_proposed", "pairing", uid, by=by.id)
    return uid


def approve(uid: str, note: str, *, by: Actor) -> None:
    """Approve somebody else's proposal; everything is checked anew. Raises NotYours, RuleBroken."""
    with transaction() as session:
        pairing, child = _to_decide(uid, by)
        supervisors = holders(Role.CHILD_SUPERVISOR, [child.township_id])
        if not supervisors:
            raise RuleBroken(_("孩子所在的乡镇现在没有儿童督导员，请先补上"))
        team = session.get_one(Team, pairing.team_id)
        _fitting(child, team, besides=pairing.id)
        _decide(pairing, Stage.APPROVED, note, by=by, supervisor_id=supervisors[0].id)
        if not mark(child.id, NeedState.MATCHED):
            raise RuleBroken(_("这个孩子现在不在等待结对"))
        if pairing.campaign_id is not None:
            count(pairing.campaign_id, pairing.county_id, Measure.PAIRINGS, clock.today())
        tell("pairing_approved", pairing, member_ids(pairing.team_id))


def decline(uid: str, note: str, *, by: Actor) -> None:
    """Say no to somebody else's proposal, with the reason. Raises NotYours, RuleBroken."""
    with transaction():
        pairing, _child = _to_decide(uid, by)
        _decide(pairing, Stage.DECLINED, note, by=by)
        tell("pairing_declined", pairing, [pairing.proposed_by_id])


def _check_days(today: date, ends_on: date) -> None:
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


def _fitting(child: Child, team: Team, *, besides: int | None = None) -> Candidate:
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
    match = candidate(child, team.id, today, besides=besides)
    reasons = [*_missing_words(missing), *against_words(match.against)]
    if reasons:
        raise RuleBroken(*reasons)
    return match


def _missing_words(missing: Iterable[Purpose]) -> list[str]:
    return [_("缺少有效的同意：%(what)s", what=PURPOSES[purpose]) for purpose in missing]


def _to_decide(uid: str, by: Actor) -> tuple[Pairing, Child]:
    """Return a proposal and its child, locked, if it is this person's to decide.

    Raises NotYours, RuleBroken.
    """
    with transaction() as session:
        pairing, child = locked_pairing(uid, by)
        if pairing.proposed_by_id == by.id:
            raise RuleBroken(_("自己提出的结对要由另一个人审批"))
        leads = select(Pairing.id).where(
            Pairing.id == pairing.id, within(Pairing, by.reaches(Role.SAFEGUARDING_LEAD))
        )
        if child.risk is Risk.HIGH and session.scalar(leads) is None:
            raise RuleBroken(_("高风险孩子的结对由未保专员审批"))
        return pairing, child


def _decide(
    pairing: Pairing, stage: Stage, note: str, *, by: Actor, supervisor_id: int | None = None
) -> None:
    with transaction() as session:
        decided = session.scalar(
            update(Pairing)
            .where(
                Pairing.id == pairing.id,
                Pairing.stage == Stage.PROPOSED,
                Pairing.proposed_by_id != by.id,
            )
            .values(
                stage=stage,
                decided_by_id=by.id,
                decided_at=clock.now(),
                decision_note=note,
                supervisor_id=supervisor_id,
                version=Pairing.version + 1,
            )
            .returning(Pairing.id)
        )
        if decided is None:
            raise RuleBroken(_("这个结对已经有人审批过了"))
        audit.record(f"pairing_{stage}", "pairing", pairing.uid, by=by.id)
