"""What is done to a published report: corrected, published, given up, read."""

from sqlalchemy import select

from accounts.rules import Role
from campaigns.models import Campaign
from campaigns.reports.models import ClosingReport
from core.audit import AuditRow
from core.db import db
from tests.browser import Browser, Page
from tests.builders.people import a_grant, a_member_of_staff

OLD, NEW = "谢谢每一位来过的人", "谢谢每一位来过的志愿者"
MENDED = {"text": f"## 这个冬天\n{NEW}。", "reason": "更正了称呼"}


def of(campaign: Campaign, end: str = "correction") -> str:
    return f"/manage/campaigns/{campaign.uid}/closing-report/{end}"


def mend(browser: Browser, campaign: Campaign, status: int = 200, **texts: str) -> Page:
    form = browser.get(of(campaign)).form(of(campaign))
    return browser.post(of(campaign), form | MENDED | texts, status)


def press(browser: Browser, campaign: Campaign, verb: str, status: int = 200) -> Page:
    """Press a button with what is the latest now."""
    last = versions(campaign)[-1]
    sent = {"number": str(last.number), "version": str(last.version)}
    return browser.post(of(campaign, f"correction/{verb}"), sent, status)


def versions(campaign: Campaign) -> list[ClosingReport]:
    db.session.expire_all()
    return list(
        db.session.scalars(
            select(ClosingReport)
            .where(ClosingReport.campaign_id == campaign.id)
            .order_by(ClosingReport.number)
        )
    )


def read(visitor: Browser, campaign: Campaign, language: str = "") -> Page:
    return visitor.get(f"{language}/campaigns/{campaign.slug}/report")


def audited(campaign: Campaign) -> list[str]:
    asked = select(AuditRow.action).where(AuditRow.ref == campaign.uid).order_by(AuditRow.id)
    return list(db.session.scalars(asked))


def an_editor_who_publishes() -> int:
    both = a_member_of_staff(Role.EDITOR)
    a_grant(both, Role.PUBLISHER)
    return both
