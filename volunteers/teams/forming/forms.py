"""Asking for pairs, picking some, saying no to one."""

import re
from collections.abc import Iterable

from wtforms import HiddenField, SelectField

from core.db import AnyRow
from core.forms import Form, SelectChoice, Ticks, required
from core.i18n import lazy as _l
from volunteers.teams.labels import REFUSALS
from volunteers.teams.rules import Refusal

UID = re.compile(r"[\w-]{22}", re.ASCII)


class StartForm(Form):
    """The counties to choose from are filled by the view."""

    county = SelectField(_l("哪个县"), [required()])


class PickForm(Form):
    picked = Ticks(_l("成组的几对"))
    sure = HiddenField()
    """Set once the preview has been seen."""

    @property
    def chosen(self) -> frozenset[str]:
        return frozenset(uid for uid in self.picked.data or () if UID.fullmatch(uid))

    def offer(self, rows: Iterable[AnyRow]) -> None:
        """Set what can be picked, and leave out what no longer can."""
        known = {row.uid for row in rows}
        self.picked.choices = [SelectChoice(uid, uid) for uid in sorted(known)]
        self.picked.data = [uid for uid in self.picked.data or () if uid in known]


class RefuseForm(Form):
    pair = HiddenField(validators=[required()])
    reason = SelectField(
        _l("为什么不合适"),
        [required()],
        choices=[SelectChoice(one.value, name) for one, name in REFUSALS.items()],
    )

    @property
    def why(self) -> Refusal:
        return Refusal(self.reason.data)
