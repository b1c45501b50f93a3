"""Files that are written in the background, and how each person last asked for one.

A migration lets the previous release keep running: add first, remove in a later release.
"""

import sqlalchemy as sa
from alembic import op

from models.types import Key, text

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

CHOICES = {"export_rows": 8, "export_format": 8, "export_form": 16}


def upgrade():
    for name, length in CHOICES.items():
        check = f"CONSTRAINT ck_list_settings_{name}_length CHECK (length({name}) <= {length})"
        kind = text(length).compile(op.get_bind().dialect)
        op.execute(f"ALTER TABLE list_settings ADD COLUMN {name} {kind} DEFAULT '' NOT NULL {check}")
    op.create_table(
        "export_file",
        sa.Column("id", Key, nullable=False),
        sa.Column("staff_id", Key, nullable=False),
        sa.Column("job_id", Key, nullable=True),
        sa.Column("key", text(43), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows", text(8), nullable=False),
        sa.Column("format", text(8), nullable=False),
        sa.Column("form", text(16), nullable=False),
        sa.Column("zone", text(64), nullable=False),
        sa.Column("question", text(2000), nullable=False),
        sa.Column("asked", text(8192), nullable=False),
        sa.Column("query", text(100_000), nullable=False),
        sa.Column("columns", text(20_000), nullable=False),
        sa.Column("name", text(100), nullable=False),
        sa.Column("scope", text(64), nullable=False),
        sa.Column("stored_as", text(64), nullable=False),
        sa.Column("size", Key, nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("rows IN ('orders', 'lines')", name=op.f("ck_export_file_rows")),
        sa.CheckConstraint("format IN ('csv', 'xlsx')", name=op.f("ck_export_file_format")),
        sa.CheckConstraint("form IN ('comma', 'semicolon')", name=op.f("ck_export_file_form")),
        sa.CheckConstraint("size >= 0", name=op.f("ck_export_file_size")),
        sa.CheckConstraint("row_count >= 0", name=op.f("ck_export_file_row_count")),
        sa.CheckConstraint("finished_at IS NOT NULL OR stored_as = ''", name=op.f("ck_export_file_stored")),
        sa.CheckConstraint("length(key) <= 43", name=op.f("ck_export_file_key_length")),
        sa.CheckConstraint("length(rows) <= 8", name=op.f("ck_export_file_rows_length")),
        sa.CheckConstraint("length(format) <= 8", name=op.f("ck_export_file_format_length")),
        sa.CheckConstraint("length(form) <= 16", name=op.f("ck_export_file_form_length")),
        sa.CheckConstraint("length(zone) <= 64", name=op.f("ck_export_file_zone_length")),
        sa.CheckConstraint("length(question) <= 2000", name=op.f("ck_export_file_question_length")),
        sa.CheckConstraint("length(asked) <= 8192", name=op.f("ck_export_file_asked_length")),
        sa.CheckConstraint("length(query) <= 100000", name=op.f("ck_export_file_query_length")),
        sa.CheckConstraint("length(columns) <= 20000", name=op.f("ck_export_file_columns_length")),
        sa.CheckConstraint("length(name) <= 100", name=op.f("ck_export_file_name_length")),
        sa.CheckConstraint("length(scope) <= 64", name=op.f("ck_export_file_scope_length")),
        sa.CheckConstraint("length(stored_as) <= 64", name=op.f("ck_export_file_stored_as_length")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_export_file_staff_id")),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_export_file_job_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_file")),
        sa.UniqueConstraint("staff_id", "key", name=op.f("uq_export_file_staff_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_export_file_staff_id_id"), "export_file", ["staff_id", "id"])
    op.create_index(op.f("ix_export_file_expires_at"), "export_file", ["expires_at"])
    op.create_index(op.f("ix_export_file_job_id"), "export_file", ["job_id"])


def downgrade():
    op.drop_table("export_file")
    for name in CHOICES:
        op.drop_column("list_settings", name)
