"""Pausing, renewing, saying goodbye, ending and looking back."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from accounts.queries import actor_for
from accounts.rules import Actor, Role
from children.models import Child
from children.rules import AgeBand, NeedState
from core import clock
from core.audit import AuditRow
from core.db import db
from core.errors import RuleBroken
from core.parameters import ParameterValue
from pairings.agreements.models import AgreementSignature
from pairings.agreements.texts import queries as texts
from pairings.answers.rules import Whose
from pairings.endings import services as endings
from pairings.endings.models import PairingExplanation
from pairings.endings.rules import Ending, Explained, Explainer
from pairings.endings.services import Parting
from pairings.forgetting.services import forget_child
from pairings.models import Pairing
from pairings.queries import handed_over
from pairings.rules import EndReason, Stage
from pairings.steps.models import PairingStep
from places.models import Area
from tests.browser import Browser
from tests.builders.children import a_consented_child
from tests.builders.keys import says, signs
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.proposals import TODAY, change, members, somebody, state, the, told
from tests.builders.volunteers import a_team
from tests.conftest import BrowseAs
from tests.factories import saved
from volunteers.teams.models import Team

TOLD = Explained(Explainer.TEAM, TODAY)
GONE = Ending(EndReason.TEAM_LEFT, "毕业离开", handover="喜欢画画", explained=TOLD)


@pytest.fixture
def active(child: Child, team: Team) -> Pairing:
    change(child, state=NeedState.MATCHED)
    return a_pairing(child, team, stage=Stage.ACTIVE)


def the_coordinator(pairing: Pairing) -> Actor:
    return somebody(Role.COORDINATOR, pairing.county_id)


def press(browser: Browser, pairing: Pairing, deed: str, **filled: str) -> None:
    url = f"/pairings/{pairing.uid}/steps/{deed}"
    browser.post(url, browser.get(url).form(deed) | filled)


def test_an_active_pairing_does_not_end_without_a_goodbye(
    coordinator: Browser, active: Pairing, team: Team
) -> None:
    by = the_coordinator(active)
    with pytest.raises(RuleBroken, match="请先开始结束"):
        endings.end(active.uid, GONE, by=by)

    press(coordinator, active, "ending", reason="team_left", note="六月毕业")

    assert the(active.uid).stage is Stage.ENDING
    assert told("pairing_ending") == {one.person_id for one in members(team)}
    page = coordinator.get(f"/pairings/{active.uid}")
    assert "请安排一次告别走访" in page.text
    assert page.links("/visits/new")
    assert coordinator.get("/pairings?tab=part").texts("tbody th a")
    for lacking, why in (
        (Ending(EndReason.TEAM_LEFT, "x", handover="好"), "还没有告别走访"),
        (Ending(EndReason.TEAM_LEFT, "x", goodbye_missing="已搬走"), "交接说明"),
        (replace(GONE, goodbye_missing="已搬走", explained=Explained()), "谁、哪天告诉了孩子"),
        (
            replace(GONE, goodbye_missing="已搬走", explained=Explained(Explainer.TEAM)),
            "谁、哪天告诉了孩子",
        ),
        (
            replace(
                GONE,
                goodbye_missing="已搬走",
                explained=Explained(Explainer.TEAM, TODAY + timedelta(days=1)),
            ),
            "日期还没到",
        ),
        (
            replace(
                GONE,
                goodbye_missing="已搬走",
                explained=Explained(Explainer.TEAM, active.starts_on - timedelta(days=1)),
            ),
            "早于结对开始",
        ),
    ):
        with pytest.raises(RuleBroken, match=why):
            endings.end(active.uid, lacking, by=by)
    end = {"reason": "team_left", "note": "毕业", "handover": "喜欢画画"}
    end |= {"explained_by": "director", "explained_on": TODAY.isoformat()}
    url = f"/pairings/{active.uid}/end"
    refused = coordinator.post(url, page.form("/end") | end, status=422)
    assert "还没有告别走访：请先安排，或写明为什么不能告别" in refused.errors
    coordinator.post(url, page.form("/end") | end | {"goodbye_missing": "孩子已经搬走"})

    ended = the(active.uid)
    assert (ended.stage, ended.end_reason) == (Stage.ENDED, EndReason.TEAM_LEFT)
    assert (ended.goodbye_missing, ended.handover) == ("孩子已经搬走", "喜欢画画")
    kept = db.session.scalars(select(PairingExplanation)).one()
    assert (kept.explained_by, kept.explained_on) == (Explainer.DIRECTOR, TODAY)
    press(coordinator, active, "review", note="时间安排得好")
    assert the(active.uid).stage is Stage.REVIEWED


def test_after_a_goodbye_only_the_handover_is_asked_for(child: Child, team: Team) -> None:
    change(child, state=NeedState.MATCHED)
    pairing = a_pairing(child, team, stage=Stage.ENDING, goodbye_on=TODAY)

    endings.end(pairing.uid, GONE, by=the_coordinator(pairing))

    assert (the(pairing.uid).goodbye_on, the(pairing.uid).goodbye_missing) == (TODAY, "")


def test_an_end_that_was_begun_is_taken_back(coordinator: Browser, active: Pairing) -> None:
    by = the_coordinator(active)
    endings.begin_ending(active.uid, Parting(EndReason.OTHER, "要走"), by=by)

    press(coordinator, active, "go-on")

    assert (the(active.uid).stage, the(active.uid).end_reason) == (Stage.ACTIVE, None)
    with pytest.raises(RuleBroken, match="没有暂停"):
        endings.go_on(active.uid, by=by)


def test_a_pause_stops_visits_until_somebody_goes_on(coordinator: Browser, active: Pairing) -> None:
    press(coordinator, active, "pause", note="期末考试")

    page = coordinator.get(f"/pairings/{active.uid}")
    assert the(active.uid).stage is Stage.PAUSED
    assert not page.links("/visits/new")
    assert "暂停中，不安排走访" in page.text
    press(coordinator, active, "go-on")
    assert the(active.uid).stage is Stage.ACTIVE


def test_safety_waits_for_no_goodbye(coordinator: Browser, active: Pairing) -> None:
    page = coordinator.get(f"/pairings/{active.uid}")
    offered = [str(one.get("value")) for one in page.soup.select("#reason option")]
    assert offered == ["", "child_says_no", "safeguarding"]

    coordinator.post(
        f"/pairings/{active.uid}/end",
        page.form("/end") | {"reason": "safeguarding", "note": "已报告"},
    )

    assert the(active.uid).stage is Stage.TERMINATED_SAFEGUARDING


def test_a_renewal_asks_both_again(coordinator: Browser, active: Pairing) -> None:
    by, until = the_coordinator(active), active.ends_on + timedelta(days=60)
    signs_now(active)
    press(coordinator, active, "renewing", until=until.isoformat())
    assert the(active.uid).stage is Stage.RENEWING
    assert coordinator.get("/home").links("/pairings?tab=ask")
    with pytest.raises(RuleBroken, match="都要重新答复"):
        endings.renew(active.uid, by=by)
    says(active.uid, Whose.GUARDIAN)
    with pytest.raises(RuleBroken, match="都要重新答复"):
        endings.renew(active.uid, by=by)
    says(active.uid, Whose.CHILD)

    press(coordinator, active, "renew")

    renewed = the(active.uid)
    assert (renewed.stage, renewed.ends_on, renewed.renew_until) == (Stage.ACTIVE, until, None)


def signs_now(pairing: Pairing) -> None:
    """Have everybody sign the present version, as one does while a pairing is renewed."""
    endings.begin_renewing(
        pairing.uid, pairing.ends_on + timedelta(days=30), by=the_coordinator(pairing)
    )
    signs(pairing.uid)
    endings.go_on(pairing.uid, by=the_coordinator(pairing))


def test_a_new_text_is_signed_anew_at_the_renewal(
    active: Pairing, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    by = the_coordinator(active)
    signs_now(active)
    folder = tmp_path_factory.mktemp("texts")
    for version in ("2026-1", "2027-1"):
        (folder / version).mkdir()
        for language in ("zh", "en"):
            said = f"# 结对陪伴协议\n## {version}\n- 好好陪伴\n"
            (folder / version / f"agreement.{language}.md").write_text(said, encoding="utf-8")
    monkeypatch.setattr(texts, "FOLDER", folder)
    texts._read.cache_clear()  # noqa: SLF001 - other texts than before
    saved(
        ParameterValue(
            name="pairings.agreement_text",
            effective_from=clock.today(),
            value={"value": "2027-1"},
            source="x",
        )
    )
    try:
        endings.begin_renewing(active.uid, active.ends_on + timedelta(days=60), by=by)
        for whose in Whose:
            says(active.uid, whose)
        with pytest.raises(RuleBroken, match="请补签"):
            endings.renew(active.uid, by=by)
        signs(active.uid)
        endings.renew(active.uid, by=by)
    finally:
        texts._read.cache_clear()  # noqa: SLF001 - as above

    assert the(active.uid).agreement_version == "2027-1"
    versions = set(db.session.scalars(select(AgreementSignature.text_version)))
    assert versions == {"2026-1", "2027-1"}


def test_a_childs_no_to_a_renewal_ends_it(active: Pairing, child: Child) -> None:
    until = active.ends_on + timedelta(days=60)
    endings.begin_renewing(active.uid, until, by=the_coordinator(active))

    says(active.uid, Whose.CHILD, yes=False)

    ended = the(active.uid)
    assert (ended.stage, ended.end_reason) == (Stage.ENDED, EndReason.CHILD_SAYS_NO)
    assert state(child) is NeedState.OPEN


@pytest.mark.parametrize(
    ("until", "why"),
    [(date(2026, 11, 1), "晚于现在约定"), (date(2029, 1, 1), "最长 366 天")],
)
def test_a_renewal_is_longer_but_not_too_long(active: Pairing, until: date, why: str) -> None:
    with pytest.raises(RuleBroken, match=why):
        endings.begin_renewing(active.uid, until, by=the_coordinator(active))


def test_what_does_not_fit_the_stage_is_refused(active: Pairing) -> None:
    by = the_coordinator(active)
    with pytest.raises(RuleBroken, match="没有在续期"):
        endings.renew(active.uid, by=by)
    with pytest.raises(RuleBroken, match="刚刚有变动"):
        endings.review(active.uid, "好", by=by)
    endings.pause(active.uid, "x", by=by)
    with pytest.raises(RuleBroken, match="刚刚有变动"):
        endings.pause(active.uid, "x", by=by)
    endings.begin_ending(active.uid, Parting(EndReason.OTHER, "x"), by=by)
    with pytest.raises(RuleBroken, match="不能开始结束"):
        endings.begin_ending(active.uid, Parting(EndReason.OTHER, "x"), by=by)
    with pytest.raises(RuleBroken, match="结束的原因"):
        endings.end(active.uid, Ending(EndReason.CONSENT_WITHDRAWN), by=by)


def test_only_deciders_of_the_place_press_the_buttons(
    browse_as: BrowseAs, active: Pairing, county: Area, team: Team
) -> None:
    url = f"/pairings/{active.uid}/steps"
    elsewhere = a_member_of_staff(Role.COORDINATOR, area_id=a_county_beside())
    browse_as(elsewhere).get(f"{url}/pause", status=404)
    browse_as(members(team)[0].person_id).get(f"{url}/pause", status=403)
    mine = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=county.id))
    mine.may_see_children = True
    mine.get(f"{url}/unheard-of", status=404)


def a_county_beside() -> int:
    return a_pairing(stage=Stage.ACTIVE).county_id


def test_the_team_sees_the_way_without_staffs_names(
    browse_as: BrowseAs, active: Pairing, team: Team
) -> None:
    page = browse_as(members(team)[0].person_id).get(f"/pairings/{active.uid}")

    assert "按计划走访，约定到" in page.text
    assert not page.links("/steps/") + page.links("/answers/")
    staff_name = actor_for(active.proposed_by_id).name
    assert staff_name not in page.text


def test_the_team_that_comes_next_reads_what_the_one_before_left(
    browse_as: BrowseAs, child: Child, team: Team, county: Area
) -> None:
    change(child, state=NeedState.MATCHED)
    before = a_pairing(child, team, stage=Stage.ENDING, goodbye_on=TODAY)
    endings.end(before.uid, GONE, by=the_coordinator(before))
    following = a_team(county)
    after = a_pairing(child, following, stage=Stage.SCHEDULED_INTRO)

    page = browse_as(members(following)[0].person_id).get(f"/pairings/{after.uid}")

    assert "上一组留下的交接" in page.text
    assert "喜欢画画" in page.text


def test_nothing_is_handed_on_after_an_end_for_safety(
    browse_as: BrowseAs, child: Child, team: Team, county: Area
) -> None:
    a_pairing(
        child, team, stage=Stage.ENDED, end_reason=EndReason.CHILD_SAYS_NO, handover="喜欢画画"
    )
    following = a_team(county)
    after = a_pairing(child, following, stage=Stage.SCHEDULED_INTRO)
    page = browse_as(members(following)[0].person_id).get(f"/pairings/{after.uid}")
    assert "上一组留下的交接" not in page.text


def test_a_no_hides_what_an_earlier_team_left_too(child: Child, team: Team, county: Area) -> None:
    left = {"introduced_on": TODAY, "goodbye_on": TODAY, "handover": "喜欢画画"}
    a_pairing(child, team, stage=Stage.ENDED, end_reason=EndReason.TEAM_LEFT, **left)
    after = a_pairing(child, a_team(county), stage=Stage.ENDED, end_reason=EndReason.TEAM_LEFT)
    assert handed_over(after) == "喜欢画画"
    change(after, introduced_on=TODAY, end_reason=EndReason.CHILD_SAYS_NO)
    last = a_pairing(child, a_team(county), stage=Stage.SCHEDULED_INTRO)
    assert handed_over(last) == ""


def test_words_about_an_end_go_with_the_childs_file(active: Pairing, child: Child) -> None:
    """Nothing leaves the audit any more, so they never come into it."""
    by = the_coordinator(active)
    endings.end(active.uid, Ending(EndReason.CHILD_SAYS_NO, "他哭了很久"), by=by)
    forget_child(child.id)
    said = [
        *db.session.scalars(select(AuditRow.reason)),
        *db.session.scalars(select(PairingStep.reason)),
    ]
    assert "child_says_no" in said
    assert "他哭了很久" not in " ".join(said)


def test_words_for_telling_the_child_fit_its_age(
    coordinator: Browser, village: Area, team: Team
) -> None:
    for age_band, words in (
        (AgeBand.A3_5, "对小的孩子"),
        (AgeBand.A8_10, "对上学的孩子"),
        (AgeBand.A14_15, "对大的孩子"),
    ):
        child = a_consented_child(village, age_band=age_band, state=NeedState.MATCHED)
        ending = a_pairing(child, team, stage=Stage.ENDING)
        assert words in coordinator.get(f"/pairings/{ending.uid}").text
