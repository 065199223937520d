"""What ends soon: of three days the first, and the one thing to do now."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from accounts.rules import Role
from core.db import transaction
from pairings.forecast.rules import Next, Why, months, next_of
from pairings.models import Pairing
from pairings.rules import Stage
from places.models import Area
from places.rules import OrgKind
from tests.browser import Browser, Page
from tests.builders.children import a_consented_child
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_city, a_county, an_organisation
from tests.builders.proposals import TODAY
from tests.builders.volunteers import a_student, a_team, an_active_volunteer
from tests.conftest import AtMost, BrowseAs
from volunteers.models import Evidence
from volunteers.rules import EvidenceKind

URL = "/pairings/forecast"


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


def a_pairing_until(village: Area, days: int, **given: object) -> Pairing:
    child = a_consented_child(village)
    fields: dict[str, Any] = {"stage": Stage.ACTIVE, "ends_on": in_days(days)} | given
    return a_pairing(child, **fields)


def table(page: Page, number: int) -> list[list[str]]:
    return [
        [" ".join(cell.get_text(" ", strip=True).split()) for cell in row.select("th, td")]
        for row in page.soup.select("table")[number].select("tbody tr")
    ]


def test_a_pause_is_over_before_a_renewal(coordinator: Browser, village: Area) -> None:
    soon = a_pairing_until(village, 20, stage=Stage.PAUSED)
    page = coordinator.get(f"{URL}?days=30")
    assert "先恢复陪伴再续期，或开始结束" in page.text
    assert page.links("/pairings/")[-1].endswith(f"/pairings/{soon.uid}/steps/go-on")


def test_an_agreement_that_runs_out_is_to_be_renewed_or_ended(
    coordinator: Browser, village: Area
) -> None:
    soon, late = a_pairing_until(village, 20), a_pairing_until(village, 60)
    a_pairing_until(village, 31, stage=Stage.PROPOSED)

    page = coordinator.get(f"{URL}?days=30")

    (row,) = table(page, 1)
    assert row[3:] == [str(in_days(20)), "约定到期", "陪伴中", "续期，或开始结束"]
    assert page.links("/pairings/")[-1].endswith(f"/pairings/{soon.uid}/steps/renewing")
    assert late.uid not in page.html
    assert late.uid in coordinator.get(f"{URL}?days=90").html


def test_the_end_of_a_members_studies_comes_first(
    coordinator: Browser, county: Area, village: Area
) -> None:
    members = [an_active_volunteer(county), an_active_volunteer(county)]
    team = a_team(county, members=members)
    university = an_organisation(OrgKind.UNIVERSITY, area=county)
    a_student(members[1], university, until=in_days(25))
    a_student(members[1], university, until=in_days(15))
    a_pairing(a_consented_child(village), team, stage=Stage.ACTIVE, ends_on=in_days(80))

    (row,) = table(coordinator.get(URL), 1)

    assert row[3:5] == [str(in_days(25)), "成员毕业或学期结束"]
    assert row[6] == "问成员能不能继续，或找人接手"


def test_checks_that_run_out_before_are_to_be_made_anew(
    coordinator: Browser, county: Area, village: Area
) -> None:
    members = [an_active_volunteer(county), an_active_volunteer(county)]
    a_pairing(
        a_consented_child(village),
        a_team(county, members=members),
        stage=Stage.ACTIVE,
        ends_on=in_days(80),
    )
    with transaction() as session:
        session.execute(
            update(Evidence)
            .where(Evidence.volunteer_id == members[0].id, Evidence.kind == EvidenceKind.INSURANCE)
            .values(valid_until=in_days(12))
        )

    (row,) = table(coordinator.get(f"{URL}?days=30"), 1)

    assert row[3:5] == [str(in_days(12)), "成员手续到期"]
    assert row[6] == "请成员补办手续"


def test_what_has_run_over_stands_in_this_month(coordinator: Browser, village: Area) -> None:
    a_pairing_until(village, -10)
    page = coordinator.get(URL)
    assert table(page, 0)[0] == [TODAY.strftime("%Y-%m"), "1", "0", "0", "1"]
    assert table(page, 1)[0][5] == "已过期"


def test_a_long_list_is_walked_page_by_page_with_few_queries(
    coordinator: Browser, county: Area, village: Area, at_most: AtMost
) -> None:
    team = a_team(county)
    for number in range(55):
        a_pairing(a_consented_child(village), team, stage=Stage.ACTIVE, ends_on=in_days(number % 3))
    with at_most(9):
        first = coordinator.get(URL)
    second = coordinator.get(first.links(f"{URL}?after=")[0])
    names = [row[0] for page in (first, second) for row in table(page, 1)]
    assert len(names) == len(set(names)) == 55


def test_a_neighbour_and_the_city_see_no_child(village: Area, browse_as: BrowseAs) -> None:
    pairing = a_pairing_until(village, 20)
    neighbour = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=a_county().id))
    assert "90 天内没有要结束的结对" in neighbour.get(URL).text
    city = browse_as(a_member_of_staff(Role.CITY_COORDINATOR, area_id=a_city().id))
    page = city.get(URL)
    assert pairing.uid not in page.html
    assert page.texts(".bars .value") == ["—"] * 4


def test_the_city_is_told_rounded_totals() -> None:
    rows = [(date(2026, 11, 30), Why.AGREEMENT, 9), (date(2026, 11, 30), Why.STUDIES, 4)]
    (month,) = months(rows, TODAY, date(2026, 11, 30), outside=True)
    assert (month.total, set(month.by_reason.values())) == (15, {None})


@pytest.mark.parametrize(
    ("stage", "why", "parted", "step"),
    [
        (Stage.ENDING, Why.STUDIES, False, Next.GOODBYE),
        (Stage.ENDING, Why.AGREEMENT, True, Next.HANDOVER),
        (Stage.RENEWING, Why.AGREEMENT, False, Next.RENEWING),
        (Stage.PAUSED, Why.CLEARANCE, False, Next.CHECKS),
    ],
)
def test_there_is_one_next_step(stage: Stage, why: Why, parted: bool, step: Next) -> None:
    assert next_of(stage, why, parted=parted) is step
