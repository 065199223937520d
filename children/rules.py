"""Children's files and consent, as rules. Nothing here reads a clock or a database."""

from enum import StrEnum


class AgeBand(StrEnum):
    """An age in bands, never a birthday; the bounds are those the rules ask for (8, 14, 16)."""

    A0_2 = "0-2"
    A3_5 = "3-5"
    A6_7 = "6-7"
    A8_10 = "8-10"
    A11_13 = "11-13"
    A14_15 = "14-15"
    A16_17 = "16-17"

    @property
    def signs_too(self) -> bool:
        """From 14 on the child's own signature is asked for as well (domain.md §0.6)."""
        return self in {AgeBand.A14_15, AgeBand.A16_17}


class Category(StrEnum):
    """Why a child is on file (domain.md §2.5); never shown to volunteers or the public."""

    LEFT_BEHIND = "left_behind"
    IN_DIFFICULTY = "in_difficulty"
    ORPHAN = "orphan"
    DE_FACTO_UNSUPPORTED = "de_facto_unsupported"
    MIGRANT = "migrant"


class Risk(StrEnum):
    LOW = "low"
    MID_LOW = "mid_low"
    MID_HIGH = "mid_high"
    HIGH = "high"


class NeedState(StrEnum):
    """Where a child's need stands (domain.md §5.2)."""

    REPORTED = "reported"
    VERIFIED = "verified"
    OPEN = "open"
    MATCHED = "matched"
    MET = "met"
    WITHDRAWN = "withdrawn"
    AGED_OUT = "aged_out"


class Purpose(StrEnum):
    """What consent is given for, each by itself (domain.md §5.2)."""

    PAIRING = "pairing"
    SHARE_WITH_ORG = "share_with_org"
    ASSENT = "assent"
    PHOTO = "photo"
    PUBLICATION = "publication"


NEEDED_FOR_PAIRING = (Purpose.PAIRING, Purpose.SHARE_WITH_ORG, Purpose.ASSENT)


class ConsentState(StrEnum):
    REQUESTED = "requested"
    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Signer(StrEnum):
    """Who says yes: a grandparent who cares is usually not the guardian (civil code 27)."""

    MOTHER = "mother"
    FATHER = "father"
    OTHER_GUARDIAN = "other_guardian"
    CIVIL_AFFAIRS = "civil_affairs"
    CHILD = "child"


class ConsentProof(StrEnum):
    PAPER = "paper"
    WITNESSED_CALL = "witnessed_call"
    ASKED_IN_PERSON = "asked_in_person"
