"""No text that leaves the site names a child, its school or where it lives."""

import json
import re
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import meta
from sqlalchemy import select

from accounts.queries import actor_for
from core.db import db
from messages.channels.rules import Outgoing
from messages.channels.templates import KNOWN
from messages.models import Message
from messages.texts import render
from pairings.rules import Stage
from tests.builders.pairings import a_pairing
from tests.builders.visits import SATURDAY, a_plan, members_of
from tests.canaries import leaked, plant
from tests.messages_channels.fake_vendors import WAYS, a_vendor
from visits import services as visits

FOLDER = Path(__file__).parent.parent.parent / "templates" / "messages"
TEXTS = sorted(path.name for path in FOLDER.glob("*.txt"))
ABOUT_A_CHILD = re.compile(r"child|alias|school|village|township|guardian|health|family|real_name")


@pytest.mark.parametrize("name", TEXTS)
def test_no_text_has_room_for_a_childs_data(app: Flask, name: str) -> None:
    source = (FOLDER / name).read_text()
    asked = meta.find_undeclared_variables(app.jinja_env.parse(source))
    assert [one for one in asked if ABOUT_A_CHILD.search(one)] == []
    assert not {"address", "place_text", "interests"} & asked
    if name.startswith(("visit_", "pairing_")):
        assert "place" not in asked  # of a campaign's slot it is public already


def test_a_vendors_template_has_room_for_time_number_and_link_only() -> None:
    assert {"when", "number", "link", "code"} == KNOWN


def test_nothing_private_reaches_any_vendor(app: Flask) -> None:
    """A visit whose every private cell holds a canary, sent by every way to a real socket."""
    pairing = a_pairing(stage=Stage.SCHEDULED_INTRO)
    planted = plant("本")
    by = actor_for(members_of(pairing)[0][0])
    visits.plan_visit(pairing.uid, a_plan(pairing, SATURDAY, place_text="金丝雀place1本"), by=by)
    planted |= plant("本") | {"金丝雀place1本"}
    rows = db.session.scalars(select(Message).where(Message.kind.startswith("visit_"))).all()
    assert len(rows) > 5
    sent = ""
    for channel, way in WAYS.items():
        with a_vendor() as vendor:
            for row in rows:
                text = render(row.kind, row.language, row.params)
                values = tuple((name, str(row.params.get(name, ""))) for name in ("when", "number"))
                outgoing = Outgoing(row.uid, "15400000001", text, row.kind, values)
                assert way(vendor.url).send(outgoing).outcome == "accepted", channel
            sent += "".join(f"{one.target} {_plain(one.body)}" for one in vendor.asked)
    assert rows[0].params["number"] in sent
    assert leaked(sent, planted) == set()
    assert "金丝雀" not in sent


def _plain(body: bytes) -> str:
    """Return a body with its escapes undone: a canary must not hide behind them."""
    try:
        return json.dumps(json.loads(body), ensure_ascii=False)
    except ValueError:
        return body.decode()
