"""What is kept, and what becomes of it."""

from core.i18n import lazy as _l
from rights.retention.rules import Kind, Way

KINDS = {
    Kind.FORMS: _l("已提交表单的编号"),
    Kind.SESSIONS: _l("结束了的登录"),
    Kind.SIGN_UPS: _l("没有确认的报名"),
    Kind.DONORS: _l("心愿认领人的姓名和联系方式"),
    Kind.MESSAGES: _l("消息的内容"),
    Kind.LINKS: _l("过期的监护人链接"),
    Kind.REQUESTS: _l("办结的权利请求的文字"),
    Kind.WITHDRAWN: _l("已撤回结对同意的档案"),
    Kind.ENDED_FILES: _l("早已结束的档案"),
    Kind.ASSESSMENTS: _l("被代替的影响评估"),
    Kind.AUDIT: _l("审计记录"),
}
IN_DAYS = frozenset({Kind.FORMS, Kind.SESSIONS, Kind.SIGN_UPS, Kind.DONORS, Kind.WITHDRAWN})
WAYS = {
    Way.BY_ITSELF: _l("每晚自动删除"),
    Way.TWO_PEOPLE: _l("列入名单，由两个人删除"),
    Way.KEPT: _l("继续保存，只报告数量"),
}
TONES = {Way.BY_ITSELF: "ok", Way.TWO_PEOPLE: "warn", Way.KEPT: ""}
