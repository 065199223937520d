"""What of pairings waits for whom: answers, signatures, first visits, goodbyes, a look back."""

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from accounts.rules import Actor, Role
from children.consents.services import ENTERING
from core.db import db
from pairings.agreements.models import AgreementSignature
from pairings.agreements.texts.queries import current_version
from pairings.models import Pairing
from pairings.queries import Tab, accompanied_by, in_tab
from pairings.rules import ASKING, Stage
from places.queries import within
from volunteers.models import Volunteer

WORK: dict[Tab, tuple[Role, ...]] = {
    Tab.ASK: ENTERING,
    Tab.SIGN: ENTERING,
    Tab.INTRO: (Role.COORDINATOR,),
    Tab.PART: (Role.COORDINATOR,),
    Tab.REVIEW: (Role.COORDINATOR,),
}
"""Whose work each is. A next action leads to these tabs; they are shown only then."""


def waiting(tab: Tab) -> ColumnElement[bool]:
    """Return the condition that a pairing waits for that work, wherever it is."""
    both = and_(Pairing.guardian_yes_on.is_not(None), Pairing.child_yes_on.is_not(None))
    renewing = and_(
        Pairing.stage == Stage.RENEWING,
        or_(
            Pairing.guardian_yes_on.is_(None),
            Pairing.child_yes_on.is_(None),
            Pairing.guardian_yes_on < Pairing.renewing_since,
            Pairing.child_yes_on < Pairing.renewing_since,
        ),
    )
    signing = and_(Pairing.stage == Stage.CONSENT_PENDING, both)
    to_renew = and_(
        Pairing.stage == Stage.RENEWING,
        Pairing.guardian_yes_on >= Pairing.renewing_since,
        Pairing.child_yes_on >= Pairing.renewing_since,
    )
    return {
        Tab.ASK: or_(and_(Pairing.stage.in_(ASKING), ~both), renewing),
        Tab.SIGN: or_(and_(signing, Pairing.agreed_on.is_(None)), to_renew),
        Tab.INTRO: and_(signing, Pairing.agreed_on.is_not(None)),
        Tab.PART: Pairing.stage == Stage.ENDING,
        Tab.REVIEW: Pairing.stage == Stage.ENDED,
    }[tab]


def of_tab(tab: Tab, actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a pairing waits for this person's work."""
    return and_(waiting(tab), within(Pairing, actor.reaches(*WORK[tab])))


def listed_in(tab: Tab, actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a pairing stands in a tab of somebody's list."""
    return of_tab(tab, actor) if tab in WORK else in_tab(tab, actor)


def numbers(actor: Actor) -> dict[Tab, int]:
    """Return how many pairings wait for each work of this person, in one query."""
    mine = [tab for tab, roles in WORK.items() if actor.has(*roles)]
    if not mine:
        return {}
    counted = [func.coalesce(func.sum(case((of_tab(tab, actor), 1), else_=0)), 0) for tab in mine]
    place = within(Pairing, actor.reaches(*ENTERING))
    row = db.session.execute(select(*counted).select_from(Pairing).where(place)).one()
    return {tab: int(many) for tab, many in zip(mine, row, strict=True)}


def to_sign(actor: Actor) -> str | None:
    """Return the pairing whose agreement waits for this volunteer's own signature, if one does."""
    own = (
        select(AgreementSignature.id)
        .join(Volunteer, Volunteer.id == AgreementSignature.volunteer_id)
        .where(
            Volunteer.person_id == actor.id,
            AgreementSignature.pairing_id == Pairing.id,
            AgreementSignature.text_version == current_version(),
            AgreementSignature.voided_at.is_(None),
        )
        .correlate(Pairing)
        .exists()
    )
    return db.session.scalar(
        select(Pairing.uid)
        .where(
            accompanied_by(actor),
            Pairing.stage.in_([Stage.CONSENT_PENDING, Stage.RENEWING]),
            ~own,
        )
        .order_by(Pairing.id)
        .limit(1)
    )
