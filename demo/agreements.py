"""What led each pairing to where it stands: its steps, the answers and the signatures."""

from collections import Counter
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import func, select, update

from campaigns.numbers.models import DayCount
from campaigns.rules import Measure
from children.rules import Category, ConsentProof, Signer
from core.zone import CHINA
from demo.courses import Course
from demo.world import Kid, Match, Term, World
from pairings.agreements.models import AgreementSignature
from pairings.agreements.rules import Party, SignatureProof, seats
from pairings.agreements.texts.queries import original
from pairings.answers.models import PairingAnswer
from pairings.answers.rules import Whose
from pairings.models import Pairing
from pairings.rules import AGREED, BEGUN, OVER, EndReason, Stage
from pairings.steps.models import PairingStep
from visits.models import Visit
from visits.rules import State

VERSION = "2026-1"
HANDOVER = "孩子喜欢慢慢熟悉人；读到一半的书已放回图书角，接手的人已知道。"
MOVED = "孩子随家人搬走，来不及安排告别走访。"
ASIDE = {Stage.PAUSED: "孩子期末考试，先停两周。", Stage.RENEWING: ""}
"""Stages beside the path, reached while it is active."""


def come_so_far(world: World, course: Course) -> dict[str, Any]:
    """Return what a pairing's row says of answers, signatures and parting, as the rules ask."""
    stage, found = course.stage, dict[str, Any]()
    day = min(course.starts_on, world.today)
    if stage is Stage.CONSENT_PENDING:
        found["guardian_yes_on"] = day
        if world.chance(0.5):
            found["child_yes_on"] = day
    if stage in AGREED | OVER:
        signed = min(day + timedelta(days=1), world.today)
        found |= {"guardian_yes_on": day, "child_yes_on": day}
        found |= {"agreed_on": signed, "agreement_version": VERSION}
    if stage in BEGUN | OVER:
        found["introduced_on"] = min(day + timedelta(days=5), course.ended_on or world.today)
    if stage is Stage.RENEWING:
        since = world.today - timedelta(days=2)
        until = course.ends_on + timedelta(days=120)
        found |= {"renewing_since": since, "renew_until": until}
    if stage is Stage.ENDING:
        found["end_reason"] = EndReason.TERM_OVER
    if stage in OVER and course.ended_on:
        found["handover"] = HANDOVER
        if course.reason is EndReason.CHILD_MOVED:
            found["goodbye_missing"] = MOVED
        else:
            found["goodbye_on"] = max(course.ended_on - timedelta(days=3), found["introduced_on"])
    return found


def agree_all(world: World) -> None:
    """Add the steps of every pairing, and count those that began on the day of the first visit."""
    first = _first_visits(world)
    counts: Counter[tuple[int, int, date]] = Counter()
    for match in world.matches:
        for term in match.terms:
            day = _introduced(world, term, first.get(term.id))
            _steps(world, match, term, day)
            _answers(world, match.kid, term)
            _signatures(world, match, term)
            if day is not None:
                counts[term.edition.id, match.kid.county.id, day] += 1
    for (campaign_id, county_id, day), count in sorted(counts.items()):
        world.bulk.add(
            DayCount,
            campaign_id=campaign_id,
            measure=Measure.PAIRINGS,
            county_id=county_id,
            day=day,
            count=count,
        )


def _first_visits(world: World) -> dict[int, date]:
    """Return the day of the first visit of each pairing that was written down and approved."""
    world.bulk.flush()
    rows = world.session.execute(
        select(Visit.pairing_id, func.min(Visit.starts_at))
        .where(Visit.state == State.APPROVED)
        .group_by(Visit.pairing_id)
    )
    return {row[0]: row[1].astimezone(CHINA).date() for row in rows}


def _introduced(world: World, term: Term, day: date | None) -> date | None:
    """Correct the day of the introduction to the visit that there was."""
    if "introduced_on" not in term.row:
        return None
    if day is None:
        guessed: date = term.row["introduced_on"]
        return guessed
    world.session.execute(update(Pairing).where(Pairing.id == term.id).values(introduced_on=day))
    return day


def _steps(world: World, match: Match, term: Term, introduced: date | None) -> None:
    """Add how the pairing came to where it stands, day by day."""
    row, since = term.row, None
    now, last = row["stage"], row["proposed_at"]
    for stage, moment, by, reason in _path(world, match, term, introduced):
        at = last = max(last, moment)
        world.bulk.add(
            PairingStep,
            pairing_id=term.id,
            since=since,
            stage=stage,
            at=at,
            by_id=by,
            reason=reason,
        )
        since = stage
        if stage is now:
            return


def _path(
    world: World, match: Match, term: Term, introduced: date | None
) -> list[tuple[Stage, datetime, int | None, str]]:
    row, director = term.row, match.kid.village.director
    now: Stage = row["stage"]
    said = row.get("guardian_yes_on", term.starts_on)
    found: list[tuple[Stage, datetime, int | None, str]] = [
        (Stage.PROPOSED, row["proposed_at"], row["proposed_by_id"], "")
    ]
    if row.get("decided_at") is None:
        return found
    note = row["decision_note"]
    if row["high_risk"]:
        found.append((Stage.UNDER_REVIEW, row["decided_at"], row["decided_by_id"], note))
        if row.get("city_at"):
            found.append((Stage.APPROVED, row["city_at"], row["city_by_id"], ""))
    else:
        found.append((Stage.APPROVED, row["decided_at"], row["decided_by_id"], note))
    decider = row["decided_by_id"]
    began = introduced or term.starts_on
    found += [
        (Stage.CONSENT_PENDING, world.past(said), director, ""),
        (Stage.SCHEDULED_INTRO, world.past(row.get("agreed_on", said)), decider, ""),
        (Stage.ACTIVE, world.past(began), row["supervisor_id"], ""),
    ]
    if now in ASIDE:
        found.append((now, world.past(world.today), decider, ASIDE[now]))
    if now is Stage.TERMINATED_SAFEGUARDING:
        found.append((now, row["ended_at"], decider, ""))
    if now not in {Stage.ENDING, Stage.ENDED, Stage.REVIEWED}:
        return found
    over = row["ended_at"] or world.past(world.today)
    if row["end_reason"] not in {EndReason.CONSENT_WITHDRAWN, EndReason.CHILD_SAYS_NO}:
        found.append((Stage.ENDING, over - timedelta(days=1), decider, ""))
    found.append((Stage.ENDED, over, decider, ""))
    found.append((Stage.REVIEWED, world.now, decider, "按约定结束，告别得好。"))
    return found


def _answers(world: World, kid: Kid, term: Term) -> None:
    for whose, column in (
        (Whose.GUARDIAN, "guardian_yes_on"),
        (Whose.CHILD, "child_yes_on"),
    ):
        day = term.row.get(column)
        if day is None:
            continue
        child = whose is Whose.CHILD
        asked = ConsentProof.PAPER if kid.band.signs_too else ConsentProof.ASKED_IN_PERSON
        world.bulk.add(
            PairingAnswer,
            pairing_id=term.id,
            child_id=kid.id,
            whose=whose,
            number=1,
            yes=True,
            signer=Signer.CHILD if child else _guardian(kid),
            proof=asked if child else ConsentProof.WITNESSED_CALL,
            reference=f"样例答复{world.rng.randint(1, 9999):04}",
            dated=day,
            entered_by_id=kid.village.director,
            entered_at=world.past(day),
        )


def _guardian(kid: Kid) -> Signer:
    return Signer.OTHER_GUARDIAN if kid.category is Category.ORPHAN else Signer.MOTHER


@cache
def _digest() -> str:
    text = original(VERSION)
    return text.digest if text else ""


def _signatures(world: World, match: Match, term: Term) -> None:
    day = term.row.get("agreed_on")
    if day is None:
        return
    members = [member.id for member in match.crew.members]
    for seat in seats(match.kid.band, members):
        online = seat.party is Party.VOLUNTEER
        world.bulk.add(
            AgreementSignature,
            pairing_id=term.id,
            child_id=match.kid.id,
            text_version=VERSION,
            text_digest=_digest(),
            party=seat.party,
            volunteer_id=seat.volunteer_id,
            signer=_guardian(match.kid) if seat.party is Party.GUARDIAN else None,
            proof=SignatureProof.ONLINE if online else SignatureProof.PAPER,
            reference="" if online else f"样例协议{world.rng.randint(1, 9999):04}",
            dated=day,
            entered_by_id=match.crew.members[0].person_id if online else term.row["decided_by_id"],
            entered_at=world.past(day),
        )
