"""What is wrong with the words of a public page, in words that say what to change."""

from campaigns.wording.rules import Slip
from core.i18n import lazy as _l

SLIPS = {
    Slip.LABEL: _l("不能写“%(what)s”：不给孩子贴标签，请写“孩子”或“小朋友”"),
    Slip.ID_NUMBER: _l("像是写了身份证号，请删去"),
    Slip.PHONE: _l("像是写了电话号码，请删去：公开的电话只有 110 和 12345"),
    Slip.ACCOUNT: _l("像是写了微信、QQ 等账号，请删去"),
    Slip.SCHOOL: _l("像是写了某所学校或某个班，请只写“学校”"),
    Slip.AGE: _l("不能写“%(what)s”：不写一个孩子的岁数，请写年龄段，例如“8–12 岁”"),
    Slip.COUNT: _l("不能写“%(what)s”：少于 10 个孩子的数目不公开，多的取整到 5，请写“一些孩子”"),
    Slip.DAY: _l("不能写“%(what)s”：还没到的日子不公开，请写“冬天”“月底”"),
    Slip.PLACE: _l("不能写地名“%(what)s”：只写到县，村和乡镇会让人认出是哪里的孩子"),
}
