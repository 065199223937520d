"""What an export is wanted for, and in which format."""

from wtforms import RadioField, StringField

from accounts.exports.labels import FORMATS
from accounts.exports.rules import Format
from accounts.exports.services import Wish
from core.forms import Form, SelectChoice, required, up_to
from core.i18n import lazy as _l


class ExportForm(Form):
    format = RadioField(
        _l("格式"),
        [required(_l("请选一项"))],
        choices=[SelectChoice(one.value, name) for one, name in FORMATS.items()],
        default=Format.XLSX.value,
    )
    reason = StringField(
        _l("用途"),
        [required(), up_to(100)],
        description=_l("写在文件的第一行，并记入审计记录"),
    )

    def wish(self, kind: str, filters: dict[str, str]) -> Wish:
        return Wish(kind, filters, Format(self.format.data), str(self.reason.data))
