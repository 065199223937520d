"""Words of the trail of audits for what goes public: posters, reports, stories."""

from core.i18n import lazy as _l

ACTIONS = {
    "add_place": _l("加张贴点"),
    "remove_place": _l("拿掉张贴点"),
    "add_exam": _l("加考试时间"),
    "remove_exam": _l("拿掉考试时间"),
    "write_report": _l("写总结"),
    "write_correction": _l("写总结的更正"),
    "publish_correction": _l("公布总结的更正"),
    "give_up_correction": _l("放弃总结的更正"),
    "write_story": _l("写故事"),
    "edit_story": _l("修改故事"),
    "add_story_picture": _l("给故事放图片"),
    "remove_story_picture": _l("拿掉故事的图片"),
    "submit_story": _l("提交故事初审"),
    "first_check_story": _l("初审故事"),
    "second_check_story": _l("复审故事"),
    "final_check_story": _l("终审并公开故事"),
    "send_back_story": _l("退回故事"),
    "withdraw_story": _l("撤回故事"),
    "name_story_child": _l("登记故事写到的孩子"),
    "unname_story_child": _l("去掉故事登记的孩子"),
    "prove_story_gone": _l("核对故事已消失"),
}
