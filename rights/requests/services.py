"""Entering rights requests and bringing them to an end, in time and in writing."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, update

from accounts.rules import Actor, Role
from children.consents.services import ENTERING
from children.services import locked
from core import audit, clock, ids
from core.db import transaction
from core.errors import RuleBroken
from core.i18n import _
from core.i18n import lazy as _l
from core.parameters import Parameter, value_on
from places.days.queries import due_after
from places.queries import Spot
from rights.requests import queries
from rights.requests.models import RightsRequest
from rights.requests.rules import OPEN, Asker, Channel, RequestKind, State
from volunteers.queries import volunteer_of

PARAMETERS = (
    Parameter(
        "rights.confirm_days",
        3,
        _l("几个工作日内答复已收到权利请求"),
        _l("工作日"),
        _l("本站设计：权利请求的办理流程"),
        "D",
    ),
    Parameter(
        "rights.finish_days",
        15,
        _l("几个工作日内办完权利请求"),
        _l("工作日"),
        _l("未成年人网络保护条例第三十四条：及时办理，拒绝须书面说明理由；天数为本站设计"),
        "T",
    ),
)
MOST_DAYS = 60
FORGOTTEN = "—"
"""What stands where words were: a refusal never stands without any."""
WORKING = (Role.DPO, Role.COORDINATOR)
"""Who brings requests to an end; only the data protection officer refuses one."""


@dataclass(frozen=True, slots=True)
class NewRequest:
    """What somebody asks for on a day."""

    kind: RequestKind
    asker: Asker
    channel: Channel
    received_on: date
    said: str = ""


def enter_for_child(child_uid: str, new: NewRequest, *, by: Actor) -> str:
    """Enter what a guardian or child asks for; return the request's uid. Raises NotYours."""
    if new.received_on > clock.today():
        raise RuleBroken(_("收到的日期还没到"))
    if new.asker is Asker.VOLUNTEER:
        raise RuleBroken(_("志愿者从自己的账户提出"))
    with transaction():
        child = locked(child_uid, by, *ENTERING)
        spot = Spot(child.county_id, child.township_id, child.village_id)
        return _add(new, spot, by=by, child_id=child.id)


def ask_for_oneself(kind: RequestKind, said: str, *, by: Actor) -> str:
    """Enter what a volunteer asks for about their own data; return its uid. Raises RuleBroken."""
    with transaction():
        volunteer = volunteer_of(by.id)
        if volunteer is None:
            raise RuleBroken(_("只有志愿者可以在这里提出，工作人员请联系管理员"))
        new = NewRequest(kind, Asker.VOLUNTEER, Channel.ACCOUNT, clock.today(), said)
        spot = Spot(volunteer.county_id, None, None)
        return _add(new, spot, by=by, volunteer_id=volunteer.id)


def answered_at_once(*, by: Actor) -> None:
    """Keep that somebody has taken a copy of their own data: asked and done in one go."""
    with transaction():
        if volunteer_of(by.id) is not None:
            uid = ask_for_oneself(RequestKind.COPY, "", by=by)
            _close(uid, State.DONE, _("本人已下载"), by=by, action="rights_request_done")
        audit.record("own_data_copied", "person", by.id, by=by.id)


def confirm(uid: str, *, by: Actor) -> None:
    """Tell that a request has arrived. Raises NotYours, RuleBroken."""
    with transaction():
        queries.request_of(uid, by, *WORKING)
        values = {
            "state": State.CONFIRMED,
            "confirmed_by_id": by.id,
            "confirmed_at": clock.now(),
        }
        _move(uid, (State.RECEIVED,), values)
        audit.record("rights_request_confirmed", "rights_request", uid, by=by.id)


def finish(uid: str, outcome: str, *, by: Actor) -> None:
    """Say what has been done. Raises NotYours, RuleBroken."""
    with transaction():
        request = queries.request_of(uid, by, *WORKING)
        if request.kind is RequestKind.DELETE:
            raise RuleBroken(_("删除要由两个人办：请走“删除”流程，办完自动结束"))
        _close(uid, State.DONE, outcome, by=by, action="rights_request_done")


def refuse(uid: str, reason: str, *, by: Actor) -> None:
    """Refuse a request with a reason that is given in writing. Raises NotYours, RuleBroken."""
    if not reason.strip():
        raise RuleBroken(_("不办要书面说明理由"))
    with transaction():
        queries.request_of(uid, by, Role.DPO)
        _close(uid, State.REFUSED, reason, by=by, action="rights_request_refused")


def call_off(uid: str, reason: str, *, by: Actor) -> None:
    """Close a request because whoever asked does not want it any more."""
    with transaction():
        queries.request_of(uid, by, *WORKING)
        _close(uid, State.WITHDRAWN, reason, by=by, action="rights_request_withdrawn")


def done_by_erasure(request_id: int, *, by: Actor) -> None:
    """Close the request that led to an erasure, in the erasure's transaction."""
    with transaction() as session:
        request = session.get_one(RightsRequest, request_id)
        if request.state in OPEN:
            _close(request.uid, State.DONE, _("已删除"), by=by, action="rights_request_done")


def forget_words(which: ColumnElement[bool]) -> None:
    """Empty what was said and answered in some requests, in the caller's transaction."""
    with transaction() as session:
        session.execute(
            update(RightsRequest)
            .where(which, RightsRequest.outcome != "")
            .values(said="", outcome=FORGOTTEN)
        )
        session.execute(update(RightsRequest).where(which).values(said=""))


def _add(new: NewRequest, spot: Spot, *, by: Actor, **about: int) -> str:
    uid = ids.uid()
    with transaction() as session:
        session.add(
            RightsRequest(
                uid=uid,
                kind=new.kind,
                asker=new.asker,
                channel=new.channel,
                said=new.said[:300],
                received_on=new.received_on,
                confirm_by=_due(new.received_on, "rights.confirm_days"),
                finish_by=_due(new.received_on, "rights.finish_days"),
                county_id=spot.county_id,
                township_id=spot.township_id,
                village_id=spot.village_id,
                entered_by_id=by.id,
                entered_at=clock.now(),
                **about,
            )
        )
        session.flush()
        audit.record(
            "rights_request_entered", "rights_request", uid, by=by.id, fields=[new.kind.value]
        )
    return uid


def _due(received_on: date, name: str) -> date:
    return due_after(received_on, min(int(value_on(name, received_on)), MOST_DAYS))


def _close(uid: str, state: State, outcome: str, *, by: Actor, action: str) -> None:
    values = {
        "state": state,
        "outcome": outcome[:500],
        "closed_by_id": by.id,
        "closed_at": clock.now(),
    }
    since = tuple(OPEN)
    _move(uid, since, values)
    audit.record(action, "rights_request", uid, by=by.id)


def _move(uid: str, since: tuple[State, ...], values: dict[str, Any]) -> None:
    with transaction() as session:
        moved = session.scalar(
            update(RightsRequest)
            .where(RightsRequest.uid == uid, RightsRequest.state.in_(since))
            .values(**values)
            .returning(RightsRequest.id)
        )
        if moved is None:
            raise RuleBroken(_("这项请求已经有人办过了，请看最新的情况"))
