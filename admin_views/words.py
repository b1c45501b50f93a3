"""The words for codes, as staff read them."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

from models.batch import BatchState
from models.delivery import DeliveryState
from models.export_file import Document
from models.incentive import ConditionKind, EffectKind
from models.job import JobKind, JobState
from models.mail import MailCode
from models.order import ExportStatus, LineClass, PaymentStatus, ShippingMethod
from models.order_history import Origin
from models.party import AddressKind, Language
from models.shipment import ShipmentStatus
from models.staff import Theme
from models.status import OrderType, StatusColour, StatusKind
from permissions import Level, Role
from services import notation
from services.shipment_rules import Shipped

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

BATCH_STATES: Mapping[str, LazyString | str] = {
    BatchState.WAITING: lazy_gettext("Waiting"),
    BatchState.RUNNING: lazy_gettext("Running"),
    BatchState.STOPPED: lazy_gettext("Stopped"),
    BatchState.DONE: lazy_gettext("Done"),
}

LINE_CLASSES: Mapping[str, LazyString | str] = {
    LineClass.PRODUCT: "",
    LineClass.INCENTIVE: lazy_gettext("Incentive"),
    LineClass.SURCHARGE: lazy_gettext("Surcharge"),
    LineClass.POSTAGE: lazy_gettext("Postage"),
    LineClass.PAYMENT: lazy_gettext("Payment costs"),
}

CONDITIONS: Mapping[str, LazyString | str] = {
    ConditionKind.SUBTOTAL_FROM: lazy_gettext("Subtotal at least"),
    ConditionKind.SUBTOTAL_UNTIL: lazy_gettext("Subtotal at most"),
    ConditionKind.ITEMS: lazy_gettext("Number of items at least"),
    ConditionKind.PRODUCT: lazy_gettext("Contains a product"),
    ConditionKind.MANUFACTURER: lazy_gettext("Contains a manufacturer"),
    ConditionKind.CUSTOMER_GROUP: lazy_gettext("Customer group"),
    ConditionKind.COMPANY: lazy_gettext("Ordered by a company"),
    ConditionKind.PRIVATE: lazy_gettext("Ordered by a private customer"),
    ConditionKind.COUNTRY: lazy_gettext("Delivery country"),
    ConditionKind.CARRIER: lazy_gettext("Carrier"),
}
"""What incentives ask of an order."""

EFFECTS: Mapping[str, LazyString | str] = {
    EffectKind.BONUS_PRODUCT: lazy_gettext("Bonus product"),
    EffectKind.DISCOUNT_CHEAPEST: lazy_gettext("Discount on the cheapest line"),
    EffectKind.DISCOUNT_PRODUCT: lazy_gettext("Discount on lines of a product"),
    EffectKind.DISCOUNT_MANUFACTURER: lazy_gettext("Discount on lines of a manufacturer"),
    EffectKind.DISCOUNT_LINES: lazy_gettext("Discount on each line"),
    EffectKind.DISCOUNT_ORDER: lazy_gettext("Discount on the order"),
    EffectKind.SHIPPING_COSTS: lazy_gettext("Shipping costs"),
    EffectKind.PAYMENT_COSTS: lazy_gettext("Transaction costs"),
}
"""What incentives give."""

JOB_KINDS: Mapping[str, LazyString | str] = {
    JobKind.BATCH: lazy_gettext("Batch"),
    JobKind.FILE: lazy_gettext("File"),
    JobKind.CLEAN: lazy_gettext("Cleaning up"),
    JobKind.MAIL: lazy_gettext("Mail"),
    JobKind.WORKFLOW: lazy_gettext("Workflow"),
}

JOB_STATES: Mapping[str, LazyString | str] = {
    JobState.WAITING: lazy_gettext("Waiting"),
    JobState.RUNNING: lazy_gettext("Running"),
    JobState.DONE: lazy_gettext("Done"),
    JobState.FAILED: lazy_gettext("Failed"),
    JobState.CANCELLED: lazy_gettext("Cancelled"),
}

JOB_COLOURS: Mapping[str, str] = {
    JobState.WAITING: "outline",
    JobState.RUNNING: "blue",
    JobState.DONE: "green",
    JobState.FAILED: "red",
    JobState.CANCELLED: "grey",
}

DELIVERY_STATES: Mapping[str, LazyString | str] = {
    DeliveryState.WAITING: lazy_gettext("Waiting"),
    DeliveryState.SENDING: lazy_gettext("Being sent"),
    DeliveryState.SENT: lazy_gettext("Sent"),
    DeliveryState.FAILED: lazy_gettext("Failed"),
    DeliveryState.CANCELLED: lazy_gettext("Cancelled"),
}

DELIVERY_COLOURS: Mapping[str, str] = {
    DeliveryState.WAITING: "outline",
    DeliveryState.SENDING: "blue",
    DeliveryState.SENT: "green",
    DeliveryState.FAILED: "red",
    DeliveryState.CANCELLED: "grey",
}

MAIL_CODES: Mapping[str, LazyString | str] = {MailCode.ORDER_CONFIRMATION: lazy_gettext("Order confirmation")}

ORIGINS: Mapping[str, LazyString | str] = {
    Origin.IMPORT: lazy_gettext("Import"),
    Origin.DEMO: lazy_gettext("Demo data"),
    Origin.SYSTEM: lazy_gettext("System"),
}

SHIPMENT_STATUSES: Mapping[str, LazyString | str] = {
    ShipmentStatus.CREATED: lazy_gettext("Created"),
    ShipmentStatus.PROCESSING: lazy_gettext("Being packed"),
    ShipmentStatus.IN_TRANSIT: lazy_gettext("On its way"),
    ShipmentStatus.OUT_FOR_DELIVERY: lazy_gettext("Out for delivery"),
    ShipmentStatus.DELIVERED: lazy_gettext("Delivered"),
    ShipmentStatus.PARTIALLY_DELIVERED: lazy_gettext("Partly delivered"),
    ShipmentStatus.FAILED_DELIVERY: lazy_gettext("Delivery failed"),
    ShipmentStatus.EXCEPTION: lazy_gettext("Problem on the way"),
    ShipmentStatus.CANCELED: lazy_gettext("Cancelled"),
}

SHIPMENT_COLOURS: Mapping[str, str] = {
    ShipmentStatus.CREATED: "outline",
    ShipmentStatus.PROCESSING: "purple",
    ShipmentStatus.IN_TRANSIT: "blue",
    ShipmentStatus.OUT_FOR_DELIVERY: "cyan",
    ShipmentStatus.DELIVERED: "green",
    ShipmentStatus.PARTIALLY_DELIVERED: "teal",
    ShipmentStatus.FAILED_DELIVERY: "red",
    ShipmentStatus.EXCEPTION: "amber",
    ShipmentStatus.CANCELED: "grey",
}

SHIPPED: Mapping[Shipped, LazyString | str] = {
    Shipped.NOTHING: "",
    Shipped.PARTLY: lazy_gettext("Partly shipped"),
    Shipped.FULLY: lazy_gettext("Fully shipped"),
}
"""What the header of an order says of its shipments."""

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

MORE_COLUMNS: Mapping[str, LazyString] = {
    "user": lazy_gettext("User"),
    "email": lazy_gettext("E-mail"),
    "reference": lazy_gettext("Reference"),
    "account_manager": lazy_gettext("Account manager"),
    "total_excl_vat": lazy_gettext("Total excl. VAT"),
    "total_incl_vat": lazy_gettext("Total incl. VAT"),
    "currency": lazy_gettext("Currency"),
    "payment_method": lazy_gettext("Payment method"),
    "shipping_method": lazy_gettext("Shipping method"),
    "carrier": lazy_gettext("Carrier"),
    "requested": lazy_gettext("Requested date"),
    "delivery_country": lazy_gettext("Delivery country"),
    "external_order_id": lazy_gettext("External order id"),
    "accounting_id": lazy_gettext("Accounting id"),
    "remarks": lazy_gettext("Remarks"),
}
"""What the order list shows to whoever chooses it, beside its usual columns."""

LINE_COLUMNS: Mapping[str, LazyString] = {
    "order_number": lazy_gettext("Order number"),
    "company": lazy_gettext("Company"),
    "status": lazy_gettext("Order status"),
    "created": lazy_gettext("Date Created"),
    "position": lazy_gettext("Position"),
    "sku": lazy_gettext("SKU"),
    "name": lazy_gettext("Name"),
    "quantity": lazy_gettext("Quantity"),
    "unit": lazy_gettext("Unit"),
    "price": lazy_gettext("Unit price excl. VAT"),
    "discount": lazy_gettext("Discount (%)"),
    "vat": lazy_gettext("VAT (%)"),
    "total": lazy_gettext("Total excl. VAT"),
    "currency": lazy_gettext("Currency"),
    "line_class": lazy_gettext("Kind"),
    "is_bonus": lazy_gettext("Bonus"),
    "notes": lazy_gettext("Notes"),
    "ean": lazy_gettext("EAN code"),
    "manufacturer": lazy_gettext("Manufacturer"),
    "manufacturer_code": lazy_gettext("Manufacturer code"),
    "supplier": lazy_gettext("Supplier"),
    "supplier_code": lazy_gettext("Supplier code"),
}
"""The columns of a file with one row per order line."""

COLUMNS: Mapping[str, LazyString] = {
    "accounting_id": lazy_gettext("Accounting id"),
    "action_code": lazy_gettext("Action code"),
    "address": lazy_gettext("Address"),
    "amount": lazy_gettext("Amount excl. VAT"),
    "at": lazy_gettext("When"),
    "bank_name": lazy_gettext("Bank"),
    "bic": lazy_gettext("BIC"),
    "body": lazy_gettext("Text"),
    "carrier": lazy_gettext("Carrier"),
    "city": lazy_gettext("City"),
    "coc_number": lazy_gettext("CoC number"),
    "code": lazy_gettext("Code"),
    "colour": lazy_gettext("Colour"),
    "companies": lazy_gettext("Companies"),
    "company": lazy_gettext("Company"),
    "conditions": lazy_gettext("Conditions (IF)"),
    "cost_price": lazy_gettext("Cost price"),
    "costs": lazy_gettext("Costs excl. VAT"),
    "country": lazy_gettext("Country"),
    "created_at": lazy_gettext("Date Created"),
    "currency": lazy_gettext("Currency"),
    "customer_group": lazy_gettext("Customer group"),
    "debtor_id": lazy_gettext("Debtor Id"),
    "description": lazy_gettext("Description"),
    "discount_percentage": lazy_gettext("Discount, %"),
    "ean": lazy_gettext("EAN"),
    "effects": lazy_gettext("Effects (THEN)"),
    "email": lazy_gettext("E-mail"),
    "field": lazy_gettext("Field"),
    "finished_at": lazy_gettext("Finished"),
    "first_name": lazy_gettext("First name"),
    "free_from": lazy_gettext("No costs from"),
    "from_quantity": lazy_gettext("From quantity"),
    "grants": lazy_gettext("Grants"),
    "has_password": lazy_gettext("Password set"),
    "iban": lazy_gettext("IBAN"),
    "image": lazy_gettext("Picture"),
    "is_active": lazy_gettext("Active"),
    "is_default": lazy_gettext("Default"),
    "is_deletable": lazy_gettext("Deletable"),
    "is_editable": lazy_gettext("Editable"),
    "is_exclusive": lazy_gettext("Exclusive"),
    "is_exportable": lazy_gettext("Exportable"),
    "is_hidden": lazy_gettext("Hidden"),
    "is_limited": lazy_gettext("Limited to certain companies"),
    "is_public": lazy_gettext("Public"),
    "items": lazy_gettext("Items"),
    "kind": lazy_gettext("Type"),
    "label": lazy_gettext("Button label"),
    "language": lazy_gettext("Language"),
    "last_name": lazy_gettext("Last name"),
    "list_price": lazy_gettext("List price"),
    "logo": lazy_gettext("Logo"),
    "managed_companies": lazy_gettext("Manages companies"),
    "managers": lazy_gettext("Managers"),
    "manufacturer": lazy_gettext("Manufacturer"),
    "manufacturer_code": lazy_gettext("Manufacturer code"),
    "minimum_quantity": lazy_gettext("Minimum quantity"),
    "name": lazy_gettext("Name"),
    "names": lazy_gettext("Names in other languages"),
    "new_value": lazy_gettext("After"),
    "next_statuses": lazy_gettext("Next statuses"),
    "note": lazy_gettext("Note"),
    "notes": lazy_gettext("Notes"),
    "old_value": lazy_gettext("Before"),
    "order_type": lazy_gettext("Order type"),
    "password": lazy_gettext("New password"),
    "password_link": lazy_gettext("New password link"),
    "payment_term_days": lazy_gettext("Payment term, days"),
    "per_quantity": lazy_gettext("For every so many pieces"),
    "percentage": lazy_gettext("Rate, %"),
    "person": lazy_gettext("Person"),
    "phone": lazy_gettext("Phone"),
    "position": lazy_gettext("Position"),
    "postal_code": lazy_gettext("Postal code"),
    "price": lazy_gettext("Price excl. VAT"),
    "price_list": lazy_gettext("Price list"),
    "product": lazy_gettext("Product"),
    "progress": lazy_gettext("Progress"),
    "quantity": lazy_gettext("Quantity"),
    "rates": lazy_gettext("Rates"),
    "record_type": lazy_gettext("Kind of record"),
    "secret": lazy_gettext("Secret"),
    "session": lazy_gettext("Session ended"),
    "sku": lazy_gettext("SKU"),
    "staff": lazy_gettext("Who"),
    "started_at": lazy_gettext("Started"),
    "status_set": lazy_gettext("Status set"),
    "statuses": lazy_gettext("Statuses"),
    "step_quantity": lazy_gettext("Step quantity"),
    "street": lazy_gettext("Street and number"),
    "subject": lazy_gettext("Subject"),
    "supplier": lazy_gettext("Supplier"),
    "supplier_code": lazy_gettext("Supplier code"),
    "tax_code": lazy_gettext("Tax code"),
    "tax_number": lazy_gettext("VAT number"),
    "theme": lazy_gettext("Theme"),
    "timeout": lazy_gettext("Longest wait, seconds"),
    "timezone": lazy_gettext("Time zone"),
    "tracking_url": lazy_gettext("Tracking address"),
    "unit": lazy_gettext("Unit"),
    "updated_at": lazy_gettext("Date Updated"),
    "url": lazy_gettext("Web address"),
    "valid_from": lazy_gettext("Valid from"),
    "valid_until": lazy_gettext("Valid until"),
    "vat_number": lazy_gettext("VAT number"),
    "website": lazy_gettext("Website"),
}
"""What the columns of records are called, wherever they stand."""

FLAGS: Mapping[str, LazyString | str] = {"True": lazy_gettext("Yes"), "False": lazy_gettext("No")}
"""The values of flags as the history keeps them."""

ORDER_TYPES: Mapping[str, LazyString | str] = {
    OrderType.ORDER: lazy_gettext("Order"),
    OrderType.QUOTATION: lazy_gettext("Quotation"),
    OrderType.REQUEST: lazy_gettext("Request"),
}

STATUS_KINDS: Mapping[str, LazyString | str] = {
    StatusKind.SYSTEM: lazy_gettext("System"),
    StatusKind.CUSTOM: lazy_gettext("Custom"),
}

STATUS_COLOURS: Mapping[str, LazyString | str] = {
    StatusColour.OUTLINE: lazy_gettext("Outline"),
    StatusColour.AMBER: lazy_gettext("Amber"),
    StatusColour.BLUE: lazy_gettext("Blue"),
    StatusColour.CYAN: lazy_gettext("Cyan"),
    StatusColour.INDIGO: lazy_gettext("Indigo"),
    StatusColour.PURPLE: lazy_gettext("Purple"),
    StatusColour.TEAL: lazy_gettext("Teal"),
    StatusColour.GREEN: lazy_gettext("Green"),
    StatusColour.RED: lazy_gettext("Red"),
    StatusColour.GREY: lazy_gettext("Grey"),
}

ADDRESS_PARTS: Mapping[str, LazyString] = {
    "company": lazy_gettext("Company"),
    "first_name": lazy_gettext("First name"),
    "last_name": lazy_gettext("Last name"),
    "street": lazy_gettext("Street"),
    "number": lazy_gettext("Number"),
    "number_extension": lazy_gettext("Extension"),
    "postal_code": lazy_gettext("Postal code"),
    "city": lazy_gettext("City"),
    "region": lazy_gettext("Region"),
    "country": lazy_gettext("Country"),
    "country_name": lazy_gettext("Country, when it is not in the list"),
    "phone": lazy_gettext("Phone"),
    "email": lazy_gettext("E-mail"),
    "notes": lazy_gettext("Notes"),
}

ADDRESS_KINDS: Mapping[str, LazyString | str] = {
    AddressKind.DELIVERY: lazy_gettext("Delivery"),
    AddressKind.INVOICE: lazy_gettext("Invoice"),
}

SHIPPING_METHODS: Mapping[str, LazyString | str] = {
    ShippingMethod.DELIVERY: lazy_gettext("Delivery"),
    ShippingMethod.PICKUP: lazy_gettext("Pickup"),
}

DOCUMENTS: Mapping[Document, LazyString] = {
    Document.CONFIRMATION: lazy_gettext("Order confirmation"),
    Document.PACKING_SLIP: lazy_gettext("Packing slip"),
    Document.PICK_LIST: lazy_gettext("Pick list"),
}

LANGUAGES: Mapping[str, str] = {
    Language.ENGLISH: "English",
    Language.DUTCH: "Nederlands",
    Language.GERMAN: "Deutsch",
    Language.FRENCH: "Français",
    Language.ITALIAN: "Italiano",
    Language.POLISH: "Polski",
    Language.SWEDISH: "Svenska",
    Language.DANISH: "Dansk",
    Language.SPANISH: "Español",
    Language.PORTUGUESE: "Português",
}
"""The languages of customers, each in its own words."""

PAGE_LANGUAGES: Mapping[str, LazyString | str] = {
    "": lazy_gettext("Same as the browser"),
    **{code: LANGUAGES[code] for code in notation.LANGUAGES},
}

THEMES: Mapping[str, LazyString | str] = {
    "": lazy_gettext("System"),
    Theme.LIGHT: lazy_gettext("Light"),
    Theme.DARK: lazy_gettext("Dark"),
}

ROLES: Mapping[Role, LazyString] = {
    Role.ORDER: lazy_gettext("Order"),
    Role.BACKOFFICE: lazy_gettext("Backoffice"),
    Role.USER: lazy_gettext("User"),
    Role.PRODUCT: lazy_gettext("Product"),
    Role.CONFIGURATION: lazy_gettext("Configuration"),
    Role.STAFF: lazy_gettext("Staff"),
}

LEVELS: Mapping[Level, LazyString] = {
    Level.VIEWER: lazy_gettext("Viewer"),
    Level.EDITOR: lazy_gettext("Editor"),
    Level.OWNER: lazy_gettext("Owner"),
}

RECORD_TYPES: Mapping[str, LazyString | str] = {
    "carrier": lazy_gettext("Carrier"),
    "company": lazy_gettext("Company"),
    "customer_group": lazy_gettext("Customer group"),
    "firm": lazy_gettext("Firm data"),
    "incentive": lazy_gettext("Incentive"),
    "incentive_condition": lazy_gettext("Condition of an incentive"),
    "incentive_effect": lazy_gettext("Effect of an incentive"),
    "mail_template": lazy_gettext("Mail template"),
    "order_incentive": lazy_gettext("Order with the incentive"),
    "order_line": lazy_gettext("Order line"),
    "order_source": lazy_gettext("Source"),
    "orders": lazy_gettext("Order"),
    "order_status": lazy_gettext("Status"),
    "party_address": lazy_gettext("Address"),
    "payment_method": lazy_gettext("Payment method"),
    "person": lazy_gettext("Contact or customer"),
    "price": lazy_gettext("Price"),
    "price_list": lazy_gettext("Price list"),
    "product": lazy_gettext("Product"),
    "shipment": lazy_gettext("Shipment"),
    "staff": lazy_gettext("Staff"),
    "status_set": lazy_gettext("Status set"),
    "tax_code": lazy_gettext("Tax code"),
    "wish_list": lazy_gettext("Wish list"),
    "workflow": lazy_gettext("Workflow"),
}
"""What a row of each table is called."""
