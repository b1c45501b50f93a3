"""Workflows, and each time that one was started for an order.

A migration lets the previous release keep running: add first, remove in a later release.
"""

import sqlalchemy as sa
from alembic import op

from models.types import Key, folded, text

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

WORKFLOW = {"name": 64, "description": 255, "label": 32, "url": 2048, "secret": 255}
RUN = {"name": 64, "key": 43, "idempotency_key": 32}
OUTCOME = {"state": 16, "reason": 500, "reply": 4000}
STATES = "state IN ('WAITING', 'SENDING', 'SENT', 'FAILED', 'CANCELLED')"


def upgrade():
    op.create_table(
        "workflow",
        sa.Column("id", Key, nullable=False),
        *_texts(WORKFLOW),
        sa.Column("timeout", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_text", folded, server_default="", nullable=False),
        sa.CheckConstraint("length(name) >= 1", name=op.f("ck_workflow_name_given")),
        sa.CheckConstraint("length(label) >= 1", name=op.f("ck_workflow_label_given")),
        sa.CheckConstraint("timeout BETWEEN 1 AND 60", name=op.f("ck_workflow_timeout")),
        *_limits("workflow", WORKFLOW),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workflow")),
        sa.UniqueConstraint("name", name=op.f("uq_workflow_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "workflow_run",
        sa.Column("id", Key, nullable=False),
        sa.Column("order_id", Key, nullable=False),
        sa.Column("workflow_id", Key, nullable=True),
        sa.Column("job_id", Key, nullable=True),
        sa.Column("staff_id", Key, nullable=True),
        *_texts(RUN),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        *_limits("workflow_run", RUN),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_workflow_run_order_id")),
        sa.ForeignKeyConstraint(
            ["workflow_id"], ["workflow.id"], name=op.f("fk_workflow_run_workflow_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_workflow_run_job_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_workflow_run_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workflow_run")),
        sa.UniqueConstraint("order_id", "key", name=op.f("uq_workflow_run_order_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_workflow_run_order_id_id"), "workflow_run", ["order_id", "id"])
    op.create_index(op.f("ix_workflow_run_workflow_id"), "workflow_run", ["workflow_id"])
    op.create_index(op.f("ix_workflow_run_job_id"), "workflow_run", ["job_id"])
    op.create_table(
        "workflow_outcome",
        sa.Column("run_id", Key, nullable=False),
        *_texts(OUTCOME),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(STATES, name=op.f("ck_workflow_outcome_state")),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_workflow_outcome_tries")),
        *_limits("workflow_outcome", OUTCOME),
        sa.ForeignKeyConstraint(
            ["run_id"], ["workflow_run.id"], name=op.f("fk_workflow_outcome_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_workflow_outcome")),
    )


def downgrade():
    op.drop_table("workflow_outcome")
    op.drop_table("workflow_run")
    op.drop_table("workflow")
    op.execute("DELETE FROM job WHERE kind = 'WORKFLOW'")
    op.execute("DELETE FROM record_history WHERE record_type = 'workflow'")


def _texts(lengths):
    return [sa.Column(name, text(length), nullable=False) for name, length in lengths.items()]


def _limits(table, lengths):
    return [
        sa.CheckConstraint(f"length({name}) <= {length}", name=op.f(f"ck_{table}_{name}_length"))
        for name, length in lengths.items()
    ]
