"""What an editor writes when a campaign is over."""

from wtforms import HiddenField, TextAreaField
from wtforms.validators import Optional

from campaigns.signups.forms import plain
from core.forms import Form, required, up_to
from core.i18n import lazy as _l


class ReportForm(Form):
    text = TextAreaField(
        _l("总结"),
        [required(), up_to(4000), plain],
        description=_l(
            "做了什么，学到什么，谢谢谁。不写任何一个孩子的事，也不写数字：公布时会附上最终的数字。"
            "每行一段；行首写“## ”是小标题，写“- ”是列表，**加粗**"
        ),
        render_kw={"rows": 14, "data-rich": "1"},
    )
    text_en = TextAreaField(
        _l("总结（英文）"),
        [Optional(), up_to(6000), plain],
        render_kw={"rows": 10, "data-rich": "1"},
    )
    version = HiddenField(default="0")
