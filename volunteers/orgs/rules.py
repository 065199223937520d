"""How an organisation comes to work with us, and whether its credit code can be one."""

from enum import StrEnum

from places.rules import OrgKind

SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015: digits and letters without I, O, S, V, Z."""
CODE_LENGTH = 18
JOINING = (OrgKind.SOCIAL_ORG, OrgKind.UNIVERSITY)


class State(StrEnum):
    """domain.md §5.8."""

    APPLIED = "applied"
    VERIFIED = "verified"
    AGREEMENT_SIGNED = "agreement_signed"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    DECLINED = "declined"
    LEFT = "left"


NEXT = {
    State.APPLIED: (State.VERIFIED, State.DECLINED),
    State.VERIFIED: (State.AGREEMENT_SIGNED, State.DECLINED),
    State.AGREEMENT_SIGNED: (State.ACTIVE, State.DECLINED),
    State.ACTIVE: (State.SUSPENDED, State.LEFT),
    State.SUSPENDED: (State.ACTIVE, State.AGREEMENT_SIGNED, State.LEFT),
    State.DECLINED: (),
    State.LEFT: (),
}
OPEN = (State.APPLIED, State.VERIFIED, State.AGREEMENT_SIGNED)


class Check(StrEnum):
    """What is looked at before an organisation counts as verified."""

    REGISTERED = "registered"
    SAFEGUARDING = "safeguarding"
    PEOPLE = "people"
    PURPOSE = "purpose"


def is_credit_code(code: str) -> bool:
    """Whether a unified social credit code has the right length, signs and check sign.

    GB 32100-2015: the 17 signs before it, weighed with powers of 3, and the check sign make a
    multiple of 31.
    """
    if len(code) != CODE_LENGTH or any(sign not in SIGNS for sign in code):
        return False
    weighed = sum(SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(code[:-1]))
    return (weighed + SIGNS.index(code[-1])) % 31 == 0
