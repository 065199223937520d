"""Loading a city: whole or not at all, again and again, and its page for everybody."""

from contextlib import suppress
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.db import db
from places import queries, services
from places.loading.rules import BadFile, areas_of, lines_of, network_of, units_of
from places.models import Area, Organisation, Post
from places.rules import Level, OrgKind, PostKind
from tests.browser import Browser
from tests.builders.places import a_county, a_village, an_organisation
from tests.conftest import AtMost

OWN = services.OWN_CITY
HEADER = "nbs_code,mca_code,level,name,name_en,parent_nbs_code,tile_column,tile_row"
ABOVE = "14,140000,province,山西省,Shanxi,,,\n1407,140700,city,晋中市,Jinzhong,14,,\n"
COUNTY = "140702,140702,county,榆次区,Yuci,1407,2,1\n"
NETWORK = "nbs_code,name,stations,child_supervisors,child_directors\n"


def file_of(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join((header, ABOVE.strip(), *rows, "")).encode()


def counts() -> list[int]:
    return [
        db.session.scalar(select(func.count()).select_from(model)) or 0
        for model in (Area, Organisation, Post)
    ]


def codes_and_ids() -> list[tuple[str, int]]:
    return [(area.nbs_code, area.id) for area in db.session.scalars(select(Area))]


def organisations(kind: OrgKind) -> int:
    return len(queries.organisations([kind]))


def posts(kind: PostKind) -> int:
    return db.session.scalar(select(func.count()).where(Post.kind == kind)) or 0


def test_our_own_city_has_what_the_article_counts(app: Flask) -> None:
    services.load_own_city()

    rows = db.session.execute(select(Area.level, func.count()).group_by(Area.level))
    by_level = {row[0]: row[1] for row in rows}
    assert by_level == {
        Level.PROVINCE: 1,
        Level.CITY: 1,
        Level.COUNTY: 11,
        Level.TOWNSHIP: 130,
        Level.VILLAGE: 2_201,
    }
    assert organisations(OrgKind.CENTER) == 1 + 11
    assert organisations(OrgKind.STATION) == 88
    assert organisations(OrgKind.MEMBER_UNIT) == 36
    assert posts(PostKind.CHILD_SUPERVISOR) == 129
    assert posts(PostKind.CHILD_DIRECTOR) == 2_170


def test_each_county_has_what_its_file_says(app: Flask) -> None:
    services.load_own_city()

    told = {row.nbs_code: row for row in network_of((OWN / "network.csv").read_bytes())}
    for row in queries.network():
        line = told[row.county.nbs_code]
        assert row.centres == 1
        assert (row.stations, row.supervisors, row.directors) == (
            line.stations,
            line.supervisors,
            line.directors,
        )


def test_only_the_development_zone_has_no_supervisor(app: Flask) -> None:
    services.load_own_city()

    held = select(Post.area_id).where(Post.kind == PostKind.CHILD_SUPERVISOR)
    without = select(Area.name).where(Area.level == Level.TOWNSHIP, Area.id.not_in(held))
    assert db.session.scalars(without).all() == ["山西转型综合改革示范区晋中开发区"]


def test_stations_stand_in_towns_only(app: Flask) -> None:
    services.load_own_city()

    places = db.session.scalars(
        select(Area.name)
        .join(Organisation, Organisation.area_id == Area.id)
        .where(Organisation.kind == OrgKind.STATION)
    )
    assert all(name.endswith(("镇", "乡", "街道", "街道办事处")) for name in places)


def test_loading_again_changes_nothing(app: Flask) -> None:
    services.load_own_city()
    ids = codes_and_ids()
    before = counts()

    again = services.load_areas((OWN / "areas.csv").read_bytes())
    network = services.load_network((OWN / "network.csv").read_bytes())
    units = services.load_units((OWN / "member_units.csv").read_bytes())

    assert [(done.added, done.updated) for done in (again, network, units)] == [(0, 0)] * 3
    assert counts() == before
    assert codes_and_ids() == ids


def test_a_renamed_area_keeps_its_id(app: Flask) -> None:
    services.load_areas(file_of(COUNTY.strip()))
    before = db.session.scalars(select(Area.id).where(Area.nbs_code == "140702")).one()

    done = services.load_areas(file_of("140702,140702,county,榆次新区,Yuci New,1407,2,1"))

    area = db.session.get_one(Area, before)
    assert (done.added, done.updated) == (0, 1)
    assert (area.name, area.name_en, area.nbs_code) == ("榆次新区", "Yuci New", "140702")


def test_a_child_may_stand_above_its_parent_in_the_file(app: Flask) -> None:
    town = "140702101,,township,乌金山镇,,140702,,"
    done = services.load_areas(file_of(town, COUNTY.strip()))

    assert done.added == 4
    area = db.session.scalars(select(Area).where(Area.nbs_code == "140702101")).one()
    assert area.parent_id == queries.counties()[0].id


def test_a_mark_at_the_start_and_windows_lines_are_fine(app: Flask) -> None:
    raw = b"\xef\xbb\xbf" + file_of(COUNTY.strip()).replace(b"\n", b"\r\n")
    assert services.load_areas(raw).added == 3


def test_another_city_lives_beside_the_first(app: Flask) -> None:
    services.load_own_city()
    more = "1408,140800,city,运城市,Yuncheng,14,,\n140802,,county,盐湖区,Yanhu,1408,,"
    services.load_areas(f"{HEADER}\n{more}\n".encode())
    services.load_network(f"{NETWORK}140802,盐湖区,0,0,0\n".encode())

    assert organisations(OrgKind.CENTER) == 12 + 2
    assert organisations(OrgKind.BUREAU) == 2


BAD_ROWS = {
    "140702,140702,district,榆次区,,1407,,": "the level 'district'",
    "140702,140702,county,榆次区,,1499,,": "the parent 1499 is unknown",
    "140702,140702,county,榆次区,,14,,": "not of the level city",
    "14070,140702,county,榆次区,,1407,,": "nbs_code '14070' is not 6 digits",
    "１４０７０２,,county,榆次区,,1407,,": "is not 6 digits",  # full-width
    "140702,1407020,county,榆次区,,1407,,": "mca_code '1407020' is not 6 digits",
    "140702,,county,,,1407,,": "the name is missing",
    f"140702,,county,{'榆' * 61},,1407,,": "longer than 60",
    "140702,,county,榆\u200b次,,1407,,": "not printable",
    "140702,,county,榆次区,,,,": "needs a parent_nbs_code",
    "15,,province,内蒙古,,14,,": "needs a parent_nbs_code",
    "140702,,county,榆次区,,1407,2,": "tile_row ''",
    "140702,,county,榆次区,,1407,a,1": "tile_column 'a'",
    "140702,,county,榆次区": "4 values for 8 columns",
    '140702,,county,"榆次区,,1407,,': "not a row of a CSV file",
}


@pytest.mark.parametrize("row", BAD_ROWS)
def test_a_bad_row_is_named_and_nothing_is_loaded(app: Flask, row: str) -> None:
    with pytest.raises(BadFile, match=r"^line 4: ") as refusal:
        services.load_areas(file_of(row))

    assert BAD_ROWS[row] in str(refusal.value)
    assert counts() == [0, 0, 0]


def test_every_bad_row_is_named(app: Flask) -> None:
    rows = "140702,,county,,,1407,,", COUNTY.strip(), "1,,village,某村,,140702,,"
    with pytest.raises(BadFile) as refusal:
        services.load_areas(file_of(*rows))

    assert [problem.split(":")[0] for problem in refusal.value.problems] == ["line 4", "line 6"]


def test_a_code_twice_is_refused_with_both_lines(app: Flask) -> None:
    with pytest.raises(BadFile, match="line 5: nbs_code 140702 is on line 4 already"):
        services.load_areas(file_of(COUNTY.strip(), COUNTY.strip()))
    with pytest.raises(BadFile, match="line 5: mca_code 140702 is on line 4 already"):
        services.load_areas(file_of(COUNTY.strip(), "140703,140702,county,太谷区,,1407,,"))


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "line 1: there is no row"),
        (HEADER.encode() + b"\n", "line 2: there is no row"),
        (file_of(COUNTY.strip()).replace(b"level,", b"stage,"), "line 1: the column level"),
        (file_of(COUNTY.strip()).replace(b"tile_row", b"name"), "line 1: the column name is there"),
        (file_of(COUNTY.strip()).decode().encode("gb18030"), "line 2: is not UTF-8"),
        (file_of(COUNTY.strip()).decode().encode("utf-16"), "holds a NUL"),
        (file_of("140702,\0,county,榆次区,,1407,,"), "line 4: holds a NUL"),
    ],
)
def test_a_file_of_another_kind_is_refused(app: Flask, raw: bytes, reason: str) -> None:
    with pytest.raises(BadFile) as refusal:
        services.load_areas(raw)
    assert reason in str(refusal.value)
    assert counts() == [0, 0, 0]


@given(st.binary(max_size=300))
def test_no_bytes_do_more_than_be_refused(raw: bytes) -> None:
    with suppress(BadFile):
        areas_of(HEADER.encode() + b"\n" + raw, {})


def test_a_row_in_several_lines_is_named_by_its_first() -> None:
    (line,) = lines_of(b'name,note\n\n"a\nb",c\n', ["name"])
    assert (line.number, line["name"], line["unheard of"]) == (3, "a\nb", "")


def a_small_city() -> None:
    services.load_areas(
        file_of(
            COUNTY.strip(),
            "140702101,,township,乌金山镇,,140702,,",
            "140702400,,township,城区,,140702,,",
            "140702101001,,village,流村,,140702101,,",
        )
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("140702,榆次区,2,2,1", "line 2: asks for 2 where there are 1 places"),
        ("140702,榆次区,1,3,1", "line 2: asks for 3 where there are 2 places"),
        ("140702,榆次区,1,2,2", "line 2: asks for 2 where there are 1 places"),
        ("140799,别处,0,0,0", "line 2: the county 140799 is unknown"),
        ("140702,榆次区,-1,2,1", "line 2: stations '-1'"),
        ("140702,榆次区,1,2,1e3", "line 2: child_directors '1e3'"),
        ("140702,榆次区,1,2,100000", "line 2: child_directors '100000'"),
        ("140702,榆次区,1,2,1\n140702,榆次区,1,2,1", "line 3: nbs_code 140702 is on line 2"),
    ],
)
def test_a_network_that_cannot_be_is_refused(app: Flask, row: str, reason: str) -> None:
    a_small_city()
    with pytest.raises(BadFile, match=reason):
        services.load_network(f"{NETWORK}{row}\n".encode())
    assert counts()[1:] == [0, 0]


def test_a_network_may_grow_but_not_shrink(app: Flask) -> None:
    a_small_city()
    services.load_network(f"{NETWORK}140702,榆次区,0,1,0\n".encode())
    grown = services.load_network(f"{NETWORK}140702,榆次区,1,2,1\n".encode())

    assert grown.added == 3
    with pytest.raises(BadFile, match="asks for 1, but 2 are there already"):
        services.load_network(f"{NETWORK}140702,榆次区,1,1,1\n".encode())
    assert posts(PostKind.CHILD_SUPERVISOR) == 2


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1499,教育局,", "line 2: 1499 is no city here"),
        ("1407,,", "line 2: the name is missing"),
        ("1407,教育局,\n1407,教育局,", "line 3: 教育局 is on line 2 already"),
        (f"1407,教育局,{'E' * 121}", "longer than 120"),
    ],
)
def test_bad_units_are_refused(app: Flask, row: str, reason: str) -> None:
    a_small_city()
    with pytest.raises(BadFile, match=reason):
        services.load_units(f"area_nbs_code,name,name_en\n{row}\n".encode())
    assert organisations(OrgKind.MEMBER_UNIT) == 0


def test_a_unit_takes_a_new_english_name(app: Flask) -> None:
    services.load_own_city()
    raw = (OWN / "member_units.csv").read_bytes().replace(b"Education Bureau", b"Schools Bureau")

    done = services.load_units(raw)

    assert (done.added, done.updated) == (0, 1)
    assert len(units_of(raw)) == organisations(OrgKind.MEMBER_UNIT) == 36


def test_the_commands_say_what_they_did(app: Flask) -> None:
    runner = app.test_cli_runner()
    assert "2344 added" in runner.invoke(args=["places", "load", str(OWN / "areas.csv")]).output
    made = runner.invoke(args=["places", "network", str(OWN / "network.csv")])
    assert "2402 added, 0 updated." in made.output
    assert (
        "36 added" in runner.invoke(args=["places", "units", str(OWN / "member_units.csv")]).output
    )


def test_a_bad_file_ends_the_command_with_an_error(app: Flask, tmp_path: Path) -> None:
    bad = tmp_path / "areas.csv"
    bad.write_bytes(file_of(*["1,,county,某县,,1407,,"] * 25))
    runner = app.test_cli_runner()

    refused = runner.invoke(args=["places", "load", str(bad)])
    missing = runner.invoke(args=["places", "load", str(tmp_path / "nothing.csv")])

    assert refused.exit_code == missing.exit_code == 1
    assert "nothing was loaded" in refused.output
    assert "line 4: nbs_code '1' is not 6 digits" in refused.output
    assert "… and 5 more" in refused.output
    assert "No such file" in missing.output


def test_everybody_sees_the_network(visitor: Browser, at_most: AtMost) -> None:
    services.load_own_city()
    db.session.remove()

    with at_most(8):
        page = visitor.get("/network")

    assert page.texts(".figure b") == ["1+11", "88", "129", "2,170"]
    assert page.texts("tbody tr")[-1] == "合计 11 88 129 2,170"
    assert len(page.texts("tbody tr")) == 11 + 1
    assert page.texts("tbody tr")[0] == "榆次区 1 13 19 283"
    assert "成员单位 36 个" in page.text
    assert len(page.texts(".map rect")) == 11
    assert {"tel:110", "tel:12345"} <= set(page.links("tel:"))


def test_the_network_speaks_english(visitor: Browser) -> None:
    services.load_own_city()

    page = visitor.get("/en/network")

    assert "Jinzhong Civil Affairs Bureau" in page.text
    assert page.texts("tbody th")[:2] == ["Yuci", "Taigu"]


def test_a_site_without_places_still_says_whom_to_call(visitor: Browser) -> None:
    page = visitor.get("/network")
    assert page.texts("table") == []
    assert "tel:12345" in page.links("tel:")


def test_a_county_that_is_on_no_map_is_in_the_table(visitor: Browser) -> None:
    village = a_village()
    an_organisation(OrgKind.CENTER, area=a_county(name="无图县"))

    page = visitor.get("/network")

    assert page.texts(".map rect") == []
    assert "无图县 1 0 0 0" in page.texts("tbody tr")
    assert village.name not in page.text


def test_positions_are_set_from_a_file_and_corrected_by_another(app: Flask) -> None:
    county = a_county(nbs_code="140702")

    services.load_positions(b"nbs_code,east_m,north_m\n140702,0,-500\n")
    done = services.load_positions(b"nbs_code,east_m,north_m\n140702,100,-500\n")

    db.session.refresh(county)
    assert (done.updated, county.east_m, county.north_m) == (1, 100, -500)
    assert services.load_positions(b"nbs_code,east_m,north_m\n140702,100,-500\n").updated == 0


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (b"140702,near,0", "is not metres"),
        (b"140702,2000000,0", "is not metres"),
        (b"140799,0,0", "unknown"),
        (b"14070,0,0", "none of an area"),
        (b"140702,0,0\n140702,1,1", "is on line 2 already"),
    ],
)
def test_a_file_of_positions_is_refused_whole(app: Flask, row: bytes, why: str) -> None:
    county = a_county(nbs_code="140702")

    with pytest.raises(BadFile, match=why):
        services.load_positions(b"nbs_code,east_m,north_m\n" + row + b"\n")

    db.session.refresh(county)
    assert county.east_m is None
