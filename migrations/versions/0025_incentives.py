"""Incentives: promotion rules with conditions and effects, and which were applied to which order."""

import sqlalchemy as sa
from alembic import op

from models.types import Key, Money, Percentage, UtcDateTime, folded, text

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

CONDITIONS = (
    "SUBTOTAL_FROM", "SUBTOTAL_UNTIL", "ITEMS", "PRODUCT", "MANUFACTURER", "CUSTOMER_GROUP", "COMPANY", "PRIVATE",
    "COUNTRY", "CARRIER",
)  # fmt: skip
EFFECTS = (
    "BONUS_PRODUCT", "DISCOUNT_CHEAPEST", "DISCOUNT_PRODUCT", "DISCOUNT_MANUFACTURER", "DISCOUNT_LINES",
    "DISCOUNT_ORDER", "SHIPPING_COSTS", "PAYMENT_COSTS",
)  # fmt: skip
DISCOUNTS = [kind for kind in EFFECTS if kind.startswith("DISCOUNT")]


def upgrade():
    op.create_table(
        "incentive",
        sa.Column("id", Key, nullable=False),
        sa.Column("name", text(100), nullable=False),
        sa.Column("description", text(255), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_until", sa.Date()),
        sa.Column("action_code", text(32), nullable=False),
        sa.Column("is_exclusive", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", UtcDateTime),
        sa.Column("updated_at", UtcDateTime),
        sa.Column("search_text", folded, server_default="", nullable=False),
        _check("incentive", "name_given", "length(name) >= 1"),
        _check("incentive", "validity", "valid_until >= valid_from"),
        _check("incentive", "position", "position BETWEEN 0 AND 1000000"),
        *_lengths("incentive", name=100, description=255, action_code=32),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incentive")),
        sa.UniqueConstraint("name", name=op.f("uq_incentive_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "incentive_condition",
        sa.Column("id", Key, nullable=False),
        sa.Column("incentive_id", Key, nullable=False),
        sa.Column("kind", text(24), nullable=False),
        sa.Column("amount", Money),
        sa.Column("quantity", sa.Integer()),
        sa.Column("product_id", Key),
        sa.Column("manufacturer", text(100), nullable=False),
        sa.Column("customer_group_id", Key),
        sa.Column("country", text(2), nullable=False),
        sa.Column("carrier_id", Key),
        _check("incentive_condition", "kind", f"kind IN ({_listed(CONDITIONS)})"),
        _check("incentive_condition", "amount", "amount >= 0"),
        _check("incentive_condition", "quantity", "quantity >= 1"),
        _just_for("incentive_condition", "amount", ["SUBTOTAL_FROM", "SUBTOTAL_UNTIL"]),
        _just_for("incentive_condition", "quantity", ["ITEMS", "MANUFACTURER", "PRODUCT"]),
        _just_for("incentive_condition", "product_id", ["PRODUCT"]),
        _just_for("incentive_condition", "manufacturer", ["MANUFACTURER"], "<> ''"),
        _just_for("incentive_condition", "customer_group_id", ["CUSTOMER_GROUP"]),
        _just_for("incentive_condition", "country", ["COUNTRY"], "<> ''"),
        _just_for("incentive_condition", "carrier_id", ["CARRIER"]),
        *_lengths("incentive_condition", kind=24, manufacturer=100, country=2),
        _refers("incentive_condition", "incentive_id", "incentive", "CASCADE"),
        _refers("incentive_condition", "product_id", "product"),
        _refers("incentive_condition", "customer_group_id", "customer_group"),
        _refers("incentive_condition", "carrier_id", "carrier"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incentive_condition")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "incentive_effect",
        sa.Column("id", Key, nullable=False),
        sa.Column("incentive_id", Key, nullable=False),
        sa.Column("kind", text(24), nullable=False),
        sa.Column("product_id", Key),
        sa.Column("manufacturer", text(100), nullable=False),
        sa.Column("quantity", sa.Integer()),
        sa.Column("per_quantity", sa.Integer()),
        sa.Column("percentage", Percentage),
        sa.Column("amount", Money),
        _check("incentive_effect", "kind", f"kind IN ({_listed(EFFECTS)})"),
        _check("incentive_effect", "quantity", "quantity >= 1"),
        _check("incentive_effect", "per_quantity", "per_quantity >= 1"),
        _check("incentive_effect", "percentage", "percentage BETWEEN 0 AND 10000"),
        _check("incentive_effect", "amount", "amount >= 0"),
        _just_for("incentive_effect", "product_id", ["BONUS_PRODUCT", "DISCOUNT_PRODUCT"]),
        _just_for("incentive_effect", "manufacturer", ["DISCOUNT_MANUFACTURER"], "<> ''"),
        _just_for("incentive_effect", "quantity", ["BONUS_PRODUCT"]),
        _check("incentive_effect", "per_quantity_given", "per_quantity IS NULL OR kind IN ('BONUS_PRODUCT')"),
        _check("incentive_effect", "percentage_given", f"percentage IS NULL OR kind IN ({_listed(sorted(DISCOUNTS))})"),
        _check(
            "incentive_effect",
            "value_given",
            f"(kind IN ({_listed(sorted(set(EFFECTS) - {'BONUS_PRODUCT'}))})) "
            "= ((percentage IS NULL) <> (amount IS NULL))",
        ),
        *_lengths("incentive_effect", kind=24, manufacturer=100),
        _refers("incentive_effect", "incentive_id", "incentive", "CASCADE"),
        _refers("incentive_effect", "product_id", "product"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incentive_effect")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "order_incentive",
        sa.Column("id", Key, nullable=False),
        sa.Column("order_id", Key, nullable=False),
        sa.Column("incentive_id", Key, nullable=False),
        sa.Column("name", text(100), nullable=False),
        *_lengths("order_incentive", name=100),
        _refers("order_incentive", "order_id", "orders", "CASCADE"),
        _refers("order_incentive", "incentive_id", "incentive"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_incentive")),
        sqlite_autoincrement=True,
    )
    for table, columns in {
        "incentive_condition": ("incentive_id", "product_id", "customer_group_id", "carrier_id"),
        "incentive_effect": ("incentive_id", "product_id"),
        "order_incentive": ("incentive_id",),
    }.items():
        for column in columns:
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    pair = ["order_id", "incentive_id"]
    op.create_index(op.f("ix_order_incentive_order_id_incentive_id"), "order_incentive", pair, unique=True)
    kind = Key.compile(op.get_bind().dialect)
    refers = "CONSTRAINT fk_order_line_incentive_id REFERENCES incentive (id)"
    op.execute(f"ALTER TABLE order_line ADD COLUMN incentive_id {kind} {refers}")
    is_given = sa.text("incentive_id IS NOT NULL")
    op.create_index(
        op.f("ix_order_line_incentive_id"),
        "order_line",
        ["incentive_id"],
        sqlite_where=is_given,
        postgresql_where=is_given,
    )


def downgrade():
    op.drop_index("ix_order_line_incentive_id", "order_line")
    op.drop_column("order_line", "incentive_id")
    for table in ("order_incentive", "incentive_effect", "incentive_condition", "incentive"):
        op.drop_table(table)


def _listed(kinds):
    return ", ".join(f"'{kind}'" for kind in kinds)


def _check(table, name, rule):
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _just_for(table, column, kinds, filled="IS NOT NULL"):
    return _check(table, f"{column}_given", f"(kind IN ({_listed(kinds)})) = ({column} {filled})")


def _lengths(table, **lengths):
    return [_check(table, f"{name}_length", f"length({name}) <= {most}") for name, most in lengths.items()]


def _refers(table, column, other, ondelete=None):
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)
