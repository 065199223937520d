"""What can happen to a child's file; every change and every look leaves a trace."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import delete, select, update

from accounts.rules import Actor, Role
from children import queries
from children.access.decoys.services import touched, touched_by_id
from children.labels import CHECKED as NAMES
from children.models import Child, ChildFreeTime
from children.rules import CHECKED, Facts, NeedState, Stretch
from core import audit, clock, ids
from core.db import insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.i18n import lazy as _l
from core.parameters import Parameter, Stricter
from places.queries import spot_of

PARAMETERS = (
    Parameter(
        "children.consent_months",
        12,
        _l("一份同意最长有效几个月，到期重新征求"),
        _l("月"),
        _l("困境儿童个人信息保护工作办法的目的限定；期限为本站设计"),
        "D",
        Stricter.LOWER,
    ),
    Parameter(
        "children.consent_text",
        "2026-1",
        _l("现在给家长和孩子看的同意书是哪一版"),
        "",
        _l("个人信息保护法第十四、二十九、三十一条"),
        "T",
        Stricter.NEITHER,
    ),
    Parameter(
        "children.link_days",
        7,
        _l("给监护人的一次性链接几天内有效"),
        _l("天"),
        _l("本站设计：够从外地打开，又不长期留在手机里"),
        "D",
    ),
)
EDITORS = (Role.CHILD_DIRECTOR, Role.CHILD_SUPERVISOR, Role.COORDINATOR)
CHECKERS = (Role.CHILD_SUPERVISOR, Role.COORDINATOR)
OPENABLE = (NeedState.VERIFIED, NeedState.MET)
LEADS_TO = {
    NeedState.MATCHED: (NeedState.OPEN,),
    NeedState.OPEN: (NeedState.MATCHED,),
    NeedState.MET: (NeedState.MATCHED, NeedState.OPEN),
}


@dataclass(frozen=True, slots=True)
class Report:
    """A child of a village who needs something, under an alias."""

    village_id: int
    alias: str
    facts: Facts


def report(new: Report, *, by: Actor) -> str:
    """Open a file for a child of one's own village; return its uid. Raises RuleBroken."""
    if new.village_id not in {area.id for area in queries.own_villages(by)}:
        raise NotYours
    spot = spot_of(new.village_id)
    uid = ids.uid()
    with transaction():
        child_id = insert_once(
            Child,
            uid=uid,
            alias=new.alias,
            county_id=spot.county_id,
            township_id=spot.township_id,
            village_id=spot.village_id,
            reported_by_id=by.id,
            reported_at=clock.now(),
            **_columns(new.facts),
        )
        if child_id is None:
            raise RuleBroken(_("这个代号本县已有孩子在用，请换一个"))
        _free(child_id, new.facts.free)
        audit.record("child_reported", "child", uid, by=by.id)
    return uid


def edit(uid: str, facts: Facts, *, version: int, by: Actor) -> None:
    """Bring a file up to date. Raises NotYours, RuleBroken.

    What the township has checked, the village no longer changes alone; a report that was sent
    back is checked anew.
    """
    with transaction():
        child = locked(uid, by, *EDITORS)
        changed = _changed(child, facts)
        settled = CHECKED & set(changed) if child.state is not NeedState.REPORTED else set()
        if settled and not _answers_for(child, by, *CHECKERS):
            named = _("、").join(str(NAMES[name]) for name in NAMES if name in settled)
            raise RuleBroken(_("核实过的内容（%(what)s）由督导员或协调员修改", what=named))
        values = _columns(facts)
        if _answers_for(child, by, Role.CHILD_DIRECTOR):
            values["sent_back_note"] = ""
        _update(child, version, since=queries.LIVING, values=values)
        _free(child.id, facts.free)
        audit.record("child_edited", "child", uid, by=by.id, fields=changed)


def verify(uid: str, *, version: int, by: Actor) -> None:
    """Say as the township's supervisor that the report is right. Raises NotYours, RuleBroken."""
    with transaction():
        child = locked(uid, by, Role.CHILD_SUPERVISOR)
        if child.reported_by_id == by.id:
            raise RuleBroken(_("自己上报的要由另一个人核实"))
        values = {
            "state": NeedState.VERIFIED,
            "verified_by_id": by.id,
            "verified_on": clock.today(),
            "sent_back_note": "",
        }
        _update(child, version, since=[NeedState.REPORTED], values=values)
        audit.record("child_verified", "child", uid, by=by.id, fields=["state"])


def send_back(uid: str, note: str, *, version: int, by: Actor) -> None:
    """Ask the village to mend a report before it goes on. Raises NotYours, RuleBroken."""
    with transaction():
        child = locked(uid, by, *CHECKERS)
        values = {
            "state": NeedState.REPORTED,
            "sent_back_note": note,
            "verified_by_id": None,
            "verified_on": None,
        }
        _update(child, version, since=[NeedState.REPORTED, NeedState.VERIFIED], values=values)
        audit.record("child_sent_back", "child", uid, by=by.id, fields=["state"])


def open_need(uid: str, *, version: int, by: Actor) -> None:
    """Let a verified child wait for a pairing. Raises NotYours, RuleBroken."""
    with transaction():
        child = locked(uid, by, Role.COORDINATOR)
        values = {"state": NeedState.OPEN, "open_since": clock.today()}
        _update(child, version, since=OPENABLE, values=values)
        audit.record("child_opened", "child", uid, by=by.id, fields=["state"])


def close(uid: str, *, version: int, reason: str, by: Actor) -> None:
    """Take a need back that is not (or no longer) one. Raises NotYours, RuleBroken."""
    with transaction():
        child = locked(uid, by, Role.CHILD_DIRECTOR, Role.COORDINATOR)
        if child.state is NeedState.MATCHED:
            raise RuleBroken(_("孩子正在结对中，请先结束结对"))
        _update(child, version, since=queries.LIVING, values={"state": NeedState.WITHDRAWN})
        audit.record("child_closed", "child", uid, by=by.id, fields=["state"], reason=reason)


def mark(child_id: int, state: NeedState) -> bool:
    """Follow what a pairing does to a need, in the caller's transaction; whether it could."""
    since = {"open_since": clock.today()} if state is NeedState.OPEN else {}
    with transaction() as session:
        marked = session.scalar(
            update(Child)
            .where(Child.id == child_id, Child.state.in_(LEADS_TO[state]))
            .values(state=state, version=Child.version + 1, **since)
            .returning(Child.id)
        )
    return marked is not None


def look(uid: str, *, by: Actor, fields: Sequence[str] = ()) -> Child:
    """Return a file to be shown, and keep who looked at it (network protection of minors 36).

    The one thing a page that only shows something may write; `fields` names what it shows of the
    sealed part. Raises NotYours.
    """
    with transaction():
        child = queries.child(uid, by)
        touched(child, by=by)
        audit.record("child_seen", "child", uid, by=by.id, fields=fields)
    return child


def seen_elsewhere(
    child_id: int, *, by: Actor, fields: Sequence[str] = (), where: str = ""
) -> None:
    """Keep that a page of another room shows more of a child than its alias tier.

    Called when the page is made and before it is sent: without the row nobody gets it. `where`
    names what the page is about, as `visit/000001`.
    """
    with transaction():
        uid = touched_by_id(child_id, by=by)
        audit.record("child_seen", "child", uid, by=by.id, fields=fields, reason=where)


def seen_in_list(where: str, number: int, *, by: Actor) -> None:
    """Keep that a list of children was shown: one row a page with how many, not one a child."""
    with transaction():
        audit.record("list_seen", "child_list", f"{where}/{number}", by=by.id)


def locked(uid: str, by: Actor, *roles: Role) -> Child:
    """Return a child these roles answer for, locked until the transaction ends.

    An erased file is not there: nothing can happen to a shell. SQLite has one writer at a time;
    PostgreSQL takes the row's lock. Raises NotYours.
    """
    with transaction() as session:
        child = session.scalar(
            select(Child)
            .where(Child.uid == uid, Child.erased_on.is_(None), queries.visible(by, *roles))
            .with_for_update()
        )
        if child is None:
            raise NotYours
        touched(child, by=by)
        return child


def _answers_for(child: Child, by: Actor, *roles: Role) -> bool:
    theirs = select(Child.id).where(Child.id == child.id, queries.visible(by, *roles))
    with transaction() as session:
        return session.scalar(theirs) is not None


def _update(
    child: Child, version: int, *, since: Collection[NeedState], values: dict[str, Any]
) -> None:
    with transaction() as session:
        updated = session.scalar(
            update(Child)
            .where(Child.id == child.id, Child.version == version, Child.state.in_(since))
            .values(version=Child.version + 1, **values)
            .returning(Child.id)
        )
        if updated is None:
            raise RuleBroken(_("刚刚有人改过这份档案，请看最新的内容再办"))


def _columns(facts: Facts) -> dict[str, Any]:
    """Return the facts as columns; free times have a table of their own."""
    values = {field.name: getattr(facts, field.name) for field in fields(facts)}
    del values["free"]
    return values | {"needs": [need.value for need in facts.needs]}


def _changed(child: Child, facts: Facts) -> list[str]:
    changed = [name for name, value in _columns(facts).items() if getattr(child, name) != value]
    return changed + ["free"] * (set(queries.free_times(child.id)) != set(facts.free))


def _free(child_id: int, stretches: Collection[Stretch]) -> None:
    with transaction() as session:
        session.execute(delete(ChildFreeTime).where(ChildFreeTime.child_id == child_id))
        session.add_all(
            ChildFreeTime(
                child_id=child_id,
                weekday=stretch.weekday,
                start_minute=stretch.start,
                end_minute=stretch.end,
            )
            for stretch in stretches
        )
