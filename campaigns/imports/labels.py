"""Words for what becomes of a list and of its rows: each says what to do next."""

from campaigns.imports.rules import BadLayout, Fate, Layout, State
from core.i18n import _
from core.i18n import lazy as _l

COLUMNS = {
    "name": _l("姓名"),
    "phone": _l("手机号"),
    "email": _l("邮箱"),
    "language": _l("语言"),
}
STATES = {
    State.CHECKING: _l("正在检查"),
    State.CHECKED: _l("检查完了，等您确认"),
    State.REFUSED: _l("读不了"),
    State.CONFIRMING: _l("正在导入"),
    State.DONE: _l("导入完了"),
    State.UNDONE: _l("已撤销"),
    State.EXPIRED: _l("明细已删除"),
}
TONES = {
    State.CHECKING: "info",
    State.CHECKED: "warn",
    State.REFUSED: "danger",
    State.CONFIRMING: "info",
    State.DONE: "ok",
    State.UNDONE: "",
    State.EXPIRED: "",
}
FATES = {
    Fate.GOOD: _l("可以导入"),
    Fate.SAME_NAME: _l("同一个名字，联系方式不同：是同一个人就删掉一行，是两个人就在确认时打勾"),
    Fate.PLACED: _l("名额已留，等本人确认"),
    Fate.ALREADY: _l("已经在名单里，不用再导入"),
    Fate.TWICE: _l("手机号或邮箱在前面出现过，请只留一行"),
    Fate.HEADER: _l("这一行像表头，请删掉"),
    Fate.ID_NUMBER: _l("有像身份证号的数字，没有保存；请删掉，这里不需要"),
    Fate.NO_NAME: _l("没有姓名，请补上"),
    Fate.BAD_NAME: _l("姓名要 2 到 40 个字，不要用数字和符号"),
    Fate.NO_CONTACT: _l("没有手机号也没有邮箱，请至少填一样"),
    Fate.BAD_PHONE: _l("手机号不对，请填 11 位数字"),
    Fate.BAD_EMAIL: _l("邮箱地址不完整，或有中文"),
    Fate.BAD_LANGUAGE: _l("语言请填“中文”或“English”，也可以空着"),
    Fate.TOO_OFTEN: _l("今天已经给这个联系方式发过几次了，请明天再试"),
    Fate.FULL: _l("名额满了，请县中心再留一些"),
    Fate.CLOSED: _l("报名已结束，或者名额已放回去"),
}


def said(fate: Fate, other: int | None) -> str:
    """Return what is to be said of a row, and of the row that says the same."""
    if other is None:
        return str(FATES[fate])
    return _("%(said)s（见第 %(n)d 行）", said=FATES[fate], n=other)


def said_of(bad: BadLayout) -> str:
    """Return what is wrong with the columns of a list."""
    if bad.layout is Layout.LATE_HEADER:
        return _("表头要在第一行：请删掉上面 %(n)d 行标题或合并的单元格再传", n=bad.row - 1)
    return str(LAYOUTS[bad.layout])


LAYOUTS = {
    Layout.NO_HEADER: _l("第一行要写列名：“姓名”，和“手机号”或“邮箱”。可以用模板，把数据贴进去"),
    Layout.TWO_COLUMNS: _l("有两列的列名是一样的，请只留一列"),
    Layout.NO_ROWS: _l("只有表头，没有成员，请填好再传"),
}
