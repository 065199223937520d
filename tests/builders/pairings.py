"""Pairings for tests: a consented child and a team of its county."""

from datetime import timedelta
from typing import Any

from accounts.rules import Role
from children.models import Child
from children.rules import ConsentProof, NeedState, Signer
from core import clock
from core.db import db
from pairings.agreements.models import AgreementSignature
from pairings.agreements.rules import Party, SignatureProof
from pairings.answers.models import PairingAnswer
from pairings.answers.rules import Whose
from pairings.endings.models import PairingExplanation
from pairings.letters.models import PairingLetter
from pairings.models import Pairing
from pairings.rules import AGREED, BEGUN, DECIDING, LIVE, OVER, DeclineReason, EndReason, Stage
from pairings.steps.models import PairingStep
from pairings.voices.models import PairingVoice, VoiceTask
from pairings.voices.rules import Occasion, Trouble, Voice
from places.models import Area
from tests.builders.children import a_consented_child
from tests.builders.people import a_member_of_staff, a_person
from tests.builders.volunteers import a_team
from tests.factories import CANARY, a_number, saved
from volunteers.teams.models import Team


def a_pairing(child: Child | None = None, team: Team | None = None, **given: Any) -> Pairing:
    """Return a pairing, by default proposed and not yet decided; decided ones by somebody else."""
    stage = given.get("stage", Stage.PROPOSED)
    child = child or a_consented_child(state=_state_beside(stage))
    county = db.session.get_one(Area, child.county_id)
    today = clock.today()
    fields: dict[str, Any] = {
        "child_id": child.id,
        "team_id": (team or a_team(county)).id,
        "county_id": child.county_id,
        "township_id": child.township_id,
        "village_id": child.village_id,
        "score": 80,
        "reasons": ["time:540", "county:same"],
        "note": f"每周都有空，会辅导作业 {CANARY}",
        "starts_on": today - timedelta(days=20),
        "ends_on": today + timedelta(days=200),
    }
    if "proposed_by_id" not in given:
        fields["proposed_by_id"] = a_member_of_staff(Role.COORDINATOR, area_id=county.id)
    if stage is not Stage.PROPOSED:
        fields |= _decided(child, given)
    pairing = saved(Pairing(**fields | _come_so_far(stage) | given))
    saved(PairingStep(pairing_id=pairing.id, stage=Stage.PROPOSED, by_id=pairing.proposed_by_id))
    if stage is not Stage.PROPOSED:
        since = {"pairing_id": pairing.id, "since": Stage.PROPOSED, "stage": stage}
        saved(PairingStep(**since, by_id=pairing.decided_by_id))
    return pairing


def _state_beside(stage: Stage) -> NeedState:
    return NeedState.MATCHED if stage in LIVE - DECIDING else NeedState.OPEN


def _come_so_far(stage: Stage) -> dict[str, Any]:
    """Return what has to be true of a pairing that stands so: the database holds it to that."""
    day = clock.today() - timedelta(days=20)
    found: dict[str, Any] = {}
    if stage in AGREED:
        found |= {"guardian_yes_on": day, "child_yes_on": day}
        found |= {"agreed_on": day, "agreement_version": "2026-1"}
    if stage in BEGUN:
        found["introduced_on"] = day
    if stage is Stage.RENEWING:
        found |= {"renewing_since": clock.today(), "renew_until": day + timedelta(days=300)}
    if stage is Stage.DECLINED:
        found["decline_reason"] = DeclineReason.OTHER
    if stage in OVER:
        terminated = stage is Stage.TERMINATED_SAFEGUARDING
        reason = EndReason.SAFEGUARDING if terminated else EndReason.TERM_OVER
        found |= {"ended_at": clock.now(), "end_reason": reason}
    return found


def _decided(child: Child, given: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {"decided_at": clock.now()}
    if "decided_by_id" not in given:
        fields["decided_by_id"] = a_member_of_staff(Role.COORDINATOR, area_id=child.county_id)
    if "supervisor_id" not in given:
        fields["supervisor_id"] = a_member_of_staff(
            Role.CHILD_SUPERVISOR, area_id=child.township_id
        )
    return fields


def a_signed(pairing: Pairing) -> AgreementSignature:
    """Give the pairing both answers and the guardian's signature; return that."""
    day, by = clock.today(), pairing.decided_by_id
    for whose, signer in ((Whose.GUARDIAN, Signer.MOTHER), (Whose.CHILD, Signer.CHILD)):
        saved(
            PairingAnswer(
                pairing_id=pairing.id,
                child_id=pairing.child_id,
                whose=whose,
                number=1,
                yes=True,
                signer=signer,
                proof=ConsentProof.PAPER,
                reference=f"{CANARY}-{a_number()}",
                dated=day,
                entered_by_id=by,
            )
        )
    return saved(
        AgreementSignature(
            pairing_id=pairing.id,
            child_id=pairing.child_id,
            text_version="2026-1",
            text_digest="0" * 64,
            party=Party.GUARDIAN,
            signer=Signer.MOTHER,
            proof=SignatureProof.PAPER,
            reference=f"{CANARY}-{a_number()}",
            dated=day,
            entered_by_id=by,
        )
    )


def a_voice_task(pairing: Pairing, **given: Any) -> VoiceTask:
    """Return that the child was not well with it after three months, and what it said."""
    whose: dict[str, Any] = {"pairing_id": pairing.id, "child_id": pairing.child_id}
    whose["occasion"] = Occasion.MONTHS_3
    faces = {"well": 1, "heard": 2, "again": 1}
    saved(PairingVoice(**whose, **faces, voice=Voice.CHILD, dated=clock.today()))
    return saved(VoiceTask(**whose | {"trouble": Trouble.CHILD_UNHAPPY} | given))


def an_explanation(pairing: Pairing, **given: Any) -> PairingExplanation:
    """Return why the child could not be told that it ends."""
    fields = {"pairing_id": pairing.id, "child_id": pairing.child_id, "missing": "还听不懂"}
    return saved(PairingExplanation(**fields | given))


def a_letter(pairing: Pairing, **given: Any) -> PairingLetter:
    """Return a goodbye letter that waits to be read."""
    fields = {"pairing_id": pairing.id, "child_id": pairing.child_id, "text": "谢谢你教我折纸"}
    return saved(PairingLetter(**fields | {"written_by_id": a_person().id} | given))
