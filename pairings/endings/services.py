"""Pausing, renewing and ending: no pairing stops without a goodbye or the reason for none."""

from dataclasses import dataclass
from datetime import date, timedelta

from accounts.rules import Actor, Role
from children.rules import NeedState
from core import audit, clock
from core.db import insert_once, transaction
from core.errors import RuleBroken
from core.i18n import _
from core.parameters import value_on
from pairings.agreements.queries import signing
from pairings.answers.services import both_since
from pairings.endings.models import PairingExplanation
from pairings.endings.rules import Ending, Explained, ends_at_once, lacks_goodbye
from pairings.keys.services import refuse_without_city
from pairings.models import Pairing
from pairings.rules import BEGUN, CHOSEN, DECIDING, EndReason, Stage
from pairings.services import close, locked_pairing, member_ids, tell
from pairings.steps.services import go


@dataclass(frozen=True, slots=True)
class Parting:
    """Why a pairing is to end; what that needs is done before it has ended."""

    reason: EndReason
    note: str


def end(uid: str, ending: Ending, *, by: Actor) -> None:
    """End a pairing, or take back one's own proposal. Raises NotYours, RuleBroken."""
    with transaction():
        pairing, _child = locked_pairing(uid, by)
        if pairing.stage in DECIDING and pairing.proposed_by_id != by.id:
            raise RuleBroken(_("别人提出的结对请批准或不批准"))
        if ending.reason not in CHOSEN:
            raise RuleBroken(_("请选一个结束的原因"))
        parted = {}
        if not ends_at_once(pairing.stage, ending.reason):
            parted = _parted(pairing, ending)
        after = NeedState.MET if ending.need_met else NeedState.OPEN
        note = ending.note or ending.goodbye_missing
        if not close(pairing, ending.reason, by=by, note=note, after=after, **parted):
            raise RuleBroken(_("这个结对已经结束了"))
        if parted:
            _keep(pairing, ending.explained, by=by)


def _keep(pairing: Pairing, explained: Explained, *, by: Actor) -> None:
    insert_once(
        PairingExplanation,
        pairing_id=pairing.id,
        child_id=pairing.child_id,
        explained_by=explained.by,
        explained_on=explained.on,
        missing="" if explained.by else explained.missing,
        entered_by_id=by.id,
        entered_at=clock.now(),
    )


def _parted(pairing: Pairing, ending: Ending) -> dict[str, object]:
    """Return what is written down of a parting. Raises RuleBroken when something is missing."""
    if pairing.stage is not Stage.ENDING:
        raise RuleBroken(_("请先开始结束：安排告别、写好交接，再结束结对"))
    missing = []
    if lacks_goodbye(ending, pairing.goodbye_on):
        missing.append(_("还没有告别走访：请先安排，或写明为什么不能告别"))
    if not ending.handover.strip():
        missing.append(_("请写交接说明"))
    if not ending.explained.complete:
        missing.append(_("请写明谁、哪天告诉了孩子，或写明为什么不能告诉"))
    elif ending.explained.on is not None and ending.explained.on > clock.today():
        missing.append(_("告诉孩子的日期还没到"))
    elif ending.explained.on is not None and ending.explained.on < pairing.starts_on:
        missing.append(_("告诉孩子的日期早于结对开始"))
    if missing:
        raise RuleBroken(*missing)
    return {
        "goodbye_missing": ending.goodbye_missing if pairing.goodbye_on is None else "",
        "handover": ending.handover,
    }


def begin_ending(uid: str, parting: Parting, *, by: Actor) -> None:
    """Say that a pairing is to end, so that there is time for a goodbye."""
    with transaction():
        pairing, _child = locked_pairing(uid, by)
        if pairing.stage not in BEGUN - {Stage.ENDING}:
            raise RuleBroken(_("这个结对现在不能开始结束"))
        gone = go(
            pairing,
            Stage.ENDING,
            by=by,
            reason=parting.note,
            end_reason=parting.reason,
            renewing_since=None,
            renew_until=None,
        )
        _done(pairing, gone=gone, action="pairing_ending", by=by)
        tell("pairing_ending", pairing, member_ids(pairing.team_id))


def go_on(uid: str, *, by: Actor) -> None:
    """Take back a pause, or an end that has been begun: the pairing goes on as before."""
    with transaction():
        pairing, child = locked_pairing(uid, by)
        if pairing.stage not in {Stage.PAUSED, Stage.ENDING, Stage.RENEWING}:
            raise RuleBroken(_("这个结对没有暂停，也没有在结束或续期"))
        refuse_without_city(pairing, child)
        gone = go(
            pairing,
            Stage.ACTIVE,
            by=by,
            end_reason=None,
            goodbye_on=None,
            renewing_since=None,
            renew_until=None,
        )
        _done(pairing, gone=gone, action="pairing_goes_on", by=by)


def pause(uid: str, note: str, *, by: Actor) -> None:
    with transaction():
        pairing, _child = locked_pairing(uid, by)
        gone = go(pairing, Stage.PAUSED, by=by, reason=note)
        _done(pairing, gone=gone, action="pairing_paused", by=by)


def begin_renewing(uid: str, until: date, *, by: Actor) -> None:
    """Ask everybody once more, for a longer time. Raises NotYours, RuleBroken."""
    today = clock.today()
    longest = min(int(value_on("pairings.longest_days", today)), 9999)
    with transaction():
        pairing, _child = locked_pairing(uid, by)
        if until <= pairing.ends_on or until <= today:
            raise RuleBroken(_("续期要晚于现在约定的最后一天"))
        if until - today > timedelta(days=longest):
            raise RuleBroken(_("一次结对最长 %(n)d 天，请选近一点的结束日期", n=longest))
        gone = go(pairing, Stage.RENEWING, by=by, renewing_since=today, renew_until=until)
        _done(pairing, gone=gone, action="pairing_renewing", by=by)


def renew(uid: str, *, by: Actor) -> None:
    """Let a pairing last longer: both have said yes anew, the present text is signed.

    Raises NotYours, RuleBroken.
    """
    with transaction():
        pairing, child = locked_pairing(uid, by, Role.COORDINATOR)
        since, until = pairing.renewing_since, pairing.renew_until
        if pairing.stage is not Stage.RENEWING or since is None or until is None:
            raise RuleBroken(_("这个结对没有在续期"))
        refuse_without_city(pairing, child)
        missing = []
        if not both_since(pairing, since):
            missing.append(_("监护人和孩子都要重新答复"))
        if not signing(pairing, child.age_band, by.id).complete:
            missing.append(_("协议换了版本或还没签齐，请补签"))
        if missing:
            raise RuleBroken(*missing)
        gone = go(
            pairing,
            Stage.ACTIVE,
            by=by,
            reason=str(until),
            ends_on=until,
            renewing_since=None,
            renew_until=None,
        )
        _done(pairing, gone=gone, action="pairing_renewed", by=by)


def review(uid: str, note: str, *, by: Actor) -> None:
    """Look back on a pairing that is over. Raises NotYours, RuleBroken."""
    with transaction():
        pairing, _child = locked_pairing(uid, by)
        gone = go(pairing, Stage.REVIEWED, by=by, reason=note)
        _done(pairing, gone=gone, action="pairing_reviewed", by=by)


def _done(pairing: Pairing, *, gone: bool, action: str, by: Actor) -> None:
    if not gone:
        raise RuleBroken(_("这个结对刚刚有变动，现在不能这样做"))
    audit.record(action, "pairing", pairing.uid, by=by.id, fields=["stage"])
