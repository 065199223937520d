"""What is filled in about a breach."""

from datetime import datetime, time

from wtforms import HiddenField, IntegerField, RadioField, StringField, TextAreaField, TimeField
from wtforms.validators import InputRequired, NumberRange

from core import clock
from core.forms import DateField, Form, SelectChoice, required, up_to
from core.i18n import lazy as _l
from core.zone import CHINA
from rights.breaches.labels import KINDS
from rights.breaches.rules import Kind
from rights.breaches.services import Content

MOST = 10_000_000


class BreachForm(Form):
    version = HiddenField()
    title = StringField(_l("一句话说明"), [required(), up_to(80)])
    kind = RadioField(
        _l("发生了什么"),
        [required(_l("请选择"))],
        choices=[SelectChoice(one.value, KINDS[one]) for one in Kind],
    )
    detected_on = DateField(_l("发现的日期"), [required()], default=clock.today)
    detected_at = TimeField(
        _l("发现的时刻"), [InputRequired(_l("请按 14:30 的样子填写"))], format="%H:%M"
    )
    involved = TextAreaField(
        _l("涉及哪些信息"), [required()], description=_l("写信息的种类，不写任何人的真实信息")
    )
    people = IntegerField(
        _l("涉及多少人"),
        [InputRequired(_l("请填写人数")), NumberRange(0, MOST, _l("请填写人数"))],
        description=_l("还不清楚就先估计，随时可以改"),
    )
    children = IntegerField(
        _l("其中孩子多少人"),
        [InputRequired(_l("请填写人数")), NumberRange(0, MOST, _l("请填写人数"))],
    )
    cause = TextAreaField(_l("原因"), [required()])
    harm = TextAreaField(_l("可能的危害"), [required()])
    measures = TextAreaField(_l("已采取和将采取的措施"), [required()])
    advice = TextAreaField(_l("家庭自己可以怎样减轻危害"), [required()])

    def content(self) -> Content:
        day, moment = self.detected_on.data or clock.today(), self.detected_at.data or time()
        texts = {
            name: str(self[name].data)
            for name in ("title", "involved", "cause", "harm", "measures", "advice")
        }
        return Content(
            **texts,
            kind=Kind(self.kind.data),
            people=int(self.people.data or 0),
            children=int(self.children.data or 0),
            detected_at=datetime.combine(day, moment, CHINA),
        )


class StepForm(Form):
    note = TextAreaField(_l("做了什么"), [required(), up_to(300)])
