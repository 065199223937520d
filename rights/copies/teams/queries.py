"""What is kept about somebody in teams: memberships, leading, searches for a partner."""

from sqlalchemy import select

from core.i18n import _
from rights.copies.rules import Section
from rights.copies.sections.queries import section
from volunteers.teams.forming.models import TeamLeft, TeamRun
from volunteers.teams.models import Team, TeamLead, TeamMember


def of_teams(volunteer_id: int) -> list[Section]:
    return [_teams(volunteer_id), _led(volunteer_id), _searched(volunteer_id)]


def _teams(volunteer_id: int) -> Section:
    columns = (
        ("team", _("小组")),
        ("leads", _("领队")),
        ("joined_on", _("加入日期")),
        ("left_on", _("离开日期")),
    )
    asked = (
        select(Team.name, TeamMember.leads, TeamMember.joined_on, TeamMember.left_on)
        .join(Team, Team.id == TeamMember.team_id)
        .where(TeamMember.volunteer_id == volunteer_id)
        .order_by(TeamMember.id.desc())
    )
    return section("teams", _("小组"), columns, asked)


def _led(volunteer_id: int) -> Section:
    columns = (("team", _("小组")), ("since", _("从")), ("until", _("到")))
    asked = (
        select(Team.name, TeamLead.since, TeamLead.until)
        .join(Team, Team.id == TeamLead.team_id)
        .where(TeamLead.volunteer_id == volunteer_id)
        .order_by(TeamLead.id.desc())
    )
    return section("led_teams", _("做过领队"), columns, asked)


def _searched(volunteer_id: int) -> Section:
    columns = (("made_at", _("时间")), ("why", _("没有找到同伴的原因")), ("many", _("人数")))
    asked = (
        select(TeamRun.made_at, TeamLeft.why, TeamLeft.many)
        .join(TeamRun, TeamRun.id == TeamLeft.run_id)
        .where(TeamLeft.volunteer_id == volunteer_id)
        .order_by(TeamLeft.id.desc())
    )
    return section("team_searches", _("找小组"), columns, asked)
