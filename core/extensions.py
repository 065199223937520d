"""What PostgreSQL has to bring along: a site that lacks it does not start, and says so."""

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

HERE = text("SELECT 1 FROM pg_extension WHERE extname = :name")


class ExtensionMissing(Exception):
    """An extension is not there, and this role may not create it."""


def require(connection: Connection, name: str) -> None:
    """Create an extension unless it is there. Raises ExtensionMissing."""
    if connection.scalar(HERE, {"name": name}):
        return
    try:
        connection.exec_driver_sql(f"CREATE EXTENSION {name}")
    except DBAPIError as error:
        said = str(error.orig).strip().splitlines()[0]
        raise ExtensionMissing(
            f"the extension {name} is missing and could not be created ({said}); let the"
            f" database's administrator run «CREATE EXTENSION {name}» in it (docs/operating.md)"
        ) from error
