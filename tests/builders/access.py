"""Leave to look, decoys and reveals for tests."""

from datetime import timedelta
from typing import Any

from accounts.rules import Role
from children.access.decoys.models import DecoyChild
from children.access.models import AccessGrant, Reveal
from children.access.rules import GrantState, Ground, Reason
from children.models import Child
from children.rules import NeedState
from children.sealed.rules import SealedField
from core import clock
from places.models import Area
from tests.builders.children import a_child
from tests.builders.people import a_member_of_staff
from tests.factories import saved


def a_grant_to_look(child: Child, person_id: int, **given: Any) -> AccessGrant:
    """Return leave for somebody to see name and phone for a day, given by the safeguarding lead."""
    now = clock.now()
    fields: dict[str, Any] = {
        "child_id": child.id,
        "county_id": child.county_id,
        "township_id": child.township_id,
        "village_id": child.village_id,
        "purpose": Reason.CALL_GUARDIAN,
        "note": "约走访时间",
        "fields": [SealedField.REAL_NAME.value, SealedField.GUARDIAN_PHONE.value],
        "hours": 24,
        "state": GrantState.ACTIVE,
        "requested_by_id": person_id,
        "requested_at": now,
        "seen_at": now,
    }
    if given.get("state", GrantState.ACTIVE) is GrantState.ACTIVE:
        fields |= {"decided_at": now, "expires_at": now + timedelta(hours=24)}
        if "decided_by_id" not in given:
            lead = a_member_of_staff(Role.SAFEGUARDING_LEAD, area_id=child.county_id)
            fields["decided_by_id"] = lead
    return saved(AccessGrant(**fields | given))


def a_decoy(village: Area | None = None) -> Child:
    child = a_child(village, state=NeedState.WITHDRAWN)
    saved(DecoyChild(child_id=child.id))
    return child


def a_reveal(child: Child, person_id: int, **given: Any) -> Reveal:
    fields = {
        "child_id": child.id,
        "person_id": person_id,
        "at": clock.now(),
        "ground": Ground.STANDING,
        "reason": Reason.VISIT,
        "fields": [SealedField.REAL_NAME.value],
    }
    return saved(Reveal(**fields | given))
