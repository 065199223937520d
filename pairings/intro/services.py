"""The accompanied first visit: what visits tell a pairing, in the visits' own transactions."""

from datetime import date

from sqlalchemy import select, update

from accounts.rules import SITE, Actor
from campaigns.numbers.services import count
from campaigns.rules import Measure
from children.rules import Risk
from core import audit
from core.db import transaction
from core.errors import RuleBroken
from core.i18n import _
from pairings.models import Pairing
from pairings.rules import VISITABLE, Stage
from pairings.steps.services import go


def plannable(pairing: Pairing) -> bool:
    """Whether a visit may be planned: the first one once everybody has signed."""
    agreed = pairing.agreed_on is not None
    return pairing.stage in VISITABLE or (pairing.stage is Stage.CONSENT_PENDING and agreed)


def planned(pairing: Pairing, risk: Risk, *, by: Actor) -> None:
    """Note that the first visit is planned, with its escort. Raises RuleBroken."""
    if pairing.stage is not Stage.CONSENT_PENDING:
        return
    if risk is Risk.HIGH and pairing.city_by_id is None:
        raise RuleBroken(_("孩子现在是高风险，要先由市级未保专员审批"))
    if not go(pairing, Stage.SCHEDULED_INTRO, by=by):
        raise RuleBroken(_("这个结对刚刚有变动，请看最新的安排再改"))


def called_off(pairing_id: int, *, by: Actor = SITE) -> None:
    """Note that the first visit will not take place, or did not: another has to be planned."""
    with transaction() as session:
        stage = session.scalar(select(Pairing.stage).where(Pairing.id == pairing_id))
    if stage is not Stage.SCHEDULED_INTRO:
        return
    pairing = hold(pairing_id)
    if not pairing.agreed_before:
        go(pairing, Stage.CONSENT_PENDING, by=by)


def took_place(pairing_id: int, on: date, *, introduced: bool, by: Actor) -> None:
    """Note that a visit was approved; `introduced` means that escort and child were there.

    The first one makes the pairing active, and it counts for its campaign from then on. One of
    a pairing that is ending is its goodbye.
    """
    pairing = hold(pairing_id)
    if pairing.stage is Stage.ENDING and introduced:
        with transaction() as session:
            session.execute(update(Pairing).where(Pairing.id == pairing_id).values(goodbye_on=on))
        return
    if pairing.stage is not Stage.SCHEDULED_INTRO:
        return
    if not introduced:
        called_off(pairing_id, by=by)
        return
    if go(pairing, Stage.ACTIVE, by=by, introduced_on=on):
        audit.record("begin_pairing", "pairing", pairing.uid, by=by.id, fields=["stage"])
        if pairing.campaign_id is not None:
            count(pairing.campaign_id, pairing.county_id, Measure.PAIRINGS, on)


def hold(pairing_id: int) -> Pairing:
    """Return a pairing, locked until the commit: before its visits, as whoever plans does."""
    with transaction() as session:
        return session.scalars(
            select(Pairing)
            .where(Pairing.id == pairing_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one()
