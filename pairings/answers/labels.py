"""What answers to a pairing, and problems with them, are called on the page."""

from core.i18n import lazy as _l
from pairings.answers.rules import Problem, Whose

WHOSE = {Whose.GUARDIAN: _l("监护人"), Whose.CHILD: _l("孩子本人")}
QUESTIONS = {
    Whose.GUARDIAN: _l("监护人对这次结对的答复"),
    Whose.CHILD: _l("孩子对这次结对的答复"),
}
ASKED = {
    Whose.GUARDIAN: _l("讲清楚是哪一组志愿者、多久来一次、到哪天为止，再问监护人愿不愿意。"),
    Whose.CHILD: _l(
        "用孩子听得懂的话讲清楚谁会来、来做什么，再问孩子自己。孩子说“不”就到此为止，不用讲理由。"
    ),
}
PROBLEMS = {
    Problem.IN_THE_FUTURE: _l("答复日期还没到"),
    Problem.BEFORE_ASKED: _l("答复日期早于批准（或提出续期）的那一天"),
    Problem.NO_SIGNER: _l("请选择是谁答复的"),
    Problem.WRONG_SIGNER: _l("这一项不能由所选的人答复"),
    Problem.NO_PROOF: _l("请选择凭什么证明"),
    Problem.WRONG_PROOF: _l("这一项不能用所选的证明方式，14 岁起须由孩子签字"),
}
