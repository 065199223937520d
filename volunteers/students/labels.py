"""What the ways of showing that one studies are called."""

from core.i18n import lazy as _l
from volunteers.students.rules import How

WAYS = {
    How.MAIL: _l("校园邮箱"),
    How.ROSTER: _l("学校名册"),
    How.VOUCH: _l("老师担保"),
}
