"""What coordinators decide about pairs that are proposed; the search goes on by itself (steps)."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from accounts.rules import Actor, Role
from core import audit, clock, ids
from core.db import attempt, insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _, speaking
from core.parameters import values_on
from core.scopes import find
from places.rules import Level
from volunteers.models import Volunteer
from volunteers.teams.forming.models import TeamLeft, TeamProposal, TeamRun
from volunteers.teams.forming.queries import AT_ONCE
from volunteers.teams.forming.rules import BUSY, Bond, Fate, State, judge, side
from volunteers.teams.forming.seeking.queries import Children, seekers, terms
from volunteers.teams.models import Team
from volunteers.teams.queries import next_name
from volunteers.teams.refusing.services import bar_pair
from volunteers.teams.rules import Refusal
from volunteers.teams.services import NewTeam, form

KEPT = timedelta(days=7)
SUBJECT = "team_run"


@dataclass(frozen=True, slots=True)
class Accepted:
    """How many pairs became teams, and how many no longer could."""

    made: int
    outdated: int


def start(county_id: int, *, by: Actor) -> str:
    """Ask for the best pairs of a county; return the run's uid. Raises NotYours, RuleBroken."""
    reaches = by.reaches(Role.COORDINATOR)
    if not any((one.level, one.area_id) == (Level.COUNTY, county_id) for one in reaches):
        raise NotYours
    uid = ids.uid()
    with transaction():
        figures = asdict(terms(values_on(clock.today())))
        now = clock.now()
        made = insert_once(
            TeamRun, uid=uid, county_id=county_id, by_id=by.id, figures=figures, made_at=now,
            touched_at=now,
        )  # fmt: skip
        if made is None:
            raise RuleBroken(_("本县正在算一次，请等它算完，或者先取消"))
        audit.record("propose_teams", SUBJECT, uid, by=by.id)
    return uid


def cancel(uid: str, *, by: Actor) -> None:
    """Stop a search that goes on. Raises NotYours, RuleBroken."""
    with transaction() as session:
        found = find(TeamRun, uid, by)
        stopped = session.scalar(
            update(TeamRun)
            .where(TeamRun.id == found.id, TeamRun.state.in_(BUSY))
            .values(state=State.CANCELLED, claimed_at=None, touched_at=clock.now())
            .returning(TeamRun.id)
        )
        if stopped is None:
            raise RuleBroken(_("已经算完了，请刷新页面看看"))
        audit.record("cancel_teams", SUBJECT, uid, by=by.id)


def accept(uid: str, picked: Collection[str], *, by: Actor, children: Children) -> Accepted:
    """Make teams of the picked pairs that still may be; everything is checked anew.

    The pairs are locked first, so that of two who accept at once one finds them decided. Not more
    at a time than a page shows. Raises NotYours, RuleBroken.
    """
    if len(picked) > AT_ONCE:
        raise RuleBroken(_("一次最多办 %(n)d 对，请分几次", n=AT_ONCE))
    with transaction() as session:
        found = ready(session, uid, by)
        pairs = session.scalars(
            select(TeamProposal)
            .where(
                TeamProposal.run_id == found.id,
                TeamProposal.uid.in_(picked),
                TeamProposal.fate == Fate.OPEN,
            )
            .order_by(TeamProposal.points.desc(), TeamProposal.id)
            .with_for_update()
        ).all()
        if not pairs:
            raise RuleBroken(_("勾选的几对已经有人决定过了，请刷新页面看看"))
        bonds = _standing(session, found, pairs, children=children)
        made = sum(_accepted(pair, fits=bonds[pair.id], by=by) for pair in pairs)
        return Accepted(made, len(pairs) - made)


def ready(session: Session, uid: str, by: Actor) -> TeamRun:
    """Return a run that can be decided on. Raises NotYours, RuleBroken."""
    found = find(TeamRun, uid, by)
    if found.state is not State.READY or found.made_at <= clock.now() - KEPT:
        raise RuleBroken(_("这次的结果已经过期，请重新算一次"))
    return found


def _standing(
    session: Session, run: TeamRun, pairs: Sequence[TeamProposal], *, children: Children
) -> dict[int, bool]:
    """Return of each pair whether the rules still allow it, its people locked until the commit."""
    people = {id_ for pair in pairs for id_ in (pair.one_id, pair.two_id)}
    locked = select(Volunteer.id).where(Volunteer.id.in_(people)).order_by(Volunteer.id)
    session.execute(locked.with_for_update())
    today = clock.today()
    values = values_on(today)
    now = seekers(run.county_id, values, on=today, children=children, among=people)
    sides = {row["id"]: side(row) for row in now.people}
    barred = {(one, two): why for one, two, why in now.barred}
    found = {}
    for pair in pairs:
        one, two = sides.get(pair.one_id), sides.get(pair.two_id)
        found[pair.id] = (
            one is not None
            and two is not None
            and one.against is two.against is None
            and isinstance(judge(one, two, terms(values), barred), Bond)
        )
    return found


def _accepted(pair: TeamProposal, *, fits: bool, by: Actor) -> bool:
    """Make a team of a pair, or note that it no longer can be one; whether there is a team."""
    with transaction() as session:
        both = Volunteer.id.in_([pair.one_id, pair.two_id])
        rows = session.execute(select(Volunteer.id, Volunteer.uid).where(both))
        uids = {row.id: row.uid for row in rows}
        county_id = session.get_one(TeamRun, pair.run_id).county_id
        team_id = None
        if fits:
            with speaking("zh_Hans"):  # the name is everybody's, whatever language accepts it
                name = next_name(county_id)
            new = NewTeam(name, uids[pair.leader_id], frozenset(uids.values()))
            team_id = _formed(new, by)
        pair.fate = Fate.OUTDATED if team_id is None else Fate.ACCEPTED
        pair.team_id, pair.decided_by_id, pair.decided_at = team_id, by.id, clock.now()
        session.flush()
        return team_id is not None


def _formed(new: NewTeam, by: Actor) -> int | None:
    """Form a team; None where the rules of teams refuse it."""
    with transaction() as session:
        try:
            with attempt():
                uid = form(new, by=by)
        except RuleBroken:
            return None
        return session.scalars(select(Team.id).where(Team.uid == uid)).one()


def refuse(uid: str, proposal_uid: str, reason: Refusal, *, by: Actor) -> None:
    """Say no to a pair: these two are not proposed again. Raises NotYours, RuleBroken."""
    with transaction() as session:
        found = ready(session, uid, by)
        row = session.execute(
            update(TeamProposal)
            .where(
                TeamProposal.run_id == found.id,
                TeamProposal.uid == proposal_uid,
                TeamProposal.fate == Fate.OPEN,
            )
            .values(fate=Fate.REFUSED, decided_by_id=by.id, decided_at=clock.now())
            .returning(TeamProposal.one_id, TeamProposal.two_id)
        ).first()
        if row is None:
            raise RuleBroken(_("这一对已经有人决定过了，请刷新页面看看"))
        bar_pair(row.one_id, row.two_id, reason, by=by)
        audit.record("refuse_pair", SUBJECT, uid, by=by.id, reason=reason.value)


def forget() -> int:
    """Delete the pairs of runs that are a week old; return how many runs."""
    over = clock.now() - KEPT
    with transaction() as session:
        gone = session.scalars(
            update(TeamRun)
            .where(TeamRun.state != State.EXPIRED, TeamRun.made_at <= over)
            .values(state=State.EXPIRED, claimed_at=None, touched_at=clock.now())
            .returning(TeamRun.id)
        ).all()
        for model in (TeamProposal, TeamLeft):
            session.execute(delete(model).where(model.run_id.in_(gone)))
    return len(gone)
