"""What the sealed fields are called on the page."""

from children.sealed.rules import SealedField
from core.i18n import lazy as _l

FIELDS = {
    SealedField.REAL_NAME: _l("真实姓名"),
    SealedField.GUARDIAN_PHONE: _l("监护人电话"),
    SealedField.EXACT_PLACE: _l("具体住处"),
    SealedField.HEALTH: _l("健康情况"),
    SealedField.FAMILY: _l("家庭情况"),
}
