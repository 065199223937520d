"""Words for what becomes of an export."""

from accounts.exports.rules import ExportState, Format
from core.i18n import lazy as _l

STATES = {
    ExportState.WAITING: _l("等待批准"),
    ExportState.QUEUED: _l("正在准备"),
    ExportState.MAKING: _l("正在准备"),
    ExportState.READY: _l("可以下载"),
    ExportState.FETCHED: _l("已下载"),
    ExportState.EXPIRED: _l("文件已删除"),
    ExportState.REFUSED: _l("没有做出来：职责或行数变了"),
    ExportState.FAILED: _l("没有做出来：内容有问题"),
}
TONES = {
    ExportState.WAITING: "warn",
    ExportState.QUEUED: "info",
    ExportState.MAKING: "info",
    ExportState.READY: "ok",
    ExportState.REFUSED: "danger",
    ExportState.FAILED: "danger",
}
FORMATS = {Format.XLSX: _l("表格 .xlsx"), Format.CSV: _l("文本 .csv")}
