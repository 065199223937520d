"""Between the keys and the first visit: both answer apart, everybody signs, and then they meet."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from accounts.queries import actor_for
from accounts.rules import Role
from campaigns.numbers.models import DayCount
from campaigns.rules import Measure
from children.models import Child
from children.rules import AgeBand, ConsentProof, NeedState, Risk, Signer
from core import clock
from core.audit import AuditRow
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from core.paper import missing
from messages.models import Message
from pairings.agreements import services as agreements
from pairings.agreements.drawing import drawn
from pairings.agreements.models import AgreementSignature
from pairings.agreements.queries import signing
from pairings.agreements.rules import Party, Seat, Signature, SignatureProof
from pairings.agreements.sheets import sheet_of
from pairings.agreements.texts.queries import current_version, original
from pairings.answers import services as answers
from pairings.answers.models import PairingAnswer
from pairings.answers.rules import Answer, Whose
from pairings.models import Pairing
from pairings.queries import shown
from pairings.rules import DeclineReason, EndReason, Stage
from places.models import Area
from tests.browser import Browser
from tests.builders.campaigns import a_campaign
from tests.builders.children import a_consented_child
from tests.builders.keys import (
    a_director,
    agreed,
    approved,
    both_say_yes,
    says,
    signs,
)
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.proposals import change, members, somebody, staff, state, the, told
from tests.builders.visits import SATURDAY, a_plan, a_record, a_visit, members_of
from tests.builders.volunteers import a_team
from tests.conftest import BrowseAs, SetClock
from visits import services as visits
from visits.models import Party as VisitParty
from visits.models import Visit
from visits.planning.rules import Why
from visits.records import services as records
from visits.rules import CancelReason, PartyRole, State
from volunteers.teams.models import Team


def rows(uid: str) -> list[PairingAnswer]:
    asked = select(PairingAnswer).where(PairingAnswer.pairing_id == the(uid).id)
    return list(db.session.scalars(asked.order_by(PairingAnswer.id)))


# -- two answers, each apart


def test_guardian_and_child_answer_apart_and_then_the_team_hears_of_it(
    browse_as: BrowseAs, child: Child, team: Team, village: Area
) -> None:
    uid = approved(child, team)
    director = staff(browse_as, Role.CHILD_DIRECTOR, village)
    leader = browse_as(members(team)[0].person_id)
    assert director.get("/home").links("/pairings?tab=ask")
    assert director.get("/pairings?tab=ask").texts("tbody th a") == [child.alias]
    page = director.get(f"/pairings/{uid}")
    assert "请分别问监护人和孩子愿不愿意" in page.text
    guardian, own = page.links("/answers/")

    form = director.get(guardian).form("answers/guardian")
    mother = {"said": "yes", "signer": "mother", "proof": "witnessed_call", "reference": "甲-7"}
    director.post(guardian, form | mother)
    assert (the(uid).stage, told("pairing_approved")) == (Stage.CONSENT_PENDING, set())
    leader.get(f"/pairings/{uid}", status=404)
    form = director.get(own).form("answers/child")
    page = director.post(own, form | {"said": "yes", "proof": "asked_in_person"})

    assert page.notices == ["已登记：愿意"]
    first, second = rows(uid)
    assert (first.whose, first.yes, first.signer) == (Whose.GUARDIAN, True, Signer.MOTHER)
    assert (first.proof, first.reference) == (ConsentProof.WITNESSED_CALL, "甲-7")
    assert (second.whose, second.signer) == (Whose.CHILD, Signer.CHILD)
    assert second.proof is ConsentProof.ASKED_IN_PERSON
    assert told("pairing_approved") == {one.person_id for one in members(team)}
    assert "请您看协议并签字" in leader.get(f"/pairings/{uid}").text
    for params in db.session.scalars(select(Message.params)):
        assert params == {"uid": uid}


@pytest.mark.parametrize(
    ("whose", "reason"),
    [
        (Whose.CHILD, DeclineReason.CHILD_SAYS_NO),
        (Whose.GUARDIAN, DeclineReason.GUARDIAN_SAYS_NO),
    ],
)
def test_a_no_before_the_first_visit_declines_it_for_good(
    child: Child, team: Team, whose: Whose, reason: DeclineReason
) -> None:
    uid = agreed(child, team)

    says(uid, whose, yes=False)

    assert (the(uid).stage, the(uid).decline_reason) == (Stage.DECLINED, reason)
    assert state(child) is NeedState.OPEN
    assert told("pairing_ended") == {one.person_id for one in members(team)}
    assert told("pairing_declined") == {the(uid).proposed_by_id}
    with pytest.raises(RuleBroken, match="现在不征求意见"):
        says(uid, whose)


def test_a_childs_no_asks_for_neither_reason_nor_proof(
    browse_as: BrowseAs, child: Child, team: Team, village: Area
) -> None:
    pairing = a_pairing(child, team, stage=Stage.ACTIVE)
    change(child, state=NeedState.MATCHED)
    director = staff(browse_as, Role.CHILD_DIRECTOR, village)
    url = f"/pairings/{pairing.uid}/answers/child"

    director.post(url, director.get(url).form("answers/child") | {"said": "no"})

    ended = the(pairing.uid)
    assert (ended.stage, ended.end_reason) == (Stage.ENDED, EndReason.CHILD_SAYS_NO)
    assert state(child) is NeedState.OPEN
    assert [(row.yes, row.reason, row.proof) for row in rows(pairing.uid)] == [(False, "", None)]


@pytest.mark.parametrize(
    ("whose", "given", "why"),
    [
        (Whose.GUARDIAN, {"signer": None}, "谁答复"),
        (Whose.GUARDIAN, {"signer": Signer.CHILD}, "不能由所选的人"),
        (Whose.GUARDIAN, {"proof": None}, "凭什么证明"),
        (Whose.GUARDIAN, {"proof": ConsentProof.ASKED_IN_PERSON}, "不能用所选的证明"),
        (Whose.GUARDIAN, {"dated": -1}, "早于批准"),
        (Whose.GUARDIAN, {"dated": 1}, "还没到"),
        (Whose.CHILD, {"proof": ConsentProof.WITNESSED_CALL}, "不能用所选的证明"),
    ],
)
def test_what_is_wrong_with_an_answer_is_told(
    child: Child, team: Team, whose: Whose, given: dict[str, object], why: str
) -> None:
    uid = approved(child, team)
    signer = Signer.CHILD if whose is Whose.CHILD else Signer.FATHER
    fields = {"yes": True, "dated": 0, "signer": signer, "proof": ConsentProof.PAPER} | given
    fields["dated"] = clock.today() + timedelta(days=int(str(fields["dated"])))

    with pytest.raises(RuleBroken, match=why):
        answers.answer(uid, whose, Answer(**fields), by=a_director(the(uid)))  # type: ignore[arg-type]  # a table's
    assert the(uid).stage is Stage.APPROVED


def test_from_14_on_the_child_signs(village: Area, team: Team) -> None:
    child = a_consented_child(village, age_band=AgeBand.A14_15)
    uid = approved(child, team)
    asked = Answer(
        yes=True,
        dated=clock.today(),
        signer=Signer.CHILD,
        proof=ConsentProof.ASKED_IN_PERSON,
    )
    with pytest.raises(RuleBroken, match="14 岁起须由孩子签字"):
        answers.answer(uid, Whose.CHILD, asked, by=a_director(the(uid)))
    both_say_yes(uid)
    signs(uid, but=Party.CHILD)
    assert the(uid).agreed_on is None
    signs(uid)
    assert the(uid).agreed_on == clock.today()


def test_only_who_enters_consents_enters_answers(
    browse_as: BrowseAs, child: Child, team: Team, county: Area
) -> None:
    uid = approved(child, team)
    url = f"/pairings/{uid}/answers/child"
    staff(browse_as, Role.SAFEGUARDING_LEAD, county).get(url, status=403)
    neighbour = a_member_of_staff(Role.CHILD_DIRECTOR, area_id=a_consented_child().village_id)
    browse_as(neighbour).get(url, status=404)
    browse_as(members(team)[0].person_id).get(url, status=403)
    with pytest.raises(NotYours):
        answers.answer(
            uid,
            Whose.CHILD,
            Answer(yes=False, dated=clock.today(), signer=Signer.CHILD),
            by=actor_for(neighbour),
        )


def test_an_answer_of_neither_side_is_no_page(
    coordinator: Browser, child: Child, team: Team
) -> None:
    coordinator.get(f"/pairings/{approved(child, team)}/answers/teacher", status=404)


def test_the_database_wants_proof_of_a_yes_and_the_right_signer(child: Child, team: Team) -> None:
    pairing = a_pairing(child, team, stage=Stage.APPROVED)
    for whose, yes, signer, proof in (
        (Whose.GUARDIAN, True, Signer.MOTHER, None),
        (Whose.GUARDIAN, False, Signer.CHILD, None),
        (Whose.CHILD, True, Signer.MOTHER, ConsentProof.PAPER),
    ):
        with pytest.raises(IntegrityError), transaction() as session:
            session.add(
                PairingAnswer(
                    pairing_id=pairing.id,
                    child_id=child.id,
                    whose=whose,
                    number=1,
                    yes=yes,
                    signer=signer,
                    proof=proof,
                    dated=clock.today(),
                )
            )


def test_nothing_goes_on_for_a_child_at_high_risk_without_the_city(
    child: Child, team: Team
) -> None:
    uid = approved(child, team)
    change(child, risk=Risk.HIGH)

    with pytest.raises(RuleBroken, match="先由市级未保专员审批"):
        says(uid, Whose.GUARDIAN)


# -- the agreement


def test_nobody_signs_before_both_have_said_yes(child: Child, team: Team) -> None:
    uid = approved(child, team)
    says(uid, Whose.GUARDIAN)

    with pytest.raises(RuleBroken, match="都同意以后才签协议"):
        signs(uid)


def test_the_agreement_is_signed_by_everybody(
    browse_as: BrowseAs, coordinator: Browser, child: Child, team: Team, village: Area
) -> None:
    uid = approved(child, team)
    both_say_yes(uid)
    director = staff(browse_as, Role.CHILD_DIRECTOR, village)
    url = f"/pairings/{uid}/agreement"
    leader, other = (browse_as(one.person_id) for one in members(team))
    assert leader.get("/home").links("/agreement")
    assert other.get("/volunteers/me").links("/agreement")
    for one in members(team):
        browser = browse_as(one.person_id)
        assert browser.get(f"/pairings/{uid}").links("/agreement")
        page = browser.post(f"{url}/sign", browser.get(url).form("agreement/sign"))
        assert page.notices == ["已签署，谢谢您"]
        browser.post(f"{url}/sign", {}, status=409)
    page = director.get(url)
    assert "县救助保护中心" not in page.texts("#seat")[0]
    paper = {"proof": "paper", "dated": clock.today().isoformat()}
    unnamed = director.post(url, page.form(url) | paper | {"seat": "guardian"}, status=422)
    assert "请选择是哪位监护人签的" in unnamed.errors
    director.post(url, page.form(url) | paper | {"seat": "guardian", "signer": "father"})
    assert the(uid).agreed_on is None
    coordinator.post(url, coordinator.get(url).form(url) | paper | {"seat": "centre"})

    pairing = the(uid)
    assert (pairing.agreed_on, pairing.agreement_version) == (clock.today(), "2026-1")
    text = original("2026-1")
    assert text is not None
    kept = db.session.scalars(select(AgreementSignature)).all()
    assert {row.text_digest for row in kept} == {text.digest}
    assert sorted((row.party, row.proof) for row in kept) == [
        (Party.CENTRE, SignatureProof.PAPER),
        (Party.GUARDIAN, SignatureProof.PAPER),
        (Party.VOLUNTEER, SignatureProof.ONLINE),
        (Party.VOLUNTEER, SignatureProof.ONLINE),
    ]
    assert "请安排首访" in coordinator.get(f"/pairings/{uid}").text
    assert coordinator.get("/home").links("/pairings?tab=intro")


def test_each_party_signs_in_its_own_way(child: Child, team: Team) -> None:
    uid = approved(child, team)
    both_say_yes(uid)
    centre, volunteer = Seat(Party.CENTRE), Seat(Party.VOLUNTEER, members(team)[0].id)
    coordinator = somebody(Role.COORDINATOR, child.county_id)
    today = clock.today()
    for signature, by, why in (
        (Signature(centre, SignatureProof.WITNESSED_CALL, today), coordinator, "方式"),
        (Signature(centre, SignatureProof.PAPER, today), a_director(the(uid)), "县协调员"),
        (Signature(Seat(Party.CHILD), SignatureProof.PAPER, today), coordinator, "不需要"),
        (Signature(volunteer, SignatureProof.ONLINE, today), coordinator, "方式"),
        (
            Signature(volunteer, SignatureProof.PAPER, today + timedelta(days=1)),
            coordinator,
            "还没到",
        ),
    ):
        with pytest.raises(RuleBroken, match=why):
            agreements.record(uid, signature, by=by)
    stranger = members(a_team(db.session.get_one(Area, child.county_id)))[0]
    with pytest.raises(NotYours):
        agreements.sign_own(uid, by=actor_for(stranger.person_id))


def test_a_signature_entered_by_mistake_is_voided_and_signed_anew(
    coordinator: Browser, child: Child, team: Team
) -> None:
    uid = agreed(child, team)
    page = coordinator.get(f"/pairings/{uid}/agreement")
    void = next(
        str(one["action"]) for one in page.soup.select("form") if "/void" in str(one["action"])
    )

    coordinator.post(void, {"csrf_token": page.form("void")["csrf_token"]})

    assert (the(uid).agreed_on, the(uid).agreement_version) == (None, "")
    signs(uid)
    assert the(uid).agreed_on == clock.today()
    kept = db.session.scalars(select(AgreementSignature.voided_at)).all()
    assert sum(at is not None for at in kept) == 1


def test_one_party_signs_a_version_once(child: Child, team: Team) -> None:
    uid = agreed(child, team)
    for party, volunteer_id in ((Party.GUARDIAN, None), (Party.VOLUNTEER, members(team)[0].id)):
        guardian = party is Party.GUARDIAN
        with pytest.raises(IntegrityError), transaction() as session:
            session.add(
                AgreementSignature(
                    pairing_id=the(uid).id,
                    child_id=child.id,
                    text_version="2026-1",
                    text_digest="x",
                    party=party,
                    volunteer_id=volunteer_id,
                    signer=Signer.MOTHER if guardian else None,
                    proof=SignatureProof.PAPER,
                    dated=clock.today(),
                )
            )


@pytest.mark.parametrize("path", ["", "/en"])
def test_the_sheet_names_roles_and_an_alias_and_no_child(
    coordinator: Browser, child: Child, team: Team, path: str
) -> None:
    uid = approved(child, team)
    both_say_yes(uid)

    answer = coordinator.client.get(f"{path}/pairings/{uid}/agreement.pdf")

    assert answer.content_type == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    assert (b"(en)" if path else b"(zh-Hans)") in answer.data
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_words_of_the_sheet_hold_nothing_private(
    coordinator: Browser, child: Child, team: Team
) -> None:
    uid = approved(child, team)
    both_say_yes(uid)
    by = somebody(Role.COORDINATOR, child.county_id)
    app = coordinator.client.application
    with app.test_request_context():
        seen = shown(uid, by)
        sheet = sheet_of(seen, signing(seen.pairing, seen.child.age_band, by.id))
        again = drawn(sheet)
        assert again == drawn(sheet)

    words = " ".join(sheet.texts)
    for said in (child.alias, team.name, "2026-1", "监护人", "志愿者", "县救助保护中心"):
        assert said in words
    assert missing(*sheet.texts) == ""
    place = {db.session.get_one(Area, child.county_id).name, "画画", "不吃花生"}
    assert not any(private in words for private in place)
    assert not any(actor_for(one.person_id).name in words for one in members(team))
    assert sheet.code.endswith(f"/pairings/{uid}")


def test_every_version_of_the_text_is_there_in_both_languages(coordinator: Browser) -> None:
    with coordinator.client.application.test_request_context():
        text = original(current_version())
    assert text is not None
    assert text.title == "结对陪伴协议"
    assert len(text.digest) == 64
    assert original("9999-1") is None
    assert original("../../x") is None


def test_the_agreement_in_english_is_in_english(
    coordinator: Browser, child: Child, team: Team
) -> None:
    uid = approved(child, team)
    both_say_yes(uid)

    page = coordinator.get(f"/en/pairings/{uid}/agreement")

    assert "The volunteers promise" in page.text


# -- the accompanied first visit


def test_the_first_visit_waits_for_signatures_and_has_an_escort(child: Child, team: Team) -> None:
    uid = approved(child, team)
    both_say_yes(uid)
    pairing = the(uid)
    leader = actor_for(members_of(pairing)[0][0])
    with pytest.raises(visits.PlanRefused) as refused:
        visits.plan_visit(uid, a_plan(pairing), by=leader)
    assert Why.PAIRING_NOT_OPEN in {one.why for one in refused.value.problems}
    signs(uid)
    with pytest.raises(visits.PlanRefused) as refused:
        visits.plan_visit(uid, a_plan(the(uid), escort_id=leader.id), by=leader)
    assert Why.ESCORT_NOT_LOCAL in {one.why for one in refused.value.problems}
    assert the(uid).stage is Stage.CONSENT_PENDING

    visit = visits.plan_visit(uid, a_plan(the(uid)), by=leader)

    assert the(uid).stage is Stage.SCHEDULED_INTRO
    with pytest.raises(visits.PlanRefused) as refused:
        visits.plan_visit(uid, a_plan(the(uid), SATURDAY + timedelta(days=7)), by=leader)
    assert {one.why for one in refused.value.problems} == {Why.INTRO_AHEAD}
    visits.cancel(visit, CancelReason.WEATHER, by=leader)
    assert the(uid).stage is Stage.CONSENT_PENDING
    assert visits.plan_visit(uid, a_plan(the(uid), SATURDAY + timedelta(days=7)), by=leader)


def test_nobody_came_to_the_first_visit_and_another_is_planned(
    child: Child, team: Team, set_clock: SetClock
) -> None:
    uid = agreed(child, team)
    visits.plan_visit(uid, a_plan(the(uid)), by=actor_for(members_of(the(uid))[0][0]))

    set_clock(SATURDAY + timedelta(days=2))
    visits.sweep()

    db.session.expire_all()
    assert the(uid).stage is Stage.CONSENT_PENDING


def met(pairing: Pairing, *, escort: bool = True, child: bool = True) -> None:
    """Let the first visit have taken place and be approved."""
    visit = a_visit(pairing, state=State.RECORDED)
    with transaction() as session:
        for party in session.scalars(select(VisitParty).where(VisitParty.visit_id == visit.id)):
            if party.role is PartyRole.MEMBER or escort:
                party.checked_in_at = party.checked_out_at = visit.starts_at
    a_record(visit, members_of(pairing)[0][0], child_present=child)
    records.approve(visit.uid, 1, by=somebody(Role.COORDINATOR, pairing.county_id))
    db.session.expire_all()


@pytest.mark.parametrize(
    ("escort", "there", "stage"),
    [
        (True, True, Stage.ACTIVE),
        (False, True, Stage.CONSENT_PENDING),
        (True, False, Stage.CONSENT_PENDING),
    ],
)
def test_only_an_accompanied_visit_with_the_child_begins_it(
    child: Child, team: Team, escort: bool, there: bool, stage: Stage
) -> None:
    campaign = a_campaign(area_id=child.county_id)
    pairing = a_pairing(child, team, stage=Stage.SCHEDULED_INTRO, campaign_id=campaign.id)

    met(pairing, escort=escort, child=there)

    found = the(pairing.uid)
    assert found.stage is stage
    assert found.introduced_on == (SATURDAY.date() if stage is Stage.ACTIVE else None)
    counted = db.session.scalars(select(DayCount.measure)).all()
    assert (Measure.PAIRINGS in counted) is (stage is Stage.ACTIVE)


def test_every_deed_is_in_the_audit(child: Child, team: Team) -> None:
    uid = agreed(child, team)

    done = set(db.session.scalars(select(AuditRow.action).where(AuditRow.ref == uid)))

    assert {
        *("pairing_proposed", "pairing_approved", "pairing_yes"),
        *("agreement_signed", "pairing_agreed"),
    } <= done
    assert db.session.scalars(select(Visit)).all() == []
