"""In which county a poster hangs, and when examinations are."""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
USUAL = "惯例推算，等正式通知（请按通知和校历更正）"
EXPECTED = (
    ("e23cet2026dec", "大学英语四、六级笔试", "CET 4 and 6", date(2026, 12, 12), date(2026, 12, 12)),
    ("e23post2026", "研究生入学考试", "Postgraduate entrance examination", date(2026, 12, 19), date(2026, 12, 20)),
    ("e23uni2027jan", "高校期末考试周", "University final examinations", date(2027, 1, 4), date(2027, 1, 15)),
    ("e23sch2027jan", "中小学期末考试", "School final examinations", date(2027, 1, 11), date(2027, 1, 22)),
    ("e23gaokao2027", "高考", "National college entrance examination", date(2027, 6, 7), date(2027, 6, 8)),
    ("e23cet2027jun", "大学英语四、六级笔试", "CET 4 and 6", date(2027, 6, 12), date(2027, 6, 12)),
    ("e23zhong2027", "中考", "Senior high school entrance examination", date(2027, 6, 20), date(2027, 6, 22)),
    ("e23uni2027jun", "高校期末考试周", "University final examinations", date(2027, 6, 28), date(2027, 7, 9)),
    ("e23sch2027jun", "中小学期末考试", "School final examinations", date(2027, 6, 28), date(2027, 7, 9)),
)  # fmt: skip
"""What the calendar of an ordinary year says; nobody has announced these days yet."""


def upgrade() -> None:
    with op.batch_alter_table("campaign_places") as batch_op:
        batch_op.add_column(sa.Column("county_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_campaign_places_county_id"), "areas", ["county_id"], ["id"]
        )
    exams = op.create_table(
        "exam_periods",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_exam_periods_days")),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisations.id"], name=op.f("fk_exam_periods_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_periods")),
        sa.UniqueConstraint("uid", name=op.f("uq_exam_periods_uid")),
    )
    op.create_index(op.f("ix_exam_periods_last_day_id"), "exam_periods", ["last_day", "id"])
    op.bulk_insert(
        exams,
        [
            {
                "uid": uid.ljust(22, "0"),
                "name": name,
                "name_en": name_en,
                "first_day": first,
                "last_day": last,
                "org_id": None,
                "source": USUAL,
                "confirmed": False,
            }
            for uid, name, name_en, first, last in EXPECTED
        ],
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_exam_periods_last_day_id"), table_name="exam_periods")
    op.drop_table("exam_periods")
    with op.batch_alter_table("campaign_places") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_campaign_places_county_id"), type_="foreignkey")
        batch_op.drop_column("county_id")
