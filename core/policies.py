"""PostgreSQL's own wall around the fenced tables: row-level security.

The policies read what core.db tells each transaction; without it they show nothing. They bind the
owner of the tables too, but not a superuser: on a real site the application's role is neither.
"""

from sqlalchemy import text
from sqlalchemy.engine import Connection

AREAS = {"county_id": "counties", "township_id": "townships", "village_id": "villages"}
GRANTS = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "REVOKE UPDATE, DELETE ON audit_rows FROM {role}",
)
TOO_MIGHTY = text(
    "SELECT rolsuper OR rolbypassrls OR EXISTS ("
    " SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tablename = 'children'"
    " AND pg_has_role(current_user, tableowner, 'MEMBER'))"
    " FROM pg_roles WHERE rolname = current_user"
)


def _listed(name: str) -> str:
    """Return the ids that the transaction was told, as an array; none of them as NULL."""
    told = f"nullif(current_setting('tongxing.{name}', true), '')"
    return f"(SELECT string_to_array({told}, ',')::int[])::int[]"


EVERYTHING = "(SELECT current_setting('tongxing.everything', true)) = 'on'"
OF_CHILDREN = " OR ".join(
    (
        EVERYTHING,
        f"id = ANY ({_listed('children')})",
        *(f"{column} = ANY ({_listed(name)})" for column, name in AREAS.items()),
    )
)
OF_A_CHILD = "EXISTS (SELECT 1 FROM children AS child WHERE child.id = {table}.child_id)"
"""The child's own policy decides: of a child that is not seen, nothing is."""


def wall(table: str) -> tuple[str, ...]:
    """Return what puts the wall around a table; a table other than `children` names its child."""
    seen = OF_CHILDREN if table == "children" else OF_A_CHILD.format(table=table)
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY sight ON {table} USING ({seen})",
    )


def unwall(table: str) -> tuple[str, ...]:
    """Return what takes it away again."""
    return (
        f"DROP POLICY sight ON {table}",
        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    )


def let_in(connection: Connection, role: str) -> None:
    """Give the application's role what it needs and no more: no change of audit rows, no tables."""
    name = connection.dialect.identifier_preparer.quote(role)
    for statement in GRANTS:
        connection.exec_driver_sql(statement.format(role=name))


def too_mighty(connection: Connection) -> bool:
    """Whether the role of a connection could walk past the wall or take it down."""
    return bool(connection.scalar(TOO_MIGHTY))
