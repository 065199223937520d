"""What people are told about a password they may not choose."""

from accounts.passwords.rules import LONGEST, Policy, Problem
from core.i18n import _
from core.i18n import lazy as _l

TEXTS = {
    Problem.COMMON: _l("这个密码太常见，很多人都在用，请换一个"),
    Problem.OWN: _l("密码里主要是姓名、号码或本站的名字，请换成别人想不到的词"),
    Problem.SIMPLE: _l("密码太有规律（重复或连号），请换一个"),
    Problem.KINDS: _l("密码要有大写字母、小写字母、数字、符号中的三种"),
}


def told(problem: Problem, policy: Policy, *, has_second_factor: bool) -> str:
    """Say what is wrong, in words people can act on."""
    if problem is Problem.SHORT:
        least = policy.shortest(has_second_factor=has_second_factor)
        return _("密码至少 %(least)d 位，可以用几个不相干的词连起来", least=least)
    if problem is Problem.LONG:
        return _("密码最多 %(most)d 位", most=LONGEST)
    return str(TEXTS[problem])
