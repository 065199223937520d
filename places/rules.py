"""Places and what a person answers for. Nothing here reads a clock or a database."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


class OrgKind(StrEnum):
    """Organisations of the protection network (domain.md §1 and §4)."""

    BUREAU = "bureau"
    COMMITTEE_OFFICE = "committee_office"
    MEMBER_UNIT = "member_unit"
    CENTER = "center"
    STATION = "station"
    WELFARE_HOME = "welfare_home"
    SOCIAL_ORG = "social_org"
    UNIVERSITY = "university"
    PARTNER = "partner"


class PostKind(StrEnum):
    CHILD_SUPERVISOR = "child_supervisor"
    CHILD_DIRECTOR = "child_director"


@dataclass(frozen=True, slots=True)
class Reach:
    """An area somebody answers for, with everything below it."""

    level: Level
    area_id: int
