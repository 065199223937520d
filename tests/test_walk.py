"""The whole job as people do it: from a campaign's first word to the credited hour.

A real browser, real HTTP, a real database, a real mail server, the real scheduler and a clock
that is moved for all of them. Nothing is replaced.
"""

import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from campaigns.rules import publishable_total
from tests.servers import ServerMissing
from tests.sites import RunningSite, running_site
from tests.walkers import Walker, a_browser, link_in, wait_for

BEGIN = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # noon in Jinzhong, a Tuesday
WIDE = 1440
SATURDAY = "2026-12-05"
PASSWORD = "seven brown horses"
PEOPLE = {"样例甲": ("a@example.org", "female"), "样例乙": ("b@example.org", "male")}
TITLE = "冬日同行"
VISITS = (
    "FROM day_counts d JOIN campaigns c ON c.id = d.campaign_id"
    " WHERE d.measure = 'visits' AND c.stage IN ('recruiting', 'running')"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    try:
        with a_browser() as running:
            yield running
    except ServerMissing as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))


@pytest.fixture
def site(tmp_path: Path, width: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningSite]:
    """A demonstration whose clock begins at noon on 24 November 2026, whatever day it is."""
    if width == WIDE:  # runs the same lines as the narrow walk, which measures them
        monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
    shift = (BEGIN - datetime.now(UTC)).total_seconds()
    (tmp_path / "clock").write_text(str(shift))
    with running_site(tmp_path) as running:
        yield running


class Story:
    """The people of the story, and what they do one after the other."""

    def __init__(self, site: RunningSite, browser: Browser, width: int) -> None:
        self.site, self.browser, self.width = site, browser, width
        self.accounts = site.accounts()
        self.walkers: dict[str, Walker] = {}
        self.pairing = ""

    def someone(self, name: str, login: str = "", password: str = "") -> Walker:
        if name not in self.walkers:
            self.walkers[name] = Walker(self.site, self.browser, self.width, login, password)
        return self.walkers[name]

    def staff(self, role: str) -> Walker:
        account = self.accounts[role]
        return self.someone(role, account["login"], account["password"])

    def approver(self) -> Walker:
        account = self.accounts["coordinator"]
        return self.someone("approver", "coordinator2@demo.example.org", account["password"])

    # --- a campaign ------------------------------------------------------------------------

    def three_people_make_a_campaign(self) -> None:
        editor = self.staff("editor")
        editor.open("/manage/campaigns/new")
        editor.fill(
            title=TITLE, slug="dongri-tongxing", summary="陪孩子过一个有书的冬天。",
            story="我们去敲门，带着书。", needed="愿意每月去一次的人", risks="山路冬季可能结冰",
            recruit_from="2026-11-24", recruit_until="2026-12-20", visits_from="2026-12-01",
            visits_until="2027-02-20", goal="20",
        )  # fmt: skip
        for name in ("brand", "area", "host"):
            editor.page.locator(f"main select[name={name}]").select_option(index=1)
        editor.submit()
        editor.press("加名额")
        editor.page.get_by_label("榆次区").check()
        editor.page.locator("main input[name=kind]").first.check()
        editor.fill(starts_on="2026-12-08", ends_on="2027-02-20", capacity="5")
        editor.press("加上")
        address = editor.page.url.removeprefix(self.site.url)
        editor.press("提交审核")

        lead = self.staff("safeguarding_lead")
        lead.open(f"{address}/review")
        for box in lead.page.locator("main input[name=checks]").all():
            box.check()
        lead.tick(("decision", "approve"))
        lead.press("记下结论")

        publisher = self.staff("publisher")
        publisher.open(address)
        publisher.press("发布，开始招募")

    # --- volunteers ------------------------------------------------------------------------

    def people_join(self) -> None:
        for name, (address, _sex) in PEOPLE.items():
            walker = self.someone(name, address, PASSWORD)
            walker.open("/")
            walker.follow(TITLE)
            walker.press("我要报名")
            walker.follow("榆次区")
            walker.fill(name=name, contact=address, org="示例大学")
            walker.page.locator("main input[type=checkbox]").check()
            walker.submit()
            self._wait_for_mail(address, 0)
            walker.open(link_in(self.site.sink.to(address)[0], self.site))
            walker.press("确认报名")
            assert walker.heading == "我的这次报名"

    def they_do_their_part(self) -> None:
        for name, (_address, sex) in PEOPLE.items():
            walker = self.walkers[name]
            walker.open("/account")
            walker.fill(password=PASSWORD, again=PASSWORD)
            walker.press("保存新密码")
            walker.open("/volunteers/me/profile")
            walker.tick(("sex", sex), ("capacity", "1"))
            walker.fill(birth_year="2004")
            for field in ("term", "holidays"):
                for part in ("5-540-720", "5-840-990"):
                    walker.tick((field, part))
            walker.submit()
            walker.open("/volunteers/me/pledge")
            walker.page.locator("main input[name=agreed]").check()
            walker.submit()

    def a_coordinator_clears_them(self) -> None:
        coordinator = self.staff("coordinator")
        for name in PEOPLE:
            coordinator.open(f"/volunteers?q={name}")
            coordinator.follow(name)
            page = coordinator.page.url.removeprefix(self.site.url)
            assert not coordinator.page.get_by_role("button", name="手续齐全，确认上岗").count()
            for kind in ("identity", "screening", "training", "insurance"):
                coordinator.open(f"{page}/evidence/{kind}")
                coordinator.fill(reference=f"2026-{kind}")
                if kind == "screening":
                    coordinator.tick(("outcome", "clear"))
                if kind == "insurance":
                    coordinator.fill(valid_until="2027-11-01")
                coordinator.submit()
            coordinator.open(page)
            coordinator.press("手续齐全，确认上岗")
        coordinator.open("/teams/new?q=样例")
        coordinator.fill(q="样例甲")

    def a_team_is_formed(self) -> None:
        coordinator = self.staff("coordinator")
        coordinator.open("/teams/new")
        for name in reversed(PEOPLE):
            coordinator.fill(q=name)
            coordinator.press("查找")
            row = coordinator.page.locator("main li.pick").filter(has_text=name)
            row.locator("input[name=members]").check()
        row.locator("input[name=leader]").check()
        coordinator.fill(name="冬日一组", q="")
        coordinator.press("成立小组")
        assert coordinator.sees("冬日一组")

    # --- a child ---------------------------------------------------------------------------

    def a_child_is_reported_and_may_be_paired(self) -> str:
        director = self.staff("child_director")
        director.open("/children/new")
        director.fill(age_band="8-10", category="left_behind", interests="画画")
        director.tick(("sex", "girl"), ("risk", "mid_low"), ("needs", "homework"))
        for cell in ("15", "16"):
            director.tick(("free", cell))
        director.submit()
        address = director.page.url.removeprefix(self.site.url)
        for purpose in ("pairing", "share_with_org", "assent"):
            director.open(f"{address}/consents/{purpose}")
            director.tick(("state", "given"))
            for name in ("signer", "proof"):
                director.page.locator(f"main input[name={name}]").first.check()
            director.submit()
        supervisor = self.staff("child_supervisor")
        supervisor.open(address)
        supervisor.press("核实")
        coordinator = self.staff("coordinator")
        coordinator.open(address)
        coordinator.press("开放需求")
        return address

    def two_people_decide(self, child: str) -> str:
        coordinator = self.staff("coordinator")
        coordinator.open(child)
        coordinator.press("看合适的小组")
        team = coordinator.page.locator("main article").filter(has_text="冬日一组")
        coordinator.go(team.get_by_role("link", name="选这组"))
        coordinator.fill(note="每周六都有空，会辅导作业")
        campaigns = coordinator.page.locator("main select[name=campaign]")
        campaigns.select_option(label=self.shown_campaign())
        coordinator.press("提出结对")
        address = coordinator.page.url.removeprefix(self.site.url)
        approver = self.approver()
        approver.open("/home")
        approver.open(address)
        approver.tick(("decision", "approve"))
        approver.press("提交决定")
        self.pairing = address
        return address

    def guardian_and_child_agree(self, pairing: str) -> None:
        """The director asks both apart; only then does the team hear of the child."""
        director = self.staff("child_director")
        director.open(pairing)
        director.press("监护人对这次结对的答复")
        director.tick(("said", "yes"), ("signer", "mother"), ("proof", "witnessed_call"))
        director.press("登记答复")
        director.press("孩子对这次结对的答复")
        director.tick(("said", "yes"), ("proof", "asked_in_person"))
        director.press("登记答复")
        assert director.sees("请把协议签齐")

    def everybody_signs(self, pairing: str) -> None:
        for name in PEOPLE:
            walker = self.walkers[name]
            walker.open(pairing)
            walker.press("结对协议")
            walker.press("我读过并同意，签署")
        for role, seat in (("child_director", "guardian"), ("coordinator", "centre")):
            walker = self.staff(role)
            walker.open(f"{pairing}/agreement")
            walker.tick(("seat", seat), ("proof", "paper"))
            walker.fill(signer="mother" if seat == "guardian" else "")
            walker.press("登记签字")
        assert self.staff("coordinator").sees("已签齐")

    # --- a visit ---------------------------------------------------------------------------

    def a_visit_is_planned(self, pairing: str) -> str:
        leader = self.walkers["样例甲"]
        leader.open(pairing)
        leader.press("安排走访")
        leader.fill(day=SATURDAY, start="10:00", minutes="90", place_text="工作站二楼活动室")
        leader.tick(("place_kind", "station"))
        leader.submit()
        assert leader.heading.startswith("走访"), leader.page.locator("main").inner_text()
        address = leader.page.url.removeprefix(self.site.url)
        director = self.staff("child_director")
        director.open(address)
        director.page.locator("main input[name=place_ready]").check()
        director.page.locator("main input[name=guardian_agreed]").check()
        director.press("确认这次走访")
        return address

    def everybody_is_reminded(self) -> None:
        addresses = [
            *(address for address, _sex in PEOPLE.values()),
            self.staff("child_director").login,
        ]
        for step in ("4d1h", "5d", "1d20h"):
            before = {to: len(self.site.sink.to(to)) for to in addresses}
            self.site.advance(step)
            for to in addresses:
                self._wait_for_mail(to, before[to])

    def _wait_for_mail(self, to: str, more_than: int) -> None:
        wait_for(lambda: len(self.site.sink.to(to)) > more_than, f"a mail to {to}")

    def they_come_and_go(self, visit: str) -> None:
        self.site.advance("50m")
        director = self.staff("child_director")
        director.open(visit)
        code = director.page.locator(".code-big").inner_text().strip()
        director.press("我到了")
        for name in PEOPLE:
            walker = self.walkers[name]
            walker.open(visit)
            walker.fill(code=code)
            walker.press("签到")
        self.site.advance("1h40m")
        director.open(visit)
        code = director.page.locator(".code-big").inner_text().strip()
        for name in reversed(PEOPLE):  # the leader needs no code to leave
            walker = self.walkers[name]
            walker.open(visit)
            if walker.page.locator("main input[name=code]").count():
                walker.fill(code=code)
                walker.press("签退")
            else:
                walker.press("我要签退")
        director.open(visit)
        director.press("我要签退")

    def it_is_recorded_and_counts(self, visit: str) -> None:
        leader = self.walkers["样例甲"]
        leader.open(visit)
        leader.press("写记录")
        leader.tick(("child_present", "yes"), ("mood", "great"), ("concern", "no"))
        leader.fill(did="一起读了一本书，写了作业")
        leader.submit()
        supervisor = self.staff("child_supervisor")
        supervisor.open("/visits")
        supervisor.open(visit)
        supervisor.press("审核通过，计入时长")
        leader.open(self.pairing)
        assert leader.sees("陪伴中")
        for name in PEOPLE:
            self.walkers[name].open("/volunteers/me")
            assert self.walkers[name].page.locator(".figure b").first.inner_text() == "1.7"

    def a_menu_gives_way_to_what_has_the_focus(self) -> None:
        page = self.staff("coordinator").page
        page.locator("[data-menu] summary").press("Enter")
        assert page.locator("[data-menu][open]").count() == 1
        page.locator("[data-menu] button").last.press("Tab")
        assert page.locator("[data-menu][open]").count() == 0

    # --- what the others see ---------------------------------------------------------------

    def shown_campaign(self) -> str:
        """Return the title of the campaign with most visits: one more is seen in its sum."""
        return str(self._ask(f"SELECT c.title {VISITS} GROUP BY c.id ORDER BY SUM(d.count) DESC"))

    def visits_of(self, title: str, until: str = "9999-12-31") -> int:
        """Return how many visits of a campaign count up to a day."""
        asked = f"SELECT SUM(d.count) {VISITS} AND c.title = ? AND d.day <= ?"
        return int(str(self._ask(asked, title, until)))

    def the_public_sees_it(self, title: str, before: int) -> None:
        """The visit counts, and two weeks later the public page says so, as the rules allow."""
        assert self.visits_of(title) == before + 1
        self.site.advance("16d")
        slug = self._ask("SELECT slug FROM campaigns WHERE title = ?", title)
        visitor = self.someone("visitor")
        visitor.open(f"/campaigns/{slug}")
        shown = publishable_total(self.visits_of(title, until="2026-12-07")).shown
        assert shown is not None
        assert visitor.sees(str(shown))
        visitor.open(f"/en/campaigns/{slug}")

    def _ask(self, question: str, *given: str) -> object:
        database = sqlite3.connect(f"file:{self.site.home / 'tongxing.db'}?mode=ro", uri=True)
        try:
            return database.execute(question, given).fetchone()[0]
        finally:
            database.close()

    def the_others_follow(self) -> None:
        pages = {
            "org_lead": "/volunteers", "city_coordinator": "/overview", "dpo": "/audit",
            "auditor": "/audit", "admin": "/people", "team_leader": "/visits",
            "volunteer": "/inbox",
        }  # fmt: skip
        for role, path in pages.items():
            walker = self.staff(role)
            walker.open("/home")
            walker.open(path)
        assert self.staff("auditor").page.locator("tbody tr").count()


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, WIDE])
def test_from_the_public_page_to_the_credited_hours(
    site: RunningSite, browser: Browser, width: int
) -> None:
    story = Story(site, browser, width)
    story.three_people_make_a_campaign()
    story.people_join()
    story.they_do_their_part()
    story.a_coordinator_clears_them()
    story.a_team_is_formed()
    story.a_menu_gives_way_to_what_has_the_focus()
    child = story.a_child_is_reported_and_may_be_paired()
    title = story.shown_campaign()
    before = story.visits_of(title)
    pairing = story.two_people_decide(child)
    story.guardian_and_child_agree(pairing)
    story.everybody_signs(pairing)
    visit = story.a_visit_is_planned(pairing)
    story.everybody_is_reminded()
    story.they_come_and_go(visit)
    story.it_is_recorded_and_counts(visit)
    story.the_public_sees_it(title, before)
    story.the_others_follow()
