"""What is filled in about an assessment."""

from wtforms import HiddenField, RadioField, StringField, TextAreaField

from core.forms import Form, SelectChoice, required, up_to
from core.i18n import lazy as _l
from rights.assessments.labels import FIELDS, RESULTS
from rights.assessments.rules import TEXTS, Result
from rights.assessments.services import Content


class AssessmentForm(Form):
    version = HiddenField()
    title = StringField(FIELDS["title"], [required(), up_to(80)])
    purposes = TextAreaField(FIELDS["purposes"], [required()])
    involved = TextAreaField(
        FIELDS["involved"], [required()], description=_l("写栏目名，不写任何人的真实信息")
    )
    necessity = TextAreaField(FIELDS["necessity"], [required()])
    risks = TextAreaField(FIELDS["risks"], [required()])
    measures = TextAreaField(FIELDS["measures"], [required()])
    conclusion = RadioField(
        _l("结论"),
        [required(_l("请选择"))],
        choices=[SelectChoice(one.value, RESULTS[one]) for one in Result],
    )

    def content(self) -> Content:
        texts = {name: str(self[name].data) for name in TEXTS}
        return Content(**texts, conclusion=Result(self.conclusion.data))
