"""What stands on the paper of a certificate, in the language it is printed in."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from core.codes import outside
from core.i18n import _, in_english
from core.show import hours, plain_day
from volunteers.certificates import queries
from volunteers.certificates.labels import KINDS, STATES
from volunteers.certificates.models import Certificate
from volunteers.certificates.rules import Snapshot, State


@dataclass(frozen=True, slots=True)
class Sheet:
    """The words of one certificate; none of them tells of a child, a village or a single visit."""

    title: str
    number: str
    lines: Sequence[str]
    """The sentence that certifies."""
    facts: Sequence[tuple[str, str]]
    total: tuple[str, str]
    kinds: Sequence[tuple[str, str]]
    to_sign: Sequence[str]
    """What is written by hand: the site knows no identity numbers."""
    check: Sequence[str]
    code: str
    """The address that the square says."""
    stamp: str
    """Printed across a certificate that is not valid any more."""
    language: str

    @property
    def texts(self) -> tuple[str, ...]:
        pairs = (part for pair in (*self.facts, self.total, *self.kinds) for part in pair)
        return (self.title, self.number, *self.lines, *pairs, *self.to_sign, *self.check)


def sheet_of(found: Certificate) -> Sheet | None:
    """Return the sheet of a certificate, None when its person has been forgotten."""
    said = queries.said(found)
    return _sheet(found, said) if said else None


def _sheet(found: Certificate, said: Snapshot) -> Sheet:
    served, period = said.served, said.period
    return Sheet(
        title=_("志愿服务记录证明"),
        number=_("证明编号：%(number)s", number=said.issue.number),
        lines=[
            _(
                "兹证明%(name)s（志愿者编号 %(number)s）自 %(first)s 至 %(last)s 参加志愿服务，"
                "记录的实际服务时长共 %(hours)s 小时，路上的时间不计。",
                name=said.name,
                number=said.volunteer_no,
                first=plain_day(period.first),
                last=plain_day(period.last),
                hours=hours(served.minutes),
            )
        ],
        facts=[
            (_("姓名"), said.name),
            (_("志愿者编号"), said.volunteer_no),
            (_("所在单位"), said.organisation or "—"),
            (_("服务日期"), f"{plain_day(period.first)} – {plain_day(period.last)}"),
            (_("出具单位"), said.issuer),
            (_("经办人"), said.handler),
            (_("联系电话"), said.contact),
            (_("出具日期"), plain_day(said.issue.on)),
            *([(_("替换的证明"), said.issue.replaces)] if said.issue.replaces else []),
        ],
        total=(_("服务时长"), _("%(hours)s 小时", hours=hours(served.minutes))),
        kinds=[
            (
                str(KINDS.get(kind, kind)),
                _("%(times)d 次，%(hours)s 小时", times=times, hours=hours(minutes)),
            )
            for kind, times, minutes in served.kinds
        ],
        to_sign=[_("证件类型和号码（手写，本站不保存）"), _("单位负责人签字"), _("盖章")],
        check=[
            _("扫码查验真伪，或在 %(address)s 输入编号和姓名。", address=outside(
                url_for("certificate_checks.ask"))),
            _("本证明免费，只说明服务记录，不是国家级认证。文件签名密钥：%(key)s",
              key=said.issue.key),
        ],
        code=outside(url_for("certificate_checks.scanned", code=found.code)),
        stamp="" if found.state is State.ISSUED else str(STATES[found.state]),
        language="en" if in_english() else "zh-Hans",
    )  # fmt: skip
