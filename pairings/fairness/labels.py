"""Words for waiting and for the orders that are compared."""

from collections.abc import Mapping
from typing import Any

from core.i18n import _
from core.i18n import lazy as _l
from pairings.fairness.rules import Band
from pairings.matching.simulating.chart import Words
from pairings.matching.simulating.orders import Order

BANDS = {
    Band.OVERDUE: _l("超期"),
    Band.RISKY: _l("中高或高风险"),
    Band.OTHER: _l("其他"),
}
ORDERS = {
    Order.FIRST_COME: _l("先到先配，逐个挑选"),
    Order.RISK_FIRST: _l("风险优先，逐个挑选"),
    Order.POINTS: _l("整体最优，只看匹配分"),
    Order.LINEAR: _l("整体最优，等待按天加分"),
    Order.QUADRATIC: _l("整体最优，等待按平方加分"),
    Order.TIERS: _l("整体最优，严格分层（默认）"),
}


def words(report: Mapping[str, Any]) -> Words:
    """Return what a chart of a report says, in today's language."""
    city = report["city"]
    return Words(
        title=_("%(n)s 周模拟：谁等得最久", n=city["weeks"]),
        about=_(
            "虚构的城市：%(teams)s 个小组，每周新增 %(arrivals)s 个孩子，种子 %(seed)s",
            teams=city["teams"],
            arrivals=city["arrivals"],
            seed=city["seed"],
        ),
        weeks=_("第几周"),
        wait=_("还在等待的孩子中，最长已等几周"),
        bars=_("最长等待，服务过的和还在等的都算"),
        bar=_("{longest} 周，95% 在 {p95} 周内，服务 {served} 人"),
        orders={str(order): str(name) for order, name in ORDERS.items()},
    )
