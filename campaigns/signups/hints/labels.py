"""Hints in words."""

from campaigns.labels import told_days
from campaigns.signups.hints.rules import Hint, Note
from core.i18n import _


def said(hint: Hint) -> str:
    """Return a hint in the reader's language."""
    if hint.note is Note.CLASH:
        return _("和您已报的“%(title)s”时间撞在一起，路上的时间也算进去了。", title=hint.what)
    if hint.note is Note.TIGHT:
        return _(
            "和您已报的“%(title)s”在同一天，两处之间路上估计 %(n)d 分钟，怕赶不及。",
            title=hint.what,
            n=hint.minutes,
        )
    days = told_days(*hint.days) if hint.days else ""
    if not hint.confirmed:
        days = _("预计 %(days)s", days=days)
    if hint.note is Note.EXAM:
        return _("正赶上%(exam)s（%(days)s），请先安排好考试。", exam=hint.what, days=days)
    return _("这段日子里有%(exam)s（%(days)s），约时间的时候请避开。", exam=hint.what, days=days)
