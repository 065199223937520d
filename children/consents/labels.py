"""What purposes, answers, signers and problems with consent are called on the page."""

from children.consents.rules import AnswerProblem
from children.rules import ConsentProof, ConsentState, Purpose, Signer
from core.i18n import _
from core.i18n import lazy as _l

PURPOSES = {
    Purpose.PAIRING: _l("同意结对"),
    Purpose.SHARE_WITH_ORG: _l("同意让志愿者组织知道必要信息"),
    Purpose.ASSENT: _l("孩子本人愿意"),
    Purpose.PHOTO: _l("同意拍照"),
    Purpose.PUBLICATION: _l("同意公开发布"),
}
MEANINGS = {
    Purpose.PAIRING: _l("由监护人决定：两名志愿者一组，在工作人员陪同下定期看望孩子。"),
    Purpose.SHARE_WITH_ORG: _l("由监护人决定：结对的志愿者能看到代号、年龄段、兴趣和注意事项。"),
    Purpose.ASSENT: _l(
        "问孩子自己：用孩子听得懂的话讲清楚，孩子说“不”就不结对，不用讲理由。14 岁起由孩子签字。"
    ),
    Purpose.PHOTO: _l("由监护人决定：活动时由指定的一人拍照，只拍背影、双手和作品。"),
    Purpose.PUBLICATION: _l("由监护人决定：经过审核、看不出是谁的内容可以发布。"),
}
STATES = {
    ConsentState.REQUESTED: _l("已询问，等答复"),
    ConsentState.GIVEN: _l("同意"),
    ConsentState.REFUSED: _l("不同意"),
    ConsentState.WITHDRAWN: _l("已撤回"),
}
SIGNERS = {
    Signer.MOTHER: _l("母亲"),
    Signer.FATHER: _l("父亲"),
    Signer.OTHER_GUARDIAN: _l("其他监护人"),
    Signer.CIVIL_AFFAIRS: _l("民政部门（国家监护）"),
    Signer.CHILD: _l("孩子本人"),
}
PROOFS = {
    ConsentProof.PAPER: _l("纸质签字"),
    ConsentProof.WITNESSED_CALL: _l("有人见证的通话"),
    ConsentProof.ASKED_IN_PERSON: _l("当面询问"),
}
PROBLEMS = {
    AnswerProblem.IN_THE_FUTURE: _l("答复日期还没到"),
    AnswerProblem.NO_SIGNER: _l("请选择是谁答复的"),
    AnswerProblem.WRONG_SIGNER: _l("这一项不能由所选的人答复"),
    AnswerProblem.NO_PROOF: _l("请选择凭什么证明"),
    AnswerProblem.WRONG_PROOF: _l("这一项不能用所选的证明方式，14 岁起须由孩子签字"),
    AnswerProblem.ENDS_BEFORE: _l("有效期早于答复日期"),
    AnswerProblem.OVER: _l("这份同意已经过了有效期，请重新征求"),
}


def told(problem: AnswerProblem, months: int) -> str:
    """Return the problem in words."""
    if problem is AnswerProblem.TOO_LONG:
        return _("同意最长 %(n)d 个月有效，请缩短有效期", n=months)
    return str(PROBLEMS[problem])


def standing(state: ConsentState | None, *, over: bool) -> tuple[str, str]:
    """Return a consent's state in a word, and its tone."""
    if state is None:
        return _("未征求"), ""
    if over:
        return _("已过期"), "warn"
    tones = {ConsentState.GIVEN: "ok", ConsentState.REQUESTED: "info"}
    return str(STATES[state]), tones.get(state, "danger")
