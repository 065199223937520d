"""What roles are called on the page."""

from accounts.rules import Role
from core.i18n import lazy as _l
from places.rules import PostKind

ROLES = {
    Role.VOLUNTEER: _l("志愿者"),
    Role.TEAM_LEADER: _l("领队"),
    Role.ORG_LEAD: _l("组织负责人"),
    Role.CHILD_DIRECTOR: _l("儿童主任"),
    Role.CHILD_SUPERVISOR: _l("儿童督导员"),
    Role.COORDINATOR: _l("县级协调员"),
    Role.CITY_COORDINATOR: _l("市级协调员"),
    Role.SAFEGUARDING_LEAD: _l("未保专员"),
    Role.EDITOR: _l("编辑"),
    Role.PUBLISHER: _l("发布人"),
    Role.DPO: _l("个人信息保护负责人"),
    Role.AUDITOR: _l("审计员"),
    Role.ADMIN: _l("系统管理员"),
}
POSTS = {
    PostKind.CHILD_DIRECTOR: _l("儿童主任"),
    PostKind.CHILD_SUPERVISOR: _l("儿童督导员"),
}
