"""Accepting many proposals at once, each by itself: one that fails leaves the others be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update

from accounts.rules import Actor, Role
from children.models import Child
from core import clock
from core.db import attempt, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from pairings.board.undo.services import undo
from pairings.models import Pairing
from pairings.proposals.services import Proposal, propose
from pairings.runs.models import MatchProposal
from pairings.runs.queries import theirs
from pairings.runs.rules import Fate
from volunteers.teams.models import Team


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has become of one of them."""

    uid: str
    pairing: str
    """Empty when there is none; then the reasons say why."""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Why it serves the children best, until when, and within which campaign."""

    note: str
    ends_on: date
    campaign_id: int | None = None


def accept(uid: str, how: Acceptance, *, by: Actor) -> str:
    """Propose a pairing as a run proposes it; return its uid. Raises NotYours, RuleBroken."""
    with transaction() as session:
        found = session.execute(
            select(MatchProposal, Child.uid, Team.uid)
            .join(Child, Child.id == MatchProposal.child_id)
            .join(Team, Team.id == MatchProposal.team_id)
            .where(MatchProposal.uid == uid, theirs(by, Role.COORDINATOR))
        ).first()
        if found is None:
            raise NotYours
        made, child_uid, team_uid = found
        pairing = propose(
            child_uid, Proposal(team_uid, how.note, how.ends_on, how.campaign_id), by=by
        )
        taken = session.scalar(
            update(MatchProposal)
            .where(MatchProposal.id == made.id, MatchProposal.fate == Fate.OPEN)
            .values(
                fate=Fate.ACCEPTED,
                pairing_id=select(Pairing.id).where(Pairing.uid == pairing).scalar_subquery(),
                decided_by_id=by.id,
                decided_at=clock.now(),
            )
            .returning(MatchProposal.id)
        )
        if taken is None:
            raise RuleBroken(_("这条提议刚刚已经有人决定了"))
        return pairing


def accept_all(uids: Sequence[str], how: Acceptance, *, by: Actor) -> list[Outcome]:
    """Accept proposals one by one; return what became of each, in that order."""
    with transaction():
        return [_accepted(uid, how, by) for uid in uids]


def _accepted(uid: str, how: Acceptance, by: Actor) -> Outcome:
    try:
        with attempt():
            return Outcome(uid, accept(uid, how, by=by))
    except RuleBroken as refusal:
        return Outcome(uid, "", tuple(str(reason) for reason in refusal.reasons))
    except NotYours:
        return Outcome(uid, "", (_("这条提议已经不在了"),))


def undo_all(pairing_uids: Sequence[str], *, by: Actor) -> tuple[int, int]:
    """Take several fresh proposals back; return how many went and how many stay."""
    gone = 0
    with transaction():
        for uid in pairing_uids:
            try:
                with attempt():
                    undo(uid, by=by)
                gone += 1
            except (RuleBroken, NotYours):
                continue
    return gone, len(pairing_uids) - gone
