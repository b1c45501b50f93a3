"""The words for codes, as staff read them."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

from models.order import ExportStatus, LineClass, PaymentStatus
from models.order_history import Origin

PAYMENT_STATUSES: Mapping[str, LazyString | str] = {
    PaymentStatus.UNKNOWN: lazy_gettext("Unknown"),
    PaymentStatus.OPEN: lazy_gettext("Open"),
    PaymentStatus.PENDING: lazy_gettext("Pending"),
    PaymentStatus.AUTHORIZED: lazy_gettext("Authorised"),
    PaymentStatus.PAID: lazy_gettext("Paid"),
    PaymentStatus.CANCELLED: lazy_gettext("Cancelled"),
    PaymentStatus.EXPIRED: lazy_gettext("Expired"),
    PaymentStatus.FAILED: lazy_gettext("Failed"),
    PaymentStatus.REFUNDED: lazy_gettext("Refunded"),
    PaymentStatus.CHARGEBACK: lazy_gettext("Chargeback"),
}

EXPORT_STATUSES: Mapping[str, LazyString | str] = {
    ExportStatus.EMPTY: lazy_gettext("Empty"),
    ExportStatus.EXPORTED: lazy_gettext("Exported"),
    ExportStatus.FAILED: lazy_gettext("Failed"),
    ExportStatus.FINISHED: lazy_gettext("Finished"),
}

LINE_CLASSES: Mapping[str, LazyString | str] = {
    LineClass.PRODUCT: "",
    LineClass.INCENTIVE: lazy_gettext("Incentive"),
    LineClass.SURCHARGE: lazy_gettext("Surcharge"),
    LineClass.POSTAGE: lazy_gettext("Postage"),
    LineClass.PAYMENT: lazy_gettext("Payment costs"),
}

ORIGINS: Mapping[str, LazyString | str] = {
    Origin.IMPORT: lazy_gettext("Import"),
    Origin.DEMO: lazy_gettext("Demo data"),
    Origin.SYSTEM: lazy_gettext("System"),
}

SEARCH_FIELDS: Mapping[str, tuple[LazyString, LazyString]] = {
    "order_number": (lazy_gettext("Order number"), lazy_gettext("Order")),
    "company": (lazy_gettext("Company"), lazy_gettext("Order")),
    "debtor_id": (lazy_gettext("Debtor Id"), lazy_gettext("Order")),
    "reference": (lazy_gettext("Reference"), lazy_gettext("Order")),
    "email": (lazy_gettext("E-mail"), lazy_gettext("Order")),
    "accounting_id": (lazy_gettext("Accounting id"), lazy_gettext("Order")),
    "external_order_id": (lazy_gettext("External order id"), lazy_gettext("Order")),
    "extra3": (lazy_gettext("Extra 3"), lazy_gettext("Order")),
    "extra4": (lazy_gettext("Extra 4"), lazy_gettext("Order")),
    "remarks": (lazy_gettext("Remarks"), lazy_gettext("Order")),
    "invoice_first_name": (lazy_gettext("Invoice first name"), lazy_gettext("Addresses")),
    "invoice_last_name": (lazy_gettext("Invoice last name"), lazy_gettext("Addresses")),
    "recipient_company": (lazy_gettext("Recipient company"), lazy_gettext("Addresses")),
    "recipient_first_name": (lazy_gettext("Recipient first name"), lazy_gettext("Addresses")),
    "recipient_last_name": (lazy_gettext("Recipient last name"), lazy_gettext("Addresses")),
    "item_ean": (lazy_gettext("EAN code"), lazy_gettext("Items")),
    "item_manufacturer": (lazy_gettext("Manufacturer"), lazy_gettext("Items")),
    "item_manufacturer_code": (lazy_gettext("Manufacturer code"), lazy_gettext("Items")),
    "item_name": (lazy_gettext("Name"), lazy_gettext("Items")),
    "item_notes": (lazy_gettext("Notes"), lazy_gettext("Items")),
    "item_sku": (lazy_gettext("SKU"), lazy_gettext("Items")),
    "item_supplier": (lazy_gettext("Supplier"), lazy_gettext("Items")),
    "item_supplier_code": (lazy_gettext("Supplier code"), lazy_gettext("Items")),
}
"""The 23 fields that the text search may look into: name on screen and group in the menu."""
