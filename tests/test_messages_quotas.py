"""How many messages somebody gets, asked for several people at once."""

from datetime import timedelta

from flask import Flask

from core.db import transaction
from messages.delivery.quotas.services import Limits, Refused, take
from tests.builders.people import a_person
from tests.conftest import NOON
from tests.crashes import ledger

__all__ = ["ledger"]


def test_whoever_has_had_enough_waits_and_nobody_else_does(ledger: Flask) -> None:
    gap = timedelta(minutes=10)
    often, lately, fresh = (
        a_person(email=None, phone=f"1540000000{number}").id for number in (1, 2, 3)
    )
    limits = Limits(2, gap)
    at = [NOON, NOON + gap, NOON + 2 * gap]
    with transaction() as session:
        assert take(session, {often}, at[0], limits) == {}
        assert take(session, {often, lately}, at[1], limits) == {}
    with transaction() as session:
        found = take(session, {often, lately, fresh}, at[1] + gap / 2, limits)
    assert found == {often: Refused(None), lately: Refused(at[1] + gap)}
    with transaction() as session:
        found = take(session, {often, lately, fresh}, at[2], limits)
    assert found == {often: Refused(None), fresh: Refused(at[1] + gap / 2 + gap)}
