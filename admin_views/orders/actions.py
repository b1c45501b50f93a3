"""The action bar of the order list: from ticks to a selection, to a preview, to a batch."""

import re
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app, g, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_admin.actions import action
from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug.exceptions import BadRequest

from admin_views.access import actor, zone
from admin_views.notation import notation
from admin_views.orders.batch_words import SAYINGS, in_full, reason_word, why
from admin_views.orders.fast_list import FastList
from admin_views.orders.page import Badge
from admin_views.orders.paging import PAGE_SIZE, page_asked, pager
from admin_views.values import Unreadable, read_id, read_note
from models.batch import Batch, BatchAction, Outcome, Reason
from models.selection import NOT_FOUND, Selection
from models.status import OrderStatus
from permissions import Action
from services import batches
from services.batch_preview import Example, Preview, preview, targets
from services.batch_result import Own, own_work, selected_rows
from services.batch_rules import Verdict
from services.errors import Refused
from services.order_facts import ways
from services.selection import LASTS, Ticks, find_selection, held, select_all, select_ticked, size
from services.statuses import by_id
from services.unit_of_work import AT_ONCE

TYPED_ABOVE = 100
"""Orders above which the number must be typed before they are changed."""
LONGEST_KEY = 43
LONGEST_QUESTION = 8_192


class OrderActions(FastList):
    """Choosing orders in the list, and what is done with them. `batch_actions` says who may."""

    method_actions = {
        "change_status": Action.ORDERS_EDIT,
        "reset_export": Action.ORDERS_RESET_EXPORT,
        "delete_orders": Action.ORDERS_DELETE,
        "restore": Action.ORDERS_DELETE,
    }

    @action("change_status", lazy_gettext("Change status"))
    def action_change_status(self, selection_id: int) -> str:
        """Lead to the choice of the status."""
        return self.get_url(".change_status", selection_id=selection_id)

    @action("reset_export", lazy_gettext("Reset export fields"))
    def action_reset_export(self, selection_id: int) -> str:
        """Lead to the preview."""
        return self.get_url(".reset_export", selection_id=selection_id)

    @action("delete", lazy_gettext("Delete order(s)"))
    def action_delete(self, selection_id: int) -> str:
        """Lead to the preview, which knows the order from whose page one came."""
        return self.get_url(".delete_orders", selection_id=selection_id, order=request.form.get("order"))

    @action("export", lazy_gettext("Export"))
    def action_export(self, selection_id: int) -> str:
        """Lead to the file of what is ticked."""
        return self.get_url(".export", selection=selection_id)

    @action("duplicate", lazy_gettext("Duplicate"))
    def action_duplicate(self, selection_id: int) -> str:
        """Lead to a new order like the one that is ticked. Raises Refused for several."""
        selection = self._selection(selection_id)
        if size(selection) != 1:
            raise Refused("One order at a time can be duplicated. Tick only one.")
        (row,) = selected_rows(selection, actor=actor(), skip=0, take=1)
        return self.get_url(".new_order", copy=row.order_id)

    @action("look", lazy_gettext("Look at them"))
    def action_look(self, selection_id: int) -> str:
        """Lead to what is chosen."""
        return self.get_url(".selection", selection_id=selection_id)

    @action("select", lazy_gettext("Select all that match"))
    def action_select(self, selection_id: int) -> str:
        """Lead to what is chosen."""
        return self.get_url(".selection", selection_id=selection_id)

    def run_action(self, run: Callable[[Any], Any]) -> ResponseReturnValue:
        """Freeze what is chosen, and lead to what the action asks before it does anything."""
        selection = self._chosen()
        url = run(selection.id)
        if request.accept_mimetypes.best == "application/json":
            return jsonify(id=selection.id, size=size(selection), url=url)
        return redirect(url)

    def _chosen(self) -> Selection:
        now, question = datetime.now(UTC), _question()
        g.way_back = f"{self.get_url('.index_view')}?{question}".rstrip("?")
        ticks = Ticks(
            [*_numbers("ids"), *self._ticked_ids()], next(iter(_numbers("selection")), None), _numbers("without")
        )
        if request.form["action"] == "select":
            asked = self.asked()
            if asked.query is None:
                raise BadRequest(" ".join(asked.faults.values()))
            return select_all(asked.query, question, actor=actor(), now=now, beside=ticks)
        return select_ticked(ticks, question, actor=actor(), now=now)

    # ---- what is chosen ----

    @expose("/selections/<int:selection_id>/")
    def selection(self, selection_id: int) -> str:
        """Show a selection as it was frozen."""
        selection = self._selection(selection_id)
        total = size(selection)
        page = page_asked(total)
        rows = selected_rows(selection, actor=actor(), skip=(page - 1) * PAGE_SIZE, take=PAGE_SIZE)
        return self.render(
            "admin/orders/selection.html",
            selection=selection,
            total=total,
            title=ngettext("%(n)s order chosen", "%(n)s orders chosen", total, n=notation().whole(total)),
            since=notation().moment(selection.created_at, zone()),
            until=notation().moment(selection.created_at + LASTS, zone()),
            rows=[_selected(row) for row in rows],
            pager=pager(page, total, lambda number: self.get_url(".selection", selection_id=selection_id, page=number)),
            list_url=self.list_url(selection),
            actions=[
                (str(SAYINGS[done].label), SAYINGS[done].icon, self.get_url(f".{endpoint}", selection_id=selection_id))
                for done, endpoint, name in BATCHES
                if self.is_action_allowed(name)
            ],
        )

    @expose("/selections/<int:selection_id>/held")
    def held(self, selection_id: int) -> ResponseReturnValue:
        """Tell which orders of a page are in a selection."""
        asked = [read_id(part) for part in request.args.get("ids", "").split(",")[:100]]
        return jsonify(held(self._selection(selection_id), [number for number in asked if number]))

    # ---- what would be done, and doing it ----

    @expose("/selections/<int:selection_id>/delete/", methods=("GET", "POST"))
    def delete_orders(self, selection_id: int) -> ResponseReturnValue:
        """Move orders to the bin."""
        return self._batch(selection_id, BatchAction.DELETE)

    @expose("/selections/<int:selection_id>/reset-export/", methods=("GET", "POST"))
    def reset_export(self, selection_id: int) -> ResponseReturnValue:
        """Put orders back in the ERP's queue."""
        return self._batch(selection_id, BatchAction.RESET_EXPORT)

    @expose("/selections/<int:selection_id>/restore/", methods=("GET", "POST"))
    def restore(self, selection_id: int) -> ResponseReturnValue:
        """Bring orders back from the bin."""
        return self._batch(selection_id, BatchAction.RESTORE)

    @expose("/selections/<int:selection_id>/change-status/", methods=("GET", "POST"))
    def change_status(self, selection_id: int) -> ResponseReturnValue:
        """Move orders to a status that may follow."""
        to_status = request.values.get("to", "")
        if to_status:
            return self._batch(selection_id, BatchAction.CHANGE_STATUS, to_status)
        selection = self._selection(selection_id)
        offered, total = targets(selection, ways(), actor=actor()), size(selection)
        return self.render(
            "admin/orders/choose_status.html",
            selection=selection,
            total=total,
            title=SAYINGS[BatchAction.CHANGE_STATUS].title(total),
            targets=[
                (Badge.of(status), self._count_of(count, total), self._to(selection_id, status.code))
                for status, count in offered
            ],
            list_url=self.list_url(selection),
        )

    def _to(self, selection_id: int, code: str) -> str:
        return self.get_url(".change_status", selection_id=selection_id, to=code)

    def _count_of(self, count: int, total: int) -> str:
        return gettext("%(n)s of %(all)s", n=notation().whole(count), all=notation().whole(total))

    def _batch(self, selection_id: int, wanted: BatchAction, to_status: str = "") -> ResponseReturnValue:
        """Show what a batch would do; begin it when that is confirmed."""
        asked = batches.BatchRequest(wanted, sent_key(), to_status, _note()) if request.method == "POST" else None
        if asked and (earlier := batches.with_key(asked.key, actor())):
            return self._result(earlier)
        selection = self._selection(selection_id)
        found = preview(selection, wanted, ways(to_status), actor=actor())
        fault, not_typed = (_fault(found.done), typed_fault(found.done)) if asked else ("", "")
        if asked is None or fault or not_typed:
            told = self._preview(selection, wanted, to_status, found)
            return self.render("admin/orders/preview.html", **told, fault=fault, typed_fault=not_typed)
        return self._result(batches.begin(selection_id, asked, actor=actor(), now=datetime.now(UTC)))

    def _result(self, batch: Batch) -> ResponseReturnValue:
        """Do what is left of a batch, be it that the button was pressed twice, and lead to its result."""
        batches.set_going(batch, actor=actor(), clock=lambda: datetime.now(UTC))
        return redirect(self.get_url("batches.result", batch_id=batch.id))

    def _preview(self, selection: Selection, wanted: BatchAction, to_status: str, found: Preview) -> dict[str, Any]:
        saying, statuses = SAYINGS[wanted], by_id()
        target = next((status for status in statuses.values() if status.code == to_status), None)
        shown = [other.order_id for other in found.others]
        own = own_work(selection, wanted, target.code if target else "", shown, actor=actor())
        left, unchanged = found.size - found.done, found.counts[Verdict(Outcome.UNCHANGED)]
        will_not, is_of_bin = left - unchanged - own.by_batch.total(), wanted is BatchAction.RESTORE
        list_url = self.get_url("bin.index_view") if is_of_bin else self.list_url(selection)
        came_from = read_id(request.args.get("order", ""))
        return {
            "selection": selection,
            "title": saying.title(found.size),
            "saying": saying,
            "action": wanted,
            "target": Badge.of(target) if target else None,
            "to_status": to_status,
            "done": found.done,
            "left": left,
            "left_text": notation().whole(left),
            "reasons": [
                (reason_word(wanted, said), notation().whole(count)) for said, count in _reasons(found, own).items()
            ],
            "own": [(batch_id, notation().whole(count)) for batch_id, count in own.by_batch.items()],
            "will": saying.will(found.done),
            "headline": in_full(
                saying.will(found.done),
                unchanged,
                gettext("%(n)s will not", n=notation().whole(will_not)) if will_not else "",
            ),
            "button": saying.title(found.done),
            "by_status": [(Badge.of(statuses[row]), notation().whole(count)) for row, count in found.by_status.items()],
            "handed_over": notation().whole(found.handed_over) if found.handed_over else "",
            "total": notation().amount(found.total),
            "companies": notation().whole(found.companies),
            "oldest": notation().day(found.oldest.astimezone(zone())) if found.oldest else "",
            "others": [self._other(wanted, other, statuses, own) for other in found.others],
            "first": notation().whole(len(found.others)) if left > len(found.others) else "",
            **bin_until(datetime.now(UTC)),
            "key": request.form.get("key") or secrets.token_urlsafe(24),
            "note": request.form.get("note", ""),
            "must_type": found.done > TYPED_ABOVE,
            "typed": request.form.get("typed", ""),
            "is_long": found.size > AT_ONCE,
            "is_of_bin": is_of_bin,
            "list_url": list_url,
            "came_from": came_from,
            "cancel_url": self.get_url(".detail", order_id=came_from, list=selection.asked or None)
            if came_from
            else list_url,
        }

    def _other(
        self, action: BatchAction, other: Example, statuses: Mapping[int, OrderStatus], own: Own
    ) -> dict[str, Any]:
        status = statuses.get(other.status_id or 0)
        detail = status.code if status else ""
        if other.verdict.reason is Reason.HAS_INVOICE:
            detail = other.invoice
        names = {known.code: known.name for known in statuses.values()}
        return {
            "number": other.order_id,
            "url": self.get_url(".detail", order_id=other.order_id) if status else "",
            "company": other.company,
            "badge": Badge.of(status) if status else None,
            "own_batch": own.by_order.get(other.order_id),
            "why": why(action, other.verdict.outcome, other.verdict.reason, detail, names),
        }

    def _selection(self, selection_id: int) -> Selection:
        return find_selection(selection_id, actor=actor(), now=datetime.now(UTC))

    def list_url(self, selection: Selection) -> str:
        """Give the list that was asked for when the orders were chosen."""
        return f"{self.get_url('.index_view')}?{selection.asked}".rstrip("?")


BATCHES: Sequence[tuple[BatchAction, str, str]] = (
    (BatchAction.CHANGE_STATUS, "change_status", "change_status"),
    (BatchAction.RESET_EXPORT, "reset_export", "reset_export"),
    (BatchAction.DELETE, "delete_orders", "delete"),
)
"""What can be done with a selection, the endpoint that does it, and the button that leads there."""


def bin_until(deleted_at: datetime) -> dict[str, Any]:
    """Say how long what is deleted at a moment stays in the bin."""
    days = current_app.config["BIN_DAYS"]
    return {"bin_days": days, "until": notation().day((deleted_at + timedelta(days=days)).astimezone(zone()))}


def _selected(row: Any) -> dict[str, Any]:
    is_there = row.version != NOT_FOUND and row.now is not None and not row.is_deleted
    state = gettext("Not found")
    if is_there:
        state = gettext("Changed meanwhile") if row.now != row.version else ""
    return {
        "number": row.order_id,
        "url": f"/admin/orders/{row.order_id}/" if is_there else "",
        "company": row.company if is_there else "",
        "badge": Badge(row.status_code, row.status_name, row.status_colour) if is_there else None,
        "total": notation().amount(row.total) if is_there else "",
        "state": state,
    }


def _reasons(found: Preview, own: Own) -> Counter[Verdict]:
    """Count why orders are left, without those that the person's own batches did already."""
    changed = own.by_batch.total() - own.in_bin
    done_already = {Verdict(Outcome.CHANGED): changed, Verdict(Outcome.NOT_FOUND): own.in_bin}
    return +(found.counts - Counter({Verdict(Outcome.DONE): found.done, **done_already}))


def _numbers(field: str) -> list[int]:
    """Read comma-joined order numbers. Raises BadRequest."""
    written = request.form.get(field, "")
    found = [read_id(part) for part in written.split(",")] if written else []
    if None in found:
        raise BadRequest(gettext("These are not order numbers."))
    return [number for number in found if number]


def _question() -> str:
    """Give what the list was asked for; the way back from what no list understands leads to the plain one."""
    asked = request.query_string
    return asked.decode() if asked.isascii() and len(asked) <= LONGEST_QUESTION else ""


def sent_key() -> str:
    """Give the key of a form, with which what is sent twice is done once. Raises BadRequest."""
    key = request.form.get("key", "")
    if not re.fullmatch(rf"[A-Za-z0-9_-]{{1,{LONGEST_KEY}}}", key):
        raise BadRequest
    return key


def _note() -> str:
    try:
        return read_note(request.form.get("note", ""))
    except Unreadable as unreadable:
        raise BadRequest(str(unreadable)) from unreadable


def _fault(done: int) -> str:
    """Say why a confirmation does not count: there is nothing to do, or not what was shown."""
    if not done:
        return gettext("Nothing was changed: none of these orders can be.")
    if request.form.get("expected", "") != str(done):
        return gettext("Orders have changed since you looked, so nothing was done yet. Look again at the numbers.")
    return ""


def typed_fault(done: int) -> str:
    """Say what is to be typed before so many orders are changed."""
    typed = request.form.get("typed", "").strip()
    if done > TYPED_ABOVE and typed not in (str(done), notation().whole(done)):
        return gettext("Nothing was done yet. Type %(n)s to confirm.", n=done)
    return ""
