"""The parameters of this room, put together."""

import rights.assessments.services
import rights.requests.services
import rights.retention.services

PARAMETERS = (
    *rights.requests.services.PARAMETERS,
    *rights.assessments.services.PARAMETERS,
    *rights.retention.services.PARAMETERS,
)
