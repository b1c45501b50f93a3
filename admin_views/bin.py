"""The bin: deleted orders, until they are restored or purged."""

import secrets
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app, g, redirect
from flask.typing import ResponseReturnValue
from flask_admin import actions, expose
from flask_babel import gettext, lazy_gettext
from markupsafe import Markup
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import BadRequest

from admin_views.access import actor, zone
from admin_views.notation import notation
from admin_views.orders.actions import TYPED_ABOVE
from admin_views.orders.fast_list import exact_number
from admin_views.records.cells import badge
from admin_views.records.filters import ReferenceOfPart
from admin_views.records.listing import RecordList
from admin_views.records.lookups import RecordLookup
from models.base import db
from models.batch import BatchAction
from models.deletion import DeletedOrder
from models.folding import fold_name
from models.order import Order
from models.party import Company
from models.selection import Selection
from permissions import Action
from services.batches import BatchRequest, begin, set_going
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
    column_searchable_list = ("id",)
    list_template = "admin/bin.html"
    ticks_stay = True
    column_list = "id company status total deleted_by deleted_at until".split()
    column_labels = {
        "id": lazy_gettext("Order number"),
        "status": lazy_gettext("Order status"),
        "total": lazy_gettext("Total excl. VAT"),
        "deleted_by": lazy_gettext("Deleted By"),
        "deleted_at": lazy_gettext("Date Deleted"),
        "until": lazy_gettext("Kept until"),
    }
    is_stacked = True
    column_default_sort = ("deleted_at", True)
    column_filters = (
        ReferenceOfPart(lazy_gettext("Company"), "company", DeletedOrder.order, Order.company_id, Company),
        "id",
        "deleted_by",
        "deleted_at",
    )
    form_ajax_refs = {"company": RecordLookup("company", Company)}
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

    @property
    def searched(self) -> str:
        return gettext("Order number or company")

    def _apply_search(self, query: Any, count_query: Any, joins: Any, count_joins: Any, search: str) -> Any:
        """Find an order by its whole number, or those of a buyer by words of the name."""
        found = _found(search)
        return query.where(found), count_query.where(found), joins, count_joins

    @actions.action("restore", lazy_gettext("Restore order(s)"))
    def action_restore(self, ids: list[int]) -> ResponseReturnValue:
        """Put orders back where they were; what many would become is shown before."""
        selection = self._selection(ids)
        if len(ids) > TYPED_ABOVE:
            return redirect(self.get_url("orders.restore", selection_id=selection.id))
        now = datetime.now(UTC)
        batch = begin(
            selection.id, BatchRequest(BatchAction.RESTORE, secrets.token_urlsafe(24)), actor=actor(), now=now
        )
        set_going(batch, actor=actor(), clock=lambda: datetime.now(UTC))
        return redirect(self.get_url("batches.result", batch_id=batch.id))

    @expose("/restore-all/", methods=("POST",))
    def restore_all(self) -> ResponseReturnValue:
        """Show what restoring all that match would do."""
        asked = self.asked()
        if asked.faults:
            raise BadRequest(" ".join(asked.faults.values()))
        matching = select(DeletedOrder.id).where(*self.scope())
        for index, _name, value in asked.view_args.filters or ():
            matching = self._filters[index].apply(matching, value)
        if asked.view_args.search:
            matching = matching.where(_found(asked.view_args.search))
        selection = self._selection(db.session.scalars(matching).all())
        return redirect(self.get_url("orders.restore", selection_id=selection.id))

    def _selection(self, numbers: Collection[int]) -> Selection:
        g.way_back = self.return_url()
        return select_binned(numbers, actor=actor(), now=datetime.now(UTC))


def _found(search: str) -> ColumnElement[bool]:
    number = exact_number(search.strip())
    if number is not None:
        return DeletedOrder.id == number
    return DeletedOrder.order.has(
        and_(
            *(
                or_(
                    Order.buyer_name_folded.contains(word, autoescape=True),
                    Order.company.has(Company.name_folded.contains(word, autoescape=True)),
                )
                for word in fold_name(search).split()
            )
        )
    )
