"""By which ways somebody is reached, and what they answered to reminders."""

from sqlalchemy import select

from core.i18n import _
from messages.contacts.queries import kept
from rights.copies.rules import Section
from rights.copies.sections.queries import section
from visits.answers.models import VisitAnswer


def contacts(person_id: int) -> Section:
    columns = (
        ("channel", _("途径")),
        ("address", _("地址")),
        ("verified_at", _("验证时间")),
        ("opted_out_at", _("说了不收的时间")),
        ("broken_at", _("停发时间")),
    )
    rows = [
        (one.channel.value, one.address, one.verified_at, one.opted_out_at, one.broken_at)
        for one in kept(person_id)
    ]
    return Section("contacts", _("联系方式"), columns, rows)


def answers(person_id: int) -> Section:
    """When somebody said whether they come, not to whom: that is the child's data."""
    columns = (("said", _("回答")), ("starts_at", _("走访时间")), ("answered_at", _("时间")))
    asked = (
        select(VisitAnswer.said, VisitAnswer.starts_at, VisitAnswer.answered_at)
        .where(VisitAnswer.person_id == person_id)
        .order_by(VisitAnswer.id.desc())
    )
    return section("visit_answers", _("来不来走访"), columns, asked)
