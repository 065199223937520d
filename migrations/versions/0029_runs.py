"""Runs of the matching with their proposals and prices, and roughly where counties lie."""

import sqlalchemy as sa
from alembic import op

import core.db
from core.policies import unwall, wall

revision = "0029"
down_revision = "0028"
LEVELS = ("province", "city", "county", "township", "village")
STATES = ("waiting", "running", "ready", "failed", "cancelled", "expired")
FATES = ("open", "accepted", "refused", "outdated", "expired")
REFUSALS = ("related", "known_trouble", "too_far", "needs", "other")
OF_A_CHILD = ("match_proposals", "match_waitings", "match_refusals")
BUSY = sa.text("state IN ('waiting', 'running')")
SEATS = {
    "140702": (0, 0),
    "140703": (-14_000, -31_000),
    "140721": (24_000, -70_000),
    "140722": (59_000, -69_000),
    "140723": (76_000, -41_000),
    "140724": (88_000, -10_000),
    "140725": (41_000, 21_000),
    "140727": (-33_000, -38_000),
    "140728": (-47_000, -57_000),
    "140729": (-82_000, -95_000),
    "140781": (-70_000, -74_000),
}
"""Metres east and north of the city's seat, to a few kilometres, as positions.csv has them."""


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=30)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, core.db.UtcDateTime(timezone=True), nullable=nullable)


def _numbers(*names: str, nullable: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Integer(), nullable=nullable) for name in names]


def _big(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _json(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.JSON(), nullable=False) for name in names]


def _text(name: str, length: int) -> sa.Column[object]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _end(table: str, links: dict[str, str], *unique: tuple[str, ...]) -> list[sa.Constraint]:
    """Return the keys of a table, named as the models name them."""
    return [
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(
            sa.ForeignKeyConstraint([column], [where], name=op.f(f"fk_{table}_{column}"))
            for column, where in links.items()
        ),
        *(
            sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_" + "_".join(columns)))
            for columns in unique
        ),
    ]


def _checks(table: str, **rules: str) -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in rules.items()
    ]


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_" + "_".join(columns)), table, list(columns))


def upgrade() -> None:
    with op.batch_alter_table("areas") as table:
        table.add_column(sa.Column("east_m", sa.Integer(), nullable=True))
        table.add_column(sa.Column("north_m", sa.Integer(), nullable=True))
        table.create_check_constraint(
            op.f("ck_areas_position"), "(east_m IS NULL) = (north_m IS NULL)"
        )
    seat = sa.text("UPDATE areas SET east_m = :east, north_m = :north WHERE nbs_code = :code")
    for code, (east, north) in SEATS.items():
        op.execute(seat.bindparams(code=code, east=east, north=north))
    _create_runs()
    _create_proposals()
    _create_waitings()
    _create_prices()
    _create_documents()
    _create_refusals()
    if op.get_bind().dialect.name == "postgresql":
        for name in OF_A_CHILD:
            for statement in wall(name):
                op.execute(statement)


def _create_runs() -> None:
    op.create_table(
        "match_runs",
        *_numbers("id"),
        _text("uid", 22),
        *_numbers("area_id", "city_id"),
        sa.Column("level", _one_of("level", LEVELS), nullable=False),
        *_numbers("by_id", nullable=True),
        sa.Column("week", sa.String(length=8), nullable=True),
        sa.Column("state", _one_of("state", STATES), nullable=False),
        _moment("claimed_at", nullable=True),
        _moment("touched_at"),
        _text("step", 20),
        *_numbers("done", "total"),
        _moment("made_at"),
        _moment("ready_at", nullable=True),
        _moment("expires_at", nullable=True),
        *_numbers("version"),
        *_numbers("before_id", nullable=True),
        *_json("counts"),
        _big("value"),
        *_json("weights", "sums", "alarms", "needs"),
        *_checks(
            "match_runs",
            level="level IN ('county', 'city')",
            asked="(by_id IS NULL) = (week IS NOT NULL)",
            ready="(ready_at IS NOT NULL) = (state IN ('ready', 'expired'))"
            " AND (ready_at IS NULL) = (expires_at IS NULL)",
        ),
        *_end(
            "match_runs",
            {
                "area_id": "areas.id",
                "city_id": "areas.id",
                "by_id": "people.id",
                "before_id": "match_runs.id",
            },
            ("uid",),
            ("area_id", "week"),
        ),
    )
    op.create_index(
        "uq_match_runs_one_an_area", "match_runs", ["area_id"], unique=True,
        sqlite_where=BUSY, postgresql_where=BUSY,
    )  # fmt: skip
    _index("match_runs", "city_id", "state", "id")
    _index("match_runs", "area_id", "id")
    _index("match_runs", "state", "touched_at")
    _index("match_runs", "by_id")
    _index("match_runs", "before_id")


def _create_proposals() -> None:
    op.create_table(
        "match_proposals",
        *_numbers("id"),
        _text("uid", 22),
        *_numbers("run_id", "child_id", "team_id", "county_id", "slot", "score"),
        *_json("points"),
        _big("utility"),
        *_numbers("was_team_id", nullable=True),
        sa.Column("fate", _one_of("fate", FATES), nullable=False),
        *_numbers("pairing_id", "decided_by_id", nullable=True),
        _moment("decided_at", nullable=True),
        *_checks(
            "match_proposals",
            pairing="fate <> 'accepted' OR pairing_id IS NOT NULL",
            decided="(fate = 'open') = (decided_at IS NULL)",
        ),
        *_end(
            "match_proposals",
            {
                "run_id": "match_runs.id",
                "child_id": "children.id",
                "team_id": "teams.id",
                "county_id": "areas.id",
                "was_team_id": "teams.id",
                "pairing_id": "pairings.id",
                "decided_by_id": "people.id",
            },
            ("uid",),
            ("run_id", "child_id"),
        ),
    )
    _index("match_proposals", "child_id", "fate")
    _index("match_proposals", "run_id", "county_id", "fate", "id")
    _index("match_proposals", "run_id", "team_id")
    for column in ("team_id", "was_team_id", "pairing_id", "decided_by_id"):
        _index("match_proposals", column)


def _create_waitings() -> None:
    op.create_table(
        "match_waitings",
        *_numbers("id", "run_id", "child_id", "county_id"),
        _big("utility"),
        *_numbers("was_team_id", nullable=True),
        *_json("why"),
        *_end(
            "match_waitings",
            {
                "run_id": "match_runs.id",
                "child_id": "children.id",
                "county_id": "areas.id",
                "was_team_id": "teams.id",
            },
            ("run_id", "child_id"),
        ),
    )
    _index("match_waitings", "run_id", "county_id", "id")
    _index("match_waitings", "child_id")
    _index("match_waitings", "was_team_id")


def _create_prices() -> None:
    op.create_table(
        "match_prices",
        *_numbers("id", "run_id", "team_id"),
        _big("price"),
        *_json("held"),
        *_end(
            "match_prices",
            {"run_id": "match_runs.id", "team_id": "teams.id"},
            ("run_id", "team_id"),
        ),
    )
    _index("match_prices", "team_id")


def _create_documents() -> None:
    op.create_table(
        "match_documents",
        *_numbers("id", "run_id"),
        _text("uid", 22),
        sa.Column("sealed", sa.Text(), nullable=False),
        *_end("match_documents", {"run_id": "match_runs.id"}, ("run_id",), ("uid",)),
    )


def _create_refusals() -> None:
    op.create_table(
        "match_refusals",
        *_numbers("id", "child_id", "team_id"),
        sa.Column("reason", _one_of("refusal", REFUSALS), nullable=False),
        *_numbers("by_id", nullable=True),
        _moment("at"),
        *_end(
            "match_refusals",
            {"child_id": "children.id", "team_id": "teams.id", "by_id": "people.id"},
            ("child_id", "team_id"),
        ),
    )
    _index("match_refusals", "team_id")
    _index("match_refusals", "by_id")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name in OF_A_CHILD:
            for statement in unwall(name):
                op.execute(statement)
    for name in ("refusals", "documents", "prices", "waitings", "proposals", "runs"):
        op.drop_table(f"match_{name}")
    with op.batch_alter_table("areas") as table:
        table.drop_constraint(op.f("ck_areas_position"), type_="check")
        table.drop_column("north_m")
        table.drop_column("east_m")
