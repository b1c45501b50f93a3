"""What a batch would do, counted exactly before it is done."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import FromClause, Row, func, select

from models.base import db
from models.batch import BatchAction, Outcome
from models.invoice import Invoice
from models.order import Order
from models.selection import SelectedOrder, Selection
from models.status import OrderStatus
from permissions import Actor
from services.batch_rules import HANDED_OVER, Facts, Verdict, Ways, verdict
from services.order_facts import FACTS, facts_of, of_kind, read_facts
from services.order_query import COLUMNS

MOST_SHOWN = 50


@dataclass(frozen=True)
class Example:
    """An order that the batch would leave as it is, and why. One that is not found has its number alone."""

    order_id: int
    verdict: Verdict
    company: str
    status_id: int | None
    invoice: str = ""


@dataclass(frozen=True)
class Preview:
    """What would become of a selection.

    `by_status` counts the orders that the batch would change, `handed_over` those of them that the ERP has.
    `total` is their sum excl. VAT in the base currency. `others` are the first that it would leave.
    """

    counts: Counter[Verdict]
    by_status: Counter[int]
    handed_over: int
    total: Decimal
    companies: int
    oldest: datetime | None
    others: Sequence[Example]

    @property
    def size(self) -> int:
        return self.counts.total()

    @property
    def done(self) -> int:
        return self.counts[Verdict(Outcome.DONE)]


def preview(selection: Selection, action: BatchAction, ways: Ways, *, actor: Actor) -> Preview:
    """Count what an action would make of a selection, in three statements whatever its size."""
    rows = _rows(selection, actor)
    kinds = _kinds(rows)
    verdicts = {facts: verdict(action, facts, ways) for facts in kinds}
    changed = [facts for facts in kinds if verdicts[facts].outcome is Outcome.DONE]
    counts: Counter[Verdict] = Counter()
    for facts, count in kinds.items():
        counts[verdicts[facts]] += count
    sums = _sums(rows, changed)
    return Preview(
        counts=counts,
        by_status=_counted(changed, kinds),
        handed_over=sum(kinds[facts] for facts in changed if facts.export_status in HANDED_OVER),
        total=sums.total or Decimal(0),
        companies=sums.companies,
        oldest=sums.oldest,
        others=_examples(rows, [facts for facts in kinds if facts not in changed], action, ways),
    )


def targets(selection: Selection, ways: Ways, *, actor: Actor) -> list[tuple[OrderStatus, int]]:
    """Give every status that at least one selected order may take, with how many may."""
    kinds = _kinds(_rows(selection, actor))
    may: Counter[int] = Counter()
    for facts, count in kinds.items():
        for target in ways.next_ids.get(facts.status_id or 0, ()):
            goal = Ways(ways.deletable, ways.next_ids, target)
            if verdict(BatchAction.CHANGE_STATUS, facts, goal).outcome is Outcome.DONE:
                may[target] += count
    statuses = select(OrderStatus).where(OrderStatus.id.in_(may)).order_by(OrderStatus.position, OrderStatus.id)
    return [(status, may[status.id]) for status in db.session.scalars(statuses)]


def _rows(selection: Selection, actor: Actor) -> FromClause:
    chosen = select(SelectedOrder.order_id, SelectedOrder.version).where(SelectedOrder.selection_id == selection.id)
    return facts_of(chosen.subquery("chosen"), actor).subquery("facts")


def _kinds(rows: FromClause) -> dict[Facts, int]:
    facts = [rows.c[name] for name in FACTS]
    return {
        read_facts(row): row.orders
        for row in db.session.execute(select(*facts, func.count().label("orders")).group_by(*facts))
    }


def _counted(changed: Sequence[Facts], kinds: dict[Facts, int]) -> Counter[int]:
    by_status: Counter[int] = Counter()
    for facts in changed:
        by_status[facts.status_id or 0] += kinds[facts]
    return by_status


def _sums(rows: FromClause, kinds: Sequence[Facts]) -> Row[Any]:
    return db.session.execute(
        select(
            func.sum(rows.c.total_base, type_=Order.total_base.type).label("total"),
            func.count(rows.c.company_id.distinct()).label("companies"),
            func.min(rows.c.created_at).label("oldest"),
        ).where(of_kind(rows, kinds))
    ).one()


def _examples(rows: FromClause, kinds: Sequence[Facts], action: BatchAction, ways: Ways) -> list[Example]:
    if not kinds:
        return []
    first = select(rows).where(of_kind(rows, kinds)).order_by(rows.c.order_id).limit(MOST_SHOWN).subquery("first")
    company = COLUMNS["company"].shown.label("company")
    invoice = select(func.min(Invoice.number)).where(Invoice.order_id == first.c.order_id).scalar_subquery()
    found = db.session.execute(
        select(first, company, invoice.label("invoice"))
        .outerjoin_from(first, Order, Order.id == first.c.order_id)
        .outerjoin(Order.company)
        .order_by(first.c.order_id)
    )
    return [_example(row, verdict(action, read_facts(row), ways)) for row in found]


def _example(row: Row[Any], said: Verdict) -> Example:
    if said.outcome is Outcome.NOT_FOUND:
        return Example(row.order_id, said, "", None)
    return Example(row.order_id, said, row.company or "", row.status_id, row.invoice or "")
