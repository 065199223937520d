"""What two accounts of a visit are called, and what each says in words."""

from core.i18n import _
from core.i18n import lazy as _l
from visits.labels import MOODS, NEED_CHANGES
from visits.records.rules import Account

MINE, THEIRS, BOTH = _l("用我写的"), _l("用 TA 写的"), _l("两段都留")


def words(name: str, account: Account) -> str:
    """Return what an account says in one of its fields."""
    said = getattr(account, name)
    if name == "child_present":
        return _("来了") if said else _("没来")
    if name == "concern":
        return _("有，需要有人跟进") if said else _("没有")
    if name == "mood":
        return str(MOODS[said]) if said else _("没有选")
    if name == "need_change":
        return str(NEED_CHANGES[said])
    return str(said) if said else _("没有写")
