"""What each room brings to the command line; `flask --app app --help` lists it.

A new command of a room is entered here and nowhere else.
"""

import accounts.audit.cli
import accounts.cli
import campaigns.cli
import children.cli
import core.cli
import demo.cli
import demo.playing.cli
import jobs
import messages.cli
import pairings.cli
import places.cli
import rights.retention.cli
import serve
import visits.cli
import volunteers.certificates.cli
from core.clockwork import TICK

demo.cli.group.add_command(
    demo.playing.cli.playing(
        jobs.jobs_of, tick=TICK, often=jobs.BY_THE_HOUR, aside=jobs.IN_REAL_TIME
    )
)
COMMANDS = (
    accounts.cli.group,
    accounts.audit.cli.group,
    campaigns.cli.group,
    children.cli.group,
    core.cli.group,
    demo.cli.group,
    messages.cli.group,
    pairings.cli.group,
    places.cli.group,
    visits.cli.group,
    volunteers.certificates.cli.group,
    rights.retention.cli.group,
    serve.command,
    serve.worker,
)
