"""What the steps of a campaign and the points of its review are called."""

from campaigns.manage.rules import Check, Verb
from core.i18n import lazy as _l

VERBS = {
    Verb.SUBMIT: _l("提交审核"),
    Verb.WITHDRAW: _l("撤回修改"),
    Verb.APPROVE: _l("通过"),
    Verb.SEND_BACK: _l("退回修改"),
    Verb.PUBLISH: _l("发布，开始招募"),
    Verb.START: _l("开始走访"),
    Verb.WRAP_UP: _l("进入收尾"),
    Verb.REPORT: _l("公布总结"),
    Verb.ARCHIVE: _l("归档"),
    Verb.SUSPEND: _l("暂停活动"),
    Verb.RESUME: _l("恢复活动"),
    Verb.CANCEL: _l("取消活动"),
}
DONE = {
    Verb.SUBMIT: _l("已提交，未保专员会审核"),
    Verb.WITHDRAW: _l("已撤回，可以修改了"),
    Verb.APPROVE: _l("已通过，等发布人发布"),
    Verb.SEND_BACK: _l("已退回给编辑"),
    Verb.PUBLISH: _l("已发布，公开页面上可以看到了"),
    Verb.START: _l("已开始走访"),
    Verb.WRAP_UP: _l("已进入收尾"),
    Verb.REPORT: _l("总结已公布"),
    Verb.ARCHIVE: _l("已归档"),
    Verb.SUSPEND: _l("活动已暂停，公开页面只留一句说明"),
    Verb.RESUME: _l("活动已恢复"),
    Verb.CANCEL: _l("活动已取消，已报名的人会收到通知"),
}
CHECKS = {
    Check.BRAND: _l("品牌和名称用得对"),
    Check.AIMS: _l("目的写清楚，没有给孩子贴标签的字眼"),
    Check.RISKS: _l("风险告知写全，志愿者看得懂"),
    Check.INSURANCE: _l("志愿者意外险已落实"),
    Check.VENUE: _l("活动地点安全，首选工作站和儿童之家"),
    Check.RATIOS: _l("成人与孩子的人数比例够，任何时候都有两名成人"),
    Check.PHOTOS: _l("拍照方案符合规定：专人拍、孩子可以拒绝、不露脸"),
    Check.BUDGET: _l("经费不靠公开募捐，不收孩子和志愿者的钱"),
    Check.CONTACT: _l("紧急联系人和电话已定"),
}
ACTIONS = {f"{verb.value}_campaign": name for verb, name in VERBS.items()} | {
    "create_campaign": _l("新建草稿"),
    "edit_campaign": _l("修改内容"),
    "edit_slots": _l("修改名额"),
    "schedule_campaign": _l("定时公开"),
    "unschedule_campaign": _l("取消定时公开"),
    "write_report": _l("写总结"),
    "write_correction": _l("写总结的更正"),
    "publish_correction": _l("公布总结的更正"),
    "give_up_correction": _l("放弃总结的更正"),
    "add_place": _l("加张贴点"),
    "remove_place": _l("拿掉张贴点"),
    "export_numbers": _l("导出数字"),
    "add_picture": _l("放上图片"),
    "remove_picture": _l("拿掉图片"),
}
TABS = {
    "returned": _l("被退回"),
    "draft": _l("草稿"),
    "review": _l("待审核"),
    "approved": _l("待发布"),
    "scheduled": _l("已定时"),
    "to_start": _l("该开始走访"),
    "to_wrap_up": _l("该收尾"),
    "corrected": _l("待公布更正"),
    "live": _l("进行中"),
    "past": _l("往期"),
}
