"""What waits for the people of visits; each count leads to exactly the rows it counts."""

from flask import url_for

from accounts.rules import Actor, Role
from core import clock
from core.actions import Action
from core.i18n import _
from core.show import moment
from visits.agenda.queries import counts, upcoming
from visits.agenda.rules import Tab
from visits.lapses.ladder.queries import number
from visits.rules import on_the_day
from visits.series.queries import number_refused

ORDER = {Tab.OVERDUE: 0, Tab.RECORD: 10, Tab.UNCONFIRMED: 10}
ESCORTS = (Role.CHILD_DIRECTOR, Role.CHILD_SUPERVISOR)


def next_actions(person: Actor) -> list[Action]:
    found: list[Action] = []
    if person.has(Role.VOLUNTEER, Role.TEAM_LEADER):
        found += _of_members(person)
    if person.has(*ESCORTS):
        found += _of_escorts(person)
    if person.has(Role.CHILD_SUPERVISOR, Role.COORDINATOR):
        found += _of_approvers(person)
    if person.has(Role.COORDINATOR):
        found += _of_coordinators(person)
    if person.has(Role.CITY_COORDINATOR):
        url = url_for("overview.counties")
        detail = _("志愿者、等待的孩子、走访和逾期记录，按县对照")
        found.append(Action(30, _("看各县进度"), url, detail))
    return found


def _of_members(person: Actor) -> list[Action]:
    found, visit = [], upcoming(person)
    if visit:
        today = on_the_day(clock.now(), visit.starts_at)
        title = _("今天有走访，到了请签到") if today else _("下一次走访")
        url = url_for("visits.show", uid=visit.uid)
        found.append(Action(10 if today else 20, title, url, moment(visit.starts_at)))
    (due,) = counts(person, Tab.RECORD)
    if due:
        found.append(_to(Tab.RECORD, _("待写的走访记录"), _("走访后 48 小时内由领队填写"), due))
    return found


def _of_escorts(person: Actor) -> list[Action]:
    found = []
    confirm, today = counts(person, Tab.CONFIRM, today=True)
    waiting = number(person, checks=True)
    if waiting:
        detail = _("约好的走访没有成行，先看看孩子好不好")
        found.append(
            Action(5, _("请去看看孩子"), url_for("contracts.lapsed"), detail, waiting, "warn")
        )
    if today:
        day = clock.today().isoformat()
        url = url_for("visits.listing", tab=Tab.UPCOMING, day=day)
        found.append(Action(10, _("今天的走访"), url, _("到场后为大家签到"), today))
    if confirm:
        found.append(
            _to(Tab.CONFIRM, _("等您确认的走访"), _("落实地点，问过监护人和孩子"), confirm)
        )
    return found


def _of_approvers(person: Actor) -> list[Action]:
    (approve,) = counts(person, Tab.APPROVE)
    if not approve:
        return []
    return [_to(Tab.APPROVE, _("待审核的走访记录"), _("审核后计入志愿时长"), approve)]


def _of_coordinators(person: Actor) -> list[Action]:
    found = []
    tabs = (Tab.OVERDUE, Tab.UNCONFIRMED, Tab.DAY, Tab.CLEARANCE)
    overdue, unconfirmed, bad, risky = counts(person, *tabs)
    if overdue:
        found.append(
            _to(Tab.OVERDUE, _("没有按时签到或签退"), _("请马上联系领队和陪同人"), overdue)
        )
    lapsed = number(person, checks=False)
    if lapsed:
        detail = _("和小组定下时间，或商量暂停、换人")
        found.append(
            Action(15, _("走访没有成行"), url_for("contracts.lapsed"), detail, lapsed, "warn")
        )
    if bad:
        detail = _("排好以后成了补班、上课或考试的日子，请改期或取消")
        found.append(_to(Tab.DAY, _("走访的日子不合适了"), detail, bad))
    if risky:
        detail = _("有人的手续到走访那天已过期，请续办、换人或改期")
        found.append(_to(Tab.CLEARANCE, _("有人的手续会在走访前到期"), detail, risky))
    stuck = number_refused(person)
    if stuck:
        detail = _("规则不允许的日子没有安排，请另选时间或决定不排")
        found.append(
            Action(20, _("固定走访里排不上的日子"), url_for("series.refused"), detail, stuck)
        )
    if unconfirmed:
        found.append(
            _to(
                Tab.UNCONFIRMED,
                _("三天内的走访还没确认"),
                _("请陪同人落实地点和监护人同意"),
                unconfirmed,
            )
        )
    return found


def _to(tab: Tab, title: str, detail: str, count: int) -> Action:
    order = ORDER.get(tab, 20)
    tone = "danger" if order == 0 else ""
    return Action(order, title, url_for("visits.listing", tab=tab), detail, count, tone)
