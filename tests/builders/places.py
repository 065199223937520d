"""Places and organisations for tests: one city, and as many counties as a test asks for."""

from typing import Any

from sqlalchemy import select

from core.db import db
from places.models import Area, Organisation, Post
from places.rules import Level, OrgKind, PostKind
from tests.factories import a_number, saved


def a_city() -> Area:
    """Return the city that all counties lie in."""
    found = db.session.scalar(select(Area).where(Area.level == Level.CITY))
    if found is not None:
        return found
    province = saved(Area(level=Level.PROVINCE, name="山西省", name_en="Shanxi", nbs_code="14"))
    return saved(
        Area(
            level=Level.CITY,
            name="晋中市",
            name_en="Jinzhong",
            parent_id=province.id,
            nbs_code="1407",
        )
    )


def a_county(**given: Any) -> Area:
    number = a_number()
    fields: dict[str, Any] = {
        "level": Level.COUNTY,
        "name": f"样例县{number}",
        "name_en": f"Sample County {number}",
        "nbs_code": f"{number:06}",
    }
    if "parent_id" not in given:
        fields["parent_id"] = a_city().id
    return saved(Area(**fields | given))


def a_township(county: Area | None = None, **given: Any) -> Area:
    county, number = county or a_county(), a_number()
    fields = {
        "level": Level.TOWNSHIP,
        "name": f"样例镇{number}",
        "parent_id": county.id,
        "nbs_code": f"{number:09}",
    }
    return saved(Area(**fields | given))


def a_village(township: Area | None = None, **given: Any) -> Area:
    township, number = township or a_township(), a_number()
    fields = {
        "level": Level.VILLAGE,
        "name": f"样例村{number}",
        "parent_id": township.id,
        "nbs_code": f"{number:012}",
    }
    return saved(Area(**fields | given))


def an_organisation(
    kind: OrgKind = OrgKind.UNIVERSITY, *, area: Area | None = None, **given: Any
) -> Organisation:
    area = area or a_city()
    fields = {"kind": kind, "name": f"示例组织{a_number()}", "area_id": area.id}
    return saved(Organisation(**fields | given))


def a_post(kind: PostKind, area: Area, **given: Any) -> Post:
    return saved(Post(**{"kind": kind, "area_id": area.id} | given))
