"""Writing wishes down: one person writes, another one looks, and only then anybody reads them."""

import secrets
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import ColumnElement, exists, update
from sqlalchemy.orm import Session

from accounts.rules import Actor, Role
from campaigns.seats.rules import SeatState
from campaigns.wishes.labels import FLAWS
from campaigns.wishes.making.queries import reaches
from campaigns.wishes.models import Wish, WishClaim
from campaigns.wishes.queries import own_centres, visible
from campaigns.wishes.rules import (
    CODE_LENGTH,
    EDITABLE,
    HERE,
    LETTERS,
    WISH_CEILING,
    WISH_WORDS,
    Ages,
    Flaw,
    WishState,
    flaws,
)
from campaigns.wishes.services import let_go
from campaigns.wishes.telling.services import WITHDRAWN, tell
from campaigns.wording.queries import places_in
from core import audit, clock, ids
from core.db import insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.parameters import value_on
from core.scopes import find

TRIES = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What a wish says: a thing, its size, an age; nothing of whose it is."""

    campaign_id: int
    centre_id: int
    item: str
    item_en: str
    size: str
    ages: Ages
    estimate: int

    @property
    def words(self) -> str:
        return f"{self.item}\n{self.item_en}\n{self.size}"


def problems(asked: Asked, day: date) -> list[str]:
    """Return what stands against a wish on a day, in words the writer can act on."""
    ceiling = int(value_on(WISH_CEILING, day))
    found = [] if asked.estimate <= ceiling else [_ceiling(ceiling)]
    amiss = flaws(asked.words, [str(word) for word in value_on(WISH_WORDS, day)])
    amiss += [(Flaw.PLACE, name) for name in places_in(asked.words)]
    return [*found, *(FLAWS[flaw] % {"what": what} for flaw, what in amiss)]


def _ceiling(most: int) -> str:
    return _("一个心愿最多 %(most)d 元，请换一样，或者分成两个心愿", most=most)


def propose(asked: Asked, *, by: Actor) -> str:
    """Write a wish that waits for a second person; return its uid. Raises RuleBroken."""
    with transaction():
        _only_fine(asked, by)
        for _turn in range(TRIES):
            code = "".join(secrets.choice(LETTERS) for _place in range(CODE_LENGTH))
            uid = ids.uid()
            made = insert_once(
                Wish,
                uid=uid,
                code=code,
                capacity=1,
                taken=0,
                queued=0,
                state=WishState.PROPOSED,
                written_by_id=by.id,
                created_at=clock.now(),
                version=1,
                note="",
                **asdict(asked),
            )
            if made:
                audit.record("propose_wish", "wish", uid, by=by.id)
                return uid
    raise RuleBroken(_("没有空的编号了，请稍后再试"))


def rewrite(uid: str, asked: Asked, *, version: int, by: Actor) -> None:
    """Write a wish anew; whatever it was, a second person looks at it again."""
    with transaction() as session:
        find(Wish, uid, by, Role.COORDINATOR)
        _only_fine(asked, by)
        _move(
            session,
            (Wish.uid == uid) & Wish.state.in_(EDITABLE) & (Wish.taken == 0),
            version,
            state=WishState.PROPOSED,
            written_by_id=by.id,
            approved_by_id=None,
            note="",
            **asdict(asked),
        )
        audit.record("edit_wish", "wish", uid, by=by.id)


def _only_fine(asked: Asked, by: Actor) -> None:
    if asked.centre_id not in {row.id for row in own_centres(by, Role.COORDINATOR)}:
        raise NotYours
    against = problems(asked, clock.today())
    if not reaches(asked.campaign_id, asked.centre_id):
        against.append(_("这个活动现在不在您的县里进行"))
    if against:
        raise RuleBroken(*against)


def approve(uid: str, *, version: int, by: Actor) -> None:
    """Make a wish public that somebody else has written, in the version that was read."""
    with transaction() as session:
        found = find(Wish, uid, by)
        if found.written_by_id == by.id:
            raise RuleBroken(_("您自己写的心愿，要由另一个人核准"))
        names = ("campaign_id", "centre_id", "item", "item_en", "size", "ages", "estimate")
        against = problems(Asked(**{name: getattr(found, name) for name in names}), clock.today())
        if against:
            raise RuleBroken(*against)
        proposed = (Wish.uid == uid) & (Wish.state == WishState.PROPOSED)
        _move(
            session,
            proposed & (Wish.written_by_id != by.id),
            version,
            state=WishState.OPEN,
            approved_by_id=by.id,
        )
        audit.record("approve_wish", "wish", uid, by=by.id)


def send_back(uid: str, note: str, *, version: int, by: Actor) -> None:
    """Give a wish back to its writer, with what is to be mended."""
    with transaction() as session:
        find(Wish, uid, by)
        _move(
            session,
            (Wish.uid == uid) & (Wish.state == WishState.PROPOSED),
            version,
            state=WishState.RETURNED,
            note=note,
        )
        audit.record("send_back_wish", "wish", uid, by=by.id)


def withdraw(uid: str, *, by: Actor) -> None:
    """Take a wish away for good, and tell whoever wanted to bring it. Raises RuleBroken."""
    with transaction() as session:
        found = find(Wish, uid, by)
        every = WishClaim.wish_id == found.id
        for one in let_go(session, [found.id], every, SeatState.CANCELLED):
            tell(session, one, WITHDRAWN)
        here = exists().where(every, WishClaim.state.in_(HERE))
        moved = session.scalar(
            update(Wish)
            .where(Wish.id == found.id, Wish.state != WishState.WITHDRAWN, visible(by), ~here)
            .values(state=WishState.WITHDRAWN, version=Wish.version + 1)
            .returning(Wish.id)
            .execution_options(synchronize_session=False)
        )
        if moved is None:
            raise RuleBroken(_("东西已经送到，或者心愿已经撤下"))
        audit.record("withdraw_wish", "wish", uid, by=by.id)


def _move(session: Session, which: ColumnElement[bool], version: int, **values: object) -> None:
    """Change a wish that nobody has changed since it was read. Raises RuleBroken."""
    moved = session.scalar(
        update(Wish)
        .where(which, Wish.version == version)
        .values(**values, version=Wish.version + 1)
        .returning(Wish.id)
        .execution_options(synchronize_session=False)
    )
    if moved is None:
        raise RuleBroken(_("这个心愿刚被别人改过或认领了，请打开最新的再看一遍"))
