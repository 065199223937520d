"""What waits for those who watch over data."""

from flask import url_for

from accounts.audit import queries
from accounts.audit.rules import due_on
from accounts.rules import Actor, Role
from core import clock
from core.actions import Action
from core.i18n import _
from core.parameters import value_on

WATCHERS = (Role.AUDITOR, Role.DPO)


def next_actions(person: Actor) -> list[Action]:
    found = []
    if person.has(*WATCHERS, Role.ADMIN):
        found += _when_the_chain_is_broken(person)
    if person.has(*WATCHERS, Role.CITY_COORDINATOR):
        found += _when_the_package_is_due()
    if person.has(*WATCHERS):
        today = queries.audited_today()
        trail = url_for("audit.trail", day=clock.today())
        found.append(Action(30, _("今天的审计记录"), trail, _("谁看过、改过什么"), today))
    return found


def _when_the_chain_is_broken(person: Actor) -> list[Action]:
    check = queries.last_check()
    if check is None or check.fault is None:
        return []
    url = url_for("audit.chain") if person.has(*WATCHERS) else ""
    detail = _("第 %(row)d 行。先留一份数据库文件，再查是谁改的；不要恢复或清理", row=check.bad_row)
    return [Action(0, _("审计记录被动过"), url, detail, tone="danger")]


def _when_the_package_is_due() -> list[Action]:
    year = queries.year_awaiting_its_package()
    if year is None:
        return []
    today = clock.today()
    due = due_on(today, value_on("audit.due_day", today))
    late = today > due
    title = _("%(year)d 年度合规审计材料逾期未报", year=year) if late else _(
        "准备 %(year)d 年度合规审计材料", year=year
    )  # fmt: skip
    detail = _("未成年人个人信息合规审计情况，%(due)s前报网信办", due=f"{due:%Y-%m-%d}")
    url = url_for("audit.pack", year=year)
    return [Action(10 if late else 20, title, url, detail, tone="danger" if late else "warn")]
