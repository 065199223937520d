"""What stands on the board of a day, and what stands against a press, in words."""

from enum import StrEnum

from campaigns.signups.day.rules import Place
from core.i18n import lazy as _l


class Why(StrEnum):
    """What stands against noting somebody."""

    NOT_TODAY = "not_today"
    NOT_NOW = "not_now"
    WRONG_CODE = "wrong_code"
    TOO_LATE_TO_UNDO = "too_late_to_undo"
    TOO_LATE_TO_ENTER = "too_late_to_enter"
    HAS_LEFT = "has_left"
    OTHER_DAY = "other_day"
    NO_SPAN = "no_span"
    NOT_READY = "not_ready"


WHYS = {
    Why.NOT_TODAY: _l("只有活动当天才能签到和签退"),
    Why.NOT_NOW: _l("这个人现在不能这样登记，请刷新签到板再看一眼"),
    Why.WRONG_CODE: _l("签到码不对，或者已经换了。请看现场的签到板，照着现在的六位数字再填一次"),
    Why.TOO_LATE_TO_UNDO: _l("已经过了 10 分钟，不能撤回。登记错了请联系县中心"),
    Why.TOO_LATE_TO_ENTER: _l("现在不能补登：活动还没开始、已停办，或者已过去 30 天"),
    Why.HAS_LEFT: _l("这个人的到场和离开已经登记过"),
    Why.OTHER_DAY: _l("日期不在这个名额的日子里"),
    Why.NOT_READY: _l("这个人的手续不齐或已到期，今天不能参加有孩子的服务。请联系县中心"),
    Why.NO_SPAN: _l("离开要晚于到场，也不能晚于现在"),
}
PLACES = {
    Place.DUE: _l("还没到"),
    Place.LATE: _l("迟到"),
    Place.HERE: _l("在场"),
    Place.LEFT: _l("已离开"),
    Place.ABSENT: _l("没有到场"),
}
TONES = {
    Place.DUE: "info",
    Place.LATE: "warn",
    Place.HERE: "ok",
    Place.LEFT: "",
    Place.ABSENT: "danger",
}
