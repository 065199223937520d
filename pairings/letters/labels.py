"""Where a letter stands, what it may not hold, and who is to do something, in words."""

from core.i18n import lazy as _l
from pairings.letters.rules import Lead, LetterState

STATES = {
    LetterState.WRITTEN: _l("等协调员看"),
    LetterState.SENT_BACK: _l("要改一改"),
    LetterState.PASSED: _l("可以交给孩子"),
    LetterState.HANDED: _l("已交给孩子"),
}
LEADS = {
    Lead.NUMBER: _l("不写电话和长串的数字"),
    Lead.LINK: _l("不写网址和邮箱"),
    Lead.CHAT: _l("不写微信、QQ 等聊天软件"),
    Lead.CODE: _l("不放二维码"),
    Lead.ADDRESS: _l("不写住址，也不请孩子寄信或来找您"),
}
WAITING = {
    LetterState.WRITTEN: (_l("等您看的告别信"), _l("看过才能交给孩子")),
    LetterState.SENT_BACK: (_l("要改的告别信"), _l("协调员写了要改什么")),
    LetterState.PASSED: (_l("要交给孩子的告别信"), _l("打印出来，见面时交给孩子")),
}
