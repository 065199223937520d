"""The forms of what is agreed, and of how the child is."""

from wtforms import IntegerField, RadioField
from wtforms.validators import NumberRange

from core.forms import Form, SelectChoice, Ticks, required
from core.i18n import lazy as _l
from visits.contracts.labels import CHECKS, EVERY
from visits.contracts.rules import Every, Terms
from visits.labels import PLACES
from visits.lapses.ladder.rules import Check
from visits.rules import PlaceKind

USUAL = "0"


class ContractForm(Form):
    """How often, how early, where; or as the presets say."""

    every = RadioField(
        _l("多久一次"),
        [required(_l("请选多久一次"))],
        choices=[
            SelectChoice(USUAL, _l("按常规")),
            *(SelectChoice(str(int(one)), name) for one, name in EVERY.items()),
        ],
        description=_l("选“按常规”时，下面几项也按常规"),
    )
    window = IntegerField(
        _l("可以早几天"),
        [required(), NumberRange(0, 6, message=_l("请填 %(min)d 到 %(max)d"))],
        render_kw={"inputmode": "numeric"},
    )
    places = Ticks(
        _l("可以在哪里见面"),
        [required(_l("请至少选一种地点"))],
        choices=[SelectChoice(kind.value, name) for kind, name in PLACES.items()],
    )
    first = IntegerField(
        _l("最初几次，除陪同人外要有两名志愿者"),
        [required(), NumberRange(1, 20, message=_l("请填 %(min)d 到 %(max)d"))],
        render_kw={"inputmode": "numeric"},
    )

    @classmethod
    def of_terms(cls, terms: Terms, *, own: bool) -> "ContractForm":
        every = str(terms.every) if own and terms.every in set(Every) else USUAL
        return cls.of_request(
            every=every,
            window=min(terms.window, 6),
            places=[one.value for one in PlaceKind if one in terms.places],
            first=terms.first,
        )

    def terms(self) -> Terms | None:
        """Return what is agreed; None for the presets."""
        if self.every.data == USUAL:
            return None
        places = frozenset(PlaceKind(one) for one in self.places.data or ())
        every, window, first = int(self.every.data), self.window.data, self.first.data
        return Terms(every, int(window or 0), places, int(first or 0), grace=0)


class CheckForm(Form):
    answer = RadioField(
        _l("孩子现在怎么样"),
        [required(_l("请选一项"))],
        choices=[SelectChoice(one.value, name) for one, name in CHECKS.items()],
    )

    def said(self) -> Check:
        return Check(self.answer.data)
