"""Trying to sign in: counted before anything is checked, alike for known and unknown people.

Per login and person as strict as people can bear; per address wide, since a campus, an office or a
village shares one; for the site what two processors can check anyway. Numbers of our own design,
after what comparable sites do.

Somebody with a phone and a mailbox has two logins. Both count for the person as well; when that
count is full, the answer is that of a wrong password, even to the right one: a block that showed
would tell that both logins are one person's.
"""

from collections.abc import Callable

from sqlalchemy import Row, select, update

from accounts.models import Person
from core import audit, limits, passwords
from core.db import db, transaction
from core.errors import RuleBroken
from core.i18n import _
from core.limits import Limit, TooMany, Try

FIVE_MINUTES, HOUR = 300, 3600
PER_LOGIN = Limit("sign_in_login", 10, FIVE_MINUTES)
PER_PERSON = Limit("sign_in_person", 10, FIVE_MINUTES)
PER_CODE_LOGIN = Limit("sign_in_code", 10, FIVE_MINUTES)
PER_FACTOR = Limit("second_factor", 10, FIVE_MINUTES)
PER_ADDRESS = Limit("sign_in_address", 100, FIVE_MINUTES)
LINKS_PER_ADDRESS = Limit("sign_in_links", 100, FIVE_MINUTES)
PER_SITE = Limit("sign_in_site", 600, 60)
SEARCHES = Limit("search", 60, 60)
BLOCKS_BEFORE_ALERT = Limit("sign_in_blocks", 2, HOUR)
ALERTS = Limit("sign_in_alerts", 1, HOUR)

Alert = Callable[[int], object]
_alerts: list[Alert] = []


def alert_with(alert: Alert) -> None:
    """Have repeated blocks of one person told: called once, with a service of a higher room.

    It is called in a transaction, with the person's id, at most once an hour for each.
    """
    _alerts[:] = [alert]


def proved(login: str, password: str, *, address: str) -> int:
    """Return the id of whoever has that login and password. Raises RuleBroken, TooMany, Busy."""
    doors = _doors(PER_LOGIN, login, address)
    limits.look(*doors)
    with passwords.gate():
        found = _find(login)
        account = PER_PERSON.of(_whom(login, found.id if found else None))
        refused = limits.count(*doors, account)
        if refused is not None and refused.limit is not PER_PERSON:
            raise refused
        fits = passwords.matches(found.password_hash if found else None, password)
        if found is None or not fits or refused is not None or found.disabled_at is not None:
            _note_failure(found.id if found else None)
            _note_block(account, found.id if found else None, doors)
            raise RuleBroken(_("账号或密码不对"))
        _renew_hash(found.id, found.password_hash, password)
    return int(found.id)


def count_code(login: str, person_id: int | None, *, address: str) -> TooMany | None:
    """Count a try of a code that was read out, inside the transaction that looks at the code.

    The caller keeps that transaction and raises what is returned after it: then a known and an
    unknown login cost one commit each.
    """
    doors = _doors(PER_CODE_LOGIN, login, address)
    return limits.count_along(*doors, PER_CODE_LOGIN.of(_whom(login, person_id)))


def may_use_link(*, address: str) -> None:
    """Count a try of a link that signs in. Raises TooMany."""
    limits.spend(LINKS_PER_ADDRESS.of(address))


def may_prove(person_id: int | None) -> None:
    """Count a try to prove again who one is: a second factor, the password. Raises TooMany."""
    limits.spend(PER_FACTOR.of(str(person_id)))


def may_search(person_id: int) -> None:
    """Count a search. Raises TooMany."""
    limits.spend(SEARCHES.of(str(person_id)))


def _doors(own: Limit, login: str, address: str) -> tuple[Try, ...]:
    return PER_ADDRESS.of(address), PER_SITE.of(""), own.of(login.lower())


def _whom(login: str, person_id: int | None) -> str:
    """Return what a try is counted for: the person, or as much for a login that nobody has."""
    return f"?{login.lower()}" if person_id is None else str(person_id)


def _find(login: str) -> Row[int, str | None, object] | None:
    return db.session.execute(
        select(Person.id, Person.password_hash, Person.disabled_at).where(
            (Person.phone == login) | (Person.email == login.lower())
        )
    ).first()


def _note_failure(person_id: int | None) -> None:
    """Keep that a sign-in failed: of an unknown login as of a known one, and never the login."""
    with transaction():
        audit.record("sign_in_failed", "person", person_id or "?", by=None)


def _note_block(account: Try, person_id: int | None, doors: tuple[Try, ...]) -> None:
    """After the last try that fitted, note a block; tell when they come again and again."""
    if min(limits.left(account), limits.left(doors[-1])) > 0:
        return
    again = limits.count(BLOCKS_BEFORE_ALERT.of(account.key)) is not None
    if again and limits.count(ALERTS.of(account.key)) is None and person_id is not None:
        with transaction():
            for alert in _alerts:
                alert(person_id)


def _renew_hash(person_id: int, stored: str | None, password: str) -> None:
    """Hash anew with today's parameters, unless the password has been changed meanwhile."""
    if stored is None or not passwords.is_dated(stored):
        return
    fresh = passwords.hashed(password)
    with transaction() as session:
        session.execute(
            update(Person)
            .where(Person.id == person_id, Person.password_hash == stored)
            .values(password_hash=fresh)
        )
