"""A goodbye letter: written by the team, read by the county, given by the village."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from accounts.queries import actor_for
from accounts.rules import Role
from children.models import Child
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from pairings.forgetting.services import forget_child
from pairings.letters import services
from pairings.letters.models import PairingLetter
from pairings.letters.rules import Lead, LetterState, leads
from pairings.letters.services import Check
from pairings.models import Pairing
from pairings.rules import EndReason, Stage
from places.models import Area
from tests.browser import Browser
from tests.builders.pairings import a_letter, a_pairing
from tests.builders.people import a_grant, a_member_of_staff
from tests.builders.places import a_county
from tests.builders.proposals import TODAY, members, staff
from tests.conftest import NOON, AtMost, BrowseAs
from volunteers.teams.models import Team

DEAR = "谢谢你教我折纸。\n我要去别的城市上班了，不是因为你不乖。"


@pytest.fixture
def pairing(child: Child, team: Team) -> Pairing:
    return a_pairing(child, team, stage=Stage.ENDING)


@pytest.fixture
def writer(browse_as: BrowseAs, team: Team) -> Browser:
    return browse_as(members(team)[0].person_id)


def the_letter() -> PairingLetter:
    db.session.expire_all()
    return db.session.scalars(select(PairingLetter)).one()


def send(browser: Browser, url: str, **filled: str) -> None:
    browser.post(url, browser.get(url).form(url) | filled)


def test_a_letter_is_written_sent_back_changed_passed_printed_and_given(
    writer: Browser, coordinator: Browser, browse_as: BrowseAs, village: Area, pairing: Pairing
) -> None:
    where = f"/pairings/{pairing.uid}"
    url = f"{where}/letter"
    assert writer.get(where).links(url)
    send(writer, url, text="等我回来接你")
    assert "等您看的告别信" in coordinator.get("/home").text
    assert coordinator.get(where).links(f"{url}/check")
    send(coordinator, f"{url}/check", verdict="back", reason="不要许愿")
    assert "要改的告别信" in writer.get("/home").text
    assert "不要许愿" in writer.get(url).text
    send(writer, url, text=DEAR)
    director = staff(browse_as, Role.CHILD_DIRECTOR, village)
    assert DEAR not in director.get(f"{url}/paper").html
    send(coordinator, f"{url}/check", verdict="pass")
    assert "要交给孩子的告别信" in director.get("/home").text

    page = director.get(f"{url}/paper")
    assert "谢谢你教我折纸" in page.soup.select_one("p.told").text  # type: ignore[union-attr]
    send(director, f"{url}/paper", on=TODAY.isoformat())

    given = the_letter()
    assert (given.state, given.handed_on, given.version) == (LetterState.HANDED, TODAY, 2)
    assert not writer.get(where).links(url)
    assert "要交给孩子的告别信" not in director.get("/home").text
    assert "已交给孩子" in writer.get(url).text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("打 138 0000 0000 找我", "不写电话"),
        ("加我微信", "聊天软件"),
        ("看 www.example.org", "不写网址"),
        ("扫一扫下面的码", "二维码"),
        ("以后来找我", "不写住址"),
    ],
)
def test_a_letter_that_leads_to_a_private_contact_is_refused(
    writer: Browser, pairing: Pairing, text: str, why: str
) -> None:
    url = f"/pairings/{pairing.uid}/letter"
    refused = writer.post(url, writer.get(url).form(url) | {"text": text}, status=422)
    assert why in refused.text
    assert db.session.scalar(select(PairingLetter)) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("一三八零零一二三四五六", (Lead.NUMBER,)),
        ("１３８－００００－００００", (Lead.NUMBER,)),
        ("邮箱 a.b@example.org", (Lead.LINK,)),
        ("加V聊", (Lead.CHAT,)),
        ("我的 QQ", (Lead.CHAT,)),
        ("长江路 12 号", (Lead.ADDRESS,)),
        ("我们一起画了 12 张画，走了三里路，第一名！", ()),
        ("一二三四五，上山打老虎", ()),
        (DEAR, ()),
    ],
)
def test_what_leads_from_a_letter(text: str, found: tuple[Lead, ...]) -> None:
    assert leads(text) == found


def test_what_is_passed_is_what_was_read(pairing: Pairing, team: Team) -> None:
    writer = actor_for(members(team)[0].person_id)
    by = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=pairing.county_id))
    services.write(pairing.uid, DEAR, by=writer)
    services.write(pairing.uid, "再见", by=writer)
    with pytest.raises(RuleBroken, match="刚刚有变动"):
        services.check(pairing.uid, Check(1), by=by)
    services.check(pairing.uid, Check(2), by=by)
    with pytest.raises(RuleBroken, match="刚刚有变动"):
        services.write(pairing.uid, DEAR, by=writer)
    with pytest.raises(RuleBroken, match="刚刚有变动"):
        services.check(pairing.uid, Check(2, "改"), by=by)
    assert (the_letter().text, the_letter().state) == ("再见", LetterState.PASSED)


def test_nobody_passes_an_own_letter(pairing: Pairing, team: Team) -> None:
    one = members(team)[0].person_id
    a_grant(one, Role.COORDINATOR, area_id=pairing.county_id)
    a_letter(pairing, written_by_id=one)
    with pytest.raises(RuleBroken, match="刚刚有变动"):
        services.check(pairing.uid, Check(1), by=actor_for(one))
    with pytest.raises(IntegrityError, match="two_people"), transaction() as session:
        session.execute(
            update(PairingLetter).values(
                state=LetterState.PASSED, checked_by_id=one, checked_at=NOON
            )
        )


def test_there_is_no_letter_before_the_end_is_begun(child: Child, team: Team) -> None:
    active = a_pairing(child, team, stage=Stage.ACTIVE)
    with pytest.raises(RuleBroken, match="开始结束以后"):
        services.write(active.uid, DEAR, by=actor_for(members(team)[0].person_id))


@pytest.mark.parametrize("reason", [EndReason.SAFEGUARDING, EndReason.CHILD_SAYS_NO])
def test_no_letter_goes_out_after_a_no_or_for_safety(
    coordinator: Browser, child: Child, team: Team, reason: EndReason
) -> None:
    over = a_pairing(child, team, stage=Stage.ENDED, end_reason=reason)
    a_letter(over)
    assert "等您看的告别信" not in coordinator.get("/home").text
    assert not coordinator.get(f"/pairings/{over.uid}").links("/letter")
    by = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=child.county_id))
    with pytest.raises(RuleBroken, match="信不送了"):
        services.check(over.uid, Check(1), by=by)
    with pytest.raises(RuleBroken, match="信不送了"):
        services.hand_over(over.uid, TODAY, by=by)


def test_a_letter_is_given_today_or_before_and_only_when_passed(pairing: Pairing) -> None:
    by = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=pairing.county_id))
    a_letter(pairing)
    with pytest.raises(RuleBroken, match="刚刚有变动"):
        services.hand_over(pairing.uid, TODAY, by=by)
    with pytest.raises(RuleBroken, match="日期要在"):
        services.hand_over(pairing.uid, TODAY + timedelta(days=1), by=by)


def test_a_letter_is_sent_back_with_a_reason(coordinator: Browser, pairing: Pairing) -> None:
    a_letter(pairing)
    url = f"/pairings/{pairing.uid}/letter/check"
    page = coordinator.get(url)
    refused = coordinator.post(url, page.form(url) | {"verdict": "back"}, status=422)
    assert "请写要改什么" in refused.text
    by = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=pairing.county_id))
    with pytest.raises(RuleBroken, match="请写要改什么"):
        services.check(pairing.uid, Check(1, " "), by=by)
    assert the_letter().state is LetterState.WRITTEN


def test_a_neighbour_finds_no_letter(
    browse_as: BrowseAs, coordinator: Browser, pairing: Pairing
) -> None:
    a_letter(pairing)
    neighbour_id = a_member_of_staff(Role.COORDINATOR, area_id=a_county().id)
    neighbour = browse_as(neighbour_id)
    for url in ("letter/check", "letter/paper"):
        neighbour.get(f"/pairings/{pairing.uid}/{url}", status=404)
    with pytest.raises(NotYours):
        services.check(pairing.uid, Check(1), by=actor_for(neighbour_id))
    with pytest.raises(NotYours):
        services.write(pairing.uid, DEAR, by=actor_for(neighbour_id))
    coordinator.get(f"/pairings/{pairing.uid}/letter", status=403)


def test_a_letter_that_waits_costs_few_queries(
    coordinator: Browser, pairing: Pairing, at_most: AtMost
) -> None:
    a_letter(pairing)
    with at_most(12):
        coordinator.get(f"/pairings/{pairing.uid}/letter/check")


def test_a_letter_goes_with_the_childs_file(child: Child, team: Team) -> None:
    a_letter(a_pairing(child, team, stage=Stage.TERMINATED_SAFEGUARDING))
    forget_child(child.id)
    assert db.session.scalar(select(PairingLetter)) is None
