"""What waits for a person: every room tells its part, the home page shows them together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do next. `order` sorts: 0 a child's safety, 10 today, 20 this week, 30 later."""

    order: int
    title: str
    url: str
    detail: str = ""
    count: int | None = None
    tone: str = ""


Provider = Callable[[Any], Sequence[Action]]


def init_app(app: Flask, providers: Sequence[Provider]) -> None:
    """Tell the site which rooms have something to say."""
    app.extensions["actions"] = tuple(providers)


def next_actions(person: object) -> list[Action]:
    """Return what waits for the person, the most urgent first."""
    providers: Sequence[Provider] = current_app.extensions["actions"]
    found = [action for provider in providers for action in provider(person)]
    return sorted(found, key=lambda action: action.order)
