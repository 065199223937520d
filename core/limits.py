"""How often something may be done: exact counters that every process of the site shares.

A moving window: in no span of `per_seconds`, wherever it begins, do more than `most` tries count.
Tries that were refused do not count, so a block ends by itself however often it is tried. The
counters are rows of our database, or live in Redis where that is set. What is counted (a phone
number, an address) is stored as a keyed digest only.

Counting comes before the deed, in a short transaction of its own or in one that keeps the count
whatever becomes of the deed (`transaction(kept=True)`).
"""

import hashlib
import hmac
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import cast

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.errors import ConfigurationError
from limits.storage import MovingWindowSupport, Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import JSON, Executable, String, Table, bindparam, delete, or_, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.config import SettingError
from core.crypto import sealer
from core.db import Base, db, may_be_undone, transaction


class LimitWindow(Base):
    """The moments of the tries that count for one key, the oldest first."""

    __tablename__ = "limit_windows"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    moments: Mapped[list[float]] = mapped_column(JSON)
    until: Mapped[datetime]
    """From then on no moment counts any more, and the row may go.

    No index: it would be written with every try, and is asked for once in ten minutes.
    """


@dataclass(frozen=True, slots=True)
class Limit:
    """How often something may be done."""

    name: str
    most: int
    per_seconds: int

    def of(self, key: str) -> "Try":
        return Try(self, key)


@dataclass(frozen=True, slots=True)
class Try:
    """One more try of something that is limited, by whatever it is counted for."""

    limit: Limit
    key: str

    @property
    def item(self) -> RateLimitItem:
        return RateLimitItemPerSecond(
            self.limit.most, self.limit.per_seconds, namespace=self.limit.name
        )

    @property
    def digest(self) -> str:
        """Return what is stored of the key: without our own key nobody can try out numbers."""
        _key_id, secret = sealer().derived("limits")
        told = f"{self.limit.name}\0{self.key}".encode("utf-8", "surrogatepass")
        return hmac.new(secret, told, hashlib.sha256).hexdigest()


class TooMany(Exception):
    """It was done too often; in so many seconds it may be done again."""

    def __init__(self, limit: Limit, seconds: int) -> None:
        super().__init__(f"{limit.name}: again in {seconds} s")
        self.limit, self.seconds = limit, seconds


class Rows(Storage, MovingWindowSupport):
    """The counters as rows of our own database, for the library `limits`."""

    STORAGE_SCHEME = None
    base_exceptions = DBAPIError

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count so many tries if they fit; of any number of callers at once, only as many do."""
        with transaction():
            kept = _still_counting(self._locked([key])[key], expiry)
            fits = len(kept) + amount <= limit
            self._keep({key: (kept + [_moment()] * (amount if fits else 0), expiry)})
        return fits

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        found = db.session.scalar(select(LimitWindow.moments).where(LimitWindow.key == key))
        kept = _still_counting(found or [], expiry)
        return (kept[0] if kept else _moment()), len(kept)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count so many tries, whether they fit or not; return how many count now."""
        with transaction():
            kept = _still_counting(self._locked([key])[key], expiry) + [_moment()] * amount
            self._keep({key: (kept, expiry)})
        return len(kept)

    def get(self, key: str) -> int:
        found = select(LimitWindow.moments).where(
            LimitWindow.key == key, LimitWindow.until > clock.now()
        )
        return len(db.session.scalar(found) or [])

    def get_expiry(self, key: str) -> float:
        until = db.session.scalar(select(LimitWindow.until).where(LimitWindow.key == key))
        return until.timestamp() if until else _moment()

    def check(self) -> bool:
        return bool(db.session.scalar(text("SELECT 1")))

    def reset(self) -> int:
        with transaction() as session:
            return len(session.scalars(delete(LimitWindow).returning(LimitWindow.id)).all())

    def clear(self, key: str) -> None:
        with transaction() as session:
            session.execute(delete(LimitWindow).where(LimitWindow.key == key))

    def count(self, tries: Iterable[Try]) -> TooMany | None:
        """Count a try against one limit after the other; return the first that is full.

        In the caller's transaction, with one statement that reads and one that writes.
        """
        keyed = [(one.limit, one.item.key_for(one.digest)) for one in tries]
        moments, kept, refused = self._locked({key for _limit, key in keyed}), {}, None
        for limit, key in keyed:
            moments[key] = _still_counting(moments[key], limit.per_seconds)
            kept[key] = moments[key], limit.per_seconds
            if len(moments[key]) >= limit.most:
                refused = TooMany(limit, _wait(moments[key][0], limit))
                break
            moments[key].append(_moment())
        self._keep(kept)
        return refused

    def _locked(self, keys: Iterable[str]) -> dict[str, list[float]]:
        """Return the moments of the keys, none of one that is new; the caller writes them next.

        The rows are locked until the commit, in their order. SQLite has one writer at a time and
        needs no rows to lock: there they are read only, and made when they are written.
        """
        connection, now, wanted = db.session.connection(), clock.now(), sorted(keys)
        if connection.dialect.name == "sqlite":
            given = {f"key_{place}": key for place, key in enumerate(wanted)}
            found = connection.execute(_reading(len(wanted)), given)
        else:
            rows = [{"key": key, "moments": [], "until": now} for key in wanted]
            found = connection.execute(_LOCKING, rows)
        return {key: [] for key in wanted} | {row.key: row.moments for row in found}

    def _keep(self, kept: dict[str, tuple[list[float], int]]) -> None:
        now = clock.now()
        rows = [
            {
                "key": key,
                "moments": moments,
                "until": (datetime.fromtimestamp(moments[-1], UTC) if moments else now)
                + timedelta(seconds=expiry),
            }
            for key, (moments, expiry) in sorted(kept.items())
        ]
        connection = db.session.connection()
        connection.execute(_keeping(connection.dialect.name), rows)


_TABLE = cast("Table", LimitWindow.__table__)
_ROW = postgresql.insert(_TABLE)
_LOCKING = _ROW.on_conflict_do_update(
    index_elements=["key"], set_={"key": _ROW.excluded.key}
).returning(_TABLE.c.key, _TABLE.c.moments)
"""Makes rows that are not there yet, and locks them all."""


@cache
def _reading(many: int) -> Executable:
    """Return the statement that reads so many keys: putting it together costs more than asking."""
    wanted = or_(*(_TABLE.c.key == bindparam(f"key_{place}") for place in range(many)))
    return select(_TABLE.c.key, _TABLE.c.moments).where(wanted)


@cache
def _keeping(dialect: str) -> Executable:
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    row = insert(_TABLE)
    values = {"moments": row.excluded.moments, "until": row.excluded.until}
    return row.on_conflict_do_update(index_elements=["key"], set_=values)


def _moment() -> float:
    return round(clock.now().timestamp(), 3)


def _still_counting(moments: list[float], expiry: int) -> list[float]:
    """Return the moments within the window. Moments to come are taken as now.

    A clock that is set back then ends no block, and prolongs none beyond a whole window.
    """
    now = _moment()
    return [min(one, now) for one in moments if one > now - expiry]


_own: list[MovingWindowRateLimiter] = []


def use(redis_url: str = "") -> None:
    """Count in our database, or in Redis; called once, when the application is put together."""
    try:
        storage = storage_from_string(redis_url) if redis_url else Rows()
    except ConfigurationError as error:
        raise SettingError(
            "TONGXING_REDIS_URL: the package redis is not installed; leave it out to count in the"
            " database"
        ) from error
    _own[:] = [MovingWindowRateLimiter(storage)]


def hit(name: str, key: str, *, most: int, per_seconds: int) -> bool:
    """Count a try and say whether it fits. Never inside a transaction that may fail."""
    return count(Limit(name, most, per_seconds).of(key)) is None


def spend(*tries: Try) -> None:
    """Count a try against several limits, in a transaction of its own. Raises TooMany.

    The first limit that is full ends it; what was counted before stays counted.
    """
    refused = count(*tries)
    if refused is not None:
        raise refused


def count(*tries: Try) -> TooMany | None:
    """Count a try and return the refusal, if any, for whoever refuses later."""
    if may_be_undone():
        raise RuntimeError("count a try before the deed's transaction: it would be undone with it")
    with transaction():
        return count_along(*tries)


def count_along(*tries: Try) -> TooMany | None:
    """Count inside the caller's transaction, which the caller keeps whatever comes of the deed."""
    storage = _own[0].storage
    if isinstance(storage, Rows):
        return storage.count(tries)
    for one in tries:
        if not _own[0].hit(one.item, one.digest):
            return TooMany(one.limit, seconds_left(one))
    return None


def look(*tries: Try) -> None:
    """Raise TooMany when one of the limits is full, without counting: it costs no write."""
    for one in tries:
        if left(one) == 0:
            raise TooMany(one.limit, seconds_left(one))


def left(one: Try) -> int:
    """Return how many more tries fit now."""
    return max(0, _own[0].get_window_stats(one.item, one.digest).remaining)


def seconds_left(one: Try) -> int:
    """Return in how many seconds the next try fits, at least 1."""
    ends = _own[0].get_window_stats(one.item, one.digest).reset_time
    return _wait(ends - one.limit.per_seconds, one.limit)


def _wait(first: float, limit: Limit) -> int:
    """Return in how many seconds the first try of a full window no longer counts, at least 1."""
    ends = first + limit.per_seconds
    return min(max(1, math.ceil(ends - _moment())), limit.per_seconds)


def purge() -> int:
    """Forget the windows that have passed; return how many."""
    with transaction() as session:
        passed = delete(LimitWindow).where(LimitWindow.until <= clock.now())
        return len(session.scalars(passed.returning(LimitWindow.id)).all())
