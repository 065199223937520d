"""What is written to students: the link to a campus mailbox, and that a term ends soon."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from core import clock, ids
from core.crypto import sealer
from core.zone import CHINA
from messages.forgetting.services import forget_about
from messages.services import Notice, close, open_subject, plan
from places.models import Organisation

MAIL, ENDING = "student_mail", "student_ending"
STATUS = "student_status"
REMIND = timedelta(days=30)
LASTS = timedelta(hours=24)


def place_of(ref: str) -> str:
    """Return the place that a link's secret is sealed for."""
    return f"student_mails.token/{ref}"


def place_in(params: Mapping[str, Any]) -> str:
    """Return the place of the secret that a message's params carry."""
    return place_of(str(params[MAIL]))


def mail_secret(sealed: str, ref: str) -> str:
    """Return the secret of a campus mail's link, for the message that carries it."""
    return sealer().open(sealed, place_of(ref))


def ref_of(token_hash: str) -> str:
    """Return what a campus mail is called in the ledger of messages."""
    return token_hash[:22]


def tell(address: str, secret: str, *, language: str) -> None:
    """Write the link to a campus mailbox. No name stands in it: anybody may type any address."""
    ref, now = ref_of(ids.digest(secret)), clock.now()
    open_subject(MAIL, ref)
    params = {
        MAIL: ref,
        "sealed": sealer().seal(secret, place_of(ref)),
        "hours": LASTS // timedelta(hours=1),
    }
    plan(
        [
            Notice(
                kind=MAIL,
                key=f"{MAIL}/{ref}",
                params=params,
                due_at=now,
                expire_at=now + LASTS,
                address=address,
                language=language,
                subject=(MAIL, ref),
                urgent=True,
            )
        ]
    )


def forget_mail(token_hash: str) -> None:
    """Empty what the ledger holds of a campus mail, its address first of all."""
    close(MAIL, ref_of(token_hash))
    forget_about(MAIL, ref_of(token_hash))


def remind(uid: str, person_id: int, *, org: Organisation, until: date) -> None:
    """Plan the word a month ahead that a status ends; not for one that ends sooner."""
    due_at = datetime.combine(until, time(9), CHINA) - REMIND
    if due_at <= clock.now():
        return
    open_subject(STATUS, uid)
    plan(
        [
            Notice(
                kind=ENDING,
                key=f"{ENDING}/{uid}",
                params={"org": org.name, "org_en": org.name_en, "until": until.isoformat()},
                due_at=due_at,
                expire_at=datetime.combine(until, time(20), CHINA),
                person_id=person_id,
                subject=(STATUS, uid),
            )
        ]
    )


def remind_no_more(uid: str) -> None:
    close(STATUS, uid)
