"""Sealed parts of children's files for tests; every text carries the canary."""

from children.models import Child
from children.sealed.models import ChildSealed
from children.sealed.rules import SealedField
from children.sealed.services import FIELDS, new_parts
from core.parameters import ParameterValue
from tests.conftest import NOON
from tests.factories import CANARY, a_number, saved


def everything_of(child: Child) -> dict[SealedField, str]:
    """Return what a_sealed_part seals of a child by default."""
    return {
        SealedField.REAL_NAME: f"样例{CANARY}",
        SealedField.GUARDIAN_PHONE: f"154{76540000 + child.id}",
        SealedField.EXACT_PLACE: f"{CANARY}街 7 号",
        SealedField.HEALTH: f"{CANARY}哮喘",
        SealedField.FAMILY: f"{CANARY}外出",
    }


def a_sealed_part(child: Child, texts: dict[SealedField, str] | None = None) -> ChildSealed:
    """Return the sealed part of a child's file, with every field or those given."""
    given = everything_of(child) if texts is None else texts
    (row,) = new_parts([(child.uid, given)])
    return saved(ChildSealed(child_id=child.id, **row))


def in_use(*fields: SealedField) -> None:
    """Let these fields be entered: all of them, when none is named."""
    saved(
        ParameterValue(
            name=FIELDS,
            effective_from=NOON.date().replace(day=a_number() % 20 + 1),
            value={"value": [field.value for field in fields or tuple(SealedField)]},
            source="test",
        )
    )
