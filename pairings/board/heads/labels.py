"""Where runs are asked for."""

from flask import current_app, url_for


def run_href() -> str:
    known = "match_runs.listing" in current_app.view_functions
    return url_for("match_runs.listing" if known else "pairings.board")
