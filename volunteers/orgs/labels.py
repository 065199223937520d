"""What the standings of organisations and the points of their check are called."""

from core.i18n import lazy as _l
from places.rules import OrgKind
from volunteers.orgs.rules import Check, State

KINDS = {OrgKind.SOCIAL_ORG: _l("社会组织"), OrgKind.UNIVERSITY: _l("高校团队")}
STATES = {
    State.APPLIED: _l("待核验"),
    State.VERIFIED: _l("已核验，待签协议"),
    State.AGREEMENT_SIGNED: _l("已签协议，待启用"),
    State.ACTIVE: _l("合作中"),
    State.SUSPENDED: _l("已暂停"),
    State.DECLINED: _l("未通过"),
    State.LEFT: _l("已退出"),
}
TONES = {
    State.APPLIED: "warn",
    State.VERIFIED: "info",
    State.AGREEMENT_SIGNED: "info",
    State.ACTIVE: "ok",
    State.SUSPENDED: "danger",
    State.DECLINED: "",
    State.LEFT: "",
}
CHECKS = {
    Check.REGISTERED: _l("登记证书或学校证明看过原件，名称和代码一致"),
    Check.SAFEGUARDING: _l("有专人负责未成年人保护，电话打得通"),
    Check.PEOPLE: _l("来的人都会自己报名，接受入职查询和培训"),
    Check.PURPOSE: _l("不向孩子和家庭收钱，不借孩子募捐和宣传"),
}
TABS = {"open": _l("办理中"), "active": _l("合作中"), "ended": _l("暂停和退出")}
ENDS = {
    State.DECLINED: _l("不通过"),
    State.SUSPENDED: _l("暂停合作"),
    State.LEFT: _l("结束合作"),
}
