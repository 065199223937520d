"""A goodbye letter: where it stands, and what in it would lead to a private contact later."""

import re
import unicodedata
from enum import StrEnum


class LetterState(StrEnum):
    """Where a letter stands: nobody gives it to a child before somebody else has read it."""

    WRITTEN = "written"
    SENT_BACK = "sent_back"
    PASSED = "passed"
    HANDED = "handed"


OPEN = (LetterState.WRITTEN, LetterState.SENT_BACK)
"""While the team may still change it."""


class Lead(StrEnum):
    """What leads from a letter to somebody outside the visits."""

    NUMBER = "number"
    LINK = "link"
    CHAT = "chat"
    CODE = "code"
    ADDRESS = "address"


DIGIT = "[0-9零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖幺]"
LEADS = {
    Lead.NUMBER: rf"{DIGIT}(?:[\s.\-—_·,，、]*{DIGIT}){{6,}}",
    Lead.LINK: (
        r"https?:|www\.|[\w.+\-]+@[\w\-]+|"
        r"[a-z0-9\-]+\.(?:com|cn|net|org|cc|top|me|io|tv|xyz|vip|info|edu|gov)\b"
    ),
    Lead.CHAT: (
        r"微信|薇信|威信|加[vV](?![a-z])|(?<![a-z])(?:wechat|weixin|wx|qq|vx|tiktok|whatsapp)(?![a-z])|"
        r"扣扣|企鹅号|抖音|快手|小红书|微博|钉钉|朋友圈|加我好友"
    ),
    Lead.CODE: r"二维码|扫码|扫一扫|qr\s?code",
    Lead.ADDRESS: (
        r"(?:路|街|大道|巷|弄|胡同)\s*[0-9一二三四五六七八九十百]+\s*号|"
        r"[0-9一二三四五六七八九十]+\s*(?:号楼|栋|单元)|(?:寄到|寄给我|来找我)"
    ),
}
PATTERNS = {lead: re.compile(pattern, re.IGNORECASE) for lead, pattern in LEADS.items()}


def leads(text: str) -> tuple[Lead, ...]:
    """Return what leads from a text to a private contact (domain.md §3.9).

    The first line of defence: whoever checks the letter is the second. Seven digits in a row are
    a number, in figures or in words, whatever stands between them.
    """
    plain = unicodedata.normalize("NFKC", text)
    return tuple(lead for lead, pattern in PATTERNS.items() if pattern.search(plain))
