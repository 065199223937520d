"""Two keys, answers and signatures recorded apart, and each step of a pairing with who took it.

What is live already was agreed by the general consents, before answers to one pairing were
recorded apart: such rows get a marker that says so, never invented answers. An approved pairing
that nobody has been to takes the new steps.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

import core.db
from core.policies import unwall, wall

revision = "0027"
down_revision = "0026"
STAGES = (
    *("proposed", "under_review", "approved", "consent_pending", "scheduled_intro", "active"),
    *("paused", "renewing", "ending", "ended", "reviewed", "declined", "terminated_safeguarding"),
)
DECLINED = (
    *("times", "too_far", "needs", "related", "safety", "circumstances", "better_team", "other"),
    *("guardian_says_no", "child_says_no"),
)
SIGNERS = ("mother", "father", "other_guardian", "civil_affairs", "child")
PROOFS = ("paper", "witnessed_call", "asked_in_person")
PARTIES = ("guardian", "child", "volunteer", "centre")
SIGNED_BY = ("paper", "witnessed_call", "online")
INDEX = "uq_pairings_one_live_a_child"
LIVE_BEFORE = "stage IN ('proposed', 'approved', 'active', 'paused', 'ending')"
LIVE = (
    "stage IN ('proposed', 'under_review', 'approved', 'consent_pending', 'scheduled_intro',"
    " 'active', 'paused', 'renewing', 'ending')"
)
ADDED = {
    "decided": (
        "stage IN ('proposed', 'declined', 'ended', 'reviewed')"
        " OR (decided_by_id IS NOT NULL AND decided_at IS NOT NULL)"
    ),
    "city": (
        "(city_by_id IS NULL) = (city_at IS NULL) AND (city_by_id IS NULL"
        " OR (decided_by_id IS NOT NULL AND city_by_id <> proposed_by_id"
        " AND city_by_id <> decided_by_id))"
    ),
    "city_key": (
        "NOT high_risk OR city_by_id IS NOT NULL"
        " OR stage IN ('proposed', 'under_review', 'declined', 'ended', 'reviewed')"
    ),
    "agreed": (
        "stage NOT IN ('scheduled_intro', 'active', 'paused', 'renewing', 'ending')"
        " OR agreed_before OR (guardian_yes_on IS NOT NULL AND child_yes_on IS NOT NULL"
        " AND agreed_on IS NOT NULL AND agreement_version <> '')"
    ),
    "introduced": (
        "stage NOT IN ('active', 'paused', 'renewing', 'ending')"
        " OR agreed_before OR introduced_on IS NOT NULL"
    ),
    "declined": "(stage = 'declined') = (decline_reason IS NOT NULL)",
    "ended": (
        "(stage IN ('ended', 'reviewed', 'terminated_safeguarding')) = (ended_at IS NOT NULL)"
        " AND (ended_at IS NULL OR end_reason IS NOT NULL)"
    ),
    "goodbye": (
        "stage NOT IN ('ended', 'reviewed') OR introduced_on IS NULL OR end_reason IN"
        " ('consent_withdrawn', 'child_says_no', 'guardian_says_no', 'safeguarding')"
        " OR ((goodbye_on IS NOT NULL OR goodbye_missing <> '') AND handover <> '')"
    ),
    "renewing": (
        "(stage <> 'renewing' OR renew_until IS NOT NULL)"
        " AND (renew_until IS NULL) = (renewing_since IS NULL)"
        " AND (renew_until IS NULL OR renew_until > ends_on)"
    ),
    "moments": "proposed_at <= decided_at AND decided_at <= city_at AND proposed_at <= ended_at",
}
FENCED = ("pairing_answers", "agreement_signatures")
KEPT_NOT = "升级前就已如此，当时没有逐步记录"
NEW_TEXTS = ("agreement_version", "goodbye_missing", "handover")
NEW_FLAGS = ("high_risk", "agreed_before")
NEW_DAYS = (
    *("guardian_yes_on", "child_yes_on", "agreed_on", "introduced_on"),
    *("renewing_since", "renew_until", "goodbye_on"),
)
AMONG_OTHERS = (
    "UPDATE pairings SET decline_reason = 'other' WHERE stage = 'declined'",
    (
        "UPDATE pairings SET ended_at = coalesce(ended_at, decided_at, proposed_at),"
        " end_reason = coalesce(end_reason, 'other')"
        " WHERE stage IN ('ended', 'terminated_safeguarding')"
    ),
    (
        "UPDATE pairings SET agreed_before = true WHERE stage IN ('active', 'paused', 'ending')"
        " OR (stage IN ('ended', 'terminated_safeguarding') AND decided_at IS NOT NULL)"
    ),
    (
        "UPDATE pairings SET agreed_before = true, stage = 'scheduled_intro' WHERE stage = 'approved'"
        " AND EXISTS (SELECT 1 FROM visits WHERE visits.pairing_id = pairings.id"
        " AND visits.state NOT IN ('cancelled', 'no_show'))"
    ),
)
BACK = (
    (
        "UPDATE pairings SET stage = 'proposed', decided_by_id = NULL, decided_at = NULL"
        " WHERE stage = 'under_review'"
    ),
    "UPDATE pairings SET stage = 'approved' WHERE stage IN ('consent_pending', 'scheduled_intro')",
    "UPDATE pairings SET stage = 'active' WHERE stage = 'renewing'",
    "UPDATE pairings SET stage = 'ended' WHERE stage = 'reviewed'",
    "UPDATE pairings SET end_reason = 'other' WHERE end_reason = 'guardian_says_no'",
    "UPDATE pairings SET end_reason = NULL WHERE ended_at IS NULL",
)


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=30)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, core.db.UtcDateTime(timezone=True), nullable=nullable)


def _links(table: str, **to: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{where}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, where in to.items()
    ]


def _checks(table: str, **rules: str) -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in rules.items()
    ]


def _steps() -> None:
    op.create_table(
        "pairing_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pairing_id", sa.Integer(), nullable=False),
        sa.Column("since", _one_of("stage", STAGES), nullable=True),
        sa.Column("stage", _one_of("stage", STAGES), nullable=False),
        _moment("at"),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        *_checks("pairing_steps", elsewhere="since IS NULL OR since <> stage"),
        *_links("pairing_steps", pairing_id="pairings", by_id="people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairing_steps")),
    )
    op.create_index(op.f("ix_pairing_steps_pairing_id_id"), "pairing_steps", ["pairing_id", "id"])


def _answers() -> None:
    name = "pairing_answers"
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pairing_id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("whose", _one_of("whose", ("guardian", "child")), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("yes", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("signer", _one_of("signer", SIGNERS), nullable=True),
        sa.Column("proof", _one_of("consentproof", PROOFS), nullable=True),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=True),
        _moment("entered_at"),
        *_checks(
            name,
            proved="NOT yes OR (signer IS NOT NULL AND proof IS NOT NULL)",
            own="signer IS NULL OR (whose = 'child') = (signer = 'child')",
        ),
        *_links(name, pairing_id="pairings", child_id="children", entered_by_id="people"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint(
            "pairing_id", "whose", "number", name=op.f(f"uq_{name}_pairing_id_whose_number")
        ),
    )
    op.create_index(op.f(f"ix_{name}_child_id"), name, ["child_id"])


def _signatures() -> None:
    name = "agreement_signatures"
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pairing_id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("text_version", sa.String(length=20), nullable=False),
        sa.Column("text_digest", sa.String(length=64), nullable=False),
        sa.Column("party", _one_of("party", PARTIES), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=True),
        sa.Column("signer", _one_of("signer", SIGNERS), nullable=True),
        sa.Column("proof", _one_of("signatureproof", SIGNED_BY), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=True),
        _moment("entered_at"),
        _moment("voided_at", nullable=True),
        sa.Column("voided_by_id", sa.Integer(), nullable=True),
        *_checks(
            name,
            volunteer="(party = 'volunteer') = (volunteer_id IS NOT NULL)",
            guardian="(party = 'guardian') = (signer IS NOT NULL)",
            voided="(voided_at IS NULL) = (voided_by_id IS NULL)",
        ),
        *_links(
            name,
            pairing_id="pairings",
            child_id="children",
            volunteer_id="volunteers",
            entered_by_id="people",
            voided_by_id="people",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    op.create_index(op.f(f"ix_{name}_child_id"), name, ["child_id"])
    op.create_index(op.f(f"ix_{name}_volunteer_id"), name, ["volunteer_id"])
    for last, where in (
        ("volunteer", "voided_at IS NULL"),
        ("party", "voided_at IS NULL AND volunteer_id IS NULL"),
    ):
        columns = ["pairing_id", "text_version", f"{last}_id" if last == "volunteer" else last]
        _partial(f"uq_{name}_{last}", name, columns, where=where)


def _partial(name: str, table: str, columns: list[str], *, where: str) -> None:
    narrowed = sa.text(where)
    op.create_index(
        name, table, columns, unique=True, sqlite_where=narrowed, postgresql_where=narrowed
    )


def _columns() -> None:
    with op.batch_alter_table("pairings") as batch_op:
        for name, length in zip(NEW_TEXTS, (20, 200, 300), strict=True):
            text = sa.Column(name, sa.String(length=length), nullable=False, server_default="")
            batch_op.add_column(text)
        for name in NEW_FLAGS:
            no = sa.false()
            batch_op.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=no))
        for name in NEW_DAYS:
            batch_op.add_column(sa.Column(name, sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("city_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(_moment("city_at", nullable=True))
        batch_op.add_column(
            sa.Column("decline_reason", _one_of("declinereason", DECLINED), nullable=True)
        )


def _held_to() -> None:
    """Hold the rows to the rules."""
    op.drop_index(INDEX, table_name="pairings")
    with op.batch_alter_table("pairings") as batch_op:
        for name in (*NEW_TEXTS, *NEW_FLAGS):
            batch_op.alter_column(name, server_default=None)
        batch_op.create_foreign_key(
            op.f("fk_pairings_city_by_id"), "people", ["city_by_id"], ["id"]
        )
        for name, rule in ADDED.items():
            batch_op.create_check_constraint(op.f(f"ck_pairings_{name}"), rule)
    _partial(INDEX, "pairings", ["child_id"], where=LIVE)


def _what_is_known() -> None:
    """Write down the steps that the rows themselves tell of; what they do not tell is said so."""
    now = sa.bindparam("now", datetime.now(UTC), type_=core.db.UtcDateTime(timezone=True))
    kept_not = sa.bindparam("kept_not", KEPT_NOT, type_=sa.String())
    into = "INSERT INTO pairing_steps (pairing_id, since, stage, at, by_id, reason) SELECT id, "
    for statement in (
        "NULL, 'proposed', proposed_at, proposed_by_id, '' FROM pairings ORDER BY id",
        (
            "'proposed', CASE stage WHEN 'declined' THEN 'declined' ELSE 'approved' END, decided_at,"
            " decided_by_id, '' FROM pairings WHERE decided_at IS NOT NULL ORDER BY id"
        ),
        (
            "CASE WHEN decided_at IS NULL THEN 'proposed' ELSE 'approved' END, stage, ended_at, NULL,"
            " '' FROM pairings WHERE stage IN ('ended', 'terminated_safeguarding') ORDER BY id"
        ),
    ):
        op.execute(sa.text(into + statement))
    op.execute(
        sa.text(
            f"{into}'approved', stage, :now, NULL, :kept_not FROM pairings"
            " WHERE agreed_before AND ended_at IS NULL ORDER BY id"
        ).bindparams(now, kept_not)
    )


def upgrade() -> None:
    _columns()
    for statement in AMONG_OTHERS:
        op.execute(statement)
    _held_to()
    _steps()
    _answers()
    _signatures()
    _what_is_known()
    if op.get_bind().dialect.name == "postgresql":
        for table in FENCED:
            for statement in wall(table):
                op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in FENCED:
            for statement in unwall(table):
                op.execute(statement)
    for table in ("agreement_signatures", "pairing_answers", "pairing_steps"):
        op.drop_table(table)
    op.drop_index(INDEX, table_name="pairings")
    with op.batch_alter_table("pairings") as batch_op:
        for name in ADDED:
            batch_op.drop_constraint(op.f(f"ck_pairings_{name}"), type_="check")
        batch_op.drop_constraint(op.f("fk_pairings_city_by_id"), type_="foreignkey")
    for statement in BACK:
        op.execute(statement)
    with op.batch_alter_table("pairings") as batch_op:
        for name in (*NEW_TEXTS, *NEW_FLAGS, *NEW_DAYS):
            batch_op.drop_column(name)
        for name in ("city_by_id", "city_at", "decline_reason"):
            batch_op.drop_column(name)
    _partial(INDEX, "pairings", ["child_id"], where=LIVE_BEFORE)
