"""Which purposes a link is for, and which of them a guardian says no to."""

from collections.abc import Iterable

from children.consents.labels import PURPOSES
from children.rules import Purpose
from core.forms import Form, SelectChoice, Ticks, required
from core.i18n import lazy as _l


class PurposesForm(Form):
    """Some purposes out of those on offer."""

    purposes = Ticks(_l("哪几项"), [required(_l("请至少选一项"))], choices=[])

    def offer(self, purposes: Iterable[Purpose]) -> None:
        self.purposes.choices = [SelectChoice(one.value, PURPOSES[one]) for one in purposes]

    def chosen(self) -> list[Purpose]:
        return [Purpose(text) for text in self.purposes.data or () if text in set(Purpose)]
