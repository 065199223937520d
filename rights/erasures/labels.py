"""What erasures are called."""

from core.i18n import lazy as _l
from rights.erasures.rules import Why

WHYS = {
    Why.REQUEST: _l("本人或监护人要求"),
    Why.CONSENT_WITHDRAWN: _l("同意已撤回满期"),
    Why.TERM_OVER: _l("保存期限已满"),
}
