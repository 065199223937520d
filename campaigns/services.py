"""The dated values that campaigns, their sign-ups and their public numbers go by."""

from campaigns.rules import DELAY, DELAY_DAYS, FORGET_DAYS, HOLD_HOURS, OFFER_HOURS, READY_DAYS
from campaigns.wording.rules import LABEL_WORDS, LABELS
from core.i18n import lazy as _l
from core.parameters import Parameter, Stricter

PARAMETERS = (
    Parameter(
        HOLD_HOURS,
        48,
        _l("报名后多少小时内没有确认，名额就让给别人"),
        _l("小时"),
        _l("本站设计"),
        "D",
        Stricter.NO_MATTER,
    ),
    Parameter(
        OFFER_HOURS,
        24,
        _l("轮到排队的人以后，名额为他保留多少小时"),
        _l("小时"),
        _l("本站设计"),
        "D",
        Stricter.NO_MATTER,
    ),
    Parameter(
        READY_DAYS,
        7,
        _l("活动开始前多少天手续还没办齐，名额就让给排队的人"),
        _l("天"),
        _l("本站设计"),
        "D",
        Stricter.HIGHER,
    ),
    Parameter(
        FORGET_DAYS,
        30,
        _l("没有确认的报名，过期多少天后删除"),
        _l("天"),
        _l("个人信息保护法第十九条：保存期限为最短时间"),
        "D",
        Stricter.LOWER,
    ),
    Parameter(
        DELAY_DAYS,
        DELAY.days,
        _l("与孩子有关的数字推迟多少天公布，不少于 14 天"),
        _l("天"),
        _l("本站设计"),
        "D",
        Stricter.HIGHER,
    ),
    Parameter(
        LABEL_WORDS,
        list(LABELS),
        _l("公开的文字里不能出现的词：给孩子贴标签的"),
        _l("词"),
        _l("困境儿童个人信息保护工作办法：不得给孩子贴标签；词表为本站设计"),
        "D",
        Stricter.HIGHER,
    ),
)
