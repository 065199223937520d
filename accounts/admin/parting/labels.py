"""Words of the trail of audits for what a pairing's people say of it."""

from core.i18n import lazy as _l

KINDS = {"voice_task": _l("要问清的结对意见")}
ACTIONS = {
    "pairing_letter": _l("写告别信"),
    "pairing_letter_checked": _l("看告别信"),
    "pairing_letter_handed": _l("登记告别信交给了孩子"),
    "pairing_voice": _l("填结对的意见"),
    "pairing_voices_apart": _l("结对的意见要问清"),
    "pairing_voices_settled": _l("处理结对的意见"),
}
