"""How a list is brought: a file, or what was copied from a sheet."""

import csv
import io

import wtforms
from wtforms import BooleanField, FileField
from wtforms.validators import ValidationError

from campaigns.imports.services import Brought
from core import sheets, workbooks
from core.errors import RuleBroken
from core.forms import Form, LongTextField
from core.i18n import _, locale
from core.i18n import lazy as _l


class BringForm(Form):
    file = FileField(
        _l("表格文件"),
        description=_l(".xlsx 或 .csv，最多 5000 行、5 MB"),
        render_kw={"accept": ".xlsx,.csv"},
    )
    pasted = LongTextField(
        _l("或者贴在这里"),
        description=_l("在表格里连同表头一起选中、复制，再粘贴"),
        render_kw={"rows": 6, "spellcheck": "false", "autocomplete": "off"},
    )

    brought: Brought

    def validate_file(self, field: wtforms.Field) -> None:
        if self._uploaded:
            self.brought = _looked_at(field.data.read(), field.data.filename)
            field.data.seek(0)

    def validate_pasted(self, field: wtforms.Field) -> None:
        pasted = (field.data or "").strip("\r\n")
        if bool(pasted) == self._uploaded:
            raise ValidationError(_("请选一个文件，或者贴一张表，两样只要一样"))
        if pasted:
            self.brought = _looked_at(_as_csv(pasted), "pasted.csv")

    @property
    def _uploaded(self) -> bool:
        return bool(getattr(self.file.data, "filename", ""))


class ConfirmForm(Form):
    same_names = BooleanField(_l("同名的是不同的人，也一起导入"))


def _looked_at(data: bytes, name: str) -> Brought:
    try:
        return Brought(data, sheets.refuse_at_once(data, name), locale())
    except RuleBroken as refusal:
        raise ValidationError(*refusal.reasons) from refusal


def _as_csv(pasted: str) -> bytes:
    """Return what was copied from a sheet, whose cells are parted by tabs, parted by commas."""
    if "\t" not in pasted:
        return pasted.encode()
    text = io.StringIO(newline="")
    try:
        rows = csv.reader(io.StringIO(pasted, newline=""), delimiter="\t")
        csv.writer(text).writerows(rows)
    except csv.Error as error:
        raise ValidationError(*workbooks.broken().reasons) from error
    return text.getvalue().encode()
