"""The bin: deleted orders, until they are restored or purged."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app, redirect
from flask.typing import ResponseReturnValue
from flask_admin import actions
from flask_babel import lazy_gettext
from markupsafe import Markup
from sqlalchemy.orm import joinedload

from admin_views.access import actor, zone
from admin_views.notation import notation
from admin_views.records.cells import badge
from admin_views.records.listing import RecordList
from models.batch import BatchAction
from models.deletion import DeletedOrder
from models.order import Order
from permissions import Action
from services.batches import Asked, begin, set_going
from services.selection import select_binned

LINK = Markup('<a href="/admin/orders/{0}/">{0}</a>')


def _until(row: DeletedOrder) -> str:
    until = row.deleted_at + timedelta(days=current_app.config["BIN_DAYS"])
    return notation().day(until.astimezone(zone()))


class BinView(RecordList):
    """Orders that were deleted, each until the day that it is removed for good."""

    action = Action.ORDERS_DELETE
    batch_actions = {"restore": Action.ORDERS_DELETE}
    icon = "trash"
    can_view_details = can_export = False
    column_searchable_list = ()
    column_list = "id company status total deleted_by deleted_at until".split()
    column_labels = {
        "id": lazy_gettext("Order number"),
        "status": lazy_gettext("Order status"),
        "total": lazy_gettext("Total excl. VAT"),
        "deleted_by": lazy_gettext("Deleted By"),
        "deleted_at": lazy_gettext("Date Deleted"),
        "until": lazy_gettext("Kept until"),
    }
    column_default_sort = ("deleted_at", True)
    column_filters = "id deleted_by deleted_at".split()
    column_formatters = {
        "id": lambda _view, _context, row, _name: LINK.format(row.id),
        "company": lambda _view, _context, row, _name: row.order.company or row.order.buyer_name,
        "status": lambda _view, _context, row, _name: badge(row.order.status),
        "total": lambda _view, _context, row, _name: notation().amount(row.order.total_base),
        "until": lambda _view, _context, row, _name: _until(row),
    }

    def scope(self) -> list[Any]:
        return [*super().scope(), DeletedOrder.is_binned()]

    def is_number(self, name: str) -> bool:
        return name == "total" or super().is_number(name)

    def get_query(self) -> Any:
        order = joinedload(DeletedOrder.order)
        return super().get_query().options(order.joinedload(Order.company), order.joinedload(Order.status))

    @actions.action("restore", lazy_gettext("Restore order(s)"))
    def action_restore(self, ids: list[int]) -> ResponseReturnValue:
        """Put orders back where they were."""
        now = datetime.now(UTC)
        selection = select_binned(ids, actor=actor(), now=now)
        batch = begin(selection.id, Asked(BatchAction.RESTORE, secrets.token_urlsafe(24)), actor=actor(), now=now)
        set_going(batch, actor=actor(), clock=lambda: datetime.now(UTC))
        return redirect(self.get_url("batches.result", batch_id=batch.id))
