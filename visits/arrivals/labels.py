"""Who is still missing on the spot, in words."""

from core.i18n import lazy as _l
from visits.arrivals.rules import Lack

LACKS = {
    Lack.ADULTS: _l(
        "现场还不到两位成人：先不要和孩子见面，等另一位签到。等不到就取消，并告诉县中心。"
    ),
    Lack.WOMAN: _l(
        "看望女孩要有女志愿者在场：她签到之前不要和孩子见面；她来不了，就取消这次走访，并告诉县中心。"
        "她先走了，其他人也一起离开。"
    ),
}
