"""The days in which somebody may object to a screening's result, before a lead bars them."""

from datetime import timedelta

from sqlalchemy import func, select

from core import clock
from core.db import transaction
from core.errors import RuleBroken
from core.i18n import _
from core.i18n import lazy as _l
from core.parameters import Parameter, Stricter, value_on
from core.show import day
from core.zone import CHINA
from volunteers.models import Evidence
from volunteers.rules import Outcome

DAYS = "volunteers.appeal_days"
PARAMETERS = (
    Parameter(
        DAYS,
        10,
        _l("登记查询有记录后多少天内本人可以申诉，期满才能认定不适合参加"),
        _l("天"),
        _l("教育部 2023 年通知：本人有异议的应当复查；天数为本站设计"),
        "D",
        Stricter.HIGHER,
    ),
)


def refuse_before_its_end(volunteer_id: int) -> None:
    """Refuse to bar somebody while they may still object to a result. Raises RuleBroken.

    They stay suspended meanwhile: nobody meets a child because of the wait.
    """
    with transaction() as session:
        recorded_at = session.scalar(
            select(func.max(Evidence.recorded_at)).where(
                Evidence.volunteer_id == volunteer_id,
                Evidence.outcome == Outcome.HIT,
                Evidence.voided_at.is_(None),
            )
        )
    if recorded_at is None:
        return
    days = int(value_on(DAYS, clock.today()))
    open_from = recorded_at.astimezone(CHINA).date() + timedelta(days=days + 1)
    if clock.today() < open_from:
        raise RuleBroken(
            _("申诉期还没满，%(day)s起才能认定；这之前服务一直暂停", day=day(open_from))
        )
