"""What is written to whoever grants a wish: the thing, the centre, the days; nothing of a child.

The link's secret is 256 random bits. Only its digest is stored with the claim; the ledger of
messages holds it sealed for that one claim.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from campaigns.models import Campaign
from campaigns.wishes.models import Wish, WishClaim
from campaigns.wishes.rules import drop_off_code
from core import clock, ids
from core.crypto import sealer
from core.zone import CHINA
from messages.services import Notice, change, open_subject, plan
from places.models import Organisation

CONFIRM, BRING = "wish_confirm", "wish_bring"
ARRIVED, GIVEN = "wish_arrived", "wish_given"
LAPSED, WITHDRAWN = "wish_lapsed", "wish_withdrawn"
REMIND = "wish_remind"
TOLD_WITHIN, REMINDED_BEFORE = timedelta(days=7), timedelta(days=3)
CLAIM = "claim"
SUBJECT = "wish_claim"
"""What a reminder is about: it is taken back once the thing is there, or will not come."""


def place_of(claim_uid: str) -> str:
    """Return the place that a link's secret is sealed for."""
    return f"wish_claims.token/{claim_uid}"


def place_in(params: Mapping[str, Any]) -> str:
    """Return the place of the secret that a message's params carry."""
    return place_of(str(params[CLAIM]))


def claim_secret(sealed: str, claim_uid: str) -> str:
    """Return the secret of a claim's link, for the message that carries it."""
    return sealer().open(sealed, place_of(claim_uid))


def hashes_of(secret: str) -> dict[str, str]:
    """Return what is stored of a link's secret and of the code that goes with the parcel."""
    return {"token_hash": ids.digest(secret), "code_hash": code_hash(drop_off_code(secret))}


def code_hash(code: str) -> str:
    return ids.digest(f"drop-off:{code}")


def tell(session: Session, found: WishClaim, kind: str, *, secret: str = "") -> None:
    """Write to the donor where the claim stands; whoever left only a number is called instead.

    No name stands in it: anybody may type anybody's address.
    """
    now = clock.now()
    until = found.expires_at if secret else now + TOLD_WITHIN
    plan(_notices(session, found, kind, secret, due_at=now, expire_at=until))


def remind(session: Session, found: WishClaim, secret: str) -> None:
    """Plan a word to the donor a few days before the wish goes to somebody else."""
    due_at = found.expires_at - REMINDED_BEFORE
    if due_at <= clock.now():
        return
    open_subject(SUBJECT, found.uid)
    notices = _notices(session, found, REMIND, secret, due_at=due_at, expire_at=found.expires_at)
    plan([replace(notice, subject=(SUBJECT, found.uid)) for notice in notices])


def take_back(found: WishClaim) -> None:
    """Take back the reminder of a claim that waits for nothing more."""
    change(SUBJECT, found.uid, ())


def _notices(
    session: Session,
    found: WishClaim,
    kind: str,
    secret: str,
    *,
    due_at: datetime,
    expire_at: datetime,
) -> list[Notice]:
    if found.email is None:
        return []
    sealed = _sealed(found, secret, expire_at) if secret else {}
    return [
        Notice(
            kind=kind,
            key=f"{kind}/{found.uid}/{found.token_hash[:12]}",
            params=_names(session, found) | sealed,
            due_at=due_at,
            expire_at=expire_at,
            address=found.email,
            language=found.language,
            urgent=kind == CONFIRM,
        )
    ]


_NAMES = (
    select(
        Wish.code,
        Wish.item,
        Wish.item_en,
        Campaign.title,
        Campaign.title_en,
        Organisation.name,
        Organisation.name_en,
    )
    .join(Campaign, Campaign.id == Wish.campaign_id)
    .join(Organisation, Organisation.id == Wish.centre_id)
    .where(Wish.id == bindparam("wish"))
)


def _names(session: Session, found: WishClaim) -> dict[str, Any]:
    row = session.execute(_NAMES, {"wish": found.wish_id}).one()
    english = found.language == "en"
    return {
        "code": row.code,
        "item": (english and row.item_en) or row.item,
        "campaign": (english and row.title_en) or row.title,
        "centre": (english and row.name_en) or row.name,
    }


def _sealed(found: WishClaim, secret: str, until: datetime) -> dict[str, Any]:
    hours = round((until - clock.now()) / timedelta(hours=1))
    return {
        CLAIM: found.uid,
        "sealed": sealer().seal(secret, place_of(found.uid)),
        "until": _day(until),
        "hours": max(1, hours),
    }


def _day(moment: datetime) -> str:
    return moment.astimezone(CHINA).date().isoformat()


def renew(found: WishClaim) -> str:
    """Give a claim another secret and code: those before open nothing any more."""
    secret = ids.token()
    for name, value in hashes_of(secret).items():
        setattr(found, name, value)
    return secret
