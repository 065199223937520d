"""What happens to an organisation's application: checked by one person, taken in by another."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from accounts.rules import Actor
from core import audit, clock, ids
from core.db import insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.limits import Limit, spend
from places.models import Area, Organisation
from places.rules import Level, OrgKind
from volunteers.orgs.models import Standing
from volunteers.orgs.queries import standing
from volunteers.orgs.rules import NEXT, State

PER_ADDRESS = Limit("org_application_address", 10, 3600)


@dataclass(frozen=True, slots=True)
class Application:
    """What an organisation tells of itself."""

    kind: OrgKind
    name: str
    credit_code: str | None
    contact_name: str
    contact_phone: str
    lead_name: str
    lead_phone: str


def may_apply(address: str) -> None:
    """Count an application. Raises TooMany for the place it comes from."""
    spend(PER_ADDRESS.of(address))


def apply(county_id: int, told: Application) -> None:
    """Take an application in. The same one twice is one, and is answered alike.

    Raises NotYours for a county that is none.
    """
    with transaction() as session:
        county = session.get(Area, county_id)
        if county is None or county.level is not Level.COUNTY:
            raise NotYours
        uid = ids.uid()
        made = insert_once(
            Standing,
            uid=uid,
            county_id=county_id,
            state=State.APPLIED,
            applied_at=clock.now(),
            **asdict(told),
        )
        if made is not None:
            audit.record("org_applied", "org_standing", uid, by=None)


def verify(uid: str, *, version: int, by: Actor) -> None:
    """Note that everything about an organisation has been looked at. Raises RuleBroken."""
    _move(uid, State.VERIFIED, {"verified_by_id": by.id}, version=version, by=by)


def sign(uid: str, reference: str, until: date, *, version: int, by: Actor) -> None:
    """Enter the agreement. Raises RuleBroken when it has run out already."""
    if until <= clock.today():
        raise RuleBroken(_("协议的截止日期要在今天之后"))
    values = {"agreement_ref": reference, "agreement_until": until}
    _move(uid, State.AGREEMENT_SIGNED, values, version=version, by=by)


def activate(uid: str, *, version: int, by: Actor) -> None:
    """Take an organisation in: by another person than who verified it. Raises RuleBroken."""
    with transaction() as session:
        found = standing(uid, by)
        if found.verified_by_id == by.id:
            raise RuleBroken(_("核验的人不能自己启用，请另一位同事来办"))
        if found.agreement_until is None or found.agreement_until < clock.today():
            raise RuleBroken(_("协议已到期，请先登记新的协议"))
        org_id = found.org_id or _organisation(session, found)
        values = {"org_id": org_id, "activated_by_id": by.id}
        _move(uid, State.ACTIVE, values, version=version, by=by)


def _organisation(session: Session, found: Standing) -> int:
    """Return the organisation of that name in the county, a new one if there is none."""
    here = (
        Organisation.kind == found.kind,
        Organisation.area_id == found.county_id,
        Organisation.name == found.name,
    )
    made = insert_once(
        Organisation,
        uid=ids.uid(),
        kind=found.kind,
        area_id=found.county_id,
        name=found.name,
        name_en="",
        credit_code=found.credit_code,
        verified_on=clock.today(),
    )
    return made or session.scalars(select(Organisation.id).where(*here)).one()


def end(uid: str, to: State, note: str, *, version: int, by: Actor) -> None:
    """Decline, suspend or let go, with a reason. Raises RuleBroken."""
    _move(uid, to, {"note": note}, version=version, by=by)


def suspend_lapsed() -> int:
    """Suspend organisations whose agreement has run out; return how many."""
    with transaction() as session:
        lapsed = session.scalars(
            update(Standing)
            .where(Standing.state == State.ACTIVE, Standing.agreement_until < clock.today())
            .values(state=State.SUSPENDED, version=Standing.version + 1)
            .returning(Standing.uid)
        ).all()
        for uid in lapsed:
            audit.record("org_suspended", "org_standing", uid, by=None, reason="agreement")
    return len(lapsed)


def _move(uid: str, to: State, values: dict[str, Any], *, version: int, by: Actor) -> None:
    sources = [state for state, onward in NEXT.items() if to in onward]
    with transaction() as session:
        found = standing(uid, by)
        moved = session.scalar(
            update(Standing)
            .where(
                Standing.id == found.id,
                Standing.state.in_(sources),
                Standing.version == version,
            )
            .values(state=to, version=Standing.version + 1, **values)
            .returning(Standing.id)
        )
        if moved is None:
            raise RuleBroken(_("刚刚有人办过，请看最新的情况再办"))
        audit.record(f"org_{to}", "org_standing", uid, by=by.id, fields=sorted(values))
