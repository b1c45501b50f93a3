"""The order list, as configuration. What its columns and filters mean in SQL is in services.order_query.

Its addresses: the list itself is `fast_list`, `/<id>/…` `order_page`, `/<id>/documents/…` and
`/selections/<id>/documents/…` `documents`, `/export/…` `export`, `/columns` `table_editor`, `/views/…` `saved_views`,
`/matches` `search_matches`, `/ajax/lookup/` `lookups`, `/action/` and the other `/selections/…` `actions`.
"""

from flask import current_app
from flask_babel import LazyString, gettext, lazy_gettext

from admin_views.access import Access
from admin_views.base import LIBRARY_WRITES
from admin_views.formatters import (
    amount,
    company,
    country,
    day,
    dot,
    mark,
    moment,
    number,
    order_link,
    order_total,
    plain,
    status_badge,
    word,
)
from admin_views.orders.actions import OrderActions
from admin_views.orders.documents import OrderDocuments
from admin_views.orders.export import OrderExport
from admin_views.orders.filters import (
    Amounts,
    Codes,
    Companies,
    Countries,
    Counts,
    Currencies,
    Days,
    People,
    Products,
    Statuses,
    Texts,
    Unchanged,
    Users,
)
from admin_views.orders.lookups import (
    CompanyLookup,
    CountryLookup,
    CurrencyLookup,
    ProductLookup,
    StaffLookup,
    UserLookup,
)
from admin_views.orders.order_page import OrderPage
from admin_views.orders.saved_views import SavedViews
from admin_views.orders.search_matches import SearchMatches
from admin_views.orders.table_editor import TableEditor
from admin_views.words import (
    EXPORT_STATUSES,
    LINE_CLASSES,
    LINE_COLUMNS,
    MORE_COLUMNS,
    PAYMENT_STATUSES,
    SEARCH_FIELDS,
    SHIPPING_METHODS,
)
from models.order import ExportStatus, LineClass
from permissions import Action

EXPORT_ICONS = {
    ExportStatus.EXPORTED: "arrow-up",
    ExportStatus.FAILED: "alert-triangle",
    ExportStatus.FINISHED: "check",
}


class OrderView(OrderExport, OrderDocuments, OrderActions, OrderPage, TableEditor, SavedViews, SearchMatches):
    """Every order that the person may see."""

    action = Action.ORDERS_SEE
    batch_actions = {
        "look": Action.ORDERS_SEE,
        "select": Action.ORDERS_SEE,
        "export": Action.ORDERS_SEE,
        "print": Action.ORDERS_SEE,
        "duplicate": Action.ORDERS_CREATE,
        "change_status": Action.ORDERS_EDIT,
        "reset_export": Action.ORDERS_RESET_EXPORT,
        "delete": Action.ORDERS_DELETE,
    }
    action_icons = {
        "change_status": "transfer",
        "reset_export": "rotate",
        "print": "printer",
        "duplicate": "copy",
        "delete": "trash",
    }
    method_actions = dict.fromkeys(LIBRARY_WRITES, Access.CLOSED)
    icon = "shopping-cart"
    list_template = "admin/orders/list.html"

    can_create = can_edit = can_delete = False
    can_export = True
    can_set_page_size = True
    page_size = 10
    page_size_options = (5, 10, 25, 100)

    column_list = (
        "order_number",
        "company",
        "status",
        "payment_status",
        "debtor_id",
        "source",
        "total",
        "items_count",
        "updated_by",
        "created",
        "updated",
        "status_changed",
        "export_status",
        "exported",
        "export_message",
    )
    more_columns = tuple(MORE_COLUMNS)
    column_labels = {
        "order_number": lazy_gettext("Order number"),
        "company": lazy_gettext("Company"),
        "status": lazy_gettext("Order status"),
        "payment_status": lazy_gettext("Payment status"),
        "debtor_id": lazy_gettext("Debtor Id"),
        "source": lazy_gettext("Source"),
        "total": LazyString(lambda: gettext("Total, %(currency)s", currency=current_app.config["BASE_CURRENCY"])),
        "items_count": lazy_gettext("Items Count"),
        "updated_by": lazy_gettext("Updated By"),
        "created": lazy_gettext("Date Created"),
        "updated": lazy_gettext("Date Updated"),
        "status_changed": lazy_gettext("Status changed date"),
        "export_status": lazy_gettext("Export status"),
        "exported": lazy_gettext("Exported date"),
        "export_message": lazy_gettext("Export message"),
        **MORE_COLUMNS,
    }
    column_descriptions = {
        "total": lazy_gettext("excl. VAT, at the exchange rate of the order"),
        "total_excl_vat": lazy_gettext("in the currency of the order"),
        "total_incl_vat": lazy_gettext("in the currency of the order"),
    }
    column_default_sort = ("created", True)
    list_cells = {
        "order_number": order_link(),
        "company": company(),
        "status": status_badge(),
        "payment_status": dot(PAYMENT_STATUSES, "c-pay"),
        "debtor_id": plain("c-debtor tnum"),
        "source": plain("c-src"),
        "total": order_total("num c-total"),
        "items_count": number("num c-items"),
        "updated_by": plain("c-by"),
        "created": moment("c-date c-created"),
        "updated": moment("c-date c-updated"),
        "status_changed": moment("c-date c-changed"),
        "export_status": mark(EXPORT_STATUSES, EXPORT_ICONS, "c-ex"),
        "exported": moment("c-date c-exported"),
        "export_message": plain("c-msg"),
        "user": plain(),
        "email": plain(),
        "reference": plain(),
        "account_manager": plain(),
        "total_excl_vat": amount(),
        "total_incl_vat": amount(),
        "currency": plain(),
        "payment_method": plain(),
        "shipping_method": word(SHIPPING_METHODS),
        "carrier": plain(),
        "requested": day(),
        "delivery_country": country(),
        "external_order_id": plain("tnum"),
        "accounting_id": plain("tnum"),
        "remarks": plain("c-msg"),
    }
    export_words = {
        "payment_status": PAYMENT_STATUSES,
        "export_status": EXPORT_STATUSES,
        "shipping_method": SHIPPING_METHODS,
        "line_class": {**LINE_CLASSES, LineClass.PRODUCT: lazy_gettext("Product")},
    }
    line_labels = LINE_COLUMNS

    column_filters = (
        Users("user_id", lazy_gettext("User Id")),
        Statuses("status", lazy_gettext("Status")),
        Days("created", lazy_gettext("Date Created")),
        Days("updated", lazy_gettext("Date Updated")),
        Amounts("price", lazy_gettext("Price")),
        Codes("export_status", lazy_gettext("Export statuses"), EXPORT_STATUSES),
        Days("exported", lazy_gettext("Export Date")),
        Products("product", lazy_gettext("Product")),
        Texts("source", lazy_gettext("Source")),
        Texts("payment_method", lazy_gettext("Payment method")),
        Texts("carrier", lazy_gettext("Carrier")),
        Codes("payment_status", lazy_gettext("Payment status"), PAYMENT_STATUSES),
        Companies("companies", lazy_gettext("Companies")),
        Countries("country", lazy_gettext("Delivery country")),
        Counts("items_count", lazy_gettext("Items Count")),
        Currencies("currency", lazy_gettext("Currency")),
        People("updated_by", lazy_gettext("Updated By")),
        Unchanged("unchanged", lazy_gettext("Not changed")),
    )
    search_fields = SEARCH_FIELDS
    default_search_fields = ("order_number", "company", "debtor_id", "reference", "email")

    form_columns = ()
    form_ajax_refs = {
        "company": CompanyLookup("company"),
        "user": UserLookup("user"),
        "product": ProductLookup("product"),
        "colleague": StaffLookup("colleague"),
        "country": CountryLookup("country"),
        "currency": CurrencyLookup("currency"),
    }
