"""A visit in words, line by line."""

from core.i18n import _
from visits.labels import PLACES
from visits.queries import Seen
from visits.sheet.queries import Sheet


def known(seen: Seen, shown: Sheet) -> list[tuple[str, str]]:
    """Return what the reader may know, line by line; what is empty has no line."""
    visit, escort = seen.visit, seen.escort
    place = _("%(kind)s：%(place)s", kind=PLACES[visit.place_kind], place=shown.place)
    agreed = _("已同意") if visit.guardian_agreed else _("待陪同人确认")
    lines = {
        _("孩子"): " · ".join(part for part in (shown.child, shown.age) if part),
        _("喜欢"): shown.interests,
        _("请留意"): shown.care_hint,
        _("志愿小组"): shown.team,
        _("地区"): f"{shown.county} {shown.township}".strip(),
        _("见面地点"): place if shown.place else "",
        _("本地陪同人"): f"{escort.name} {shown.phone}".strip() if escort else "",
        _("监护人或照料人"): agreed,
    }
    return [(term, text) for term, text in lines.items() if text]
