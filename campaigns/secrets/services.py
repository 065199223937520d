"""Where the secret in a message is sealed for: a wish's claim, a campus mail, a sign-up."""

from collections.abc import Mapping
from typing import Any

from campaigns.signups.telling import services as sign_ups
from campaigns.wishes.telling import services as wishes
from volunteers.students.telling import services as students


def place_in(params: Mapping[str, Any]) -> str:
    """Return the place of the secret that a message's params carry."""
    if students.MAIL in params:
        return students.place_in(params)
    if wishes.CLAIM in params:
        return wishes.place_in(params)
    return sign_ups.place_in(params)
