"""What is written to those who have signed up: by the link they confirm, wait and leave with.

The link's secret is 256 random bits. Only its digest is stored with the sign-up; the ledger of
messages holds it sealed for that one sign-up, so neither table alone opens the link.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from campaigns.models import Campaign, Slot
from campaigns.seats.rules import SeatState
from campaigns.signups.models import SignUp
from core import clock, ids
from core.crypto import sealer
from core.db import AnyRow
from core.zone import CHINA
from messages.services import Notice, change, plan
from places.models import Area

CONFIRM, QUEUED, OFFERED = "sign_up_confirm", "sign_up_queued", "sign_up_offered"
SUBJECT = "sign_up"
"""What questions to somebody are about: they are taken back once there is nothing to ask."""
KINDS = {SeatState.HELD: CONFIRM, SeatState.WAITING: QUEUED, SeatState.OFFERED: OFFERED}


def place_of(sign_up_uid: str) -> str:
    """Return the place that a link's secret is sealed for."""
    return f"sign_ups.token/{sign_up_uid}"


def place_in(params: Mapping[str, Any]) -> str:
    """Return the place of the secret that a message's params carry."""
    return place_of(str(params["sign_up"]))


def link_secret(sealed: str, sign_up_uid: str) -> str:
    """Return the secret of a confirmation link, for the message that carries it."""
    return sealer().open(sealed, place_of(sign_up_uid))


_NAMES = (
    select(Campaign.title, Campaign.title_en, Area.name, Area.name_en)
    .select_from(Slot)
    .join(Campaign, Campaign.id == Slot.campaign_id)
    .join(Area, Area.id == Slot.county_id)
    .where(Slot.id == bindparam("slot"))
)


def tell(session: Session, found: SignUp, secret: str, named: AnyRow | None = None) -> None:
    """Write what has become of a sign-up, with the link that its secret opens.

    Nobody's name stands in it: anybody may type anybody's address. Whoever left only a phone
    number is called by the county centre instead. `named` says what campaign and county are
    called, where the caller has read that already.
    """
    if found.email is None and found.person_id is None:
        return
    where = named or session.execute(_NAMES, {"slot": found.slot_id}).one()
    english = found.language == "en"
    kind, now = KINDS[found.state], clock.now()
    held = found.state is not SeatState.WAITING
    until = found.expires_at if held else now + timedelta(days=1)
    plan(
        [
            Notice(
                kind=kind,
                key=f"{kind}/{found.uid}/{found.token_hash[:12]}",
                params={
                    "sign_up": found.uid,
                    "sealed": sealer().seal(secret, place_of(found.uid)),
                    "campaign": (english and where.title_en) or where.title,
                    "county": (english and where.name_en) or where.name,
                    "hours": max(1, round((until - now) / timedelta(hours=1))),
                    "until": f"{until.astimezone(CHINA):%Y-%m-%d %H:%M}",
                },
                due_at=now,
                expire_at=until,
                person_id=found.person_id,
                address=None if found.person_id else found.email,
                language=found.language,
                urgent=held,
            )
        ]
    )


def renew(found: SignUp) -> str:
    """Give a sign-up another secret: the link before it opens nothing any more."""
    secret = ids.token()
    found.token_hash = ids.digest(secret)
    return secret


def take_back(answered: Iterable[SignUp]) -> None:
    """Take back what has been asked of people and has not gone out, in the caller's transaction."""
    for one in answered:
        change(SUBJECT, one.uid, ())
