"""The pages of this room, put together."""

import rights.assessments.views
import rights.breaches.views
import rights.copies.views
import rights.erasures.views
import rights.requests.views
import rights.retention.views

BLUEPRINTS = (
    rights.requests.views.bp,
    rights.copies.views.bp,
    rights.erasures.views.bp,
    rights.assessments.views.bp,
    rights.breaches.views.bp,
    rights.retention.views.bp,
)
