"""The board from the teams' side: who has places left, and whom each could go to."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from children.services import seen_in_list
from core import clock
from core.access import allow
from core.parameters import value_on
from pairings.board.labels import BOARD_WORDS
from pairings.board.teams import queries
from pairings.board.worlds.queries import of_run
from pairings.labels import code_words
from pairings.page.views import WORDS
from pairings.runs.queries import standing
from volunteers.teams.queries import members

bp = Blueprint("board_teams", __name__)
SHOWN = 20


@bp.get("/board/teams")
@allow(Role.COORDINATOR)
def listing() -> ResponseReturnValue:
    me = person()
    page = queries.teams(me, _most_children(), after=request.args.get("after"))
    shown = render_template(
        "pairings/teams.html",
        page=page,
        team_href=url_for("board_teams.show", uid="-")[:-1],
        printed_at=clock.now(),
    )
    seen_in_list("teams_board", len(page.rows), by=me)
    return shown


@bp.get("/board/teams/<uid>")
@allow(Role.COORDINATOR)
def show(uid: str) -> ResponseReturnValue:
    me = person()
    team = queries.team(uid, me)
    run = standing(team.county_id)
    seen = of_run(run) if run is not None else None
    lacks = queries.lacks(team, _most_children())
    found = queries.children_for(team, me, seen) if seen is not None and not lacks else []
    page = render_template(
        "pairings/team_first.html",
        team=team,
        members=members([team.id])[team.id],
        run=run if seen is not None else None,  # its document goes with an erasure
        run_href=url_for("match_runs.listing"),
        lacks=code_words(lacks),
        found=found[:SHOWN],
        number=len(found),
        today=clock.today(),
        printed_at=clock.now(),
        **WORDS,
        **BOARD_WORDS,
    )
    seen_in_list("team_board", min(SHOWN, len(found)), by=me)
    return page


def _most_children() -> int:
    return int(value_on("volunteers.most_children", clock.today()))
