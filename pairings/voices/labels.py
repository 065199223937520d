"""The questions to each voice, the faces, and what comes of them, in words."""

from core.i18n import lazy as _l
from pairings.voices.rules import Occasion, Question, Trouble, Voice

VOICES = {Voice.TEAM: _l("志愿者"), Voice.GUARDIAN: _l("监护人"), Voice.CHILD: _l("孩子")}
OCCASIONS = {
    Occasion.MONTHS_3: _l("满 3 个月"),
    Occasion.MONTHS_6: _l("满 6 个月"),
    Occasion.MONTHS_12: _l("满 12 个月"),
    Occasion.END: _l("结束前"),
}
FACES = {5: _l("很好"), 4: _l("好"), 3: _l("一般"), 2: _l("不太好"), 1: _l("不好")}
TITLES = {
    Voice.TEAM: _l("志愿者的意见"),
    Voice.GUARDIAN: _l("监护人的意见"),
    Voice.CHILD: _l("孩子的意见"),
}
ASKED = {
    Voice.TEAM: _l("小组商量后由一个人填。监护人和孩子说了什么，不会告诉您。"),
    Voice.GUARDIAN: _l("由村里或县里的人单独问监护人，志愿者不在场。"),
    Voice.CHILD: _l("单独问孩子，志愿者和监护人不在场，让孩子指一张脸。孩子不想答，就不问。"),
}
QUESTIONS = {
    Voice.TEAM: {
        Question.WELL: _l("见面时相处得怎么样？"),
        Question.HEARD: _l("孩子想做什么，能说出来吗？"),
        Question.AGAIN: _l("继续陪伴，您觉得怎么样？"),
    },
    Voice.GUARDIAN: {
        Question.WELL: _l("孩子和志愿者相处得怎么样？"),
        Question.HEARD: _l("孩子和您的想法，他们听进去了吗？"),
        Question.AGAIN: _l("他们以后再来，您觉得怎么样？"),
    },
    Voice.CHILD: {
        Question.WELL: _l("和他们在一起，你觉得怎么样？"),
        Question.HEARD: _l("你说的话，他们听吗？"),
        Question.AGAIN: _l("他们以后再来，你觉得怎么样？"),
    },
}
TROUBLES = {Trouble.CHILD_UNHAPPY: _l("孩子不开心"), Trouble.APART: _l("三方说法差得远")}
TONES = {Trouble.CHILD_UNHAPPY: "danger", Trouble.APART: "warn"}
