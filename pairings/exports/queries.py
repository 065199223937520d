"""The list of pairings that may leave the site: who accompanies whom, by alias."""

from sqlalchemy import select

from accounts.exports.rules import ExportKind, Table
from accounts.rules import Actor, Role
from children.models import Child
from core.db import db
from core.i18n import _
from core.i18n import lazy as _l
from pairings.desk.queries import listed_in
from pairings.labels import STAGES, TABS
from pairings.models import Pairing
from pairings.queries import Tab
from places.queries import within
from volunteers.teams.models import Team


def listed(person: Actor, filters: dict[str, str]) -> Table:
    """Return the pairings of a coordinator's places, of one tab of their list."""
    asked = filters.get("tab", "")
    tab = Tab(asked) if asked in set(Tab) else Tab.LIVE
    rows = db.session.execute(
        select(Child.alias, Team.name, Pairing.stage, Pairing.starts_on, Pairing.ends_on)
        .join(Child, Child.id == Pairing.child_id)
        .join(Team, Team.id == Pairing.team_id)
        .where(within(Pairing, person.reaches(Role.COORDINATOR)), listed_in(tab, person))
        .order_by(Pairing.id)
    )
    return Table(
        [
            ("alias", _("代号")),
            ("team", _("小组")),
            ("stage", _("状态")),
            ("starts_on", _("开始")),
            ("ends_on", _("结束")),
        ],
        [
            [
                row.alias,
                row.name,
                str(STAGES[row.stage]),
                row.starts_on.isoformat(),
                row.ends_on.isoformat(),
            ]
            for row in rows
        ],
        [(_("状态"), str(TABS[tab]))],
    )


PAIRINGS = ExportKind("pairings", _l("结对名单"), (Role.COORDINATOR,), ("tab",), listed)
