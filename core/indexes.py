"""Indexes that hold only the rows somebody looks for."""

from typing import TypedDict

from sqlalchemy import TextClause, text


class Condition(TypedDict):
    sqlite_where: TextClause
    postgresql_where: TextClause


def only(condition: str) -> Condition:
    """Return what makes an index hold only the rows that meet a condition, on either engine.

    A row that is not in it costs no page of the journal, while nobody else can write.
    """
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}
