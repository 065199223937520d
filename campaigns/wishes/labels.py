"""What wishes, their states and what stands against a claim are called on the page."""

from campaigns.seats.rules import SeatState, Why
from campaigns.wishes.rules import Ages, Check, Flaw, WishState
from core.i18n import lazy as _l

STATES = {
    WishState.PROPOSED: _l("等另一个人核准"),
    WishState.RETURNED: _l("被退回"),
    WishState.OPEN: _l("已公开"),
    WishState.WITHDRAWN: _l("已撤下"),
}
STATE_TONES = {
    WishState.PROPOSED: "warn",
    WishState.RETURNED: "danger",
    WishState.OPEN: "ok",
    WishState.WITHDRAWN: "",
}
AGES = {
    Ages.UNDER_6: _l("0–5 岁"),
    Ages.FROM_6: _l("6–8 岁"),
    Ages.FROM_9: _l("9–11 岁"),
    Ages.FROM_12: _l("12–14 岁"),
    Ages.FROM_15: _l("15–17 岁"),
}
CHECKS = {
    Check.NEW: _l("是新的，和心愿写的一样"),
    Check.NO_MONEY: _l("里面没有钱，也没有卡券"),
    Check.IN_DATE: _l("没有过期或快过期的食品"),
    Check.NO_LETTER: _l("里面没有信、照片、姓名和联系方式"),
}
FLAWS = {
    Flaw.NUMBER: _l("连着五位以上的数字（%(what)s）不能写：可能是电话、证件号或门牌"),
    Flaw.WORD: _l("不能写“%(what)s”：心愿只写物品，不写孩子、地方、钱和联系方式"),
    Flaw.PLACE: _l("不能写地名“%(what)s”：会让人认出是哪里的孩子"),
}
WHYS = {
    Why.UPCOMING: _l("这个心愿还没有公开"),
    Why.CLOSED: _l("这个心愿现在不收了，请看看别的"),
    Why.FULL: _l("这个心愿已经有人认领了，请看看别的"),
    Why.TOO_MANY: _l("一个心愿由一个人认领"),
    Why.ALREADY_IN: _l("这个心愿已经有人认领了，请看看别的"),
    Why.NOT_IN: _l("这次认领现在不能取消，可能已经取消过，或者东西已经送到"),
    Why.TOO_LATE: _l("这次认领已经确认过，或者已过期，或者心愿已撤下"),
}
CLAIMS = {
    SeatState.HELD: _l("等认领人确认"),
    SeatState.CONFIRMED: _l("等送来"),
    SeatState.ARRIVED: _l("已送到中心"),
    SeatState.COMPLETED: _l("已转交"),
    SeatState.ABANDONED: _l("过期，让给了别人"),
    SeatState.CANCELLED: _l("已取消"),
}
CLAIM_TONES = {
    SeatState.HELD: "warn",
    SeatState.CONFIRMED: "info",
    SeatState.ARRIVED: "accent",
    SeatState.COMPLETED: "ok",
    SeatState.ABANDONED: "",
    SeatState.CANCELLED: "",
}


def said(why: Why) -> str:
    """Return what stands against it, in the reader's language."""
    return str(WHYS[why])
