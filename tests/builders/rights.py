"""Requests, erasures, assessments and breaches for tests."""

from datetime import timedelta
from typing import Any

from children.consents.links.models import GuardianLink
from children.models import Child
from core import clock, ids
from core.db import db
from places.queries import Spot
from rights.assessments.models import Assessment
from rights.assessments.rules import Result
from rights.breaches.models import Breach
from rights.breaches.rules import Kind
from rights.erasures.models import Erasure
from rights.erasures.rules import Why
from rights.requests.models import RightsRequest
from rights.requests.rules import Asker, Channel, RequestKind
from tests.builders.people import a_person
from tests.factories import a_number, saved
from volunteers.models import Volunteer


def a_guardian_link(child: Child, by: int, **given: Any) -> GuardianLink:
    """Return an open link about pairing whose secret nobody knows."""
    fields = {
        "child_id": child.id,
        "purposes": ["pairing"],
        "token_hash": ids.digest(f"link-{a_number()}"),
        "made_by_id": by,
        "expires_at": clock.now() + timedelta(days=7),
        "said_no_to": [],
    }
    return saved(GuardianLink(**fields | given))


def a_request(child: Child | None = None, **given: Any) -> RightsRequest:
    """Return a request received today: a guardian's copy of a file, or a volunteer's."""
    about: Child | Spot
    if child is None:
        volunteer = db.session.get_one(Volunteer, given["volunteer_id"])
        about = Spot(volunteer.county_id, None, None)
    else:
        about = child
        given["child_id"] = child.id
    today = clock.today()
    fields = {
        "kind": RequestKind.COPY,
        "asker": Asker.GUARDIAN if child else Asker.VOLUNTEER,
        "channel": Channel.PHONE,
        "received_on": today,
        "confirm_by": today + timedelta(days=3),
        "finish_by": today + timedelta(days=21),
        "county_id": about.county_id,
        "township_id": about.township_id,
        "village_id": about.village_id,
    }
    if "entered_by_id" not in given:
        given["entered_by_id"] = a_person().id
    return saved(RightsRequest(**fields | given))


def an_erasure(child: Child, by: int, **given: Any) -> Erasure:
    """Return an erasure of a child's file that somebody has asked for."""
    fields = {
        "child_id": child.id,
        "why": Why.TERM_OVER,
        "asked_by_id": by,
        "county_id": child.county_id,
        "township_id": child.township_id,
        "village_id": child.village_id,
    }
    return saved(Erasure(**fields | given))


def an_assessment(by: int, **given: Any) -> Assessment:
    """Return a draft."""
    texts = dict.fromkeys(("purposes", "involved", "necessity", "risks", "measures"), "写明")
    fields = {
        "title": "儿童档案",
        **texts,
        "conclusion": Result.WITH_MEASURES,
        "written_by_id": by,
    }
    return saved(Assessment(**fields | given))


def a_breach(by: int, **given: Any) -> Breach:
    """Return a breach that has just been detected."""
    texts = dict.fromkeys(("involved", "cause", "harm", "measures", "advice"), "写明")
    fields = {
        "title": "一份名单发错了人",
        "kind": Kind.LEAKED,
        **texts,
        "people": 12,
        "children": 10,
        "detected_at": clock.now(),
        "entered_by_id": by,
    }
    return saved(Breach(**fields | given))
