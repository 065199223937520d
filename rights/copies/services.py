"""Handing out a child's file: only against a request, and never without a trace."""

from sqlalchemy import select

from accounts.rules import Actor, Role
from children.access.decoys.services import touched
from children.access.reveals.services import copy_out
from children.models import Child
from children.queries import visible
from children.sealed.rules import SealedField
from core.db import transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from rights.requests.queries import request_of
from rights.requests.rules import COPYING, OPEN


def copy_for(request_uid: str, *, by: Actor) -> tuple[Child, dict[SealedField, str] | None]:
    """Return the file a request asks a copy of, its sealed part opened, and keep who took it.

    No sealed part at all: whoever prints has seen as much within the hour as they may.

    Raises NotYours, and RuleBroken unless the request is open and asks for a copy: nobody prints
    a file because they can. It takes two people, as every other way to the sealed part does that
    a coordinator has not by office: whoever entered the request does not print.
    """
    with transaction() as session:
        request = request_of(request_uid, by, Role.COORDINATOR)
        if request.kind not in COPYING or request.state not in OPEN:
            raise RuleBroken(_("只有还开着的查看或复制请求可以打印档案"))
        if request.entered_by_id == by.id:
            raise RuleBroken(_("这项请求是您登记的，要由另一位协调员打印"))
        child = session.scalar(
            select(Child).where(
                Child.id == request.child_id,
                Child.erased_on.is_(None),
                visible(by, Role.COORDINATOR),
            )
        )
        if child is None:
            raise NotYours
        touched(child, by=by)
        return child, copy_out(child, request_uid, by=by)
