"""Claiming a wish without an account, keeping one's word, and letting go of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, cast, delete, literal, select, update
from sqlalchemy.orm import Session

from campaigns.models import Campaign
from campaigns.rules import CURRENT, FORGET_DAYS, HOLD_HOURS
from campaigns.seats.rules import GONE, UNCONFIRMED, Act, Party, SeatState, Why, can
from campaigns.seats.services import give_back, take, taking
from campaigns.wishes.labels import said
from campaigns.wishes.models import Wish, WishClaim
from campaigns.wishes.queries import FORGOTTEN, brought, came_to_nothing, wanted
from campaigns.wishes.rules import (
    BRINGING,
    WISH_BRING_DAYS,
    WISH_CEILING,
    WISH_WORDS,
    WORDS,
    WishState,
)
from campaigns.wishes.telling.services import (
    BRING,
    CONFIRM,
    LAPSED,
    WITHDRAWN,
    hashes_of,
    remind,
    take_back,
    tell,
)
from core import audit, clock, ids
from core.db import insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import lazy as _l
from core.parameters import Parameter, Stricter, value_on

PARAMETERS = (
    Parameter(
        WISH_CEILING,
        200,
        _l("一个微心愿的物品最多值多少钱"),
        _l("元"),
        _l("本站设计：同等物品，不攀比，不收钱"),
        "D",
        Stricter.LOWER,
    ),
    Parameter(
        WISH_BRING_DAYS,
        14,
        _l("确认认领微心愿以后，几天内送到中心，过期让给别人"),
        _l("天"),
        _l("本站设计"),
        "D",
        Stricter.NO_MATTER,
    ),
    Parameter(
        WISH_WORDS,
        list(WORDS),
        _l("微心愿里不能出现的词：给孩子贴标签的，地方、钱和联系方式"),
        _l("词"),
        _l("困境儿童个人信息保护工作办法：不得给孩子贴标签；词表为本站设计"),
        "D",
        Stricter.HIGHER,
    ),
)
NOWHERE = "@deleted.invalid"
OPEN_WISHES = (
    select(Wish.id)
    .join(Campaign, Campaign.id == Wish.campaign_id)
    .where(Wish.state == WishState.OPEN, Campaign.stage.in_(CURRENT))
)
_TAKING = taking(Wish)


@dataclass(frozen=True, slots=True)
class Donor:
    """Who wants to bring something; the contact is a phone number or an address."""

    name: str
    contact: str
    language: str = "zh_Hans"

    @property
    def email(self) -> str | None:
        return self.contact if "@" in self.contact else None

    @property
    def phone(self) -> str | None:
        return None if self.email else self.contact


def claim(wish_uid: str, donor: Donor) -> None:
    """Keep a wish for somebody until their contact has been confirmed. Raises RuleBroken.

    The seat is taken first, in the row of the wish: whoever has it is alone from there on, and
    asks once more whether the wish is still open. A condition of the UPDATE that looks beyond
    its own row would have been read before the wait for it.
    """
    with transaction() as session:
        found = wanted(wish_uid)
        against = can(Party(), Act.JOIN, found.seats)
        if against:
            raise RuleBroken(said(against))
        if not take(session, _TAKING, found.id, 1):
            raise RuleBroken(said(Why.FULL))
        if session.scalar(OPEN_WISHES.where(Wish.id == found.id)) is None:
            raise RuleBroken(said(Why.CLOSED))
        secret = ids.token()
        tell(session, _write(session, found.id, donor, secret), CONFIRM, secret=secret)


def _write(session: Session, wish_id: int, donor: Donor, secret: str) -> WishClaim:
    """Write the claim, or revive the lapsed one of the same contact."""
    now = clock.now()
    values: dict[str, Any] = {
        "name": donor.name,
        "phone": donor.phone,
        "email": donor.email,
        "language": donor.language,
        "party": 1,
        "state": SeatState.HELD,
        "created_at": now,
        "expires_at": now + timedelta(hours=value_on(HOLD_HOURS, clock.today())),
        **hashes_of(secret),
    }
    made = insert_once(
        WishClaim, wish_id=wish_id, contact=donor.contact, uid=ids.uid(), **values
    ) or session.scalar(
        update(WishClaim)
        .where(
            WishClaim.wish_id == wish_id,
            WishClaim.contact == donor.contact,
            WishClaim.state.in_(GONE),
        )
        .values(**values, confirmed_at=None)
        .returning(WishClaim.id)
    )
    if made is None:
        raise RuleBroken(said(Why.ALREADY_IN))
    return session.get_one(WishClaim, made, populate_existing=True)


def confirm(secret: str) -> None:
    """Use the link: the wish is kept until the day by which the thing is to be there."""
    with transaction() as session:
        found = keep(session, WishClaim.token_hash == ids.digest(secret))
        tell(session, found, BRING, secret=secret)
        remind(session, found, secret)
        audit.record("confirm_wish_claim", "wish_claim", found.uid, by=None)


def keep(session: Session, which: ColumnElement[bool]) -> WishClaim:
    """Turn a held claim into a confirmed one; of any number of callers exactly one does."""
    now = clock.now()
    kept = session.scalar(
        update(WishClaim)
        .where(
            which,
            WishClaim.state.in_(UNCONFIRMED),
            WishClaim.expires_at > now,
            WishClaim.wish_id.in_(OPEN_WISHES),
        )
        .values(
            state=SeatState.CONFIRMED,
            confirmed_at=now,
            expires_at=now + timedelta(days=value_on(WISH_BRING_DAYS, clock.today())),
        )
        .returning(WishClaim.id)
        .execution_options(synchronize_session=False)
    )
    if kept is None:
        raise RuleBroken(said(Why.TOO_LATE))
    return session.get_one(WishClaim, kept, populate_existing=True)


def leave(secret: str) -> None:
    """Let go of a wish by the link, before the thing has been brought. Raises RuleBroken."""
    with transaction() as session:
        which = WishClaim.token_hash == ids.digest(secret)
        found = session.scalars(select(WishClaim).where(which)).first()
        if found is None:
            raise NotYours
        if not let_go(session, [found.wish_id], which, SeatState.CANCELLED):
            raise RuleBroken(said(Why.NOT_IN))
        audit.record("leave_wish_claim", "wish_claim", found.uid, by=None)


def let_go(
    session: Session, wish_ids: Iterable[int], which: ColumnElement[bool], state: SeatState
) -> Sequence[WishClaim]:
    """End claims whose things have not come, and open their wishes; return those that ended here.

    The wish's row is locked before its claim's, by everybody: no two wait for each other.
    """
    wishes = sorted(set(wish_ids))
    session.execute(select(Wish.id).where(Wish.id.in_(wishes)).order_by(Wish.id).with_for_update())
    moved = session.execute(
        update(WishClaim)
        .where(WishClaim.wish_id.in_(wishes), WishClaim.state.in_(BRINGING), which)
        .values(state=state)
        .returning(WishClaim.id, WishClaim.wish_id)
        .execution_options(synchronize_session=False)
    ).all()
    give_back(session, Wish, {row.wish_id: {"taken": 1} for row in moved})
    ended = session.scalars(
        select(WishClaim)
        .where(WishClaim.id.in_([row.id for row in moved]))
        .execution_options(populate_existing=True)
    ).all()
    for one in ended:
        take_back(one)
    return ended


def expire() -> int:
    """Open the wishes that nobody confirmed or brought in time; return how many claims ended.

    Later the claims that came to nothing are deleted, and of the others who had brought it.
    """
    now = clock.now()
    late = WishClaim.state.in_(BRINGING) & (WishClaim.expires_at <= now)
    with transaction() as session:
        wishes = session.scalars(select(WishClaim.wish_id).where(late)).all()
        lapsed = let_go(session, wishes, late, SeatState.ABANDONED)
        for one in lapsed:
            if one.confirmed_at is not None:
                tell(session, one, LAPSED)
        _forget(session)
    return len(lapsed)


def _forget(session: Session) -> None:
    before = clock.now() - timedelta(days=value_on(FORGET_DAYS, clock.today()))
    session.execute(delete(WishClaim).where(came_to_nothing(before)))
    nobody = cast(WishClaim.id, String).concat(literal(NOWHERE))
    session.execute(
        update(WishClaim)
        .where(brought(before))
        .values(name=FORGOTTEN, phone=None, email=nobody, contact=nobody)
    )


def call_off(campaign_id: int) -> None:
    """Let go of what has not been brought, and tell who wanted to bring it.

    Joins the transaction that cancels the campaign.
    """
    with transaction() as session:
        here = select(Wish.id).where(Wish.campaign_id == campaign_id)
        every = WishClaim.state.in_(BRINGING)
        for one in let_go(session, session.scalars(here).all(), every, SeatState.CANCELLED):
            tell(session, one, WITHDRAWN)
