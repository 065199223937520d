"""What states, checks and answers about stories are called on the page."""

from campaigns.stories.rules import CELLS, COLUMNS, Cause, Check, Hiding, State
from children.rules import ConsentProof
from core.i18n import _
from core.i18n import lazy as _l

STATES = {
    State.DRAFT: _l("草稿"),
    State.FIRST_CHECK: _l("等初审"),
    State.SECOND_CHECK: _l("等复审"),
    State.FINAL_CHECK: _l("等终审"),
    State.PUBLISHED: _l("已公开"),
    State.WITHDRAWN: _l("已撤回"),
}
TONES = {
    State.DRAFT: "",
    State.FIRST_CHECK: "warn",
    State.SECOND_CHECK: "warn",
    State.FINAL_CHECK: "warn",
    State.PUBLISHED: "ok",
    State.WITHDRAWN: "danger",
}
STEPS = {
    State.FIRST_CHECK: _l("初审"),
    State.SECOND_CHECK: _l("复审"),
    State.FINAL_CHECK: _l("终审，公开"),
}
WAITING_FOR = {
    State.DRAFT: _l("编辑写好提交以后，由三位同事先后审核。"),
    State.FIRST_CHECK: _l("等另一位编辑或发布人初审：写的人不能审自己的。"),
    State.SECOND_CHECK: _l("等未保专员复审：登记孩子，核对同意书，写明必要和影响。"),
    State.FINAL_CHECK: _l("等发布人终审：没有写过、也没有复审过这一篇的人。"),
}
DONE = {
    State.SECOND_CHECK: _l("初审通过，等未保专员复审"),
    State.FINAL_CHECK: _l("复审通过，等发布人终审"),
    State.PUBLISHED: _l("已公开"),
}
CHECKS = {
    Check.NAMES_NOBODY: _l("读不出是哪个孩子：没有名字、学校、村庄、岁数和家里的事"),
    Check.PICTURE: _l("图片上认不出人，没有脸、名字、校名和门牌；没有图片也打勾"),
    Check.CHILDREN: _l("写到几个孩子、图上有没有孩子，和登记的一样"),
    Check.DIGNITY: _l("写得平等，不卖惨，不贴标签，不借孩子募捐"),
}
HIDING = {
    Hiding.NONE_TO_SEE: _l("图上没有脸"),
    Hiding.MASKED: _l("图上有脸，下面选的格子打上马赛克"),
}
CAUSES = {
    Cause.DESK: _l("由工作人员撤回"),
    Cause.CONSENT: _l("孩子或监护人不再同意，或者同意已过期"),
}
PROOFS = {
    ConsentProof.ASKED_IN_PERSON: _l("当面给孩子看过这一篇，孩子说愿意"),
    ConsentProof.PAPER: _l("孩子看过这一篇，在纸上签了字"),
}
FACES = {
    "page": _l("活动页面"),
    "card": _l("分享卡片"),
    "led": _l("大屏"),
    "poster": _l("海报"),
    "report": _l("总结页"),
    "picture": _l("图片地址"),
}


def cell_names() -> list[tuple[str, str]]:
    """Return the cells of the grid over a picture, each with where it is."""
    return [
        (name, _("第 %(row)d 行第 %(column)d 格", row=at // COLUMNS + 1, column=at % COLUMNS + 1))
        for at, name in enumerate(CELLS)
    ]
