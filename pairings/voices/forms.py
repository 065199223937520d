"""Three questions with five faces each, and what was done where voices disagree."""

from typing import Self

from wtforms import RadioField, TextAreaField

from children.forms import says_nothing_identifying
from core import clock
from core.forms import DateField, Form, SelectChoice, required, up_to
from core.i18n import lazy as _l
from pairings.voices.labels import FACES, QUESTIONS
from pairings.voices.rules import Question, Said, Voice


def _faces() -> RadioField:
    choices = [SelectChoice(str(face), name) for face, name in FACES.items()]
    return RadioField("", [required(_l("请选一张脸"))], choices=choices)


class VoiceForm(Form):
    well = _faces()
    heard = _faces()
    again = _faces()
    dated = DateField(_l("哪天问的"), [required()], default=clock.today)

    def ask(self, voice: Voice) -> Self:
        """Put the questions in the words for whoever is asked."""
        for question in Question:
            self[question.value].label.text = str(QUESTIONS[voice][question])
        return self

    def said(self) -> Said:
        return Said(*(int(self[question.value].data) for question in Question))


class SettleForm(Form):
    note = TextAreaField(
        _l("问了谁、怎么处理的"),
        [required(), up_to(300), says_nothing_identifying],
        description=_l("不写孩子和家里的事；孩子有危险先打 110"),
        render_kw={"rows": 3},
    )
