"""Small wishes: goods only, no more than a ceiling, and no word that tells whose they are.

Nothing in this system ties a wish to a child: the centre knows, on paper of its own.
"""

import hashlib
import re
from collections.abc import Sequence
from enum import StrEnum

from campaigns.rules import CURRENT, Door, Stage
from campaigns.seats.rules import SeatState
from campaigns.wording.rules import even, said

# names of the dated values that wishes go by
WISH_CEILING = "campaigns.wish_ceiling"
WISH_BRING_DAYS = "campaigns.wish_bring_days"
WISH_WORDS = "campaigns.wish_words"

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Of a wish's code: without those that are taken for one another."""
CODE_LENGTH, DIGITS = 4, 8
NUMBER = re.compile(r"\d(?:[-\s]?\d){4}")
"""Five digits in a row are no size: a phone, an account, the number of a house or an identity."""
WORDS = (
    # what labels a child
    "孤儿", "留守", "困境", "贫困", "特困", "低保", "残疾", "单亲", "离异", "服刑", "患病",
    "孤独症", "自闭", "可怜", "救助", "orphan", "left-behind", "poor", "disabled", "autis",
    # what names a place or a school
    "村", "乡镇", "街道", "小区", "单元", "号楼", "学校", "小学", "中学", "幼儿园", "年级",
    # what is money, or leads to it
    "现金", "红包", "钱", "转账", "充值", "购物卡", "代金券", "礼品卡", "二维码", "捐款",
    "money", "gift card", "voucher",
    # what leads to somebody
    "微信", "qq", "电话", "住址", "身份证", "姓名", "wechat", "phone number", "address",
    # what no child is given here
    "烟", "酒", "药", "刀具", "彩票", "活体", "宠物",
)  # fmt: skip


class WishState(StrEnum):
    """Where a wish stands before anybody grants it."""

    PROPOSED = "proposed"
    """Waits for a second person."""
    RETURNED = "returned"
    OPEN = "open"
    WITHDRAWN = "withdrawn"


EDITABLE = frozenset({WishState.PROPOSED, WishState.RETURNED, WishState.OPEN})


class Ages(StrEnum):
    """For what age: in wider bands than a child's file has, so that none leads to a file."""

    UNDER_6 = "0-5"
    FROM_6 = "6-8"
    FROM_9 = "9-11"
    FROM_12 = "12-14"
    FROM_15 = "15-17"


class Check(StrEnum):
    """What is looked at before a parcel is taken in."""

    NEW = "new"
    NO_MONEY = "no_money"
    IN_DATE = "in_date"
    NO_LETTER = "no_letter"


class Flaw(StrEnum):
    """What is wrong with the words of a wish."""

    NUMBER = "number"
    WORD = "word"
    PLACE = "place"


BRINGING = frozenset({SeatState.HELD, SeatState.CONFIRMED})
"""The parcel is still with the donor: the wish may go to somebody else."""
HERE = frozenset({SeatState.ARRIVED, SeatState.COMPLETED})


def flaws(text: str, words: Sequence[str]) -> list[tuple[Flaw, str]]:
    """Return what the words of a wish give away: the first line of defence, a person the second."""
    plain = even(text)
    found = [(Flaw.WORD, word) for word in said(text, words)]
    number = NUMBER.search(plain)
    return [*found, *([(Flaw.NUMBER, number[0])] if number else [])]


def door(state: WishState, stage: Stage, *, taken: bool) -> Door:
    """Return what somebody finds who wants to grant a wish."""
    if state is not WishState.OPEN or stage not in CURRENT:
        return Door.CLOSED
    return Door.FULL if taken else Door.OPEN


def drop_off_code(secret: str) -> str:
    """Return the digits that go with a parcel: made from the link's secret, so kept nowhere.

    They open nothing; they only tell the desk which claim a parcel belongs to.
    """
    number = int.from_bytes(hashlib.sha256(f"drop-off/{secret}".encode()).digest()[:8])
    return f"{number % 10**DIGITS:0{DIGITS}}"
