"""What owners keep: versions, dates, texts to search, history; price lists, VAT, wish lists, what orders choose from.

A migration lets the previous release keep running: add first, remove in a later release.
"""

from datetime import date

import sqlalchemy as sa
from alembic import op
from models.folding import fold
from models.types import Key, folded, text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEPT = [
    ("version", sa.Integer(), "DEFAULT 1 NOT NULL"),
    ("created_at", sa.DateTime(timezone=True), ""),
    ("updated_at", sa.DateTime(timezone=True), ""),
    ("search_text", folded, "DEFAULT '' NOT NULL"),
]
TRUE = {"sqlite": "1", "postgresql": "true"}

# table, new columns: name, type, constraints
ADDED = {
    "company": [
        ("customer_group_id", Key, "CONSTRAINT fk_company_customer_group_id REFERENCES customer_group (id)"),
        ("price_list_id", Key, "CONSTRAINT fk_company_price_list_id REFERENCES price_list (id)"),
        (
            "discount_percentage",
            sa.BigInteger(),
            "DEFAULT 0 NOT NULL CONSTRAINT ck_company_discount_percentage"
            " CHECK (discount_percentage BETWEEN 0 AND 10000)",
        ),
        (
            "payment_term_days",
            sa.Integer(),
            "CONSTRAINT ck_company_payment_term_days CHECK (payment_term_days BETWEEN 0 AND 365)",
        ),
        (
            "currency",
            text(3),
            "DEFAULT '' NOT NULL CONSTRAINT ck_company_currency_length CHECK (length(currency) <= 3)",
        ),
        ("notes", text(4000), "DEFAULT '' NOT NULL CONSTRAINT ck_company_notes_length CHECK (length(notes) <= 4000)"),
        *KEPT,
    ],
    "person": [
        ("customer_group_id", Key, "CONSTRAINT fk_person_customer_group_id REFERENCES customer_group (id)"),
        ("is_active", sa.Boolean(), "DEFAULT {true} NOT NULL"),
        *KEPT,
    ],
    "product": [
        ("cost_price", sa.BigInteger(), "CONSTRAINT ck_product_cost_price CHECK (cost_price >= 0)"),
        (
            "minimum_quantity",
            sa.Integer(),
            "DEFAULT 1 NOT NULL CONSTRAINT ck_product_minimum_quantity CHECK (minimum_quantity >= 1)",
        ),
        (
            "step_quantity",
            sa.Integer(),
            "DEFAULT 1 NOT NULL CONSTRAINT ck_product_step_quantity CHECK (step_quantity >= 1)",
        ),
        ("is_active", sa.Boolean(), "DEFAULT {true} NOT NULL"),
        *KEPT,
    ],
    "product_image": [
        (
            "digest",
            text(10),
            "DEFAULT '' NOT NULL CONSTRAINT ck_product_image_digest_length CHECK (length(digest) <= 10)",
        )
    ],
    "staff": [
        ("language", text(2), "DEFAULT '' NOT NULL CONSTRAINT ck_staff_language_length CHECK (length(language) <= 2)"),
        ("theme", text(8), "DEFAULT '' NOT NULL CONSTRAINT ck_staff_theme_length CHECK (length(theme) <= 8)"),
        *(column for column in KEPT if column[0] != "created_at"),
    ],
    "order_status": KEPT,
    "status_set": KEPT,
    "party_address": KEPT,
}
INDEXES = [
    ("ix_company_customer_group_id", "company", ["customer_group_id"]),
    ("ix_company_price_list_id", "company", ["price_list_id"]),
    ("ix_person_customer_group_id", "person", ["customer_group_id"]),
    ("ix_order_line_product_id", "order_line", ["product_id"]),
    ("ix_orders_source_created_at_id", "orders", ["source", "created_at", "id"]),
    ("ix_orders_payment_method_created_at_id", "orders", ["payment_method", "created_at", "id"]),
    ("ix_orders_carrier_created_at_id", "orders", ["carrier", "created_at", "id"]),
]
SEARCHED = {
    "company": ("name", "debtor_id", "tax_number", "coc_number", "email", "phone"),
    "person": ("first_name", "last_name", "email", "debtor_id", "phone"),
    "product": ("name", "sku", "ean", "manufacturer", "manufacturer_code", "supplier", "supplier_code"),
    "staff": ("name", "email"),
    "order_status": ("name", "code", "description"),
    "status_set": ("name", "description"),
}
LINE = (
    ("company",),
    ("first_name", "last_name"),
    ("street", "number", "number_extension"),
    ("postal_code", "city"),
    ("country_name",),
)

# The Dutch rates since the euro, per cent times a hundred; M has no rate of its own there and is that of L.
TAXES = [
    ("H", "High", [(date(2002, 1, 1), 1_900), (date(2012, 10, 1), 2_100)]),
    ("M", "Middle", [(date(2002, 1, 1), 600), (date(2019, 1, 1), 900)]),
    ("L", "Low", [(date(2002, 1, 1), 600), (date(2019, 1, 1), 900)]),
    ("N", "None", [(date(1900, 1, 1), 0)]),
]


def upgrade():
    connection = op.get_bind()
    _create_tables()
    # Not in batch mode: on SQLite that would copy the tables and forget their checks.
    for table, columns in ADDED.items():
        for name, kind, rules in columns:
            rules = rules.format(true=TRUE[connection.dialect.name])
            op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind.compile(connection.dialect)} {rules}")
    for index, table, columns in INDEXES:
        op.create_index(index, table, columns)
    for table, names in SEARCHED.items():
        _fill(connection, f"SELECT id, {', '.join(names)} FROM {table}", table, lambda values: "\n".join(values))
    _fill(
        connection,
        f"SELECT entry.id, {', '.join(f'address.{name}' for part in LINE for name in part)}"
        " FROM party_address AS entry JOIN address ON address.id = entry.address_id",
        "party_address",
        _line,
    )
    _add_taxes(connection)
    connection.execute(
        sa.text(
            "INSERT INTO firm (id, name, street, postal_code, city, country, phone, email, website, vat_number,"
            " coc_number, bank_name, iban, bic, logo_type) VALUES (1, '', '', '', '', '', '', '', '', '', '', '', '',"
            " '', '')"
        )
    )


def _fill(connection, query, table, written):
    rows = [
        {"row_id": row[0], "search_text": fold(written([value or "" for value in row[1:]]))}
        for row in connection.execute(sa.text(query))
    ]
    if rows:
        connection.execute(sa.text(f"UPDATE {table} SET search_text = :search_text WHERE id = :row_id"), rows)


def _line(values):
    left = iter(values)
    parts = [" ".join(" ".join(next(left) for _name in part).split()) for part in LINE]
    return ", ".join(part for part in parts if part)


def _add_taxes(connection):
    meta = sa.MetaData()
    meta.reflect(connection, only=("tax_code", "tax_rate"))
    codes, rates = meta.tables["tax_code"], meta.tables["tax_rate"]
    connection.execute(
        codes.insert(),
        [
            {"code": code, "name": name, "is_active": True, "search_text": fold(f"{code}\n{name}")}
            for code, name, _rates in TAXES
        ],
    )
    ids = {row.code: row.id for row in connection.execute(sa.select(codes.c.code, codes.c.id))}
    connection.execute(
        rates.insert(),
        [
            {"tax_code_id": ids[code], "country": "", "valid_from": day, "percentage": percentage}
            for code, _name, since in TAXES
            for day, percentage in since
        ],
    )


def downgrade():
    for index, table, _columns in INDEXES:
        op.drop_index(index, table)
    for table, columns in ADDED.items():
        names = [name for name, _kind, _rules in columns]
        with op.batch_alter_table(table, copy_from=_reflected(table, names)) as batch:
            for name in names:
                batch.drop_column(name)
    for table in reversed(TABLES):
        op.drop_table(table)


def _reflected(name, leaving):
    """Give a table with the checks that stay: a rebuild on SQLite would forget them."""
    connection = op.get_bind()
    table = sa.Table(name, sa.MetaData(), autoload_with=connection)
    own = {check for check in table.constraints if isinstance(check, sa.CheckConstraint)}
    table.constraints -= own
    for check in sa.inspect(connection).get_check_constraints(name):
        if not any(column in check["name"] for column in leaving):
            table.append_constraint(sa.CheckConstraint(check["sqltext"], name=op.f(check["name"])))
    return table


TABLES = [
    "carrier",
    "firm",
    "order_source",
    "payment_method",
    "price_list",
    "tax_code",
    "customer_group",
    "password_link",
    "price",
    "product_name",
    "record_history",
    "tax_rate",
    "wish_list",
    "wish_list_item",
]


def _create_tables():
    op.create_table(
        "carrier",
        sa.Column("id", Key, nullable=False),
        sa.Column("name", text(64), nullable=False),
        sa.Column("kind", text(16), nullable=False),
        sa.Column("description", text(255), nullable=False),
        sa.Column("tracking_url", text(500), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_text", folded, server_default="", nullable=False),
        sa.CheckConstraint("kind IN ('DELIVERY', 'PICKUP')", name=op.f('ck_carrier_kind')),
        sa.CheckConstraint("length(description) <= 255", name=op.f("ck_carrier_description_length")),
        sa.CheckConstraint("length(kind) <= 16", name=op.f("ck_carrier_kind_length")),
        sa.CheckConstraint("length(name) <= 64", name=op.f("ck_carrier_name_length")),
        sa.CheckConstraint("length(name) >= 1", name=op.f("ck_carrier_name_given")),
        sa.CheckConstraint("length(tracking_url) <= 500", name=op.f("ck_carrier_tracking_url_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier")),
        sa.UniqueConstraint("name", name=op.f("uq_carrier_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "firm",
        sa.Column("id", Key, nullable=False),
        sa.Column("name", text(255), nullable=False),
        sa.Column("street", text(255), nullable=False),
        sa.Column("postal_code", text(32), nullable=False),
        sa.Column("city", text(100), nullable=False),
        sa.Column("country", text(2), nullable=False),
        sa.Column("phone", text(64), nullable=False),
        sa.Column("email", text(255), nullable=False),
        sa.Column("website", text(255), nullable=False),
        sa.Column("vat_number", text(32), nullable=False),
        sa.Column("coc_number", text(32), nullable=False),
        sa.Column("bank_name", text(100), nullable=False),
        sa.Column("iban", text(34), nullable=False),
        sa.Column("bic", text(11), nullable=False),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        sa.Column("logo_type", text(32), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_text", folded, server_default="", nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_firm_only_one")),
        sa.CheckConstraint("length(bank_name) <= 100", name=op.f("ck_firm_bank_name_length")),
        sa.CheckConstraint("length(bic) <= 11", name=op.f("ck_firm_bic_length")),
        sa.CheckConstraint("length(city) <= 100", name=op.f("ck_firm_city_length")),
        sa.CheckConstraint("length(coc_number) <= 32", name=op.f("ck_firm_coc_number_length")),
        sa.CheckConstraint("length(country) <= 2", name=op.f("ck_firm_country_length")),
        sa.CheckConstraint("length(email) <= 255", name=op.f("ck_firm_email_length")),
        sa.CheckConstraint("length(iban) <= 34", name=op.f("ck_firm_iban_length")),
        sa.CheckConstraint("length(logo_type) <= 32", name=op.f("ck_firm_logo_type_length")),
        sa.CheckConstraint("length(name) <= 255", name=op.f("ck_firm_name_length")),
        sa.CheckConstraint("length(phone) <= 64", name=op.f("ck_firm_phone_length")),
        sa.CheckConstraint("length(postal_code) <= 32", name=op.f("ck_firm_postal_code_length")),
        sa.CheckConstraint("length(street) <= 255", name=op.f("ck_firm_street_length")),
        sa.CheckConstraint("length(vat_number) <= 32", name=op.f("ck_firm_vat_number_length")),
        sa.CheckConstraint("length(website) <= 255", name=op.f("ck_firm_website_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firm")),
    )
    op.create_table(
        "order_source",
        sa.Column("id", Key, nullable=False),
        sa.Column("name", text(50), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_text", folded, server_default="", nullable=False),
        sa.CheckConstraint("length(name) <= 50", name=op.f("ck_order_source_name_length")),
        sa.CheckConstraint("length(name) >= 1", name=op.f("ck_order_source_name_given")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_source")),
        sa.UniqueConstraint("name", name=op.f("uq_order_source_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "payment_method",
        sa.Column("id", Key, nullable=False),
        sa.Column("code", text(32), nullable=False),
        sa.Column("name", text(64), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_text", folded, server_default="", nullable=False),
        sa.CheckConstraint("length(code) <= 32", name=op.f("ck_payment_method_code_length")),
        sa.CheckConstraint("length(code) >= 1", name=op.f("ck_payment_method_code_given")),
        sa.CheckConstraint("length(name) <= 64", name=op.f("ck_payment_method_name_length")),
        sa.CheckConstraint("length(name) >= 1", name=op.f("ck_payment_method_name_given")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_method")),
        sa.UniqueConstraint("code", name=op.f("uq_payment_method_code")),
        sa.UniqueConstraint("name", name=op.f("uq_payment_method_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "price_list",
        sa.Column("id", Key, nullable=False),
        sa.Column("name", text(100), nullable=False),
        sa.Column("description", text(255), nullable=False),
        sa.Column("currency", text(3), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_text", folded, server_default="", nullable=False),
        sa.CheckConstraint("length(currency) <= 3", name=op.f("ck_price_list_currency_length")),
        sa.CheckConstraint("length(currency) = 3", name=op.f("ck_price_list_currency")),
        sa.CheckConstraint("length(description) <= 255", name=op.f("ck_price_list_description_length")),
        sa.CheckConstraint("length(name) <= 100", name=op.f("ck_price_list_name_length")),
        sa.CheckConstraint("length(name) >= 1", name=op.f("ck_price_list_name_given")),
        sa.CheckConstraint("valid_until >= valid_from", name=op.f("ck_price_list_validity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_list")),
        sa.UniqueConstraint("name", name=op.f("uq_price_list_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tax_code",
        sa.Column("id", Key, nullable=False),
        sa.Column("code", text(8), nullable=False),
        sa.Column("name", text(64), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_text", folded, server_default="", nullable=False),
        sa.CheckConstraint("length(code) <= 8", name=op.f("ck_tax_code_code_length")),
        sa.CheckConstraint("length(code) >= 1", name=op.f("ck_tax_code_code_given")),
        sa.CheckConstraint("length(name) <= 64", name=op.f("ck_tax_code_name_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_code")),
        sa.UniqueConstraint("code", name=op.f("uq_tax_code_code")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "customer_group",
        sa.Column("id", Key, nullable=False),
        sa.Column("name", text(100), nullable=False),
        sa.Column("description", text(255), nullable=False),
        sa.Column("price_list_id", Key, nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_text", folded, server_default="", nullable=False),
        sa.CheckConstraint("length(description) <= 255", name=op.f("ck_customer_group_description_length")),
        sa.CheckConstraint("length(name) <= 100", name=op.f("ck_customer_group_name_length")),
        sa.CheckConstraint("length(name) >= 1", name=op.f("ck_customer_group_name_given")),
        sa.ForeignKeyConstraint(["price_list_id"], ["price_list.id"], name=op.f("fk_customer_group_price_list_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_group")),
        sa.UniqueConstraint("name", name=op.f("uq_customer_group_name")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_customer_group_price_list_id"), "customer_group", ["price_list_id"])

    op.create_table(
        "password_link",
        sa.Column("id", Key, nullable=False),
        sa.Column("token_hash", text(64), nullable=False),
        sa.Column("staff_id", Key, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(token_hash) <= 64", name=op.f("ck_password_link_token_hash_length")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_password_link_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_password_link_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_password_link_staff_id"), "password_link", ["staff_id"])

    op.create_table(
        "price",
        sa.Column("id", Key, nullable=False),
        sa.Column("price_list_id", Key, nullable=False),
        sa.Column("product_id", Key, nullable=False),
        sa.Column("from_quantity", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_text", folded, server_default="", nullable=False),
        sa.CheckConstraint("from_quantity >= 1", name=op.f("ck_price_from_quantity")),
        sa.CheckConstraint("price >= 0", name=op.f("ck_price_price")),
        sa.ForeignKeyConstraint(["price_list_id"], ["price_list.id"], name=op.f("fk_price_price_list_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_price_product_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_price_price_list_id_product_id_from_quantity"), "price", ["price_list_id", "product_id", "from_quantity"], unique=True)
    op.create_index(op.f("ix_price_product_id"), "price", ["product_id"])

    op.create_table(
        "product_name",
        sa.Column("id", Key, nullable=False),
        sa.Column("product_id", Key, nullable=False),
        sa.Column("language", text(2), nullable=False),
        sa.Column("name", text(255), nullable=False),
        sa.CheckConstraint("length(language) <= 2", name=op.f("ck_product_name_language_length")),
        sa.CheckConstraint("length(name) <= 255", name=op.f("ck_product_name_name_length")),
        sa.CheckConstraint("length(name) >= 1", name=op.f("ck_product_name_name_given")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_product_name_product_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_name")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_product_name_product_id_language"), "product_name", ["product_id", "language"], unique=True)

    op.create_table(
        "record_history",
        sa.Column("id", Key, nullable=False),
        sa.Column("record_type", text(32), nullable=False),
        sa.Column("record_id", Key, nullable=False),
        sa.Column("name", text(255), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("origin", text(16), nullable=False),
        sa.Column("staff_id", Key, nullable=True),
        sa.Column("field", text(64), nullable=False),
        sa.Column("old_value", text(4000), nullable=False),
        sa.Column("new_value", text(4000), nullable=False),
        sa.Column("note", text(1000), nullable=False),
        sa.CheckConstraint("(origin = 'STAFF') = (staff_id IS NOT NULL)", name=op.f('ck_record_history_staff')),
        sa.CheckConstraint("origin IN ('STAFF', 'IMPORT', 'DEMO', 'SYSTEM')", name=op.f('ck_record_history_origin')),
        sa.CheckConstraint("length(field) <= 64", name=op.f("ck_record_history_field_length")),
        sa.CheckConstraint("length(name) <= 255", name=op.f("ck_record_history_name_length")),
        sa.CheckConstraint("length(new_value) <= 4000", name=op.f("ck_record_history_new_value_length")),
        sa.CheckConstraint("length(note) <= 1000", name=op.f("ck_record_history_note_length")),
        sa.CheckConstraint("length(old_value) <= 4000", name=op.f("ck_record_history_old_value_length")),
        sa.CheckConstraint("length(origin) <= 16", name=op.f("ck_record_history_origin_length")),
        sa.CheckConstraint("length(record_type) <= 32", name=op.f("ck_record_history_record_type_length")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_record_history_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_history")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_record_history_record_type_record_id_id"), "record_history", ["record_type", "record_id", "id"])

    op.create_table(
        "tax_rate",
        sa.Column("id", Key, nullable=False),
        sa.Column("tax_code_id", Key, nullable=False),
        sa.Column("country", text(2), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("percentage", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("length(country) <= 2", name=op.f("ck_tax_rate_country_length")),
        sa.CheckConstraint("percentage BETWEEN 0 AND 10000", name=op.f("ck_tax_rate_percentage")),
        sa.ForeignKeyConstraint(["tax_code_id"], ["tax_code.id"], name=op.f("fk_tax_rate_tax_code_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_rate")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_tax_rate_tax_code_id_country_valid_from"), "tax_rate", ["tax_code_id", "country", "valid_from"], unique=True)

    op.create_table(
        "wish_list",
        sa.Column("id", Key, nullable=False),
        sa.Column("name", text(100), nullable=False),
        sa.Column("company_id", Key, nullable=True),
        sa.Column("person_id", Key, nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_text", folded, server_default="", nullable=False),
        sa.CheckConstraint("(company_id IS NULL) <> (person_id IS NULL)", name=op.f("ck_wish_list_one_party")),
        sa.CheckConstraint("length(name) <= 100", name=op.f("ck_wish_list_name_length")),
        sa.CheckConstraint("length(name) >= 1", name=op.f("ck_wish_list_name_given")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_wish_list_company_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_wish_list_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish_list")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_wish_list_company_id"), "wish_list", ["company_id"])
    op.create_index(op.f("ix_wish_list_person_id"), "wish_list", ["person_id"])

    op.create_table(
        "wish_list_item",
        sa.Column("id", Key, nullable=False),
        sa.Column("wish_list_id", Key, nullable=False),
        sa.Column("product_id", Key, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("notes", text(255), nullable=False),
        sa.CheckConstraint("length(notes) <= 255", name=op.f("ck_wish_list_item_notes_length")),
        sa.CheckConstraint("quantity >= 1", name=op.f("ck_wish_list_item_quantity")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_wish_list_item_product_id")),
        sa.ForeignKeyConstraint(["wish_list_id"], ["wish_list.id"], name=op.f("fk_wish_list_item_wish_list_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish_list_item")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_wish_list_item_product_id"), "wish_list_item", ["product_id"])
    op.create_index(op.f("ix_wish_list_item_wish_list_id_product_id"), "wish_list_item", ["wish_list_id", "product_id"], unique=True)
