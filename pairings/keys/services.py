"""The two keys: another person than the proposer, and for high risk the city besides the county.

A no needs a reason from a list and a text; whoever said it may take it back for a day.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from accounts.queries import holders
from accounts.rules import Actor, Role
from children.models import Child
from children.rules import NeedState, Risk
from children.services import mark
from core import audit, clock
from core.db import transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.parameters import value_on
from pairings.models import Pairing
from pairings.proposals.services import fitting
from pairings.rules import (
    ANSWERED_NO,
    LIVE,
    DeclineReason,
    Stage,
    city_keys,
    county_keys,
    stage_with_keys,
)
from pairings.services import locked_pairing, tell
from pairings.steps.models import PairingStep
from pairings.steps.services import go
from places.models import Area
from places.queries import within
from places.rules import Reach
from volunteers.teams.models import Team


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a proposal is not approved, for whoever made it."""

    reason: DeclineReason
    note: str


def approve(uid: str, note: str, *, by: Actor) -> None:
    """Turn one's key for somebody else's proposal; everything is checked anew.

    Raises NotYours, RuleBroken.
    """
    with transaction() as session:
        pairing, child = _to_decide(uid, by)
        fitting(
            child, session.get_one(Team, pairing.team_id), until=pairing.ends_on, besides=pairing.id
        )
        if pairing.stage is Stage.UNDER_REVIEW:
            to, values = Stage.APPROVED, _citys_key(by)
        else:
            to, values = _countys_key(child, by, note)
        if not go(pairing, to, by=by, reason=note, **values):
            raise RuleBroken(_("这个结对已经有人审批过了"))
        audit.record(f"pairing_{to}", "pairing", uid, by=by.id)
        if to is Stage.UNDER_REVIEW:
            tell("pairing_city", pairing, _city_leads(pairing))
            return
        if not mark(child.id, NeedState.MATCHED):
            raise RuleBroken(_("这个孩子现在不在等待结对"))
        asking = holders(Role.CHILD_DIRECTOR, [pairing.village_id])
        tell("pairing_to_ask", pairing, [row[0] for row in asking])


def decline(uid: str, refusal: Refusal, *, by: Actor) -> None:
    """Say no to somebody else's proposal. Raises NotYours, RuleBroken."""
    with transaction():
        pairing, _child = _to_decide(uid, by)
        if refusal.reason in ANSWERED_NO:
            raise RuleBroken(_("监护人和孩子的答复请在征求意见时登记"))
        first = {"decided_by_id": by.id, "decided_at": clock.now()}
        declined = go(
            pairing,
            Stage.DECLINED,
            by=by,
            reason=refusal.note,
            decline_reason=refusal.reason,
            decision_note=refusal.note,
            **(first if pairing.decided_by_id is None else {}),
        )
        if not declined:
            raise RuleBroken(_("这个结对已经有人审批过了"))
        audit.record("pairing_declined", "pairing", uid, by=by.id)
        tell("pairing_declined", pairing, [pairing.proposed_by_id])


def take_back(uid: str, *, by: Actor) -> None:
    """Undo one's own no while nothing rests on it. Raises NotYours, RuleBroken."""
    with transaction() as session:
        pairing, child = locked_pairing(uid, by)
        last = undoable(pairing, by)
        if last is None or last.since is None:
            raise RuleBroken(_("只有本人在期限内可以改回来"))
        if child.state is not NeedState.OPEN or child.erased_on is not None:
            raise RuleBroken(_("这个孩子现在不在等待结对"))
        live = select(Pairing.id).where(
            Pairing.child_id == pairing.child_id, Pairing.stage.in_(LIVE)
        )
        if session.scalar(live.limit(1)) is not None:
            raise RuleBroken(_("刚刚已有人为这个孩子提出结对"))
        undecided = {"decided_by_id": None, "decided_at": None}
        went = go(
            pairing,
            last.since,
            by=by,
            reason="",
            decline_reason=None,
            decision_note="",
            **(undecided if last.since is Stage.PROPOSED else {}),
        )
        if not went:
            raise RuleBroken(_("只有本人在期限内可以改回来"))
        audit.record("pairing_taken_back", "pairing", uid, by=by.id)


def undoable(pairing: Pairing, by: Actor) -> PairingStep | None:
    """Return the step by which this person declined it a short time ago, if it was them."""
    if pairing.stage is not Stage.DECLINED or pairing.decline_reason in ANSWERED_NO:
        return None
    hours = min(int(value_on("pairings.undo_hours", clock.today())), 999)
    with transaction() as session:
        last = session.scalar(
            select(PairingStep)
            .where(PairingStep.pairing_id == pairing.id)
            .order_by(PairingStep.id.desc())
            .limit(1)
        )
    if last is None or last.by_id != by.id or last.at < clock.now() - timedelta(hours=hours):
        return None
    return last


def turn_late(uid: str, *, by: Actor) -> None:
    """Give the city's key to a pairing whose child has come to be at high risk since.

    Raises NotYours, RuleBroken.
    """
    with transaction() as session:
        pairing, child = locked_pairing(uid, by, Role.SAFEGUARDING_LEAD)
        if not _within(pairing, city_keys(by)):
            raise NotYours
        if not lacks_city(pairing, child):
            raise RuleBroken(_("这个结对不缺市级的审批"))
        if by.id in {pairing.proposed_by_id, pairing.decided_by_id}:
            raise RuleBroken(_("自己提出或批准过的结对要由另一个人审批"))
        session.execute(
            update(Pairing)
            .where(Pairing.id == pairing.id, Pairing.city_by_id.is_(None))
            .values(
                high_risk=True,
                city_by_id=by.id,
                city_at=clock.now(),
                version=Pairing.version + 1,
            )
        )
        session.refresh(pairing)
        audit.record("pairing_city_key", "pairing", uid, by=by.id, fields=["city_at"])


def lacks_city(pairing: Pairing, child: Child) -> bool:
    """Whether nothing may go on before the city has turned its key, too."""
    decided = pairing.stage in LIVE - {Stage.PROPOSED, Stage.UNDER_REVIEW}
    return decided and child.risk is Risk.HIGH and pairing.city_by_id is None


def refuse_without_city(pairing: Pairing, child: Child) -> None:
    if lacks_city(pairing, child):
        raise RuleBroken(_("孩子现在是高风险，要先由市级未保专员审批"))


def _citys_key(by: Actor) -> dict[str, object]:
    return {"city_by_id": by.id, "city_at": clock.now()}


def _countys_key(child: Child, by: Actor, note: str) -> tuple[Stage, dict[str, object]]:
    """Return where the county's key leads, and what it writes."""
    supervisors = holders(Role.CHILD_SUPERVISOR, [child.township_id])
    if not supervisors:
        raise RuleBroken(_("孩子所在的乡镇现在没有儿童督导员，请先补上"))
    high = child.risk is Risk.HIGH
    return stage_with_keys(high_risk=high, city=False), {
        "high_risk": high,
        "decided_by_id": by.id,
        "decided_at": clock.now(),
        "decision_note": note,
        "supervisor_id": supervisors[0].id,
    }


def _to_decide(uid: str, by: Actor) -> tuple[Pairing, Child]:
    """Return a proposal and its child, locked, if it is this person's to decide.

    Raises NotYours, RuleBroken.
    """
    with transaction():
        pairing, child = locked_pairing(uid, by)
        if pairing.proposed_by_id == by.id:
            raise RuleBroken(_("自己提出的结对要由另一个人审批"))
        if pairing.stage is Stage.UNDER_REVIEW:
            if not _within(pairing, city_keys(by)):
                raise RuleBroken(_("县里已经批准，高风险孩子的结对还要市级未保专员审批"))
            if pairing.decided_by_id == by.id:
                raise RuleBroken(_("市级的审批要由另一个人来做"))
        elif child.risk is Risk.HIGH and not _within(pairing, county_keys(by)):
            raise RuleBroken(_("高风险孩子的结对先由县里审批，再由市级未保专员审批"))
        elif pairing.stage is not Stage.PROPOSED:
            raise RuleBroken(_("这个结对已经有人审批过了"))
        return pairing, child


def _within(pairing: Pairing, reaches: tuple[Reach, ...]) -> bool:
    asked = select(Pairing.id).where(Pairing.id == pairing.id, within(Pairing, reaches))
    with transaction() as session:
        return session.scalar(asked) is not None


def _city_leads(pairing: Pairing) -> list[int]:
    with transaction() as session:
        city = session.scalar(select(Area.parent_id).where(Area.id == pairing.county_id))
    return [row[0] for row in holders(Role.SAFEGUARDING_LEAD, [city])]
