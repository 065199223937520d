"""`flask messages …`: the ledger without contents, and a delivery by hand."""

import json

import click
from flask import current_app
from flask.cli import AppGroup

from messages import queries
from messages.channels.services import ways
from messages.delivery import services
from messages.texts import render

group = AppGroup("messages", help="The ledger of messages.")


@group.command("export")
@click.option("--jsonl", is_flag=True, required=True, help="One JSON object a line.")
def export(*, jsonl: bool) -> None:
    """Write id, key, state, channel, due and sent of every message; never what it says."""
    del jsonl  # the one format there is
    for row in queries.ledger():
        line = {
            "id": row.id,
            "key": row.dedup_key,
            "state": row.state.value,
            "channel": row.channel.value,
            "due": row.due_at.isoformat(),
            "sent": row.sent_at.isoformat() if row.sent_at else None,
        }
        click.echo(json.dumps(line))


@group.command("deliver")
def deliver() -> None:
    """Send what is due now, as the scheduler does each second."""
    settings = current_app.extensions["settings"]
    taken = services.deliver(ways(settings), render)
    click.echo(f"taken up {taken}")
