"""The dated values that campaigns, their sign-ups and their public numbers go by."""

from campaigns.rules import (
    DELAY,
    DELAY_DAYS,
    FORGET_DAYS,
    HOLD_HOURS,
    OFFER_HOURS,
    OFFER_MINUTES,
    READY_DAYS,
    STEP_DAYS,
    TILE_MINUTES,
)
from campaigns.wording.rules import LABEL_WORDS, LABELS
from core.i18n import lazy as _l
from core.parameters import Parameter, Stricter
from volunteers.rules import Step

QUICKEST = (
    (Step.IDENTITY, 1, _l("身份核验最快要多少天")),
    (Step.SCREENING, 5, _l("入职查询最快要多少天")),
    (Step.TRAINING, 3, _l("上岗培训最快要多少天")),
    (Step.INSURANCE, 1, _l("意外保险最快要多少天")),
    (Step.ACTIVATION, 1, _l("协调员确认上岗最快要多少天")),
)
"""Who can no longer have it done in time is told so before signing up, not after."""
PARAMETERS = (
    *(
        Parameter(
            f"{STEP_DAYS}{step}",
            days,
            meaning,
            _l("天"),
            _l("本站设计"),
            "D",
            Stricter.NO_MATTER,
        )
        for step, days, meaning in QUICKEST
    ),
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
        OFFER_MINUTES,
        30,
        _l("临近开始时，轮到排队的人以后，名额至少为他保留多少分钟；剩下的时间更短就不再往下让"),
        _l("分钟"),
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
        TILE_MINUTES,
        45,
        _l("示意图上每隔一格，路上估计多少分钟"),
        _l("分钟"),
        _l("本站设计，只用来估计路上的时间"),
        "D",
        Stricter.NO_MATTER,
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
