"""Choosing, field by field, what a record says when two people have written it."""

from typing import Any, Self

from flask import request
from wtforms import HiddenField, RadioField
from wtforms.fields.core import Field
from wtforms.validators import Optional

from core.forms import SelectChoice
from core.i18n import _
from visits.records.forms import RecordForm, filled
from visits.records.merging.labels import BOTH, MINE, THEIRS
from visits.records.merging.rules import LONGEST, Keep, both, differing, merged, suggested
from visits.records.rules import Account


def _keep(name: str) -> RadioField:
    choices = [SelectChoice(Keep.MINE.value, MINE), SelectChoice(Keep.THEIRS.value, THEIRS)]
    if name in LONGEST:
        choices.append(SelectChoice(Keep.BOTH.value, BOTH))
    return RadioField(validators=[Optional()], choices=choices)


class MergeForm(RecordForm):
    """One's own account, carried along unseen, and what to keep of it and of the other's."""

    merging = HiddenField(default="yes")
    keep_child_present = _keep("child_present")
    keep_mood = _keep("mood")
    keep_did = _keep("did")
    keep_need_change = _keep("need_change")
    keep_need_changes = _keep("need_changes")
    keep_parcel = _keep("parcel")
    keep_parcels = _keep("parcels")
    keep_concern = _keep("concern")

    theirs: Account

    def __init__(self, formdata: Any = None, **given: Any) -> None:
        super().__init__(formdata, **given)
        for field in self:
            if field.name.startswith("keep_"):
                field.label.text = self[field.name.removeprefix("keep_")].label.text

    @classmethod
    def sent(cls, theirs: Account) -> Self:
        """Read what was chosen against that other account."""
        form = cls(request.form)
        form.theirs = theirs
        return form

    @classmethod
    def between(
        cls, mine: Account, theirs: Account, base: Account | None, **carried: object
    ) -> Self:
        """Show the choice; `base` is what both began with."""
        names = differing(mine, theirs)
        kept = {f"keep_{name}": suggested(name, base, mine, theirs) for name in names}
        form = cls(data={**filled(mine), **kept, **carried})
        form.theirs = theirs
        return form

    @property
    def mine(self) -> Account:
        return super().account()

    @property
    def undecided(self) -> bool:
        """Whether nothing but a choice is wrong; an account that is none has nothing to choose."""
        wrong = [field.name for field in self if field.errors]
        return bool(wrong) and all(name.startswith("keep_") for name in wrong)

    @property
    def questions(self) -> list[tuple[str, Field]]:
        """What the two do not agree on: each field's name with its choice."""
        return [(name, self[f"keep_{name}"]) for name in differing(self.mine, self.theirs)]

    def account(self) -> Account:
        keep = {name: Keep(choice.data) for name, choice in self.questions}
        return merged(self.mine, self.theirs, keep)

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        for name, choice in self.questions if fine else ():
            if choice.data not in set(Keep):
                choice.errors = [_("请选一个")]
            elif choice.data == Keep.BOTH:
                most = LONGEST[name]
                long = len(both(name, self.mine, self.theirs)) > most
                choice.errors = [_("合起来超过 %(most)d 个字，请选一段", most=most)] if long else []
            fine = fine and not choice.errors
        return fine
