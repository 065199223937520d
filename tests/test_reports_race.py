"""Corrections of a report at the same moment, on both engines: one happens, the others are told."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from accounts.queries import actor_for
from accounts.rules import Role
from campaigns.reports.services import (
    Correction,
    Seen,
    correct,
    give_up_correction,
    publish_correction,
)
from tests.builders.campaigns import a_correction, a_reported_campaign
from tests.builders.corrections import versions
from tests.builders.people import a_member_of_staff
from tests.races import ENGINES, at_once, site_on


@pytest.fixture(params=ENGINES)
def raced(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    with site_on(request.param, request, tmp_path) as app:
        yield app


def test_of_several_who_begin_at_once_one_does(raced: Flask) -> None:
    campaign = a_reported_campaign()
    editors = [actor_for(a_member_of_staff(Role.EDITOR)) for _turn in range(4)]
    uid = campaign.uid

    refused = at_once(
        raced,
        *(
            lambda by=by: correct(uid, Correction(f"{by.id}", "", "改", "", 2, 0), by=by)
            for by in editors
        ),
    )

    assert sum(one is None for one in refused) == 1
    assert len(versions(campaign)) == 2


def test_of_several_who_write_on_at_once_one_does(raced: Flask) -> None:
    campaign = a_reported_campaign()
    a_correction(campaign)
    editors = [actor_for(a_member_of_staff(Role.EDITOR)) for _turn in range(4)]
    uid = campaign.uid

    refused = at_once(
        raced,
        *(
            lambda by=by: correct(uid, Correction(f"{by.id}", "", "改", "", 2, 1), by=by)
            for by in editors
        ),
    )

    assert sum(one is None for one in refused) == 1
    assert versions(campaign)[-1].version == 2


def test_it_is_published_or_given_up_or_written_anew_and_never_two_of_them(raced: Flask) -> None:
    campaign = a_reported_campaign()
    a_correction(campaign)
    editor, publisher = (
        actor_for(a_member_of_staff(role)) for role in (Role.EDITOR, Role.PUBLISHER)
    )
    uid, seen = campaign.uid, Seen(2, 1)

    refused = at_once(
        raced,
        lambda: publish_correction(uid, seen, by=publisher),
        lambda: give_up_correction(uid, seen, by=editor),
        lambda: correct(uid, Correction("新的", "", "改", "", 2, 1), by=editor),
    )

    assert sum(one is None for one in refused) == 1
    last = versions(campaign)[-1]
    assert [
        last.published_at is not None, last.given_up_at is not None, last.version == 2,
    ] == [one is None for one in refused]  # fmt: skip
