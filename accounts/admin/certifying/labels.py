"""Words of the trail of audits for certificates of service."""

from core.i18n import lazy as _l

KINDS = {
    "certificate": _l("时长证明"),
    "certificate_batch": _l("一批时长证明"),
    "signing_key": _l("签名密钥"),
}
ACTIONS = {
    "certificate_asked": _l("申请时长证明"),
    "certificate_withdrawn": _l("撤回时长证明的申请"),
    "certificate_declined": _l("没有开时长证明"),
    "certificate_issued": _l("开出时长证明"),
    "certificate_superseded": _l("换新时长证明"),
    "certificate_voided": _l("作废时长证明"),
    "certificate_read": _l("下载别人的时长证明"),
    "certificates_asked": _l("批量开时长证明"),
    "certificates_cancelled": _l("停下批量开证明"),
    "certificates_printed": _l("打印一批时长证明"),
    "signing_key_made": _l("换签名密钥"),
}
