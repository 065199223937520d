"""Heads, nightly checks and the command: how people learn whether the audit is whole."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.audit import services
from accounts.audit.models import AuditCheck
from accounts.rules import SITE, Role
from core import checking, heads
from core.audit import AuditRow
from core.checking import Fault, Trouble
from core.db import db
from core.heads import AuditHead, Head
from tests.audit.chains import behind_its_back, checked, home_of, some_rows
from tests.browser import Page
from tests.builders.people import a_member_of_staff
from tests.conftest import NOON, AtMost, BrowseAs, SetClock

NIGHT = NOON + timedelta(hours=16)  # four in the morning in China


def no_alarm() -> None:
    """Nobody is told: what a broken trail sets off is a higher room's matter."""


def test_each_days_head_is_kept_once_in_the_table_and_in_the_file(
    app: Flask, set_clock: SetClock
) -> None:
    lines = []
    for day in range(3):
        set_clock(NOON + timedelta(days=day))
        some_rows(2)
        lines.append(f"2026-11-{24 + day} {heads.newest()}")
        for _turn in range(2):
            services.keep(home_of(app))
            some_rows(1)

    assert (home_of(app) / heads.DAILY).read_text().splitlines() == lines
    assert [f"{one.day} {Head(one.last_id, one.mark)}" for one in heads.of_days(9)] == lines[::-1]
    assert (home_of(app) / heads.NEWEST).read_text().strip().startswith("11:")
    assert checked(app).trouble is None


def test_a_tail_that_was_cut_is_told_though_the_table_of_heads_was_cleared(app: Flask) -> None:
    some_rows(9)
    services.keep(home_of(app))
    with behind_its_back(app) as raw:
        raw.execute("DELETE FROM audit_rows WHERE id > 6")
        raw.execute("DELETE FROM audit_heads")

    assert checked(app).trouble == Trouble(7, Fault.CUT)
    services.keep(home_of(app))  # overwrites no head, and asks for a check
    alarms: list[int] = []
    assert services.check_when_due(home_of(app), lambda: alarms.append(1)) == 1
    assert alarms == [1]
    found = db.session.scalars(select(AuditCheck)).one()
    assert (found.fault, found.bad_row, found.asked_by_id) == (Fault.CUT, 7, None)
    services.keep(home_of(app))
    assert services.check_when_due(home_of(app), no_alarm) == 0, "known already"


def test_rows_written_over_a_cut_tail_are_told_by_the_head(app: Flask) -> None:
    some_rows(9)
    services.keep(home_of(app))
    with behind_its_back(app) as raw:
        raw.execute("DELETE FROM audit_rows WHERE id > 6")
        raw.execute("DELETE FROM audit_heads")
    some_rows(5)

    assert checked(app).trouble == Trouble(9, Fault.REWRITTEN)


@pytest.mark.parametrize("written", ["", "nonsense\n", "2026-11-24 5\n", "x:y\n", "7:\xff\n"])
def test_a_file_of_heads_that_cannot_be_read_accuses_nobody(app: Flask, written: str) -> None:
    some_rows(2)
    (home_of(app) / heads.DAILY).write_text(written, encoding="latin-1")
    assert checked(app).trouble is None


def test_the_nightly_check_runs_once_a_night(app: Flask, set_clock: SetClock) -> None:
    some_rows(4)
    assert services.check_when_due(home_of(app), no_alarm) == 0, "not at noon"
    set_clock(NIGHT)
    assert [services.check_when_due(home_of(app), no_alarm) for _turn in range(3)] == [1, 0, 0]
    set_clock(NIGHT + timedelta(days=1))
    assert services.check_when_due(home_of(app), no_alarm) == 1

    found = db.session.scalars(select(AuditCheck)).all()
    assert [(one.rows, one.fault) for one in found] == [(4, None)] * 2


def test_a_check_that_died_with_its_process_is_taken_up_again(
    app: Flask, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.ask(by=SITE)

    def die(*_given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(checking, "check", die)
        with pytest.raises(KeyboardInterrupt):
            services.check_when_due(home_of(app), no_alarm)

    assert services.check_when_due(home_of(app), no_alarm) == 0, "it may still be running"
    assert not services.ask(by=SITE), "one is enough"
    set_clock(NOON + timedelta(hours=2))
    assert services.check_when_due(home_of(app), no_alarm) == 1


def test_a_trail_longer_than_one_reading_is_read_to_its_end(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    some_rows(60, at_once=20)
    monkeypatch.setattr(checking, "CHUNK", 7)
    assert checked(app).rows == 60
    with behind_its_back(app) as raw:
        raw.execute("UPDATE audit_rows SET reason = 'x' WHERE id = 43")
    assert checked(app).trouble == Trouble(43, Fault.CHANGED)


def test_a_row_of_another_key_is_told(app: Flask) -> None:
    some_rows(3)
    with behind_its_back(app) as raw:
        raw.execute("UPDATE audit_rows SET key_id = 77 WHERE id = 2")
    assert checked(app).trouble == Trouble(2, Fault.KEY)


def test_the_command_says_whether_all_is_whole_and_where_it_ends(app: Flask) -> None:
    some_rows(5)
    head = heads.newest()
    run = app.test_cli_runner().invoke

    done = run(args=["audit", "verify", "--head", str(head)])
    assert done.exit_code == 0, done.output
    assert done.output.startswith("5 rows are whole, in ")
    assert done.output.splitlines()[1] == f"head {head}"
    assert run(args=["audit", "verify", "--head", "5"]).exit_code == 2
    later = run(args=["audit", "verify", "--head", f"6:{'0' * 32}"])
    assert (later.exit_code, "row 6 and all that followed were cut off" in later.output) == (
        1,
        True,
    )


def test_the_command_names_the_first_bad_row(app: Flask) -> None:
    some_rows(5)
    with behind_its_back(app) as raw:
        raw.execute("UPDATE audit_rows SET actor_id = 1 WHERE id IN (3, 4)")

    done = app.test_cli_runner().invoke(args=["audit", "verify"])

    assert done.exit_code == 1
    assert "row 3 is not what was written" in done.output
    assert "2 rows before it are whole" in done.output


def a_broken_chain(app: Flask) -> None:
    some_rows(5)
    with behind_its_back(app) as raw:
        raw.execute("DELETE FROM audit_rows WHERE id = 2")
    services.check_now(home_of(app))


@pytest.mark.parametrize(("role", "leads_to"), [("auditor", "/audit/heads"), ("admin", None)])
def test_whoever_watches_sees_first_that_the_chain_is_broken(
    app: Flask, browse_as: BrowseAs, role: str, leads_to: str | None
) -> None:
    somebody = a_member_of_staff(Role(role))
    a_broken_chain(app)

    page = browse_as(somebody).get("/home")

    first = page.soup.select_one(".actions li")
    assert first is not None
    assert "审计记录被动过" in first.get_text()
    assert "第 2 行" in first.get_text()
    link = first.select_one("a")
    assert (link["href"] if link else None) == leads_to


def test_nobody_else_is_troubled_with_it(app: Flask, browse_as: BrowseAs) -> None:
    somebody = a_member_of_staff(Role.CITY_COORDINATOR)
    a_broken_chain(app)
    assert "审计记录被动过" not in browse_as(somebody).get("/home").text


def test_an_auditor_asks_for_a_check_and_reads_who_asked(app: Flask, browse_as: BrowseAs) -> None:
    auditor = browse_as(a_member_of_staff(Role.AUDITOR, name="样例审"))
    auditor.get("/audit/heads")
    auditor.post("/audit/verify")
    auditor.post("/audit/verify")
    assert auditor.get("/audit/heads").texts("tbody .tag") == ["核验中"]

    services.keep(home_of(app))
    assert services.check_when_due(home_of(app), no_alarm) == 1

    page = auditor.get("/audit/heads")
    assert page.texts("tbody .tag") == ["完好"]
    assert "样例审" in page.texts("tbody td")
    newest = heads.newest()
    assert newest is not None
    told = page.texts("code")[0].replace(" ", "")
    assert heads.parsed(told) == newest, "what is copied from the page is a head"
    assert "行完好" in auditor.get("/audit").text
    assert db.session.scalars(
        select(AuditRow.action).where(AuditRow.kind == "audit_check")
    ).all() == ["audit_check_asked"]
    assert db.session.scalar(select(AuditHead.last_id)) == newest.last_id


def rows_of(page: Page) -> int:
    return len(page.texts("tbody tr"))


def test_the_trail_is_narrowed_by_person_and_deed(app: Flask, browse_as: BrowseAs) -> None:
    somebody = a_member_of_staff(Role.COORDINATOR, name="样例查")
    some_rows(10, by=somebody)
    some_rows(10)
    auditor = browse_as(a_member_of_staff(Role.AUDITOR))

    assert rows_of(auditor.get("/audit?actor=样例查")) == 10
    assert rows_of(auditor.get("/audit?actor=%25")) == 0
    assert rows_of(auditor.get("/audit?action=deed_1")) == 4
    assert rows_of(auditor.get("/audit?actor=样例查&action=deed_1&ref=ref6")) == 1


def test_a_long_trail_is_paged_within_its_budget(
    app: Flask, browse_as: BrowseAs, at_most: AtMost
) -> None:
    auditor = browse_as(a_member_of_staff(Role.AUDITOR))
    some_rows(60, at_once=60)
    with at_most(5):
        page = auditor.get("/audit?kind=child")
    assert rows_of(page) == 50
    (further,) = page.links("after=")
    assert "kind=child" in further
    assert rows_of(auditor.get(further)) == 10
