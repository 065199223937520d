"""Why a calendar file is not taken, in words."""

from core.i18n import lazy as _l
from visits.busy.reading.rules import Wrong

WRONG = {
    Wrong.TOO_LARGE: _l("文件太大，最多 800 KB；请只导出最近三个月"),
    Wrong.NOT_UTF8: _l("文件不是 UTF-8 编码（可能是 GBK），请在日历软件里重新导出"),
    Wrong.NO_CALENDAR: _l("这不是日历文件，应以 BEGIN:VCALENDAR 开头"),
    Wrong.TOO_DEEP: _l("文件层层嵌套，不像日历导出的，请重新导出"),
    Wrong.TOO_MANY: _l("日程太多，最多 2000 条；请只导出最近三个月"),
    Wrong.BROKEN: _l("文件不完整或格式有误，请重新导出"),
}
