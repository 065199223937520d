"""Entering what is sealed: never shown back, so every field starts empty and empty keeps it."""

from collections.abc import Mapping

from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import Optional

from children.forms import says_nothing_identifying, version_of
from children.sealed.entering.services import Entry
from children.sealed.labels import FIELDS
from children.sealed.queries import Part
from children.sealed.rules import LONGEST, SealedField
from core.forms import Form, PhoneField, SelectChoice, Ticks, up_to
from core.i18n import _
from core.i18n import lazy as _l

UNREMEMBERED = {"autocomplete": "off"}
"""The browser of an office is not to offer a child's name to whoever sits there next."""


class SealedForm(Form):
    real_name = StringField(
        FIELDS[SealedField.REAL_NAME],
        [Optional(), up_to(LONGEST[SealedField.REAL_NAME]), says_nothing_identifying],
        render_kw=UNREMEMBERED,
    )
    guardian_phone = PhoneField(
        FIELDS[SealedField.GUARDIAN_PHONE],
        [Optional()],
        render_kw=UNREMEMBERED | {"inputmode": "tel"},
    )
    exact_place = StringField(
        FIELDS[SealedField.EXACT_PLACE],
        [Optional(), up_to(LONGEST[SealedField.EXACT_PLACE])],
        render_kw=UNREMEMBERED,
    )
    health = TextAreaField(
        FIELDS[SealedField.HEALTH],
        [Optional(), up_to(LONGEST[SealedField.HEALTH]), says_nothing_identifying],
        render_kw=UNREMEMBERED | {"rows": 3},
    )
    family = TextAreaField(
        FIELDS[SealedField.FAMILY],
        [Optional(), up_to(LONGEST[SealedField.FAMILY]), says_nothing_identifying],
        render_kw=UNREMEMBERED | {"rows": 3},
    )
    removed = Ticks(_l("删去已登记的"), [Optional()], choices=[])
    apart = BooleanField(_l("已和县中心核对过，不是同一个孩子"))
    version = HiddenField()

    def offer(self, part: Part) -> None:
        """Ask for what is in use, and offer to remove what is on file."""
        for field in SealedField:
            if field not in part.in_use:
                del self[field.value]
            elif field in part.filled:
                shown = part.masks.get(field) or _("已登记")
                self[field.value].description = _("现在：%(what)s。不填就不变", what=shown)
        self.removed.choices = [SelectChoice(one.value, FIELDS[one]) for one in part.filled]
        if not part.filled:
            del self.removed

    def entry(self) -> Entry:
        return Entry(self._changes(), version_of(self.version.data), bool(self.apart.data))

    def _changes(self) -> Mapping[SealedField, str]:
        """Return what was entered; a field that is removed is empty."""
        removed = set(self.removed.data or ()) if "removed" in self else set()
        found = {field: "" for field in SealedField if field.value in removed}
        for field in SealedField:
            if field.value in self and self[field.value].data:
                found[field] = str(self[field.value].data)
        return found


class SearchForm(Form):
    """An exact search; at least one of the two."""

    real_name = StringField(
        FIELDS[SealedField.REAL_NAME],
        [Optional(), up_to(LONGEST[SealedField.REAL_NAME])],
        description=_l("要写全名，一字不差才找得到"),
        render_kw=UNREMEMBERED,
    )
    guardian_phone = PhoneField(
        FIELDS[SealedField.GUARDIAN_PHONE],
        [Optional()],
        render_kw=UNREMEMBERED | {"inputmode": "tel"},
    )

    def wanted(self) -> Mapping[SealedField, str]:
        given = {
            SealedField.REAL_NAME: str(self.real_name.data or ""),
            SealedField.GUARDIAN_PHONE: str(self.guardian_phone.data or ""),
        }
        return {field: text for field, text in given.items() if text}
