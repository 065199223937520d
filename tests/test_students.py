"""Students show that they study: by campus mail, a hashed list or a teacher's word; no cards."""

import io
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from accounts.models import Person
from accounts.queries import actor_for
from accounts.rules import Role
from core import clock, crypto, keys
from core.audit import AuditRow
from core.crypto import sealer
from core.db import db
from core.errors import NotYours, RuleBroken
from messages.models import Message
from places.models import Area, Organisation
from places.rules import OrgKind
from tests.browser import Browser
from tests.builders.people import a_grant, a_member_of_staff, a_person
from tests.builders.places import a_county, an_organisation
from tests.builders.volunteers import a_domain, a_standing, a_student, a_volunteer, a_vouch
from tests.conftest import NOON, AtMost, BrowseAs, SetClock
from volunteers.forgetting.services import forget
from volunteers.models import Volunteer
from volunteers.orgs.rules import State
from volunteers.students import queries, services
from volunteers.students.desk import services as desk
from volunteers.students.models import RosterEntry, StudentMail, StudentStatus, Vouch
from volunteers.students.rules import How
from volunteers.students.services import forget_old, vouch_secret
from volunteers.students.telling.services import mail_secret

TODAY = NOON.date()
END = date(2027, 1, 31)
ADDRESS = "yl2026@stu.example.org"
LIST = "学号,姓名,班级\nDEMO-001,样例甲,一班\nDEMO-002,样例乙,二班\n"


@pytest.fixture
def county(app: Flask) -> Area:
    return a_county(name="榆次区")


@pytest.fixture
def school(county: Area) -> Organisation:
    return an_organisation(OrgKind.UNIVERSITY, area=county, name="示例大学")


@pytest.fixture
def lead_id(school: Organisation) -> int:
    return a_member_of_staff(Role.ORG_LEAD, org_id=school.id)


@pytest.fixture
def lead(lead_id: int, browse_as: BrowseAs) -> Browser:
    return browse_as(lead_id)


@pytest.fixture
def coordinator(county: Area, browse_as: BrowseAs) -> Browser:
    return browse_as(a_member_of_staff(Role.COORDINATOR, area_id=county.id))


@pytest.fixture
def student(county: Area) -> Volunteer:
    return a_volunteer(county, name="样例甲")


@pytest.fixture
def me(student: Volunteer, browse_as: BrowseAs) -> Browser:
    return browse_as(student.person_id)


def statuses() -> list[StudentStatus]:
    db.session.expire_all()
    return [*db.session.scalars(select(StudentStatus).order_by(StudentStatus.id))]


def the_mail() -> Message:
    sent = select(Message).where(Message.kind == "student_mail").order_by(Message.id.desc())
    return db.session.scalars(sent).first() or pytest.fail("no mail")


def secret() -> str:
    params = the_mail().params
    return mail_secret(params["sealed"], params["student_mail"])


def page_of(school: Organisation) -> str:
    return f"/students/organisations/{school.uid}"


def uploaded(lead: Browser, school: Organisation, table: str = LIST, status: int = 200) -> str:
    sheet = (io.BytesIO(table.encode()), "list.csv")
    sent = {"sheet": sheet, "until": str(END)}
    return lead.post(f"{page_of(school)}/roster", sent, status=status).text


def tried(me: Browser, school: Organisation, number: str, name: str, status: int = 200) -> str:
    sent = {"org": str(school.id), "number": number, "name": name}
    page = me.post("/students/roster", sent, status=status)
    return " ".join(page.errors) if status == 422 else page.text


# --- campus mail ----------------------------------------------------------------------------


def test_a_campus_mailbox_shows_it_and_its_address_is_gone(
    me: Browser, student: Volunteer, school: Organisation
) -> None:
    a_domain(school, "stu.example.org")
    page = me.post("/students/mail", {"address": "YL2026@Stu.Example.org"})
    assert "已发到您的校园邮箱" in " ".join(page.notices)
    assert statuses() == []
    assert sealer().open(str(the_mail().address), f"messages.address/{the_mail().uid}") == ADDRESS

    link = f"/students/mail/{secret()}"
    assert "示例大学" in me.get(link).text
    assert statuses() == [], "looking at the link does nothing"
    page = me.post(f"{link}/confirm")

    (found,) = statuses()
    assert (found.person_id, found.org_id, found.how) == (student.person_id, school.id, How.MAIL)
    assert (found.since, found.until) == (TODAY, END)
    assert "学生身份有效至" in page.text
    db.session.expire_all()
    assert (the_mail().address, the_mail().params) == (None, {})
    assert db.session.scalar(select(StudentMail.id)) is None
    me.get(link, status=404)


def test_the_link_is_for_whoever_asked_and_for_a_day(
    me: Browser, school: Organisation, browse_as: BrowseAs, set_clock: SetClock
) -> None:
    a_domain(school, "stu.example.org")
    me.post("/students/mail", {"address": ADDRESS})
    link = f"/students/mail/{secret()}"
    owner_of_the_mailbox = browse_as(a_volunteer().person_id)
    owner_of_the_mailbox.get(link, status=404)
    owner_of_the_mailbox.post(f"{link}/confirm", status=404)

    me.post("/students/mail", {"address": ADDRESS})
    me.get(link, status=404)
    set_clock(NOON + timedelta(hours=25))
    with pytest.raises(NotYours):
        services.confirm_mail(
            secret(), by=actor_for(db.session.scalars(select(StudentMail)).one().person_id)
        )
    assert forget_old() == 1
    db.session.expire_all()
    assert the_mail().address is None
    assert statuses() == []


def test_one_mailbox_serves_one_account_a_term(
    school: Organisation, county: Area, browse_as: BrowseAs
) -> None:
    a_domain(school, "stu.example.org")
    for turn, status in enumerate((200, 409)):
        somebody = browse_as(a_volunteer(county).person_id)
        somebody.post("/students/mail", {"address": ADDRESS})
        somebody.post(f"/students/mail/{secret()}/confirm", status=status)
        assert len(statuses()) == 1, turn


def test_other_mailboxes_are_told_what_to_do(me: Browser, school: Organisation) -> None:
    a_domain(school, "stu.example.org")
    for address in ("a@other.example.org", "a+1@stu.example.org"):
        page = me.post("/students/mail", {"address": address}, status=422)
        assert "邮箱" in " ".join(page.errors)
    assert db.session.scalar(select(func.count()).select_from(Message)) == 0


def test_mails_are_limited_for_a_person_and_for_a_mailbox(
    me: Browser, school: Organisation, browse_as: BrowseAs
) -> None:
    a_domain(school, "stu.example.org")
    for turn in range(3):
        me.post("/students/mail", {"address": f"a{turn}@stu.example.org"})
    me.post("/students/mail", {"address": "a9@stu.example.org"}, status=429)

    others = [browse_as(a_volunteer().person_id) for _turn in range(4)]
    for other in others[:3]:
        other.post("/students/mail", {"address": ADDRESS})
    others[3].post("/students/mail", {"address": ADDRESS}, status=429)


def test_a_suspended_university_s_word_counts_no_more(
    me: Browser, school: Organisation, lead_id: int, county: Area
) -> None:
    a_domain(school, "stu.example.org")
    two = [a_member_of_staff(Role.COORDINATOR, area_id=county.id) for _turn in range(2)]
    a_standing(
        county,
        org_id=school.id,
        state=State.SUSPENDED,
        verified_by_id=two[0],
        activated_by_id=two[1],
    )
    me.post("/students/mail", {"address": ADDRESS}, status=422)
    link = vouch_secret(a_vouch(school, lead_id))
    me.get(f"/students/vouch/{link}", status=410)
    me.post(f"/students/vouch/{link}/accept", status=409)


# --- lists ----------------------------------------------------------------------------------


def test_a_list_is_kept_as_digests_only(lead: Browser, school: Organisation, app: Flask) -> None:
    assert "新增 2 人" in uploaded(lead, school)
    assert "新增 0 人" in uploaded(lead, school)

    rows = db.session.execute(text("SELECT * FROM student_roster")).all()
    assert len(rows) == 2
    assert not any(word in str(rows) for word in ("DEMO", "样例", "一班"))
    for file in Path(app.extensions["settings"].home).rglob("*"):
        if file.is_file():
            assert b"DEMO-001" not in file.read_bytes(), file
    kept = {
        row.fields is None or "DEMO" not in str(row.fields)
        for row in db.session.scalars(select(AuditRow))
    }
    assert kept == {True}


def test_number_and_name_on_the_list_show_it_once(
    me: Browser, lead: Browser, school: Organisation, student: Volunteer
) -> None:
    uploaded(lead, school)
    assert "已生效" in tried(me, school, "demo-００１", "样例 甲")
    (found,) = statuses()
    assert (found.person_id, found.how, found.until) == (student.person_id, How.ROSTER, END)
    assert "已经有效" in tried(me, school, "DEMO-001", "样例甲", status=422)


def test_every_miss_is_the_same_answer(
    lead: Browser, school: Organisation, county: Area, browse_as: BrowseAs, student: Volunteer
) -> None:
    uploaded(lead, school)
    first = browse_as(student.person_id)
    tried(first, school, "DEMO-001", "样例甲")
    namesake = browse_as(a_volunteer(county, name="样例甲").person_id)
    other = an_organisation(OrgKind.UNIVERSITY, area=county)
    uploaded(
        browse_as(a_member_of_staff(Role.ORG_LEAD, org_id=other.id)), other, "学号,姓名\n9,样例丙"
    )

    answers = {
        "used by somebody else": tried(namesake, school, "DEMO-001", "样例甲", status=422),
        "another's name": tried(namesake, school, "DEMO-002", "样例乙", status=422),
        "not listed": tried(namesake, school, "DEMO-009", "样例甲", status=422),
        "at another school": tried(namesake, other, "DEMO-001", "样例甲", status=422),
    }
    assert len(set(answers.values())) == 1, answers
    assert "没有对上" in answers["not listed"]
    assert len(statuses()) == 1


def test_five_tries_a_day(me: Browser, lead: Browser, school: Organisation) -> None:
    uploaded(lead, school)
    for turn in range(5):
        tried(me, school, f"DEMO-1{turn}", "样例甲", status=422)
    tried(me, school, "DEMO-001", "样例甲", status=429)
    assert statuses() == []


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("姓名\n样例甲", "“学号”和“姓名”两列"),
        ("学号,姓名\nDEMO-1,", "第 2 行缺"),
        ("学号,姓名\n,", "一个学生也没有"),
        ("学号,姓名\n2.02E+11,样例甲", "长数字已被表格软件改动"),
    ],
)
def test_a_list_that_cannot_be_used_says_why(
    lead: Browser, school: Organisation, table: str, why: str
) -> None:
    assert why in uploaded(lead, school, table, status=422)
    assert db.session.scalar(select(RosterEntry.id)) is None


def test_a_list_may_have_english_headings(lead: Browser, school: Organisation) -> None:
    assert "新增 1 人" in uploaded(lead, school, "Name,Student number\n样例甲,DEMO-001\n")


def test_lists_go_with_their_term_and_when_they_are_cleared(
    lead: Browser, school: Organisation, set_clock: SetClock
) -> None:
    uploaded(lead, school)
    lead.post(f"{page_of(school)}/roster/clear")
    assert db.session.scalar(select(RosterEntry.id)) is None
    uploaded(lead, school)
    set_clock(NOON.replace(year=2027, month=2, day=1))
    assert [forget_old(), forget_old()] == [2, 0]


def test_a_new_key_of_the_site_still_finds_who_was_listed_before(
    me: Browser, lead: Browser, school: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploaded(lead, school)
    ring = keys.Ring({**sealer().ring.keys, 77: b"7" * 32})
    monkeypatch.setattr(services, "sealer", lambda: crypto.Sealer(ring))
    assert "已生效" in tried(me, school, "DEMO-001", "样例甲")


# --- a teacher's word -----------------------------------------------------------------------


def test_a_teacher_s_link_vouches_for_whoever_opens_it_signed_in(
    lead: Browser,
    lead_id: int,
    me: Browser,
    visitor: Browser,
    school: Organisation,
    student: Volunteer,
) -> None:
    page = lead.post(f"{page_of(school)}/links", {"uses": "2", "expires_on": str(TODAY)})
    link = "/students/vouch/" + vouch_secret(db.session.scalars(select(Vouch)).one())
    assert link in page.text

    people = db.session.scalar(select(func.count()).select_from(Person))
    assert "链接不会替您开账号" in visitor.get(link).text
    visitor.post(f"{link}/accept", status=302, follow=False)
    assert db.session.scalar(select(func.count()).select_from(Person)) == people
    assert statuses() == []

    me.post(f"{link}/accept")
    (found,) = statuses()
    assert (found.person_id, found.vouched_by_id, found.until) == (student.person_id, lead_id, END)
    me.post(f"{link}/accept", status=409)
    assert db.session.scalars(select(Vouch.uses_left)).one() == 1
    assert "样例甲" in lead.get(page_of(school)).text


def test_a_link_serves_so_many_until_a_day_or_until_it_is_stopped(
    lead: Browser, lead_id: int, school: Organisation, browse_as: BrowseAs, set_clock: SetClock
) -> None:
    used_up = vouch_secret(a_vouch(school, lead_id, uses_left=1))
    stopped, late = a_vouch(school, lead_id), vouch_secret(a_vouch(school, lead_id))
    first, second = (browse_as(a_volunteer().person_id) for _turn in range(2))
    first.post(f"/students/vouch/{used_up}/accept")
    second.post(f"/students/vouch/{used_up}/accept", status=409)

    lead.post(f"/students/links/{stopped.uid}/end")
    second.get(f"/students/vouch/{vouch_secret(stopped)}", status=410)
    second.post(f"/students/vouch/{vouch_secret(stopped)}/accept", status=409)
    set_clock(NOON + timedelta(days=8))
    third = browse_as(a_volunteer().person_id)
    third.post(f"/students/vouch/{late}/accept", status=409)
    assert len(statuses()) == 1


def test_a_link_ends_with_its_maker_s_office_and_nobody_vouches_for_themselves(
    school: Organisation, lead_id: int, browse_as: BrowseAs
) -> None:
    a_volunteer(person_id=lead_id)
    own = vouch_secret(a_vouch(school, lead_id))
    browse_as(lead_id).post(f"/students/vouch/{own}/accept", status=409)

    former = a_person()
    yesterday = TODAY - timedelta(days=1)
    a_grant(former.id, Role.ORG_LEAD, org_id=school.id, from_on=yesterday, until_on=yesterday)
    link = vouch_secret(a_vouch(school, former.id))
    browse_as(a_volunteer().person_id).post(f"/students/vouch/{link}/accept", status=409)
    assert statuses() == []


def test_what_is_taken_back_serves_nobody_again(
    lead: Browser, lead_id: int, me: Browser, school: Organisation
) -> None:
    link = vouch_secret(a_vouch(school, lead_id))
    me.post(f"/students/vouch/{link}/accept")
    lead.post(f"/students/statuses/{statuses()[0].uid}/end")
    assert "还没有证明" in me.get("/students/me").text
    assert "样例甲" not in lead.get(page_of(school)).text

    me.post(f"/students/vouch/{link}/accept", status=409)
    assert len(statuses()) == 1
    again = vouch_secret(a_vouch(school, lead_id))
    me.post(f"/students/vouch/{again}/accept")
    assert len(statuses()) == 2


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({"uses": "0"}, "1 到 200"),
        ({"uses": "x"}, ""),
        ({"expires_on": str(TODAY - timedelta(days=1))}, "最多开 60 天"),
        ({"expires_on": str(TODAY + timedelta(days=61))}, "最多开 60 天"),
    ],
)
def test_a_link_that_is_too_much_is_refused(
    lead: Browser, school: Organisation, sent: dict[str, str], why: str
) -> None:
    given = {"uses": "5", "expires_on": str(TODAY)} | sent
    page = lead.post(f"{page_of(school)}/links", given, status=422)
    assert why in " ".join(page.errors)
    assert db.session.scalar(select(Vouch.id)) is None


# --- until when, and who sees it -------------------------------------------------------------


def test_it_ends_by_itself_and_is_reminded_of_a_month_ahead(
    me: Browser, student: Volunteer, school: Organisation, lead_id: int, set_clock: SetClock,
    coordinator: Browser,
) -> None:  # fmt: skip
    me.post(f"/students/vouch/{vouch_secret(a_vouch(school, lead_id))}/accept")
    kinds = select(Message.kind, Message.person_id, Message.due_at)
    (told_,) = db.session.execute(kinds.where(Message.kind == "student_ending").limit(1)).all()
    assert (told_.person_id, told_.due_at.date()) == (student.person_id, date(2027, 1, 1))
    for page in (me.get("/students/me"), coordinator.get(f"/volunteers/{student.uid}")):
        assert "有效至 2027年1月31日" in page.text

    assert len(queries.of_person(student.person_id, END)) == 1
    assert queries.of_person(student.person_id, END + timedelta(days=1)) == []


def test_domains_are_the_coordinator_s_to_enter(
    coordinator: Browser, lead: Browser, school: Organisation
) -> None:
    path = f"{page_of(school)}/domains"
    lead.post(path, {"domain": "stu.example.org"}, status=403)
    assert "邮箱域名" in " ".join(coordinator.post(path, {"domain": "qq.com"}, status=422).errors)
    page = coordinator.post(path, {"domain": "@Stu.example.org"})
    assert "@stu.example.org" in page.text
    coordinator.post(path, {"domain": "stu.example.org"}, status=422)
    (form,) = [one["action"] for one in page.soup.select("form[action$=remove]")]
    coordinator.post(str(form))
    assert "@stu.example.org" not in coordinator.get(page_of(school)).text


def test_the_city_coordinates_the_universities_that_are_the_city_s(
    school: Organisation, browse_as: BrowseAs
) -> None:
    city = db.session.get_one(Area, db.session.get_one(Area, school.area_id).parent_id)
    theirs = an_organisation(OrgKind.UNIVERSITY, area=city, name="全市示例大学")
    clerk = browse_as(a_member_of_staff(Role.CITY_COORDINATOR, area_id=city.id))
    assert theirs.name in clerk.get("/students/organisations").text
    page = clerk.post(f"{page_of(theirs)}/domains", {"domain": "stu.example.org"})
    assert "@stu.example.org" in page.text
    clerk.get(page_of(school), status=404)  # that is for the county it lies in


def test_a_neighbour_finds_nothing_of_the_school(
    school: Organisation, student: Volunteer, lead_id: int, browse_as: BrowseAs
) -> None:
    status, link = a_student(student, school), a_vouch(school, lead_id)
    elsewhere = a_county()
    other = an_organisation(OrgKind.UNIVERSITY, area=elsewhere)
    for person_id in (
        a_member_of_staff(Role.COORDINATOR, area_id=elsewhere.id),
        a_member_of_staff(Role.ORG_LEAD, org_id=other.id),
    ):
        neighbour = browse_as(person_id)
        neighbour.get(page_of(school), status=404)
        neighbour.post(f"/students/statuses/{status.uid}/end", status=404)
        neighbour.post(f"/students/links/{link.uid}/end", status=404)
        assert school.name not in neighbour.get("/students/organisations").text
        with pytest.raises(NotYours):
            desk.add_roster(school.uid, desk.Roster(("a" * 64,), END), by=actor_for(person_id))


def test_students_are_paged_within_the_budget(
    lead: Browser, school: Organisation, county: Area, at_most: AtMost
) -> None:
    for turn in range(55):
        a_student(a_volunteer(county, name=f"样例{turn:02}"), school)
    path = page_of(school)
    with at_most(8):
        first = lead.get(path)
    second = lead.get(first.links("after=")[0])
    names = first.texts("#students ~ ul b") + second.texts("#students ~ ul b")
    assert names == [f"样例{turn:02}" for turn in reversed(range(55))]
    with at_most(6):
        assert lead.get("/students/organisations").texts("td.r") == ["55"]


def test_own_page_keeps_its_budget(
    me: Browser, school: Organisation, student: Volunteer, at_most: AtMost
) -> None:
    a_student(student, school)
    with at_most(7):
        me.get("/students/me")


def test_whoever_is_forgotten_leaves_no_school_behind(
    me: Browser, student: Volunteer, school: Organisation
) -> None:
    a_domain(school, "stu.example.org")
    a_student(student, school, until=TODAY)
    me.post("/students/mail", {"address": ADDRESS})
    forget(student.id)
    db.session.expire_all()
    assert statuses() == []
    assert the_mail().address is None


def test_a_status_of_this_term_is_not_given_twice(
    student: Volunteer, school: Organisation, lead_id: int
) -> None:
    a_student(student, school)
    with pytest.raises(RuleBroken, match="已经有效"):
        services.accept(vouch_secret(a_vouch(school, lead_id)), by=actor_for(student.person_id))
    assert clock.today() == TODAY
