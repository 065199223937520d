"""Where everybody loads the picture of a story from, for as long as the story may be read."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from sqlalchemy import false

from accounts.web import someone
from campaigns.pictures.views import INERT
from campaigns.stories.desk.queries import in_work
from campaigns.stories.desk.views import folder
from campaigns.stories.faces.queries import is_public_picture
from core.access import EVERYONE, allow
from core.errors import NotYours
from core.pictures import file_of

bp = Blueprint("stories", __name__)
SECONDS = 30
"""For how long a browser may show a picture without asking: withdrawn is gone within a minute."""


@bp.get("/stories/<uid>/<int:width>.webp")
@allow(EVERYONE)
def picture(uid: str, width: int) -> ResponseReturnValue:
    me = someone()
    public = is_public_picture(uid, width, false() if me is None else in_work(me))
    try:
        body = file_of(folder(), uid, width).read_bytes()
    except OSError as error:
        raise NotYours from error
    kept = f"private, max-age={SECONDS}" if public else "no-store"
    headers = {"Content-Security-Policy": INERT, "Cache-Control": kept}
    return Response(body, content_type="image/webp", headers=headers)
