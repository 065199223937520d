"""Pairs that are proposed to be teams, who led a team when, and why a team was let go."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0028"
down_revision = "0027"
STATES = ("queued", "working", "ready", "cancelled", "failed", "expired")
FATES = ("open", "accepted", "refused", "outdated")
REFUSALS = ("said_no", "not_getting_on", "related", "other")
WHYS = (
    "not_cleared", "full", "no_free_time", "no_time", "too_far", "together", "refused", "alone",
    "others",
)  # fmt: skip
PARTINGS = ("mistake", "rearranged", "leaving", "not_getting_on", "safeguarding", "other")
BUSY = sa.text("state IN ('queued', 'working')")
CURRENT = sa.text("until IS NULL")


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=30)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, core.db.UtcDateTime(timezone=True), nullable=nullable)


def _number(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _links(table: str, **to: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [where], name=op.f(f"fk_{table}_{column}"))
        for column, where in to.items()
    ]


def _checks(table: str, **rules: str) -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in rules.items()
    ]


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_" + "_".join(columns)), table, list(columns))


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_" + "_".join(columns)))


def upgrade() -> None:
    with op.batch_alter_table("volunteers") as table:
        table.add_column(
            sa.Column("wants_team", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("volunteers") as table:
        table.alter_column("wants_team", server_default=None)
    with op.batch_alter_table("teams") as table:
        table.add_column(sa.Column("dissolved_for", _one_of("parting", PARTINGS), nullable=True))
    _create_runs()
    _create_pairs()
    _create_leads()


def _create_runs() -> None:
    op.create_table(
        "team_runs",
        _number("id"),
        sa.Column("uid", sa.String(length=22), nullable=False),
        _number("county_id"),
        _number("by_id"),
        sa.Column("state", _one_of("state", STATES), nullable=False),
        _moment("claimed_at", nullable=True),
        _number("done"),
        _number("total"),
        _number("settled"),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("optimal", sa.Boolean(), nullable=False),
        _number("points"),
        _number("greedy_pairs"),
        _number("greedy_points"),
        _moment("made_at"),
        _moment("touched_at"),
        *_links("team_runs", county_id="areas.id", by_id="people.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_runs")),
        _unique("team_runs", "uid"),
    )
    op.create_index(
        "uq_team_runs_one_a_county", "team_runs", ["county_id"], unique=True,
        sqlite_where=BUSY, postgresql_where=BUSY,
    )  # fmt: skip
    _index("team_runs", "county_id", "id")
    _index("team_runs", "state", "touched_at")


def _create_pairs() -> None:
    op.create_table(
        "team_proposals",
        _number("id"),
        sa.Column("uid", sa.String(length=22), nullable=False),
        *(_number(name) for name in ("run_id", "one_id", "two_id", "leader_id", "points")),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("fate", _one_of("fate", FATES), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        _moment("decided_at", nullable=True),
        *_checks(
            "team_proposals",
            order="one_id < two_id",
            team="(fate = 'accepted') = (team_id IS NOT NULL)",
            decided="(fate = 'open') = (decided_at IS NULL)",
        ),
        *_links(
            "team_proposals",
            run_id="team_runs.id",
            one_id="volunteers.id",
            two_id="volunteers.id",
            leader_id="volunteers.id",
            team_id="teams.id",
            decided_by_id="people.id",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_proposals")),
        _unique("team_proposals", "uid"),
        _unique("team_proposals", "team_id"),
        _unique("team_proposals", "run_id", "one_id"),
        _unique("team_proposals", "run_id", "two_id"),
    )
    _index("team_proposals", "one_id")
    _index("team_proposals", "two_id")
    op.create_table(
        "team_left",
        *(_number(name) for name in ("id", "run_id", "volunteer_id")),
        sa.Column("why", _one_of("why", WHYS), nullable=False),
        _number("many"),
        *_links("team_left", run_id="team_runs.id", volunteer_id="volunteers.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_left")),
        _unique("team_left", "run_id", "volunteer_id"),
    )
    _index("team_left", "volunteer_id")
    op.create_table(
        "team_refusals",
        *(_number(name) for name in ("id", "one_id", "two_id")),
        sa.Column("reason", _one_of("refusal", REFUSALS), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        _moment("at"),
        *_checks("team_refusals", order="one_id < two_id"),
        *_links("team_refusals", one_id="volunteers.id", two_id="volunteers.id", by_id="people.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_refusals")),
        _unique("team_refusals", "one_id", "two_id"),
    )
    _index("team_refusals", "two_id")


def _create_leads() -> None:
    op.create_table(
        "team_leads",
        *(_number(name) for name in ("id", "team_id", "volunteer_id")),
        _moment("since"),
        _moment("until", nullable=True),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        *_checks("team_leads", times="until IS NULL OR since <= until"),
        *_links(
            "team_leads", team_id="teams.id", volunteer_id="volunteers.id", set_by_id="people.id"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_leads")),
    )
    op.create_index(
        "uq_team_leads_current", "team_leads", ["team_id"], unique=True,
        sqlite_where=CURRENT, postgresql_where=CURRENT,
    )  # fmt: skip
    _index("team_leads", "team_id", "id")
    _index("team_leads", "volunteer_id")
    op.execute(
        "INSERT INTO team_leads (team_id, volunteer_id, since, until, set_by_id)"
        " SELECT member.team_id, member.volunteer_id, team.formed_at, NULL, team.formed_by_id"
        " FROM team_members AS member JOIN teams AS team ON team.id = member.team_id"
        " WHERE member.leads AND member.left_on IS NULL AND team.dissolved_at IS NULL"
    )


def downgrade() -> None:
    for name in ("team_leads", "team_refusals", "team_left", "team_proposals", "team_runs"):
        op.drop_table(name)
    with op.batch_alter_table("teams") as table:
        table.drop_column("dissolved_for")
    with op.batch_alter_table("volunteers") as table:
        table.drop_column("wants_team")
