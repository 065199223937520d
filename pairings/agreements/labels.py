"""What parties, proofs and problems of an agreement are called on the page."""

from core.i18n import lazy as _l
from pairings.agreements.rules import Party, Problem, SignatureProof

PARTIES = {
    Party.GUARDIAN: _l("监护人"),
    Party.CHILD: _l("孩子本人（14 岁起）"),
    Party.VOLUNTEER: _l("志愿者"),
    Party.CENTRE: _l("县救助保护中心"),
}
PROOFS = {
    SignatureProof.PAPER: _l("纸质签字"),
    SignatureProof.WITNESSED_CALL: _l("有人见证的通话"),
    SignatureProof.ONLINE: _l("本人登录后签署"),
}
PROBLEMS = {
    Problem.NOT_ASKED: _l("这份协议不需要所选的人签"),
    Problem.WRONG_PROOF: _l("所选的人不能用这种方式签"),
    Problem.NO_SIGNER: _l("请选择是哪位监护人签的"),
    Problem.IN_THE_FUTURE: _l("签署日期还没到"),
}
