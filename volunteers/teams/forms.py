"""Who is to be a team."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import wtforms
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import Optional, ValidationError

from core.db import AnyRow
from core.forms import Form, SelectChoice, Ticks, required, up_to
from core.i18n import _
from core.i18n import lazy as _l
from volunteers.teams.labels import PARTINGS
from volunteers.teams.rules import FEWEST, Parting
from volunteers.teams.services import NewTeam

UID = re.compile(r"[\w-]{22}", re.ASCII)


class TeamForm(Form):
    """Whoever leads belongs to the team, ticked or not."""

    name = StringField(_l("组名"), [required(), up_to(20)])
    q = StringField(_l("按姓名或拼音首字母找人"), [Optional(), up_to(20)])
    members = Ticks(_l("组员"))
    leader = RadioField(_l("领队"), [required(_l("请选一名领队"))])

    @property
    def chosen(self) -> frozenset[str]:
        """Return the public names of everybody chosen so far."""
        asked = [*(self.members.data or ()), self.leader.data or ""]
        return frozenset(uid for uid in asked if UID.fullmatch(uid))

    def offer(self, candidates: Sequence[AnyRow]) -> None:
        """Set whom one can choose."""
        choices = [SelectChoice(row.uid, row.name) for row in candidates]
        self.members.choices = choices
        self.leader.choices = choices

    def rows(self, candidates: Sequence[AnyRow]) -> Iterator[tuple[Any, Any, AnyRow]]:
        """Return the two controls of each candidate, beside the candidate."""
        return zip(self.members, self.leader, candidates, strict=True)

    def validate_leader(self, field: wtforms.Field) -> None:
        if len(self.chosen) < FEWEST:
            raise ValidationError(_("一个小组至少两个人，请再选一名"))

    def new(self) -> NewTeam:
        return NewTeam(str(self.name.data), str(self.leader.data), self.chosen)


class DissolveForm(Form):
    why = SelectField(
        _l("为什么解散"),
        [required()],
        choices=[SelectChoice(one.value, name) for one, name in PARTINGS.items()],
    )

    @property
    def parting(self) -> Parting:
        return Parting(self.why.data)


class LeadForm(Form):
    """The members to choose from are filled by the view."""

    leader = RadioField(_l("新的领队"), [required(_l("请选一名领队"))])
