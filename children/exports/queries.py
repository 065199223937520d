"""The list of files that may leave the site: aliases, never what is sealed or only for the case."""

from sqlalchemy import select

from accounts.exports.rules import ExportKind, Table
from accounts.rules import Actor, Role
from children.labels import AGES, NEEDS, STATES, STEPS
from children.models import Child
from children.queries import at_step, has_need, visible, without_consent
from children.rules import Need, Step
from core.db import db
from core.i18n import _
from core.i18n import lazy as _l


def files(person: Actor, filters: dict[str, str]) -> Table:
    """Return the files of a coordinator's places, narrowed down as the page of files is."""
    asked = select(Child.alias, Child.age_band, Child.needs, Child.state)
    asked = asked.where(visible(person, Role.COORDINATOR))
    about = []
    step, need = filters.get("state", ""), filters.get("need", "")
    if step in set(Step):
        asked = asked.where(at_step(Step(step)))
        about.append((_("状态"), str(STEPS[Step(step)])))
    if need in set(Need):
        asked = asked.where(has_need(Need(need)))
        about.append((_("需要"), str(NEEDS[Need(need)])))
    if filters.get("consent") == "lacking":
        asked = asked.where(without_consent())
        about.append((_("同意"), _("缺少同意")))
    comma = _("、")
    return Table(
        [
            ("alias", _("代号")),
            ("age_band", _("年龄段")),
            ("needs", _("需要")),
            ("state", _("状态")),
        ],
        [
            [
                row.alias,
                str(AGES[row.age_band]),
                comma.join(str(NEEDS[Need(one)]) for one in row.needs),
                str(STATES[row.state]),
            ]
            for row in db.session.execute(asked.order_by(Child.id))
        ],
        about,
    )


FILES = ExportKind(
    "children",
    _l("儿童档案（代号）"),
    (Role.COORDINATOR,),
    ("state", "need", "consent"),
    files,
)
