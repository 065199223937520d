"""Sealed parts of some children's files: invented names, phones of a block nobody is given."""

from children.rules import NeedState
from children.sealed.models import ChildSealed
from children.sealed.rules import SealedField
from children.sealed.services import FIELDS, new_parts
from core.parameters import ParameterValue
from demo.world import Kid, World

MOST = 36
KEPT = frozenset({NeedState.MATCHED, NeedState.OPEN, NeedState.VERIFIED})
HEALTH = ("样例：对花生过敏，常备药在家里", "样例：轻度近视，每学期复查", "样例：无特殊情况")
FAMILY = ("样例：父母在外务工，由奶奶照料", "样例：父亲在外务工，母亲在家", "样例：由亲戚照料")
SOURCE = "样例：演示数据，都是编的"


def seal(world: World) -> None:
    """Let every sealed field be entered, and fill them for a few dozen children."""
    world.bulk.add(
        ParameterValue,
        name=FIELDS,
        effective_from=world.today.replace(day=1),
        value={"value": [field.value for field in SealedField]},
        source=SOURCE,
    )
    kids = [
        kid
        for county in world.counties[:2]
        for kid in world.kids[county.id][: MOST // 2]
        if kid.state in KEPT
    ]
    parts = new_parts([(kid.uid, _texts(world, kid)) for kid in kids])
    for kid, part in zip(kids, parts, strict=True):
        world.bulk.add(ChildSealed, child_id=kid.id, **part)


def _texts(world: World, kid: Kid) -> dict[SealedField, str]:
    texts = {
        SealedField.REAL_NAME: world.name(),
        SealedField.GUARDIAN_PHONE: world.phone(),
        SealedField.EXACT_PLACE: f"{kid.village.town}样例街 {world.rng.randint(1, 90)} 号",
    }
    if world.chance(0.5):
        texts[SealedField.HEALTH] = world.rng.choice(HEALTH)
        texts[SealedField.FAMILY] = world.rng.choice(FAMILY)
    return texts
