"""Letting go of what is over its term: the harmless by itself, files only on a list for two."""

from sqlalchemy import delete

import accounts.sessions.services
import campaigns.signups.leaving.services
import campaigns.wishes.services
import messages.forgetting.services
from children.consents.links.models import GuardianLink
from core import audit, clock, once
from core.db import transaction
from core.i18n import lazy as _l
from core.parameters import Parameter, values_on
from rights.requests.services import forget_words
from rights.retention import queries
from rights.retention.rules import Due, Kind, Way

PARAMETERS = (
    Parameter(
        "retention.withdrawn_days",
        30,
        _l("撤回结对同意几天后，档案列入待删名单"),
        _l("天"),
        _l("本站设计：撤回后三十日删除，依法保留的除外"),
        "D",
    ),
    Parameter(
        "retention.file_months",
        36,
        _l("已结束的档案几个月没有变动后列入待删名单"),
        _l("月"),
        _l("个人信息保护法第十九条：最短必要期限；月数为本站设计"),
        "D",
    ),
    Parameter(
        "retention.message_months",
        12,
        _l("消息的内容保存几个月，之后只留发过的记录"),
        _l("月"),
        _l("个人信息保护法第十九条：最短必要期限；月数为本站设计"),
        "D",
    ),
    Parameter(
        "retention.link_months",
        12,
        _l("监护人链接过期几个月后删除记录"),
        _l("月"),
        _l("本站设计：够处理争议，审计记录另外保存"),
        "D",
    ),
    Parameter(
        "retention.request_months",
        36,
        _l("办结的权利请求，文字保存几个月"),
        _l("月"),
        _l("与影响评估同期（个人信息保护法第五十六条）；月数为本站设计"),
        "D",
    ),
    Parameter(
        "retention.assessment_months",
        36,
        _l("影响评估至少保存几个月"),
        _l("月"),
        _l("个人信息保护法第五十六条：至少三年"),
        "T",
    ),
    Parameter(
        "retention.audit_months",
        36,
        _l("审计记录至少保存几个月"),
        _l("月"),
        _l("网络安全法第二十一条：不少于六个月；默认三年为本站设计"),
        "T",
    ),
)


def run() -> list[Due]:
    """Let everything go that goes by itself; return what was over its term before.

    Files of children are not among it: two people erase them (rights.erasures).
    """
    before = queries.status()
    values = values_on(clock.today())
    once.purge()
    accounts.sessions.services.purge()
    campaigns.signups.leaving.services.expire_pending()
    campaigns.wishes.services.expire()
    messages.forgetting.services.forget_before(queries.cutoff(Kind.MESSAGES, values))
    with transaction() as session:
        session.execute(
            delete(GuardianLink).where(queries.old_links(queries.cutoff(Kind.LINKS, values)))
        )
        forget_words(queries.old_requests(queries.cutoff(Kind.REQUESTS, values)))
        gone = [due.kind.value for due in before if due.number and due.way is Way.BY_ITSELF]
        if gone:
            audit.record("retention_run", "retention", clock.today(), by=None, fields=gone)
    return before
