"""How many orders stand in each status: what the tabs of the list are made of, read from the kept numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, Self

from sqlalchemy import ColumnElement, Select, and_, func, select

from models.base import plain_rows
from models.order_count import EVERYBODY, OrderCount
from models.staff import company_manager
from models.status import OrderStatus, OrderType, StatusSet
from permissions import Actor


class CountedStatus(NamedTuple):
    """A status with its set and the number of orders in it."""

    id: int
    code: str
    name: str
    colour: str
    position: int
    set_id: int | None
    set_name: str | None
    set_position: int | None
    orders: int


@dataclass(frozen=True)
class EmptySet:
    """A status set that has no status of order type ORDER."""

    id: int
    name: str
    position: int


@dataclass(frozen=True)
class StatusCounts:
    """What the tabs are made of."""

    statuses: Sequence[CountedStatus]
    empty_sets: Sequence[EmptySet] = ()

    @classmethod
    def of(cls, rows: Iterable[Sequence[Any]]) -> Self:
        """Make them of the rows of `counts_statement`."""
        statuses: list[CountedStatus] = []
        empty_sets: list[EmptySet] = []
        for row in rows:
            if row[0] is None:
                empty_sets.append(EmptySet(*row[5:8]))
            else:
                statuses.append(CountedStatus(*row))
        return cls(statuses, empty_sets)

    @property
    def orders(self) -> int:
        """How many orders there are in all statuses."""
        return sum(status.orders for status in self.statuses)


def status_counts(actor: Actor, *, company: int | None, managed_by: int | None) -> StatusCounts:
    """Give every status of order type ORDER with its exact number of orders, and every set, in one statement."""
    return StatusCounts.of(plain_rows(counts_statement(actor, company, managed_by)))


@lru_cache(256)
def counts_statement(actor: Actor, company: int | None, managed_by: int | None) -> Select[Any]:
    """Select what StatusCounts is made of."""
    counts = (
        select(OrderCount.status_id, func.sum(OrderCount.orders).label("orders"))
        .where(_counted_companies(actor, company, managed_by))
        .group_by(OrderCount.status_id)
        .subquery("counts")
    )
    ordered = select(OrderStatus).where(OrderStatus.order_type == OrderType.ORDER).subquery("ordered")
    return (
        select(
            ordered.c.id,
            ordered.c.code,
            ordered.c.name,
            ordered.c.colour,
            ordered.c.position,
            StatusSet.id.label("set_id"),
            StatusSet.name.label("set_name"),
            StatusSet.position.label("set_position"),
            func.coalesce(counts.c.orders, 0).label("orders"),
        )
        .select_from(ordered)
        .outerjoin(StatusSet, StatusSet.id == ordered.c.status_set_id, full=True)
        .outerjoin(counts, counts.c.status_id == ordered.c.id)
        .order_by(ordered.c.position, ordered.c.id)
    )


def _counted_companies(actor: Actor, company: int | None, managed_by: int | None) -> ColumnElement[bool]:
    """Give the condition on the kept counts whose sum is that of these companies, within the actor's scope."""
    if company is not None:
        which = OrderCount.company_id == company
    elif managed_by is not None:
        which = OrderCount.company_id.in_(companies_managed_by(managed_by))
    elif actor.companies is None:
        return OrderCount.company_id == EVERYBODY
    else:
        which = OrderCount.company_id != EVERYBODY
    return and_(which, OrderCount.visible_to(actor))


def companies_managed_by(staff_id: int) -> Select[Any]:
    """Select the companies of an account manager."""
    return select(company_manager.c.company_id).where(company_manager.c.staff_id == staff_id)
