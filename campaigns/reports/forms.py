"""What an editor writes when a campaign is over, and when what was published has to be mended."""

from wtforms import HiddenField, StringField
from wtforms.validators import Optional

from campaigns.manage.forms import number
from campaigns.reports.services import Correction
from campaigns.signups.forms import plain
from core.forms import Form, LongTextField, required, up_to
from core.i18n import lazy as _l


class ReportForm(Form):
    text = LongTextField(
        _l("总结"),
        [required(), up_to(4000), plain],
        description=_l(
            "做了什么，学到什么，谢谢谁。不写任何一个孩子的事，也不写数字：公布时会附上最终的数字。"
            "每行一段；行首写“## ”是小标题，写“- ”是列表，**加粗**"
        ),
        render_kw={"rows": 14, "data-rich": "1"},
    )
    text_en = LongTextField(
        _l("总结（英文）"),
        [Optional(), up_to(6000), plain],
        render_kw={"rows": 10, "data-rich": "1"},
    )
    version = HiddenField(default="0")


class CorrectionForm(ReportForm):
    """The whole text anew, with a reason that everybody reads."""

    reason = StringField(
        _l("为什么更正"),
        [required(), up_to(200), plain],
        description=_l(
            "会和日期一起公开显示。只说改了哪一类内容，例如“更正了合作单位的名称”；"
            "不重复改掉的话，不写孩子的任何情况"
        ),
    )
    reason_en = StringField(_l("为什么更正（英文）"), [Optional(), up_to(200), plain])
    number = HiddenField(default="0")

    def correction(self) -> Correction:
        return Correction(
            text=str(self.text.data or ""),
            text_en=str(self.text_en.data or ""),
            reason=str(self.reason.data or ""),
            reason_en=str(self.reason_en.data or ""),
            number=number(self.number.data),
            version=number(self.version.data),
        )
