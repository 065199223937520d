"""What stands on the sheet of an agreement: roles, an alias, days; blanks for handwritten names."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from core.codes import outside
from core.i18n import _, in_english
from pairings.agreements.forms import seat_name
from pairings.agreements.queries import Signing
from pairings.agreements.rules import Party
from pairings.agreements.texts.queries import text
from pairings.queries import Shown


@dataclass(frozen=True, slots=True)
class Sheet:
    """The words of an agreement in the language it is printed in."""

    title: str
    facts: Sequence[tuple[str, str]]
    blocks: Sequence[tuple[str, list[str]]]
    """Headings, paragraphs and lists as (kind, lines)."""
    signing: str
    places: Sequence[tuple[str, str]]
    """Who signs, and what is written beside the line."""
    foot: str
    code: str
    """The address that the code says: the pairing's page, for those who may open it."""
    language: str

    @property
    def texts(self) -> tuple[str, ...]:
        pairs = (part for pair in (*self.facts, *self.places) for part in pair)
        lines = (line for _kind, found in self.blocks for line in found)
        return (self.title, *pairs, *lines, self.signing, self.foot)


def number_of(pairing_id: int) -> str:
    return f"XY-{pairing_id:06}"


def sheet_of(seen: Shown, signing: Signing) -> Sheet:
    """Return the sheet of a pairing in the present version of the text."""
    pairing, found = seen.pairing, text(signing.version)
    until = pairing.renew_until or pairing.ends_on
    facts = [
        (_("编号"), number_of(pairing.id)),
        (_("版本"), signing.version),
        (_("孩子的代号"), str(seen.child.alias)),
        (_("志愿小组"), seen.team.name),
        (_("约定"), f"{pairing.starts_on} – {until}"),
    ]
    beside = _("签名：　　　　　　　　　　　　　　　　　　　　日期：")
    call = _("签名（或写“通话同意”及见证人）：　　　　　　　　　　　　　　　　　　　　日期：")
    places = [
        (
            _("志愿者") if seat.party is Party.VOLUNTEER else seat_name(seat, signing.names),
            call if seat.party is Party.GUARDIAN else beside,
        )
        for seat in signing.needed
    ]
    return Sheet(
        title=found.title if found else _("结对陪伴协议"),
        facts=facts,
        blocks=found.blocks if found else (),
        signing=_("各方签字"),
        places=places,
        foot=_("发现孩子受到伤害，马上打 110 或 12345。本协议不写孩子的姓名；中心存档一份。"),
        code=outside(url_for("pairings.show", uid=pairing.uid)),
        language="en" if in_english() else "zh-Hans",
    )
