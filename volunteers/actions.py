"""What waits for volunteers, and for those who look after them."""

from flask import url_for

from accounts.rules import Actor, Role
from core import clock
from core.actions import Action
from core.i18n import _
from volunteers import queries
from volunteers.certificates.actions import next_actions as certificates
from volunteers.orgs import queries as orgs
from volunteers.roster.queries import Desk, counts, desk_of
from volunteers.roster.rules import Tab
from volunteers.rules import Next
from volunteers.teams import queries as teams


def next_actions(person: Actor) -> list[Action]:
    found = _own(person) if person.has(Role.VOLUNTEER) else []
    if person.has(Role.COORDINATOR):
        found += _of_desk(
            desk_of(person, Role.COORDINATOR),
            (20, Tab.READY, _("可以上岗的志愿者"), _("手续齐了，等您确认"), ""),
            (20, Tab.APPLIED, _("正在办理的志愿者"), _("还有手续要办"), ""),
            (20, Tab.SUSPENDED, _("已暂停的志愿者"), _("查明原因后恢复或退出"), "danger"),
            (30, Tab.EXPIRING, _("快到期的志愿者"), _("手续就要到期，请提前续办"), "warn"),
        )
        found += _organisations(person) + _teams(person) + certificates(person)
    if person.has(Role.SAFEGUARDING_LEAD):
        found += _of_desk(
            desk_of(person, Role.SAFEGUARDING_LEAD),
            (0, Tab.HITS, _("入职查询有记录"), _("由您决定：不适合参加，或撤销记录"), "danger"),
        )
    if person.has(Role.ORG_LEAD):
        found += _of_desk(
            desk_of(person, Role.ORG_LEAD),
            (30, Tab.LACKING, _("手续不全的成员"), _("提醒他们补齐"), ""),
        )
    return found


def _organisations(person: Actor) -> list[Action]:
    waiting = orgs.counts(person)["open"]
    if not waiting:
        return []
    detail = _("核验、签协议、启用，三步里还有没办的")
    return [Action(20, _("申请合作的单位"), url_for("orgs.listing"), detail, waiting)]


def _teams(person: Actor) -> list[Action]:
    number = teams.number_short(person)
    if not number:
        return []
    detail = _("在服务中的不到两人，或没有领队：换领队，或解散后重新分组")
    url = url_for("teams.listing", show="short")
    return [Action(20, _("来不了的小组"), url, detail, number, "warn")]


def _of_desk(desk: Desk, *lines: tuple[int, Tab, str, str, str]) -> list[Action]:
    """Return an action for each of these tabs that lists anybody, in one query."""
    number = counts(desk)
    return [
        Action(
            order,
            title,
            url_for("volunteers.listing", desk=desk.role, status=tab),
            detail,
            number[tab],
            tone,
        )
        for order, tab, title, detail, tone in lines
        if number[tab]
    ]


def _own(person: Actor) -> list[Action]:
    """Return the one step that is the volunteer's own to take, if any."""
    volunteer = queries.volunteer_of(person.id)
    if volunteer is None:
        return []
    step = queries.progress_of(volunteer, clock.today()).next()
    titles = {
        Next.PROFILE: (_("完善资料"), "volunteers.profile"),
        Next.PLEDGE: (_("签承诺书"), "volunteers.pledge"),
        Next.STUDENT: (_("证明学生身份"), "students.me"),
        Next.RESUME: (_("您正在休息，随时可以恢复服务"), "volunteers.me"),
    }
    if step not in titles:
        return []
    title, endpoint = titles[step]
    return [Action(20, title, url_for(endpoint))]
