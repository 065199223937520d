"""Every route, every role, one's own record, a neighbour's and a missing one.

A new route fails here until ROUTES says what its address is made of.
"""

import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.test import TestResponse

from accounts.rules import Role
from core import clock
from core.access import EVERYONE, SIGNED_IN, audiences_of
from core.db import db
from tests.browser import Browser
from tests.conftest import NOON
from tests.factories import CANARY
from tests.worlds import County, World, a_world

VISITOR = "visitor"
WHO = (VISITOR, *(role.value for role in Role))
MISSING = "A" * 22
FINE = frozenset({200, 302, 409, 422})
CITYWIDE = frozenset(role.value for role in (Role.EDITOR, Role.PUBLISHER, Role.ADMIN))


@dataclass(frozen=True)
class Address:
    """What a route's address is made of. `beyond`: who reaches the neighbour's record as well."""

    values: Callable[[County], dict[str, object]]
    beyond: frozenset[str] = frozenset()
    narrower: frozenset[str] = frozenset()
    """Roles in the audience whose person has no share in the record of this world."""


def of(name: str, key: str = "uid", **fixed: object) -> Address:
    """A record that both counties have under the same name."""
    return Address(lambda county: {key: getattr(county, name), **fixed})


def citywide(name: str, key: str = "uid", **fixed: object) -> Address:
    """A record that whoever may open the page may open everywhere."""
    return Address(lambda county: {key: getattr(county, name), **fixed}, frozenset(WHO))


PLAIN = Address(lambda _county: {})
ROUTES: dict[str, Address] = {
    "admin.disable": citywide("person"),
    "admin.end_role": Address(
        lambda county: {"uid": county.person, "grant_id": county.grant}, frozenset(WHO)
    ),
    "admin.end_session": Address(
        lambda county: {"uid": county.person, "session_id": county.session}, frozenset(WHO)
    ),
    "admin.give_role": citywide("person"),
    "admin.make_code": citywide("person"),
    "admin.show_person": citywide("person"),
}
