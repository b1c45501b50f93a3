"""Orders say where their prices, costs and VAT come from and keep what the editor needs; carriers and payments cost."""

import sqlalchemy as sa
from alembic import op

from models.types import Key, Money, UnitPrice, UtcDateTime, text

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TEXTS = {
    "orders": {"phone": (64, ""), "tax_number": (32, ""), "coc_number": (32, ""), "action_code": (32, "")},
    "carrier": {"tax_code": (8, "H")},
    "payment_method": {"tax_code": (8, "H")},
}
CODES = {
    "orders": {
        "vat_rule": ("DOMESTIC", "REVERSE_CHARGE", "EXPORT"),
        "payment_costs_origin": ("MANUAL", "CALCULATED", "INCENTIVE"),
        "shipping_costs_origin": ("MANUAL", "CALCULATED", "INCENTIVE"),
    },
    "order_line": {"price_origin": ("UNKNOWN", "LIST", "COMPANY_DISCOUNT", "PRICE_LIST", "MANUAL", "INCENTIVE")},
}
"""What a column may hold; the first is what rows hold that are there."""
NUMBERS = {
    "orders": {"payment_term_days": (sa.Integer(), "")},
    "order_line": {"cost_price": (UnitPrice, "")},
    "carrier": {"costs": (Money, "DEFAULT 0 NOT NULL"), "free_from": (Money, "")},
    "payment_method": {"costs": (Money, "DEFAULT 0 NOT NULL")},
}
ORDER = {"CALCULATED": 0, "MANUAL": 1, "INCENTIVE": 2}


def upgrade():
    for table, columns in TEXTS.items():
        for name, (length, empty) in columns.items():
            _add(table, name, text(length), f"DEFAULT '{empty}' NOT NULL", _length(table, name, length))
    for table, columns in CODES.items():
        for name, codes in columns.items():
            listed = ", ".join(f"'{code}'" for code in sorted(codes, key=lambda code: ORDER.get(code, 0)))
            among = f"CONSTRAINT ck_{table}_{name} CHECK ({name} IN ({listed}))"
            _add(table, name, text(16), f"DEFAULT '{codes[0]}' NOT NULL", f"{among} {_length(table, name, 16)}")
    for table, columns in NUMBERS.items():
        for name, (kind, rule) in columns.items():
            least = table in ("carrier", "payment_method")
            _add(table, name, kind, rule, f"CONSTRAINT ck_{table}_{name} CHECK ({name} >= 0)" if least else "")
    op.create_table(
        "order_draft",
        sa.Column("id", Key, nullable=False),
        sa.Column("form_key", text(32), nullable=False),
        sa.Column("staff_id", Key, nullable=False),
        sa.Column("order_id", Key),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("opened", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.CheckConstraint("length(form_key) = 32", name=op.f("ck_order_draft_form_key")),
        sa.CheckConstraint("length(form_key) <= 32", name=op.f("ck_order_draft_form_key_length")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_order_draft_staff_id")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_draft_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_draft")),
        sa.UniqueConstraint("form_key", name=op.f("uq_order_draft_form_key")),
        sqlite_autoincrement=True,
    )
    for columns in (["staff_id", "order_id"], ["order_id"], ["at"]):
        op.create_index(op.f(f"ix_order_draft_{'_'.join(columns)}"), "order_draft", columns)
    op.create_table(
        "order_submission",
        sa.Column("form_key", text(32), nullable=False),
        sa.Column("order_id", Key, nullable=False),
        sa.Column("order_version", sa.Integer(), nullable=False),
        sa.Column("staff_id", Key, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.CheckConstraint("length(form_key) = 32", name=op.f("ck_order_submission_form_key")),
        sa.CheckConstraint("length(form_key) <= 32", name=op.f("ck_order_submission_form_key_length")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_submission_order_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_order_submission_staff_id")),
        sa.PrimaryKeyConstraint("form_key", name=op.f("pk_order_submission")),
    )
    op.create_index(op.f("ix_order_submission_order_id"), "order_submission", ["order_id"])


def _length(table, name, length):
    return f"CONSTRAINT ck_{table}_{name}_length CHECK (length({name}) <= {length})"


def _add(table, name, kind, rule, checks):
    kind = kind.compile(op.get_bind().dialect)
    op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind} {rule} {checks}".rstrip())


def downgrade():
    op.drop_table("order_submission")
    op.drop_table("order_draft")
    for tables in (NUMBERS, CODES, TEXTS):
        for table, columns in tables.items():
            for name in columns:
                op.drop_column(table, name)
