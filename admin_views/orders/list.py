"""The order list, as configuration. What its columns and filters mean in SQL is in services.order_query."""

from flask import current_app
from flask_babel import LazyString, gettext, lazy_gettext

from admin_views.access import Access
from admin_views.base import LIBRARY_WRITES
from admin_views.formatters import company, dot, mark, moment, number, order_link, order_total, plain, status_badge
from admin_views.orders.detail import OrderPages
from admin_views.orders.export import OrderExport
from admin_views.orders.filters import Amounts, Codes, Days, Products, Statuses, Texts, Users
from admin_views.orders.lookups import CompanyLookup, ProductLookup, UserLookup
from admin_views.words import EXPORT_STATUSES, PAYMENT_STATUSES, SEARCH_FIELDS
from models.order import ExportStatus
from permissions import Action


class OrderView(OrderExport, OrderPages):
    """Every order that the person may see.

    Its addresses: the list itself is `fast_list`, `/<id>/…` and pictures `detail`, `/export/…` `export`,
    `/ajax/lookup/` `lookups`.
    """

    action = Action.ORDERS_SEE
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
    }
    column_descriptions = {"total": lazy_gettext("excl. VAT, at the exchange rate of the order")}
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
        "export_status": mark(
            EXPORT_STATUSES,
            {ExportStatus.EXPORTED: "arrow-up", ExportStatus.FAILED: "alert-triangle", ExportStatus.FINISHED: "check"},
            "c-ex",
        ),
        "exported": moment("c-date c-exported"),
        "export_message": plain("c-msg"),
    }
    export_words = {"payment_status": PAYMENT_STATUSES, "export_status": EXPORT_STATUSES}

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
    )
    search_fields = SEARCH_FIELDS
    default_search_fields = ("order_number", "company", "debtor_id", "reference", "email")

    form_columns = ()
    form_ajax_refs = {
        "company": CompanyLookup("company"),
        "user": UserLookup("user"),
        "product": ProductLookup("product"),
    }
