"""Drafts of long forms: saved while one types, offered again, gone once the form is sent.

A view says `@drafted` of its form; no other form is ever kept. The page asks here through
`draft_state`, and `?draft=1` fills the form with what was kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from accounts.drafts import services
from accounts.web import person
from core.access import SIGNED_IN, allow
from core.errors import RuleBroken
from core.forms import carry_out
from core.i18n import _
from core.show import moment

bp = Blueprint("drafts", __name__)
View = Callable[..., ResponseReturnValue]
NEVER_KEPT = frozenset({"csrf_token", "form_key", "draft_of"})
_drafted: set[str] = set()


@dataclass(frozen=True, slots=True)
class State:
    """What a page says of a draft: for which path, and since when there is one."""

    path: str
    saved_at: datetime | None
    taken_up: bool


def drafted(view: View) -> View:
    """State that what is typed into a view's form is kept until it is sent."""
    _drafted.add(f"{view.__module__}.{view.__name__}")

    @wraps(view)
    def kept(*args: Any, **given: Any) -> ResponseReturnValue:
        me = person().id or 0
        if request.method == "GET":
            _take_up(me)
            return view(*args, **given)
        answer = view(*args, **given)
        by_script = isinstance(answer, dict)  # what a script is told once the form is carried out
        if by_script or (isinstance(answer, Response) and answer.status_code in {302, 303}):
            services.drop(me, request.path)
        return answer

    return kept


def _take_up(me: int) -> None:
    """Look for a draft of this page, and fill the form with it if that is wished."""
    found = services.draft_of(me, request.path)
    taken_up = found is not None and "draft" in request.args
    g.draft_state = State(request.path, found.saved_at if found else None, taken_up)
    if found is not None and taken_up:
        g.typed_before = MultiDict(found.pairs)


@bp.app_context_processor
def _on_the_page() -> dict[str, object]:
    return {"draft_state": g.get("draft_state")}


@bp.post("/account/drafts")
@allow(SIGNED_IN)
def save() -> ResponseReturnValue:
    """Keep the fields of one of those forms; by script the answer is the time in words."""
    path = _path()
    pairs = [pair for pair in request.form.items(multi=True) if pair[0] not in NEVER_KEPT]
    at = services.save(person().id or 0, path, pairs)
    told = _("草稿已存 %(moment)s", moment=moment(at))
    if request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
        return {"said": told}
    flash(told, "ok")
    return redirect(f"{request.script_root}{path}?draft=1")


@bp.post("/account/drafts/drop")
@allow(SIGNED_IN)
def drop() -> ResponseReturnValue:
    path, me = _path(), person().id or 0
    carry_out(lambda: services.drop(me, path))
    flash(_("草稿已丢弃"), "ok")
    return redirect(request.script_root + path)


def _path() -> str:
    """Return the path of a form whose view keeps drafts. Raises RuleBroken for any other."""
    path = request.form.get("draft_of", "")[:120]
    try:
        endpoint, _given = current_app.create_url_adapter(request).match(path, method="POST")  # type: ignore[union-attr]
    except HTTPException:
        raise RuleBroken(_("这个页面的内容不存草稿")) from None
    view = current_app.view_functions[endpoint]
    if f"{view.__module__}.{view.__name__}" not in _drafted:
        raise RuleBroken(_("这个页面的内容不存草稿"))
    return path
