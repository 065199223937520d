"""What the states of certificates and the kinds of service are called."""

from core.i18n import lazy as _l
from volunteers.certificates.batches.rules import State as BatchState
from volunteers.certificates.rules import Fault, State, Tab

STATES = {
    State.REQUESTED: _l("待办理"),
    State.ISSUED: _l("有效"),
    State.SUPERSEDED: _l("已换新"),
    State.VOIDED: _l("已作废"),
    State.DECLINED: _l("没有开出"),
    State.WITHDRAWN: _l("已撤回"),
}
TONES = {
    State.REQUESTED: "warn",
    State.ISSUED: "ok",
    State.SUPERSEDED: "",
    State.VOIDED: "danger",
    State.DECLINED: "",
    State.WITHDRAWN: "",
}
TABS = {Tab.REQUESTED: _l("待办理"), Tab.ISSUED: _l("有效"), Tab.ENDED: _l("作废和其他")}
KINDS = {"visit": _l("结对走访"), "slot": _l("集体活动")}
FAULTS = {
    Fault.BACKWARDS: _l("起始日期要早于截止日期"),
    Fault.FUTURE: _l("截止日期不能晚于今天"),
    Fault.LONG: _l("一张证明最多写二十年"),
}
BATCH_STATES = {
    BatchState.WAITING: _l("排队中"),
    BatchState.RUNNING: _l("正在开具"),
    BatchState.READY: _l("已开完"),
    BatchState.CANCELLED: _l("已停下"),
}
BATCH_TONES = {
    BatchState.WAITING: "info",
    BatchState.RUNNING: "info",
    BatchState.READY: "ok",
    BatchState.CANCELLED: "",
}
