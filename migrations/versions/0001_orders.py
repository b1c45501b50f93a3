"""Orders, who orders, what is sold, and staff.

A migration lets the previous release keep running: add first, remove in a later release.
"""

import sqlalchemy as sa
from alembic import op
from models.types import Key, folded, text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "address",
        sa.Column("id", Key, nullable=False),
        sa.Column("digest", text(40), nullable=False),
        sa.Column("company", text(255), nullable=False),
        sa.Column("first_name", text(100), nullable=False),
        sa.Column("last_name", text(100), nullable=False),
        sa.Column("street", text(255), nullable=False),
        sa.Column("number", text(32), nullable=False),
        sa.Column("number_extension", text(32), nullable=False),
        sa.Column("postal_code", text(32), nullable=False),
        sa.Column("city", text(100), nullable=False),
        sa.Column("region", text(100), nullable=False),
        sa.Column("country", text(2), nullable=False),
        sa.Column("country_name", text(100), nullable=False),
        sa.Column("phone", text(64), nullable=False),
        sa.Column("email", text(255), nullable=False),
        sa.Column("notes", text(1000), nullable=False),
        sa.Column("company_folded", folded, nullable=False),
        sa.Column("first_name_folded", folded, nullable=False),
        sa.Column("last_name_folded", folded, nullable=False),
        sa.CheckConstraint("length(city) <= 100", name=op.f("ck_address_city_length")),
        sa.CheckConstraint("length(company) <= 255", name=op.f("ck_address_company_length")),
        sa.CheckConstraint("length(country) <= 2", name=op.f("ck_address_country_length")),
        sa.CheckConstraint("length(country_name) <= 100", name=op.f("ck_address_country_name_length")),
        sa.CheckConstraint("length(digest) <= 40", name=op.f("ck_address_digest_length")),
        sa.CheckConstraint("length(email) <= 255", name=op.f("ck_address_email_length")),
        sa.CheckConstraint("length(first_name) <= 100", name=op.f("ck_address_first_name_length")),
        sa.CheckConstraint("length(last_name) <= 100", name=op.f("ck_address_last_name_length")),
        sa.CheckConstraint("length(notes) <= 1000", name=op.f("ck_address_notes_length")),
        sa.CheckConstraint("length(number) <= 32", name=op.f("ck_address_number_length")),
        sa.CheckConstraint("length(number_extension) <= 32", name=op.f("ck_address_number_extension_length")),
        sa.CheckConstraint("length(phone) <= 64", name=op.f("ck_address_phone_length")),
        sa.CheckConstraint("length(postal_code) <= 32", name=op.f("ck_address_postal_code_length")),
        sa.CheckConstraint("length(region) <= 100", name=op.f("ck_address_region_length")),
        sa.CheckConstraint("length(street) <= 255", name=op.f("ck_address_street_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address")),
        sa.UniqueConstraint("digest", name=op.f("uq_address_digest")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "company",
        sa.Column("id", Key, nullable=False),
        sa.Column("name", text(255), nullable=False),
        sa.Column("name_folded", folded, nullable=False),
        sa.Column("debtor_id", text(64), nullable=False),
        sa.Column("tax_number", text(32), nullable=False),
        sa.Column("coc_number", text(32), nullable=False),
        sa.Column("phone", text(64), nullable=False),
        sa.Column("email", text(255), nullable=False),
        sa.Column("is_hidden", sa.Boolean(), nullable=False),
        sa.CheckConstraint("length(coc_number) <= 32", name=op.f("ck_company_coc_number_length")),
        sa.CheckConstraint("length(debtor_id) <= 64", name=op.f("ck_company_debtor_id_length")),
        sa.CheckConstraint("length(email) <= 255", name=op.f("ck_company_email_length")),
        sa.CheckConstraint("length(name) <= 255", name=op.f("ck_company_name_length")),
        sa.CheckConstraint("length(name) >= 1", name=op.f("ck_company_name_given")),
        sa.CheckConstraint("length(phone) <= 64", name=op.f("ck_company_phone_length")),
        sa.CheckConstraint("length(tax_number) <= 32", name=op.f("ck_company_tax_number_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_company_debtor_id", "company", ["debtor_id"])
    op.create_index("ix_company_name_folded", "company", ["name_folded"])

    op.create_table(
        "line_text",
        sa.Column("id", Key, nullable=False),
        sa.Column("digest", text(40), nullable=False),
        sa.Column("sku", text(64), nullable=False),
        sa.Column("name", text(255), nullable=False),
        sa.Column("notes", text(1000), nullable=False),
        sa.Column("unit", text(32), nullable=False),
        sa.Column("ean", text(32), nullable=False),
        sa.Column("manufacturer", text(100), nullable=False),
        sa.Column("manufacturer_code", text(64), nullable=False),
        sa.Column("supplier", text(100), nullable=False),
        sa.Column("supplier_code", text(64), nullable=False),
        sa.Column("sku_folded", folded, nullable=False),
        sa.Column("name_folded", folded, nullable=False),
        sa.Column("notes_folded", folded, nullable=False),
        sa.Column("ean_folded", folded, nullable=False),
        sa.Column("manufacturer_folded", folded, nullable=False),
        sa.Column("manufacturer_code_folded", folded, nullable=False),
        sa.Column("supplier_folded", folded, nullable=False),
        sa.Column("supplier_code_folded", folded, nullable=False),
        sa.CheckConstraint("length(digest) <= 40", name=op.f("ck_line_text_digest_length")),
        sa.CheckConstraint("length(ean) <= 32", name=op.f("ck_line_text_ean_length")),
        sa.CheckConstraint("length(manufacturer) <= 100", name=op.f("ck_line_text_manufacturer_length")),
        sa.CheckConstraint("length(manufacturer_code) <= 64", name=op.f("ck_line_text_manufacturer_code_length")),
        sa.CheckConstraint("length(name) <= 255", name=op.f("ck_line_text_name_length")),
        sa.CheckConstraint("length(notes) <= 1000", name=op.f("ck_line_text_notes_length")),
        sa.CheckConstraint("length(sku) <= 64", name=op.f("ck_line_text_sku_length")),
        sa.CheckConstraint("length(supplier) <= 100", name=op.f("ck_line_text_supplier_length")),
        sa.CheckConstraint("length(supplier_code) <= 64", name=op.f("ck_line_text_supplier_code_length")),
        sa.CheckConstraint("length(unit) <= 32", name=op.f("ck_line_text_unit_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_text")),
        sa.UniqueConstraint("digest", name=op.f("uq_line_text_digest")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "product",
        sa.Column("id", Key, nullable=False),
        sa.Column("sku", text(64), nullable=False),
        sa.Column("ean", text(32), nullable=False),
        sa.Column("name", text(255), nullable=False),
        sa.Column("manufacturer", text(100), nullable=False),
        sa.Column("manufacturer_code", text(64), nullable=False),
        sa.Column("supplier", text(100), nullable=False),
        sa.Column("supplier_code", text(64), nullable=False),
        sa.Column("unit", text(32), nullable=False),
        sa.Column("list_price", sa.BigInteger(), nullable=True),
        sa.Column("tax_code", text(8), nullable=False),
        sa.CheckConstraint("length(ean) <= 32", name=op.f("ck_product_ean_length")),
        sa.CheckConstraint("length(manufacturer) <= 100", name=op.f("ck_product_manufacturer_length")),
        sa.CheckConstraint("length(manufacturer_code) <= 64", name=op.f("ck_product_manufacturer_code_length")),
        sa.CheckConstraint("length(name) <= 255", name=op.f("ck_product_name_length")),
        sa.CheckConstraint("length(sku) <= 64", name=op.f("ck_product_sku_length")),
        sa.CheckConstraint("length(sku) >= 1", name=op.f("ck_product_sku_given")),
        sa.CheckConstraint("length(supplier) <= 100", name=op.f("ck_product_supplier_length")),
        sa.CheckConstraint("length(supplier_code) <= 64", name=op.f("ck_product_supplier_code_length")),
        sa.CheckConstraint("length(tax_code) <= 8", name=op.f("ck_product_tax_code_length")),
        sa.CheckConstraint("length(unit) <= 32", name=op.f("ck_product_unit_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("sku", name=op.f("uq_product_sku")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("id", Key, nullable=False),
        sa.Column("email_hash", text(64), nullable=False),
        sa.Column("remote_address", text(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(email_hash) <= 64", name=op.f("ck_sign_in_failure_email_hash_length")),
        sa.CheckConstraint("length(remote_address) <= 64", name=op.f("ck_sign_in_failure_remote_address_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failure")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sign_in_failure_at", "sign_in_failure", ["at"])
    op.create_index("ix_sign_in_failure_email_hash_at", "sign_in_failure", ["email_hash", "at"])
    op.create_index("ix_sign_in_failure_remote_address_at", "sign_in_failure", ["remote_address", "at"])

    op.create_table(
        "staff",
        sa.Column("id", Key, nullable=False),
        sa.Column("email", text(255), nullable=False),
        sa.Column("name", text(100), nullable=False),
        sa.Column("password_hash", text(255), nullable=False),
        sa.Column("timezone", text(64), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_limited", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_staff_email_lower")),
        sa.CheckConstraint("length(email) <= 255", name=op.f("ck_staff_email_length")),
        sa.CheckConstraint("length(name) <= 100", name=op.f("ck_staff_name_length")),
        sa.CheckConstraint("length(password_hash) <= 255", name=op.f("ck_staff_password_hash_length")),
        sa.CheckConstraint("length(timezone) <= 64", name=op.f("ck_staff_timezone_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "status_set",
        sa.Column("id", Key, nullable=False),
        sa.Column("name", text(64), nullable=False),
        sa.Column("description", text(255), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(description) <= 255", name=op.f("ck_status_set_description_length")),
        sa.CheckConstraint("length(name) <= 64", name=op.f("ck_status_set_name_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_set")),
        sa.UniqueConstraint("name", name=op.f("uq_status_set_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "company_manager",
        sa.Column("staff_id", Key, nullable=False),
        sa.Column("company_id", Key, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_company_manager_company_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_company_manager_staff_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("staff_id", "company_id", name=op.f("pk_company_manager")),
    )
    op.create_index("ix_company_manager_company_id", "company_manager", ["company_id"])

    op.create_table(
        "list_settings",
        sa.Column("staff_id", Key, nullable=False),
        sa.Column("search_fields", text(500), nullable=False),
        sa.CheckConstraint("length(search_fields) <= 500", name=op.f("ck_list_settings_search_fields_length")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_list_settings_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_list_settings")),
    )
    op.create_table(
        "order_status",
        sa.Column("id", Key, nullable=False),
        sa.Column("code", text(32), nullable=False),
        sa.Column("name", text(64), nullable=False),
        sa.Column("description", text(255), nullable=False),
        sa.Column("kind", text(16), nullable=False),
        sa.Column("order_type", text(16), nullable=False),
        sa.Column("colour", text(16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("is_editable", sa.Boolean(), nullable=False),
        sa.Column("is_deletable", sa.Boolean(), nullable=False),
        sa.Column("is_exportable", sa.Boolean(), nullable=False),
        sa.Column("status_set_id", Key, nullable=True),
        sa.CheckConstraint("kind IN ('SYSTEM', 'CUSTOM')", name=op.f("ck_order_status_kind")),
        sa.CheckConstraint("order_type IN ('ORDER', 'QUOTATION', 'REQUEST')", name=op.f("ck_order_status_order_type")),
        sa.CheckConstraint("length(code) <= 32", name=op.f("ck_order_status_code_length")),
        sa.CheckConstraint("length(code) >= 1", name=op.f("ck_order_status_code_given")),
        sa.CheckConstraint("length(colour) <= 16", name=op.f("ck_order_status_colour_length")),
        sa.CheckConstraint("length(description) <= 255", name=op.f("ck_order_status_description_length")),
        sa.CheckConstraint("length(kind) <= 16", name=op.f("ck_order_status_kind_length")),
        sa.CheckConstraint("length(name) <= 64", name=op.f("ck_order_status_name_length")),
        sa.CheckConstraint("length(order_type) <= 16", name=op.f("ck_order_status_order_type_length")),
        sa.ForeignKeyConstraint(
            ["status_set_id"], ["status_set.id"], name=op.f("fk_order_status_status_set_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_status")),
        sa.UniqueConstraint("code", name=op.f("uq_order_status_code")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_order_status_status_set_id", "order_status", ["status_set_id"])
    op.create_index(
        "uq_order_status_default",
        "order_status",
        ["order_type"],
        unique=True,
        sqlite_where=sa.text("is_default"),
        postgresql_where=sa.text("is_default"),
    )

    op.create_table(
        "person",
        sa.Column("id", Key, nullable=False),
        sa.Column("kind", text(16), nullable=False),
        sa.Column("company_id", Key, nullable=True),
        sa.Column("debtor_id", text(64), nullable=False),
        sa.Column("first_name", text(100), nullable=False),
        sa.Column("last_name", text(100), nullable=False),
        sa.Column("name_folded", folded, nullable=False),
        sa.Column("email", text(255), nullable=False),
        sa.Column("phone", text(64), nullable=False),
        sa.Column("language", text(2), nullable=False),
        sa.CheckConstraint("(kind = 'CONTACT') = (company_id IS NOT NULL)", name=op.f("ck_person_company_of_contact")),
        sa.CheckConstraint("kind IN ('CONTACT', 'CUSTOMER')", name=op.f("ck_person_kind")),
        sa.CheckConstraint("length(debtor_id) <= 64", name=op.f("ck_person_debtor_id_length")),
        sa.CheckConstraint("length(email) <= 255", name=op.f("ck_person_email_length")),
        sa.CheckConstraint("length(first_name) <= 100", name=op.f("ck_person_first_name_length")),
        sa.CheckConstraint("length(kind) <= 16", name=op.f("ck_person_kind_length")),
        sa.CheckConstraint("length(language) <= 2", name=op.f("ck_person_language_length")),
        sa.CheckConstraint("length(last_name) <= 100", name=op.f("ck_person_last_name_length")),
        sa.CheckConstraint("length(phone) <= 64", name=op.f("ck_person_phone_length")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_person_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_person_company_id", "person", ["company_id"])
    op.create_index("ix_person_email", "person", ["email"])
    op.create_index("ix_person_name_folded", "person", ["name_folded"])

    op.create_table(
        "product_image",
        sa.Column("product_id", Key, nullable=False),
        sa.Column("media_type", text(32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(media_type) <= 32", name=op.f("ck_product_image_media_type_length")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_product_image_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_product_image")),
    )
    op.create_table(
        "staff_company",
        sa.Column("staff_id", Key, nullable=False),
        sa.Column("company_id", Key, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_staff_company_company_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_company_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", "company_id", name=op.f("pk_staff_company")),
    )
    op.create_index("ix_staff_company_company_id", "staff_company", ["company_id"])

    op.create_table(
        "staff_grant",
        sa.Column("staff_id", Key, nullable=False),
        sa.Column("role", text(16), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "role IN ('order', 'backoffice', 'user', 'product', 'configuration', 'staff')",
            name=op.f("ck_staff_grant_role"),
        ),
        sa.CheckConstraint("length(role) <= 16", name=op.f("ck_staff_grant_role_length")),
        sa.CheckConstraint("level BETWEEN 1 AND 3", name=op.f("ck_staff_grant_level")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_grant_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", "role", name=op.f("pk_staff_grant")),
    )
    op.create_table(
        "staff_session",
        sa.Column("id", Key, nullable=False),
        sa.Column("token_hash", text(64), nullable=False),
        sa.Column("staff_id", Key, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remote_address", text(64), nullable=False),
        sa.Column("user_agent", text(255), nullable=False),
        sa.CheckConstraint("length(remote_address) <= 64", name=op.f("ck_staff_session_remote_address_length")),
        sa.CheckConstraint("length(token_hash) <= 64", name=op.f("ck_staff_session_token_hash_length")),
        sa.CheckConstraint("length(user_agent) <= 255", name=op.f("ck_staff_session_user_agent_length")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_session_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_session_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_staff_session_staff_id", "staff_session", ["staff_id"])

    op.create_table(
        "order_status_next",
        sa.Column("status_id", Key, nullable=False),
        sa.Column("next_id", Key, nullable=False),
        sa.ForeignKeyConstraint(
            ["next_id"], ["order_status.id"], name=op.f("fk_order_status_next_next_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["status_id"], ["order_status.id"], name=op.f("fk_order_status_next_status_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("status_id", "next_id", name=op.f("pk_order_status_next")),
    )
    op.create_table(
        "orders",
        sa.Column("id", Key, nullable=False),
        sa.Column("status_id", Key, nullable=False),
        sa.Column("company_id", Key, nullable=True),
        sa.Column("user_id", Key, nullable=True),
        sa.Column("account_manager_id", Key, nullable=True),
        sa.Column("updated_by_id", Key, nullable=True),
        sa.Column("buyer_name", text(255), nullable=False),
        sa.Column("buyer_name_folded", folded, nullable=False),
        sa.Column("debtor_id", text(64), nullable=False),
        sa.Column("email", text(255), nullable=False),
        sa.Column("reference", text(255), nullable=False),
        sa.Column("remarks", text(4000), nullable=False),
        sa.Column("extra3", text(255), nullable=False),
        sa.Column("extra4", text(255), nullable=False),
        sa.Column("language", text(2), nullable=False),
        sa.Column("source", text(50), nullable=False),
        sa.Column("external_order_id", text(64), nullable=False),
        sa.Column("original_order_id", Key, nullable=True),
        sa.Column("is_credit", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("currency", text(3), nullable=False),
        sa.Column("currency_rate", sa.BigInteger(), nullable=False),
        sa.Column("discount_type", text(1), nullable=False),
        sa.Column("discount_value", sa.BigInteger(), nullable=False),
        sa.Column("total_gross", sa.BigInteger(), nullable=False),
        sa.Column("total_tax", sa.BigInteger(), nullable=False),
        sa.Column("total_net", sa.BigInteger(), nullable=False),
        sa.Column("total_base", sa.BigInteger(), nullable=False),
        sa.Column("item_count", sa.Integer(), nullable=False),
        sa.Column("payment_method", text(64), nullable=False),
        sa.Column("payment_status", text(16), nullable=False),
        sa.Column("payment_status_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accounting_id", text(64), nullable=False),
        sa.Column("payment_costs", sa.BigInteger(), nullable=False),
        sa.Column("payment_tax_percentage", sa.BigInteger(), nullable=False),
        sa.Column("shipping_method", text(16), nullable=False),
        sa.Column("carrier", text(64), nullable=False),
        sa.Column("requested_on", sa.Date(), nullable=True),
        sa.Column("is_partial_delivery_allowed", sa.Boolean(), nullable=False),
        sa.Column("shipping_costs", sa.BigInteger(), nullable=False),
        sa.Column("shipping_tax_percentage", sa.BigInteger(), nullable=False),
        sa.Column("delivery_address_id", Key, nullable=True),
        sa.Column("invoice_address_id", Key, nullable=True),
        sa.Column("export_status", text(16), nullable=False),
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("export_message", text(500), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("discount_type IN ('N', 'P', 'A')", name=op.f("ck_orders_discount_type")),
        sa.CheckConstraint(
            "export_status IN ('EMPTY', 'EXPORTED', 'FAILED', 'FINISHED')", name=op.f("ck_orders_export_status")
        ),
        sa.CheckConstraint(
            "payment_status IN ('UNKNOWN', 'OPEN', 'PENDING', 'AUTHORIZED', 'PAID', 'CANCELLED', 'EXPIRED', 'FAILED', 'REFUNDED', 'CHARGEBACK')",
            name=op.f("ck_orders_payment_status"),
        ),
        sa.CheckConstraint("shipping_method IN ('DELIVERY', 'PICKUP')", name=op.f("ck_orders_shipping_method")),
        sa.CheckConstraint("currency_rate > 0", name=op.f("ck_orders_currency_rate")),
        sa.CheckConstraint("item_count >= 0", name=op.f("ck_orders_item_count")),
        sa.CheckConstraint("length(accounting_id) <= 64", name=op.f("ck_orders_accounting_id_length")),
        sa.CheckConstraint("length(buyer_name) <= 255", name=op.f("ck_orders_buyer_name_length")),
        sa.CheckConstraint("length(carrier) <= 64", name=op.f("ck_orders_carrier_length")),
        sa.CheckConstraint("length(currency) <= 3", name=op.f("ck_orders_currency_length")),
        sa.CheckConstraint("length(currency) = 3", name=op.f("ck_orders_currency")),
        sa.CheckConstraint("length(debtor_id) <= 64", name=op.f("ck_orders_debtor_id_length")),
        sa.CheckConstraint("length(discount_type) <= 1", name=op.f("ck_orders_discount_type_length")),
        sa.CheckConstraint("length(email) <= 255", name=op.f("ck_orders_email_length")),
        sa.CheckConstraint("length(export_message) <= 500", name=op.f("ck_orders_export_message_length")),
        sa.CheckConstraint("length(export_status) <= 16", name=op.f("ck_orders_export_status_length")),
        sa.CheckConstraint("length(external_order_id) <= 64", name=op.f("ck_orders_external_order_id_length")),
        sa.CheckConstraint("length(extra3) <= 255", name=op.f("ck_orders_extra3_length")),
        sa.CheckConstraint("length(extra4) <= 255", name=op.f("ck_orders_extra4_length")),
        sa.CheckConstraint("length(language) <= 2", name=op.f("ck_orders_language_length")),
        sa.CheckConstraint("length(payment_method) <= 64", name=op.f("ck_orders_payment_method_length")),
        sa.CheckConstraint("length(payment_status) <= 16", name=op.f("ck_orders_payment_status_length")),
        sa.CheckConstraint("length(reference) <= 255", name=op.f("ck_orders_reference_length")),
        sa.CheckConstraint("length(remarks) <= 4000", name=op.f("ck_orders_remarks_length")),
        sa.CheckConstraint("length(shipping_method) <= 16", name=op.f("ck_orders_shipping_method_length")),
        sa.CheckConstraint("length(source) <= 50", name=op.f("ck_orders_source_length")),
        sa.CheckConstraint("total_net = total_gross + total_tax", name=op.f("ck_orders_total")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_orders_version")),
        sa.ForeignKeyConstraint(["account_manager_id"], ["staff.id"], name=op.f("fk_orders_account_manager_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_orders_company_id")),
        sa.ForeignKeyConstraint(["delivery_address_id"], ["address.id"], name=op.f("fk_orders_delivery_address_id")),
        sa.ForeignKeyConstraint(["invoice_address_id"], ["address.id"], name=op.f("fk_orders_invoice_address_id")),
        sa.ForeignKeyConstraint(["original_order_id"], ["orders.id"], name=op.f("fk_orders_original_order_id")),
        sa.ForeignKeyConstraint(["status_id"], ["order_status.id"], name=op.f("fk_orders_status_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["staff.id"], name=op.f("fk_orders_updated_by_id")),
        sa.ForeignKeyConstraint(["user_id"], ["person.id"], name=op.f("fk_orders_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_orders_buyer_name_folded_id", "orders", ["buyer_name_folded", "id"])
    op.create_index("ix_orders_company_id_created_at_id", "orders", ["company_id", "created_at", "id"])
    op.create_index("ix_orders_created_at_id", "orders", ["created_at", "id"])
    op.create_index("ix_orders_debtor_id_id", "orders", ["debtor_id", "id"])
    op.create_index("ix_orders_delivery_address_id", "orders", ["delivery_address_id"])
    op.create_index("ix_orders_export_message_id", "orders", ["export_message", "id"])
    op.create_index("ix_orders_export_status_id", "orders", ["export_status", "id"])
    if op.get_bind().dialect.name == "postgresql":
        op.create_index("ix_orders_exported_at_nulls_first", "orders", [sa.text("exported_at NULLS FIRST"), "id"])
    else:
        op.create_index("ix_orders_exported_at_id", "orders", ["exported_at", "id"])
    op.create_index("ix_orders_invoice_address_id", "orders", ["invoice_address_id"])
    op.create_index("ix_orders_item_count_id", "orders", ["item_count", "id"])
    op.create_index("ix_orders_payment_status_id", "orders", ["payment_status", "id"])
    op.create_index("ix_orders_source_id", "orders", ["source", "id"])
    op.create_index("ix_orders_status_changed_at_id", "orders", ["status_changed_at", "id"])
    op.create_index("ix_orders_status_id_created_at_id", "orders", ["status_id", "created_at", "id"])
    op.create_index("ix_orders_total_base_id", "orders", ["total_base", "id"])
    op.create_index("ix_orders_updated_at_id", "orders", ["updated_at", "id"])
    op.create_index("ix_orders_updated_by_id_id", "orders", ["updated_by_id", "id"])
    op.create_index("ix_orders_user_id_created_at_id", "orders", ["user_id", "created_at", "id"])
    op.create_index(
        "uq_orders_source_external_order_id",
        "orders",
        ["source", "external_order_id"],
        unique=True,
        sqlite_where=sa.text("external_order_id <> ''"),
        postgresql_where=sa.text("external_order_id <> ''"),
    )

    op.create_table(
        "party_address",
        sa.Column("id", Key, nullable=False),
        sa.Column("company_id", Key, nullable=True),
        sa.Column("person_id", Key, nullable=True),
        sa.Column("kind", text(16), nullable=False),
        sa.Column("address_id", Key, nullable=False),
        sa.CheckConstraint("kind IN ('DELIVERY', 'INVOICE')", name=op.f("ck_party_address_kind")),
        sa.CheckConstraint("(company_id IS NULL) <> (person_id IS NULL)", name=op.f("ck_party_address_one_party")),
        sa.CheckConstraint("length(kind) <= 16", name=op.f("ck_party_address_kind_length")),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("fk_party_address_address_id")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_party_address_company_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_party_address_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_address")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_party_address_company_id_kind", "party_address", ["company_id", "kind"])
    op.create_index("ix_party_address_person_id_kind", "party_address", ["person_id", "kind"])

    op.create_table(
        "order_history",
        sa.Column("id", Key, nullable=False),
        sa.Column("order_id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("origin", text(16), nullable=False),
        sa.Column("staff_id", Key, nullable=True),
        sa.Column("field", text(64), nullable=False),
        sa.Column("old_value", text(4000), nullable=False),
        sa.Column("new_value", text(4000), nullable=False),
        sa.Column("note", text(1000), nullable=False),
        sa.CheckConstraint("(origin = 'STAFF') = (staff_id IS NOT NULL)", name=op.f("ck_order_history_staff")),
        sa.CheckConstraint("origin IN ('STAFF', 'IMPORT', 'DEMO', 'SYSTEM')", name=op.f("ck_order_history_origin")),
        sa.CheckConstraint("length(field) <= 64", name=op.f("ck_order_history_field_length")),
        sa.CheckConstraint("length(new_value) <= 4000", name=op.f("ck_order_history_new_value_length")),
        sa.CheckConstraint("length(note) <= 1000", name=op.f("ck_order_history_note_length")),
        sa.CheckConstraint("length(old_value) <= 4000", name=op.f("ck_order_history_old_value_length")),
        sa.CheckConstraint("length(origin) <= 16", name=op.f("ck_order_history_origin_length")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_history_order_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_order_history_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_history")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_order_history_order_id_id", "order_history", ["order_id", "id"])

    op.create_table(
        "order_line",
        sa.Column("id", Key, nullable=False),
        sa.Column("order_id", Key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("parent_id", Key, nullable=True),
        sa.Column("line_class", text(16), nullable=False),
        sa.Column("is_bonus", sa.Boolean(), nullable=False),
        sa.Column("product_id", Key, nullable=True),
        sa.Column("text_id", Key, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("list_price", sa.BigInteger(), nullable=True),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("discount_percentage", sa.BigInteger(), nullable=False),
        sa.Column("tax_code", text(8), nullable=False),
        sa.Column("tax_percentage", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "line_class IN ('product', 'incentive', 'surcharge', 'postage', 'payment')",
            name=op.f("ck_order_line_line_class"),
        ),
        sa.CheckConstraint("discount_percentage BETWEEN 0 AND 10000", name=op.f("ck_order_line_discount_percentage")),
        sa.CheckConstraint("length(line_class) <= 16", name=op.f("ck_order_line_line_class_length")),
        sa.CheckConstraint("length(tax_code) <= 8", name=op.f("ck_order_line_tax_code_length")),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_order_line_quantity")),
        sa.CheckConstraint("tax_percentage BETWEEN 0 AND 10000", name=op.f("ck_order_line_tax_percentage")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_line_order_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["order_line.id"], name=op.f("fk_order_line_parent_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_order_line_product_id")),
        sa.ForeignKeyConstraint(["text_id"], ["line_text.id"], name=op.f("fk_order_line_text_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_order_line_order_id_position", "order_line", ["order_id", "position"], unique=True)
    op.create_index("ix_order_line_text_id_order_id", "order_line", ["text_id", "order_id"])

    op.create_table(
        "order_search",
        sa.Column("order_id", Key, nullable=False),
        sa.Column("debtor_id", folded, nullable=False),
        sa.Column("email", folded, nullable=False),
        sa.Column("reference", folded, nullable=False),
        sa.Column("remarks", folded, nullable=False),
        sa.Column("extra3", folded, nullable=False),
        sa.Column("extra4", folded, nullable=False),
        sa.Column("accounting_id", folded, nullable=False),
        sa.Column("external_order_id", folded, nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_search_order_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_search")),
    )


def downgrade():
    op.drop_table("order_search")
    op.drop_table("order_line")
    op.drop_table("order_history")
    op.drop_table("party_address")
    op.drop_table("orders")
    op.drop_table("order_status_next")
    op.drop_table("staff_session")
    op.drop_table("staff_grant")
    op.drop_table("staff_company")
    op.drop_table("product_image")
    op.drop_table("person")
    op.drop_table("order_status")
    op.drop_table("list_settings")
    op.drop_table("company_manager")
    op.drop_table("status_set")
    op.drop_table("staff")
    op.drop_table("sign_in_failure")
    op.drop_table("product")
    op.drop_table("line_text")
    op.drop_table("company")
    op.drop_table("address")
