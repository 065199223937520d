"""For whom certificates are issued at once."""

from wtforms import SelectField

from core.forms import required
from core.i18n import lazy as _l
from volunteers.certificates.forms import PeriodForm


class BatchForm(PeriodForm):
    county = SelectField(_l("县（区、市）"), [required()])
    org = SelectField(_l("哪个单位的志愿者"), description=_l("不选就是全县的志愿者"))
