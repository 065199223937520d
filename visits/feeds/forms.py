"""What people fill in to read their visits in a calendar of their own."""

from wtforms import RadioField, StringField

from core.forms import Form, SelectChoice, required, up_to
from core.i18n import lazy as _l
from visits.feeds.labels import REACHES
from visits.feeds.models import LONGEST
from visits.feeds.rules import Reach


class FeedForm(Form):
    name = StringField(
        _l("给它起个名字"),
        [required(), up_to(LONGEST)],
        description=_l("例如“手机”，以后看得出是哪一个"),
    )
    reach = RadioField(
        _l("放哪些走访"),
        [required(_l("请选一项"))],
        choices=[SelectChoice(one.value, REACHES[one]) for one in Reach],
        default=Reach.MINE.value,
    )
