"""One judge: what a run proposes, the board shows and a proposal keeps are the same numbers."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from accounts.rules import Actor
from children.models import Child
from children.rules import Need
from core.db import db
from core.errors import RuleBroken
from pairings.labels import reason_words
from pairings.models import Pairing
from pairings.runs import services
from pairings.runs.models import MatchProposal
from places.models import Area
from tests.builders.children import a_consented_child
from tests.builders.proposals import TODAY, proposed, the
from tests.builders.volunteers import a_team, an_active_volunteer, an_evidence
from tests.pairings.runs.conftest import Made
from volunteers.rules import EvidenceKind, Outcome, Sex
from volunteers.teams.models import Team


def test_an_accepted_proposal_keeps_the_score_and_the_points_of_its_run(
    village: Area, county: Area, me: Actor, made: Made
) -> None:
    a_consented_child(village, needs=[Need.READING, Need.ART])
    one = an_active_volunteer(county, sex=Sex.FEMALE, skills=["reading"])
    a_team(county, members=[one, an_active_volunteer(county)])
    made()
    proposal = db.session.scalars(select(MatchProposal)).one()

    services.accept(proposal.uid, "每周都有空", TODAY + timedelta(days=200), by=me)

    pairing = db.session.scalars(select(Pairing)).one()
    assert pairing.score == proposal.score
    told = {key.split(":")[1]: int(key.split(":")[2]) for key in pairing.reasons}
    assert told == {name: points for name, points in proposal.points.items() if points}
    assert sum(told.values()) == pairing.score
    assert "需要 125 分" in reason_words(pairing.reasons)


def test_who_is_not_cleared_for_a_month_is_neither_matched_nor_proposed(
    child: Child, team: Team, county: Area, made: Made
) -> None:
    member = an_active_volunteer(county)
    an_evidence(member, EvidenceKind.SCREENING, dated=TODAY, outcome=Outcome.CLEAR,
                valid_until=TODAY + timedelta(days=9))  # fmt: skip
    short = a_team(county, members=[an_active_volunteer(county, sex=Sex.FEMALE), member])

    with pytest.raises(RuleBroken, match="近期不到期"):
        proposed(child, short)

    made()
    assert db.session.scalars(select(MatchProposal.team_id)).one() == team.id
    assert the(proposed(child, team)).score > 0
