"""The dated values that plans, arrivals and lapses are judged by (domain.md §3, §6 and §8)."""

from typing import Any

from core.i18n import lazy as _l
from core.parameters import Parameter, Stricter

_HIGHER, _LOWER, _NO_MATTER = Stricter.HIGHER, Stricter.LOWER, Stricter.NO_MATTER
_NEITHER = Stricter.NEITHER
_OWN = _l("本产品的设计")
_TWO_ADULTS = _l("联合国儿童基金会志愿者守则等机构守则：始终两名成人")
_SCHOOL = _l("学校作息和寒暑假由各县教育部门规定，未见 2026/27 学年通知，请核对后修改")
_PRESET = _l("各地分级走访的惯例（7、15、30、90 天）；本站预设，请按当地规定修改")
_EXAMS = "2027-06-07/2027-06-09 2027-06-20/2027-06-22"
_TERMS = "2026-03-01/2026-07-09 2026-09-01/2027-01-22 2027-03-01/2027-07-09"


def _parameter(
    name: str,
    default: Any,
    meaning: str,
    stricter: Stricter,
    *,
    unit: str = "",
    source: str = _OWN,
    mark: str = "D",
) -> Parameter:
    return Parameter(f"visits.{name}", default, meaning, unit, source, mark, stricter)


PARAMETERS = (
    _parameter(
        "fewest_adults",
        2,
        _l("每次走访至少几名成人，陪同人算一名"),
        _HIGHER,
        source=_TWO_ADULTS,
        mark="P",
    ),
    _parameter(
        "children_per_adult",
        [5, 8, 10],
        _l("一起走访时一名成人最多照看几个孩子：8 岁以下、8 到 13 岁、14 岁以上"),
        _NEITHER,
        unit=_l("人"),
    ),
    _parameter("notice_hours", 24, _l("走访至少提前多少小时安排"), _HIGHER, unit=_l("小时")),
    _parameter("shortest_minutes", 30, _l("一次走访最短多少分钟"), _NO_MATTER, unit=_l("分钟")),
    _parameter("longest_minutes", 180, _l("一次走访最长多少分钟"), _LOWER, unit=_l("分钟")),
    _parameter("first_time", "08:30", _l("走访最早几点开始"), _HIGHER),
    _parameter("last_time", "18:00", _l("走访最晚几点结束"), _LOWER),
    _parameter("winter_months", [12, 1, 2], _l("哪些月份按冬季时间"), _HIGHER, unit=_l("月")),
    _parameter("winter_last_time", "16:30", _l("冬季走访最晚几点结束：山区天黑早、有雪"), _LOWER),
    _parameter("after_school", "16:30", _l("上学日几点放学"), _HIGHER, source=_SCHOOL, mark="R"),
    _parameter("terms", _TERMS, _l("学期的起止日"), _NO_MATTER, source=_SCHOOL, mark="R"),
    _parameter(
        "exams",
        _EXAMS,
        _l("学校考试的起止日，上学的孩子这几天不安排走访；期末考试请各县按通知补充"),
        _NO_MATTER,
        source=_SCHOOL,
        mark="R",
    ),
    *(
        _parameter(f"every_days_{grade}", days, meaning, _LOWER, unit=_l("天"), source=_PRESET)
        for grade, days, meaning in (
            ("high", 7, _l("高风险的孩子，志愿走访多少天一次")),
            ("mid_high", 15, _l("较高风险的孩子，志愿走访多少天一次")),
            ("mid_low", 30, _l("较低风险的孩子，志愿走访多少天一次")),
            ("low", 90, _l("低风险的孩子，志愿走访多少天一次")),
        )
    ),
    _parameter("window_days", 7, _l("走访可以比约定早多少天"), _NO_MATTER, unit=_l("天")),
    _parameter("grace_percent", 20, _l("走访晚了约定间隔的百分之几才算错过"), _LOWER),
    _parameter(
        "first_accompanied", 3, _l("最初几次走访，除陪同人外至少两名志愿者"), _HIGHER, unit=_l("次")
    ),
    _parameter(
        "most_faces", 8, _l("一个孩子在一段时间里最多认识几名走访的志愿者"), _LOWER, unit=_l("人")
    ),
    _parameter("faces_months", 12, _l("认识的志愿者按多少个月计"), _HIGHER, unit=_l("月")),
    _parameter(
        "ladder_days",
        [0, 7, 21, 35, 49],
        _l("错过走访后第几天：提醒、交协调员、通知、暂停、开始结束"),
        _NEITHER,
        unit=_l("天"),
    ),
    _parameter("days_between", 7, _l("同一个孩子两次走访至少隔多少天"), _HIGHER, unit=_l("天")),
    _parameter(
        "travel_minutes", 30, _l("两次走访之间留多少分钟路上时间"), _NO_MATTER, unit=_l("分钟")
    ),
    _parameter("series_days_ahead", 75, _l("固定走访提前排好多少天"), _NO_MATTER, unit=_l("天")),
    _parameter(
        "series_tell_days",
        28,
        _l("固定走访里排不上的日子，提前多少天请协调员处理"),
        _NO_MATTER,
        unit=_l("天"),
    ),
    _parameter("check_in_early", 30, _l("提前多少分钟可以签到"), _LOWER, unit=_l("分钟")),
    _parameter("code_tries", 5, _l("签到码最多输错几次"), _LOWER, unit=_l("次")),
    _parameter(
        "check_in_late", 20, _l("开始多少分钟后仍未签到就通知负责人"), _LOWER, unit=_l("分钟")
    ),
    _parameter(
        "check_out_ask", 30, _l("结束多少分钟后仍未签退就提醒小组和领队"), _LOWER, unit=_l("分钟")
    ),
    _parameter(
        "check_out_late",
        60,
        _l("结束多少分钟后仍未签退就升级给协调员和陪同人"),
        _LOWER,
        unit=_l("分钟"),
    ),
    _parameter(
        "no_show_hours", 24, _l("开始多少小时后仍未签到算未成行"), _NO_MATTER, unit=_l("小时")
    ),
    _parameter(
        "overrun_minutes",
        60,
        _l("签退晚于计划结束时，最多多计多少分钟"),
        _NO_MATTER,
        unit=_l("分钟"),
    ),
)
