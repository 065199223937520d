"""What stands against a seat, and where a sign-up stands, in words."""

from campaigns.seats.rules import SeatState, Why
from core.i18n import lazy as _l

WHYS = {
    Why.UPCOMING: _l("报名还没有开始"),
    Why.CLOSED: _l("报名已结束"),
    Why.FULL: _l("这个名额已满，可以排队等候，或者换一个。如果您已报过名，请查看邮箱或等候电话"),
    Why.TOO_MANY: _l("一起来的人太多了，这个名额一次坐不下，请分开报名或换一个"),
    Why.NO_ROOM_FOR_ALL: _l("剩下的名额不够你们一起来，可以排队等候，或者换一个"),
    Why.FOR_WOMEN: _l("剩下的名额留给女志愿者，可以排队等候，或者换一个"),
    Why.FOR_EXPERIENCED: _l("剩下的名额留给参加过的志愿者，可以排队等候，或者换一个"),
    Why.ALREADY_IN: _l("您已经报过这个名额了"),
    Why.NOT_IN: _l("这个报名现在不能退，可能已经退过，或者活动已经开始"),
    Why.STILL_ROOM: _l("这里还有名额，不用排队，直接报名就好"),
    Why.TOO_LATE: _l("这个报名已经确认过，或者已过期，或者活动已暂停"),
    Why.NO_TIME: _l(
        "离开始太近，查询、培训这些手续来不及办齐了。已经上岗的志愿者可以报；您可以先选开始得晚一些的，"
        "或者不要求手续的集体活动"
    ),
}
STATES = {
    SeatState.HELD: _l("名额已留，等您确认"),
    SeatState.WAITING: _l("排队中"),
    SeatState.OFFERED: _l("轮到您了，等您确认"),
    SeatState.CONFIRMED: _l("已确认"),
    SeatState.ARRIVED: _l("已到场"),
    SeatState.COMPLETED: _l("已完成"),
    SeatState.ABANDONED: _l("过期没有确认"),
    SeatState.NO_SHOW: _l("没有到场"),
    SeatState.CANCELLED: _l("已退出"),
}
TONES = {
    SeatState.HELD: "warn",
    SeatState.WAITING: "info",
    SeatState.OFFERED: "warn",
    SeatState.CONFIRMED: "ok",
    SeatState.ARRIVED: "ok",
    SeatState.COMPLETED: "ok",
    SeatState.ABANDONED: "",
    SeatState.NO_SHOW: "danger",
    SeatState.CANCELLED: "",
}


def said(why: Why) -> str:
    """Return what stands against it, in the reader's language."""
    return str(WHYS[why])
