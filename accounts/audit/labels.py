"""Words for what a check finds, and for the files of the yearly package."""

from core.checking import Fault
from core.i18n import lazy as _l

FAULTS = {
    Fault.CHANGED: _l("内容和写下时不一样，或是后来插入的"),
    Fault.MISSING: _l("这一行被删了"),
    Fault.CUT: _l("从这一行起被截断了"),
    Fault.REWRITTEN: _l("标记对得上，却和留存的链尾不同，有人用密钥重写过"),
    Fault.KEY: _l("标记所用的密钥不在这个网站"),
    Fault.BATCH: _l("从这一行开始的一批，封条被改动或删除了"),
}
SECTIONS = {
    "access": _l("查看权限的申请与审批"),
    "reveals": _l("查看和查找密封栏目"),
    "looks": _l("查看孩子档案和名单"),
    "denials": _l("被拒绝的查看"),
    "exports": _l("导出"),
    "consents": _l("同意与撤回"),
    "erasures": _l("删除孩子的数据"),
    "requests": _l("权利请求、监护人链接与影响评估"),
    "incidents": _l("担心、事件与泄露"),
    "roles": _l("角色的授予与结束"),
}
