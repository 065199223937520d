"""What of the fenced tables may be seen now: nothing, until somebody says what.

Three walls keep a child's rows to those who answer for them. The first is the scope that each
query states. This is the second: every statement of the ORM is narrowed down to the sight of
whoever asks, so that a forgotten scope shows too little, never too much. The third is PostgreSQL's
own: the same sight goes into settings of the transaction, which its policies read.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from flask import Flask, g
from flask_login import current_user
from sqlalchemy import ColumnElement, Executable, false
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlalchemy.orm.util import LoaderCriteriaOption

Condition: TypeAlias = Callable[[type["Fenced"]], ColumnElement[bool]]
_models: list[type["Fenced"]] = []


class Fenced:
    """A table whose rows are about one child: unseen but by those who may."""

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        _models.append(cls)


def fenced_models() -> tuple[type[Fenced], ...]:
    return tuple(_models)


class Sight:
    """Which rows of the fenced tables somebody may see.

    `condition` gives the condition for a model; `settings` are what PostgreSQL's policies read,
    by name: texts, or queries that give one.
    """

    def __init__(self, condition: Condition | None, settings: Mapping[str, Any]) -> None:
        self._condition, self.settings = condition, settings
        self._narrowed: WeakKeyDictionary[Executable, Executable] = WeakKeyDictionary()

    def narrowed(self, statement: Executable) -> Executable:
        """Return the statement narrowed down: for one that a module made once, made once too."""
        if not self.criteria:
            return statement
        found = self._narrowed.get(statement)
        if found is None:
            found = self._narrowed[statement] = statement.options(*self.criteria)
        return found

    @cached_property
    def criteria(self) -> tuple[LoaderCriteriaOption, ...]:
        """Return what narrows a statement down; nothing where everything may be seen."""
        if self._condition is None:
            return ()
        return tuple(
            with_loader_criteria(model, self._condition(model), include_aliases=True)
            for model in _models
        )


NOTHING = Sight(lambda _model: false(), {})
EVERYTHING = Sight(None, {"everything": "on"})
_now: ContextVar[Sight] = ContextVar("sight", default=NOTHING)
_changed: list[Callable[[], None]] = []


def sight() -> Sight:
    """Return what may be seen now."""
    return _now.get()


def when_changed(act: Callable[[], None]) -> None:
    """Have the database told when the sight changes in the middle of a transaction."""
    _changed[:] = [act]


@contextmanager
def seeing(what: Sight) -> Iterator[None]:
    """See this, and nothing else, within the block."""
    token = _now.set(what)
    _tell()
    try:
        yield
    finally:
        _now.reset(token)
        _tell()


def everything() -> Any:
    """See every row within the block: for the site itself, never on somebody's behalf.

    A test names the few modules that may: jobs and commands, and queries that give numbers or
    test a name for being free. What they give back is never a record.
    """
    return seeing(EVERYTHING)


def narrow(state: ORMExecuteState) -> None:
    """Narrow a statement down to the sight of this moment: the session's own listener.

    A statement on tables alone, which few modules may make, takes no such criteria.
    """
    if state.is_orm_statement and not state.is_column_load:
        state.statement = _now.get().narrowed(state.statement)


def _tell() -> None:
    for act in _changed:
        act()


def init_app(app: Flask, *, of: Callable[[Any], Sight]) -> None:
    """Give every request the sight of whoever sends it; `of` tells it for somebody signed in.

    Called after core.access, which has turned away whoever may not call the view.
    """

    def begin() -> None:
        seen = of(current_user) if current_user.is_authenticated else NOTHING
        g.sight = seeing(seen)
        g.sight.__enter__()

    def end(_error: BaseException | None) -> None:
        entered = g.pop("sight", None)
        if entered is not None:
            entered.__exit__(None, None, None)

    app.before_request(begin)
    app.teardown_request(end)
