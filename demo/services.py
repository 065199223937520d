"""Filling an empty site with invented data (domain.md §7), the same for the same seed and day."""

from dataclasses import dataclass

from sqlalchemy import func, select

from accounts.models import Person
from accounts.rules import Role
from core.db import db, transaction
from core.errors import RuleBroken
from core.fences import everything
from core.passwords import hashed
from demo.agreements import agree_all
from demo.campaigns import announce
from demo.certificates import certify
from demo.children import list_children, plant, write_files
from demo.crews import form
from demo.desk import keep_desk
from demo.faces import show_faces
from demo.groups import bring_groups
from demo.pairings import pair
from demo.sealed import seal
from demo.signups import sign_up
from demo.sizes import SIZES
from demo.staff import SEATS, appoint
from demo.stories import tell
from demo.today import hold_days
from demo.visits import visit
from demo.volunteers import gather
from demo.wishes import wish
from demo.world import World
from places.days import services as days
from places.days.models import CalendarDay
from places.models import Area

SEED = 1407
PASSWORD = "tongxing-1407"  # noqa: S105 - printed at every start of a demonstration
HOME, HOMES = "/home", {Role.VOLUNTEER: "/volunteers/me"}
"""Where somebody lands: who is a volunteer and nothing else, on their own page."""


@dataclass(frozen=True, slots=True)
class Account:
    """A sign-in of the demonstration."""

    role: str
    name: str
    login: str
    password: str
    code_app: str
    """The secret of the code app; empty for volunteers, who need no second factor."""
    home: str


def is_empty() -> bool:
    """Whether nobody is here yet."""
    return not db.session.scalar(select(func.count()).select_from(Person))


def load(size: str, seed: int = SEED) -> int:
    """Fill the site and return how many rows it took. Raises RuleBroken when it is not empty."""
    if not db.session.scalar(select(func.count()).select_from(Area)):
        raise RuleBroken("there are no places yet: load them first (flask places load)")
    password_hash = hashed(PASSWORD)
    with everything(), transaction() as session:
        if not is_empty():
            raise RuleBroken("there are people here already: invented data needs an empty site")
        if not session.scalar(select(func.count()).select_from(CalendarDay)):
            days.load(days.OWN_DAYS)
        world = World(session, SIZES[size], seed)
        appoint(world, password_hash)
        announce(world)
        list_children(world)
        gather(world)
        sign_up(world)
        form(world)
        pair(world)
        write_files(world)
        world.bulk.flush()
        visit(world)
        agree_all(world)
        seal(world)
        plant(world)
        keep_desk(world)
        wish(world)
        hold_days(world)
        show_faces(world)
        bring_groups(world)
        tell(world)
        certify(world)
        world.bulk.finish()
    return world.bulk.written


def accounts() -> list[Account]:
    """Return the sign-ins, in the order of the roles; none before the data is loaded."""
    rows = db.session.execute(
        select(Person.email, Person.name).where(Person.email.in_([seat.email for seat in SEATS]))
    )
    names = {row.email: row.name for row in rows}
    return [
        Account(
            seat.role.value,
            names[seat.email],
            seat.email,
            PASSWORD,
            seat.code_app,
            HOMES.get(seat.role, HOME),
        )
        for seat in SEATS
        if seat.email in names
    ]
