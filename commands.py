"""What each room brings to the command line; `flask --app app --help` lists it.

A new command of a room is entered here and nowhere else.
"""

import accounts.audit.cli
import accounts.cli
import campaigns.cli
import children.cli
import core.cli
import demo.cli
import messages.cli
import pairings.cli
import places.cli
import rights.retention.cli
import serve
import visits.cli

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
    rights.retention.cli.group,
    serve.command,
    serve.worker,
)
