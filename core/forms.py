"""The base of every form, and the door to WTForms.

What people type is trimmed, full-width digits are taken as digits where digits are asked for,
and characters nobody can type on purpose (NUL, lone surrogates, marks that turn
the direction of writing) are refused beside the field.
"""

import re
import secrets
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any, Self

import wtforms
from flask import g, request
from werkzeug.datastructures import CombinedMultiDict
from wtforms import HiddenField, SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import InputRequired, Length, StopValidation
from wtforms.widgets import CheckboxInput, ListWidget

from core import once
from core.db import attempt, transaction
from core.errors import RuleBroken
from core.i18n import _, in_english
from core.i18n import lazy as _l

__all__ = [
    "ActionForm",
    "CodeField",
    "DateField",
    "Form",
    "LongTextField",
    "PhoneField",
    "SelectChoice",
    "Ticks",
    "carry_out",
    "required",
    "up_to",
]

KEY = re.compile(r"[\w-]{16,43}", re.ASCII)
PHONE = re.compile(r"(?:\+?86)?(1\d{10})")
LONGEST = {"StringField": 200, "TextAreaField": 2000}
UNTYPABLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


class Required(InputRequired):
    """Something has to be filled in; blanks are nothing."""

    def __call__(self, form: wtforms.form.BaseForm, field: wtforms.Field) -> None:
        sent = field.raw_data or ()
        if any(isinstance(text, str) and not text.strip() for text in sent[:1]):
            field.raw_data = []
        super().__call__(form, field)


def required(message: str = "") -> InputRequired:
    """Say what is missing in words, or just that it is."""
    return Required(message or _l("请填写这一项"))


def up_to(most: int) -> Length:
    return Length(max=most, message=_l("最多 %(max)d 个字"))


def narrow(text: str) -> str:
    """Return the text with full-width digits and letters made ordinary and spaces left out."""
    wide = unicodedata.normalize("NFKC", text)
    return unicodedata.normalize("NFKC", re.sub(r"[\s\u200b-\u200f\u2060\ufeff]", "", wide))


def _strip(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


class PhoneField(wtforms.StringField):
    """A mainland mobile number, kept as 11 digits; spaces, dashes, +86 and wide digits are fine."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        if self.data:
            self.data = narrow(self.data).replace("-", "")

    def pre_validate(self, form: wtforms.form.BaseForm) -> None:
        if self.data:
            found = PHONE.fullmatch(self.data)
            if not found or not self.data.isascii():
                raise StopValidation(_("请填 11 位手机号，例如 138 开头的号码"))
            self.data = found[1]


class CodeField(wtforms.StringField):
    """A code or number that people copy: wide characters and spaces do not matter."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        if self.data:
            self.data = narrow(self.data)


class DateField(wtforms.DateField):
    """A day as 2026-11-24; wide digits, dots and slashes are fine."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            parts = re.split(r"[-./年月日]", narrow(valuelist[0]).rstrip("日"))
            self.data = date(*(int(part) for part in parts))
        except (TypeError, ValueError, OverflowError) as error:
            self.data = None
            raise ValueError(_("没有这一天，请按 2026-01-31 的样子填写")) from error


class LongTextField(wtforms.TextAreaField):
    """A text as long as a table that is pasted."""

    longest = 200_000


class Ticks(wtforms.SelectMultipleField):
    """Several of a list, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: wtforms.form.BaseForm) -> None:
        """Refuse what is not on the list in our own words: WTForms has no Chinese ones."""
        known = {choice.value for choice in self.choices or () if isinstance(choice, SelectChoice)}
        if not known.issuperset(self.data or ()):
            raise StopValidation(_("请从列表里选"))


def never() -> bool:
    return False


class Form(wtforms.Form):
    """A form that trims text, speaks the reader's language and is carried out once."""

    form_key = HiddenField(default=lambda: secrets.token_urlsafe(16))

    result: str | None = None

    def __init__(self, formdata: Any = None, **given: Any) -> None:
        languages = ("en",) if in_english() else ("zh",)
        super().__init__(formdata, **given, meta={"locales": languages})

    class Meta(wtforms.meta.DefaultMeta):
        def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Any:
            secret = issubclass(unbound_field.field_class, wtforms.PasswordField)
            filters = [*([] if secret else [_strip]), *unbound_field.kwargs.get("filters", ())]
            bound = unbound_field.bind(form=form, **options)
            bound.filters = tuple(filters)
            return bound

    @classmethod
    def of_request(cls, **defaults: object) -> Self:
        """Read what was sent, or typed before (accounts.drafts); else show the defaults."""
        sent: CombinedMultiDict[str, Any] = CombinedMultiDict([request.files, request.form])
        return cls(sent or g.get("typed_before"), data=defaults)

    @property
    def status(self) -> int:
        """422 when there is something to mend, else 200: what the page answers with."""
        return 422 if self.errors else 200

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        if not KEY.fullmatch(self.form_key.data or ""):
            self.form_key.data = secrets.token_urlsafe(16)
            self.form_errors = [*self.form_errors, _("页面已过期，请核对后再提交一次")]
            fine = False
        for field in self:
            fine = _typable(field) and fine
        return fine

    def tries(self, action: Callable[[], object]) -> bool:
        """Act if the form was sent and is valid, without a transaction around the action.

        For sign-in and the like, whose failures must be kept and whose repetition does no harm.
        """
        if request.method != "POST" or not self.validate():
            return False
        try:
            action()
        except RuleBroken as refusal:
            self.form_errors = [*self.form_errors, *refusal.reasons]
            return False
        return True

    def carries_out(
        self, action: Callable[[], object], *, unless: Callable[[], bool] = never
    ) -> bool:
        """Act once if the form was sent and is valid; a refusal becomes the form's own error.

        What the action returns, if a text, is kept as `result` and given again to whoever sends
        the same form again. `unless` is asked before: a count of tries, which stays whatever
        becomes of the action. If it says so, nothing is done and nobody is told: the form counts
        as carried out.
        """
        if request.method != "POST" or not self.validate():
            return False
        try:
            with transaction(kept=unless is not never):
                if not unless():
                    self._act_once(action)
        except RuleBroken as refusal:
            self.form_errors = [*self.form_errors, *refusal.reasons]
            return False
        return True

    def _act_once(self, action: Callable[[], object]) -> None:
        key = str(self.form_key.data)
        with attempt():
            if not once.claim(key):
                self.result = once.result_of(key)
            elif isinstance(made := action(), str):
                once.remember(key, made)
                self.result = made


class ActionForm(Form):
    """The form behind a single button."""


def carry_out(action: Callable[[], object]) -> str | None:
    """Carry out what a single button asks for, once; a refusal is shown as a page (409).

    Returns the action's text, if it has one.
    """
    form = ActionForm.of_request()
    if not form.carries_out(action):
        raise RuleBroken(*(str(reason) for reason in form.form_errors))
    return form.result


def _typable(field: wtforms.Field) -> bool:
    """Whether every text in the field can be stored; if not, say so beside the field."""
    texts = [text for text in (field.raw_data or ()) if isinstance(text, str)]
    longest = LONGEST.get(
        "TextAreaField" if isinstance(field, wtforms.TextAreaField) else "StringField", 200
    )
    longest = field.longest if isinstance(field, LongTextField) else longest
    problem = ""
    if any(UNTYPABLE.search(text) for text in texts):
        problem = _("含有无法识别的字符，请重新输入")
    elif any(len(text) > longest for text in texts) and not field.errors:
        problem = _("太长了，最多 %(most)d 个字", most=longest)
    if problem:
        field.errors = [*field.errors, problem]
    return not problem
