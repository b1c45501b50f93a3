"""Order statuses, and the sets that group them into tabs."""

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_babel import lazy_gettext

from admin_views.edits import edit_now
from admin_views.records.cells import badge
from admin_views.records.forms import RowField, rows_of
from admin_views.records.links import Link, OrdersLink
from admin_views.records.view import RecordView
from admin_views.status_graph import pictures
from admin_views.words import ORDER_TYPES, STATUS_COLOURS, STATUS_KINDS
from models.order import Order
from models.status import OrderStatus, OrderType
from permissions import SYSTEM, Action
from services.record_usage import usage
from services.statuses import delete_status, takes_orders_of


class StatusView(RecordView):
    """The statuses with what they allow and what may follow them."""

    action = Action.STATUSES_SEE
    edit_action = Action.STATUSES_EDIT
    create_action = Action.STATUSES_CREATE
    icon = "route"
    new_title = lazy_gettext("New status")
    switch = None
    is_ordered = True
    page_size = 100
    list_template = "admin/statuses/list.html"
    pictures = staticmethod(pictures)
    fixed = ("code", "order_type")
    choices = {"order_type": ORDER_TYPES, "kind": STATUS_KINDS, "colour": STATUS_COLOURS}

    column_list = (
        "name code kind order_type status_set is_default is_public is_editable is_deletable is_exportable "
        "next_statuses position created_at updated_at"
    ).split()
    column_default_sort = "position"
    column_filters = ("order_type", "kind", "status_set", "is_public", "is_editable")
    column_formatters = {"name": lambda _view, _context, status, _name: badge(status)}
    form_columns = (
        "name code order_type description colour status_set next_statuses is_default is_public is_editable "
        "is_deletable is_exportable position"
    ).split()
    column_details_list = [*form_columns, "kind", "created_at", "updated_at"]
    column_descriptions = {
        "code": lazy_gettext(
            "What other systems call it: capital letters, digits, - and _. It cannot be changed later."
        ),
        "is_default": lazy_gettext(
            "New orders of this type begin here. Each type has one default; choosing this one ends the former."
        ),
        "is_public": lazy_gettext("Customers see orders in this status."),
        "is_editable": lazy_gettext("Orders in this status may be edited."),
        "is_deletable": lazy_gettext("Orders in this status may be deleted."),
        "is_exportable": lazy_gettext("The ERP collects orders in this status."),
        "next_statuses": lazy_gettext("Where an order may go from here."),
        "status_set": lazy_gettext("The tab in which the status stands; without one it is a tab of its own."),
        "position": lazy_gettext("Tabs follow this number, sets and single statuses together; 0 puts a new one last."),
    }
    links = (OrdersLink(lazy_gettext("Orders"), "orders.index_view", "status", Order.status_id, value="code"),)

    def links_for(self, row: Any) -> Sequence[Link]:
        """The list has orders alone: a status of quotes or requests leads nowhere."""
        return self.links if row.order_type == OrderType.ORDER else ()

    def deletion_form(self, row: Any) -> Any:
        """Ask where the orders in it go, if there are any."""
        if not usage(row, SYSTEM):
            return super().deletion_form(row)
        places = [other for other in rows_of(OrderStatus) if takes_orders_of(row, other)]
        field = RowField(lazy_gettext("Move its orders to"), query_factory=lambda: places, allow_blank=True)
        return type("Form", (self.form_base_class,), {"move_to": field})(request.form)

    def remove(self, row_id: int, form: Any) -> None:
        move_to = form.move_to.data if "move_to" in form else None
        delete_status(row_id, move_to=move_to, edit=edit_now(self.create_action))


class StatusSetView(RecordView):
    """The sets, each a tab of the order list."""

    action = Action.STATUSES_SEE
    edit_action = Action.STATUSES_EDIT
    create_action = Action.STATUSES_CREATE
    icon = "stack-2"
    new_title = lazy_gettext("New status set")
    switch = None
    is_ordered = True
    page_size = 100

    column_list = ("name", "statuses", "description", "position", "updated_at")
    column_default_sort = "position"
    column_filters = ("name", "description", "updated_at")
    form_columns = ("name", "description", "statuses", "position")
    column_descriptions = {
        "statuses": lazy_gettext("A status stands in one set at most: choosing it here takes it out of another."),
        "position": lazy_gettext("Tabs follow this number, sets and single statuses together; 0 puts a new one last."),
    }
    links = (Link(lazy_gettext("Statuses"), "statuses.index_view", "status_set", OrderStatus.status_set_id),)
