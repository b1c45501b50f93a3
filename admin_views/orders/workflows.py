"""The workflows of an order: what can be started, and what came of it. A drawer over the order shows the same page."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext

from admin_views.access import may, zone
from admin_views.edits import edit_now
from admin_views.notation import notation, said
from admin_views.orders.actions import sent_key
from admin_views.orders.detail import OrderPages
from admin_views.words import DELIVERY_COLOURS, DELIVERY_STATES, ORIGINS
from models.delivery import DeliveryState
from models.order import Order
from models.order_history import Origin
from models.workflow import WorkflowRun
from permissions import Action
from services import workflows
from services.errors import Refused, reread
from services.jobs import wake
from services.unit_of_work import Edit, OrderGone
from services.worker import is_there


class OrderWorkflows(OrderPages):
    """The addresses of an order's workflows."""

    method_actions = dict.fromkeys(("start_workflow", "retry_workflow"), Action.ORDERS_EDIT)

    @expose("/<int:order_id>/workflows/")
    def show_workflows(self, order_id: int) -> str:
        """Show what can be started, and the latest runs."""
        return self._workflows_page(self.found(order_id)[0])

    @expose("/<int:order_id>/workflows/<int:workflow_id>/start", methods=("POST",))
    def start_workflow(self, order_id: int, workflow_id: int) -> ResponseReturnValue:
        """Start a workflow."""
        key = sent_key()
        return self._did(order_id, lambda edit: workflows.start(order_id, workflow_id, key=key, edit=edit))

    @expose("/<int:order_id>/workflows/runs/<int:run_id>/retry", methods=("POST",))
    def retry_workflow(self, order_id: int, run_id: int) -> ResponseReturnValue:
        """Let a run be tried again."""
        return self._did(order_id, lambda edit: workflows.retry(order_id, run_id, edit=edit))

    def _did(self, order_id: int, verb: Callable[[Edit], None]) -> ResponseReturnValue:
        order = self.to_change(order_id)
        try:
            verb(edit_now(Action.ORDERS_EDIT))
        except OrderGone:
            raise
        except Refused as refused:
            return self._workflows_page(order, said(refused)), 409
        wake()
        return redirect(self._workflows_url(order_id))

    def _workflows_page(self, order: Order, fault: str = "") -> str:
        list_asked, now = request.args.get("list"), datetime.now(UTC)
        return self.render(
            "admin/orders/workflows.html",
            number=order.id,
            order_url=self.get_url(".detail", order_id=order.id, list=list_asked),
            workflows_url=self._workflows_url(order.id),
            fault=fault,
            offers=self._offers(order) if self._may_start(order) else (),
            runs=[self._run(run, order, now) for run in workflows.latest_runs(order)],
        )

    def _offers(self, order: Order) -> Sequence[dict[str, str]]:
        return [
            {
                "name": workflow.name,
                "description": workflow.description,
                "label": workflow.label,
                "key": token_urlsafe(32),
                "url": self._url(".start_workflow", order, workflow_id=workflow.id),
            }
            for workflow in workflows.workflows_on_offer()
        ]

    def _run(self, run: WorkflowRun, order: Order, now: datetime) -> dict[str, Any]:
        outcome, state = run.outcome, DeliveryState(run.outcome.state)
        is_open, is_failed = state in (DeliveryState.WAITING, DeliveryState.SENDING), state is DeliveryState.FAILED
        may_retry = is_failed and run.job_id is not None and self._may_start(order)
        return {
            "id": run.id,
            "name": run.name,
            "when": notation().moment(run.started_at, zone()),
            "who": run.staff.name if run.staff else str(ORIGINS[Origin.SYSTEM]),
            "tries": gettext("Tries: %(count)s", count=notation().whole(outcome.tries)) if outcome.tries > 1 else "",
            "state": str(DELIVERY_STATES[state]),
            "colour": DELIVERY_COLOURS[state],
            "is_open": is_open,
            "is_failed": is_failed,
            "reason": said(reread(outcome.reason)) if outcome.reason else "",
            "next_try": notation().moment(outcome.next_try, zone()) if outcome.next_try else "",
            "silence": is_open and not outcome.next_try and not is_there(now=now),
            "reply": outcome.reply,
            "retry_url": self._url(".retry_workflow", order, run_id=run.id) if may_retry else "",
        }

    def changing(self, order: Order) -> dict[str, Any]:
        more = super().changing(order)
        if self._may_start(order) and workflows.is_any_on_offer():
            more["workflows_url"] = self._workflows_url(order.id, self.list_asked())
        return more

    def _may_start(self, order: Order) -> bool:
        return may(Action.ORDERS_EDIT) and not order.is_deleted

    def _workflows_url(self, order_id: int, list_asked: str = "") -> str:
        return self.get_url(".show_workflows", order_id=order_id, list=list_asked or request.args.get("list"))

    def _url(self, endpoint: str, order: Order, **ids: int) -> str:
        return self.get_url(endpoint, order_id=order.id, list=request.args.get("list"), **ids)
