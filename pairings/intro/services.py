"""The accompanied first visit: what visits tell a pairing, in the visits' own transactions."""

from datetime import datetime

from sqlalchemy import func, select, update

from accounts.rules import SITE, Actor
from campaigns.numbers.services import count
from campaigns.rules import Measure
from core import audit
from core.db import transaction
from core.errors import RuleBroken
from core.i18n import _
from core.zone import CHINA
from pairings.agreements.services import refuse_unready
from pairings.models import Pairing
from pairings.rules import VISITABLE, Stage
from pairings.steps.models import PairingStep
from pairings.steps.services import go


def plannable(pairing: Pairing) -> bool:
    """Whether a visit may be planned: the first one once everybody has signed."""
    agreed = pairing.agreed_on is not None
    return pairing.stage in VISITABLE or (pairing.stage is Stage.CONSENT_PENDING and agreed)


def planned(pairing: Pairing, *, by: Actor) -> None:
    """Note that the first visit is planned, with its escort. Raises RuleBroken."""
    refuse_unready(pairing)
    if pairing.stage is not Stage.CONSENT_PENDING:
        return
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


def took_place(pairing_id: int, at: datetime, *, introduced: bool, by: Actor) -> None:
    """Note that a visit was approved; `introduced` means that escort and child were there.

    The first one makes the pairing active, and it counts for its campaign from then on. One of
    a pairing that is ending, since it began to end, is its goodbye.
    """
    pairing, on = hold(pairing_id), at.astimezone(CHINA).date()
    if pairing.stage is Stage.ENDING and introduced:
        _goodbye(pairing, at, by=by)
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


def _goodbye(pairing: Pairing, at: datetime, *, by: Actor) -> None:
    """Note a goodbye; an ordinary visit of before, approved late, is none."""
    ending = (PairingStep.pairing_id == pairing.id) & (PairingStep.stage == Stage.ENDING)
    with transaction() as session:
        began = session.scalar(select(func.max(PairingStep.at)).where(ending))
        if began is not None and at < began:
            return
        session.execute(
            update(Pairing)
            .where(Pairing.id == pairing.id)
            .values(goodbye_on=at.astimezone(CHINA).date(), version=Pairing.version + 1)
        )
        audit.record("pairing_goodbye", "pairing", pairing.uid, by=by.id, fields=["goodbye_on"])


def hold(pairing_id: int) -> Pairing:
    """Return a pairing, locked until the commit: before its visits, as whoever plans does."""
    with transaction() as session:
        return session.scalars(
            select(Pairing)
            .where(Pairing.id == pairing_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one()
