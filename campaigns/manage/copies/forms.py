"""What is asked before a campaign is copied: its address, name and first day."""

from datetime import date

from wtforms import StringField
from wtforms.validators import Regexp

from campaigns.manage.forms import SLUG
from campaigns.models import Campaign
from campaigns.signups.forms import plain
from core.forms import CodeField, DateField, Form, required, up_to
from core.i18n import lazy as _l


class CopyForm(Form):
    title = StringField(_l("活动名称"), [required(), up_to(60), plain])
    slug = CodeField(
        _l("网址"),
        [
            required(),
            up_to(60),
            Regexp(
                SLUG.pattern + r"\Z", message=_l("只用小写字母、数字和短横线，例如 qingnuan-2027")
            ),
        ],
    )
    begins = DateField(
        _l("走访从哪天开始"), [required()], description=_l("其他日子和所有名额按同样的天数往后移")
    )

    @classmethod
    def next_of(cls, campaign: Campaign) -> dict[str, object]:
        """Return what the form proposes: the same weekday a year later, 52 weeks on."""
        year = campaign.visits_from.year
        begins = date.fromordinal(campaign.visits_from.toordinal() + 364)
        later = {str(one): str(one + begins.year - year) for one in (year, year - 1)}
        title, slug = campaign.title, campaign.slug
        for old, new in later.items():
            title, slug = title.replace(old, new), slug.replace(old, new)
        return {"title": title, "slug": slug if slug != campaign.slug else "", "begins": begins}
