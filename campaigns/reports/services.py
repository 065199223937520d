"""Writing a closing report, and publishing it with the numbers of that day.

An editor writes it while the campaign is being wrapped up; a publisher who has not written it
makes it public by the step that the campaign takes anyway. After that neither text nor numbers
change.
"""

from sqlalchemy import delete, update

from accounts.rules import Actor, Role
from campaigns.manage.queries import campaign as campaign_of
from campaigns.manage.queries import counties_of
from campaigns.models import Campaign
from campaigns.numbers.queries import figures
from campaigns.numbers.rules import laid_aside
from campaigns.reports.models import ClosingReport
from campaigns.reports.queries import gaps
from campaigns.rules import Stage
from campaigns.wording.queries import problems
from core import audit, clock
from core.db import transaction
from core.errors import RuleBroken
from core.i18n import _
from core.richtext import cleaned


def write(uid: str, text: str, text_en: str, *, version: int, by: Actor) -> None:
    """Write a campaign's report anew, if nobody has changed the campaign since that version."""
    with transaction() as session:
        seen = campaign_of(uid, by, Role.EDITOR)
        if amiss := problems(text, text_en):
            raise RuleBroken(*amiss)
        changed = session.scalar(
            update(Campaign)
            .where(
                Campaign.id == seen.id,
                Campaign.stage == Stage.WRAP_UP,
                Campaign.version == version,
            )
            .values(edited_by_id=by.id, edited_at=clock.now(), version=Campaign.version + 1)
            .returning(Campaign.id)
        )
        if changed is None:
            raise RuleBroken(_("活动刚刚有人改过，或者已经不在收尾阶段，请看过最新的内容再写"))
        session.execute(delete(ClosingReport).where(ClosingReport.campaign_id == changed))
        session.add(
            ClosingReport(
                campaign_id=changed,
                text=cleaned(text),
                text_en=cleaned(text_en),
                written_by_id=by.id,
            )
        )
        audit.record("write_report", "campaign", uid, by=by.id, fields=["text", "text_en"])


def publish(campaign: Campaign, *, by: Actor) -> None:
    """Publish a report with its final numbers, in the caller's transaction. Raises RuleBroken."""
    if missing := gaps(campaign):
        raise RuleBroken(*missing)
    told = figures(campaign.id, [int(one) for one, _name in counties_of(campaign.area_id)])
    with transaction() as session:
        found = session.scalar(
            update(ClosingReport)
            .where(
                ClosingReport.campaign_id == campaign.id,
                ClosingReport.published_at.is_(None),
                ClosingReport.written_by_id != by.id,
            )
            .values(figures=laid_aside(told), published_by_id=by.id, published_at=clock.now())
            .returning(ClosingReport.id)
        )
        if found is None:
            raise RuleBroken(_("写总结和公布总结要由两个不同的人来做，请另一位同事办理"))
