"""Words for what pairings are put side by side by."""

from core.i18n import lazy as _l
from pairings.lasting.rules import By
from places.rules import OrgKind

BY = {By.COUNTY: _l("按县"), By.CAMPAIGN: _l("按活动"), By.KIND: _l("按单位类型")}
COLUMNS = {By.COUNTY: _l("县（区、市）"), By.CAMPAIGN: _l("活动"), By.KIND: _l("单位类型")}
NONE = {By.CAMPAIGN: _l("不属于任何活动"), By.KIND: _l("个人志愿者")}
KINDS = {
    OrgKind.BUREAU: _l("民政部门"),
    OrgKind.COMMITTEE_OFFICE: _l("未保委办公室"),
    OrgKind.MEMBER_UNIT: _l("成员单位"),
    OrgKind.CENTER: _l("未保中心"),
    OrgKind.STATION: _l("未保站"),
    OrgKind.WELFARE_HOME: _l("福利机构"),
    OrgKind.SOCIAL_ORG: _l("社会组织"),
    OrgKind.UNIVERSITY: _l("高校"),
    OrgKind.PARTNER: _l("爱心企业"),
}
