"""Who may see a child's rows at all: what core.fences narrows every statement down to."""

from functools import cache, lru_cache

from sqlalchemy import ColumnElement, Select, String, cast, false, func, or_, select
from sqlalchemy.orm import aliased

from accounts.rules import Actor
from children.models import Child
from children.queries import READERS
from core.fences import Fenced, Sight
from places.models import Area
from places.queries import within
from places.rules import Level, Reach

FINER = {Level.TOWNSHIP: "townships", Level.VILLAGE: "villages"}


def sight(actor: Actor, accompanied: Select[int] | None) -> Sight:
    """Return what somebody may see: the children of their places, and those their team accompanies.

    `accompanied` is the query of those children's ids, which only a room above can make.
    """
    reaches = actor.reaches(*READERS)
    return _of_places(reaches) if accompanied is None else _of(reaches, accompanied)


@lru_cache(maxsize=1024)
def _of_places(reaches: tuple[Reach, ...]) -> Sight:
    """Return the sight of places: the same for everybody who answers for the same ones.

    It holds conditions, never rows; to make them anew costs each request some milliseconds.
    """
    return _of(reaches, None)


def _of(reaches: tuple[Reach, ...], accompanied: Select[int] | None) -> Sight:
    def condition(model: type[Fenced]) -> ColumnElement[bool]:
        if model is Child:
            of_place = within(Child, reaches)
            return of_place if accompanied is None else or_(of_place, Child.id.in_(accompanied))
        return _of_its_child(model)  # type: ignore[arg-type]  # a class is hashable

    return Sight(condition, _settings(reaches, accompanied))


@cache
def _of_its_child(model: type[Fenced]) -> ColumnElement[bool]:
    """Return the same for everybody: the child is narrowed down in its turn, as each one is."""
    child = aliased(Child)
    mine: ColumnElement[int] = model.child_id  # type: ignore[attr-defined]  # a test sees to it
    return select(child.id).where(child.id == mine).exists()


def only(child_id: int) -> Sight:
    """Return the sight of one child: for somebody who holds a link about it."""

    def condition(model: type[Fenced]) -> ColumnElement[bool]:
        key: ColumnElement[int] = Child.id if model is Child else model.child_id  # type: ignore[attr-defined, assignment]  # a test sees to it
        return key == child_id

    return Sight(condition, {"children": str(child_id)})


def _settings(reaches: tuple[Reach, ...], accompanied: Select[int] | None) -> dict[str, object]:
    """Return the same as lists of ids, which PostgreSQL compares without asking further tables."""
    found: dict[str, object] = {
        name: ",".join(str(reach.area_id) for reach in reaches if reach.level is level)
        for level, name in FINER.items()
    }
    found["counties"] = _counties(reaches)
    if accompanied is not None:
        ids = accompanied.subquery()
        found["children"] = select(
            func.coalesce(func.string_agg(cast(ids.c[0], String), ","), "")
        ).scalar_subquery()
    return found


def _counties(reaches: tuple[Reach, ...]) -> object:
    own = [reach.area_id for reach in reaches if reach.level is Level.COUNTY]
    wide = [reach for reach in reaches if reach.level in {Level.CITY, Level.PROVINCE}]
    if not wide:
        return ",".join(map(str, own))
    above = aliased(Area)
    lying = [
        Area.parent_id == reach.area_id if reach.level is Level.CITY
        else above.parent_id == reach.area_id
        for reach in wide
    ]  # fmt: skip
    named = func.string_agg(cast(Area.id, String), ",")
    return (
        select(func.coalesce(named, ""))
        .join(above, above.id == Area.parent_id)
        .where(Area.level == Level.COUNTY, or_(false(), Area.id.in_(own), *lying))
        .scalar_subquery()
    )
