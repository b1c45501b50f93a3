"""From a record to the lists of what refers to it, each with its number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import current_app, url_for
from flask_babel import LazyString, gettext
from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from admin_views.access import Access, actor, may
from admin_views.notation import notation
from admin_views.values import write_text
from admin_views.words import RECORD_TYPES
from models.base import db, visible
from services.order_query import Condition, Operator, OrderQuery, capped_count
from services.record_usage import MOST_COUNTED, Use


@dataclass(frozen=True)
class Link:
    """A list of the rows whose `column` holds a record's `own` column.

    `endpoint` is the list, `parameter` its filter, which takes the record's column `value`. `used_by` is what
    the rows of the column are called where the list has others.
    """

    label: LazyString | str
    endpoint: str
    parameter: str
    column: InstrumentedAttribute[Any]
    own: str = "id"
    value: str = "id"
    used_by: LazyString | str = ""

    def url(self, row: Any) -> str:
        """Give the address of the list, or nothing when the person may not see it."""
        needed = current_app.extensions["declared"][self.endpoint]
        if not isinstance(needed, Access) and not may(needed):
            return ""
        value = write_text(str(getattr(row, self.value)))
        return f"{url_for(self.endpoint)}?{urlencode({self.parameter: value})}"

    def count(self, row: Any) -> int:
        """Count the rows of the list, as far as they exist for the person, up to one more than MOST_COUNTED."""
        model: Any = self.column.class_
        found = select(model.id).where(self.column == getattr(row, self.own), visible(model, actor()))
        return db.session.scalar(select(func.count()).select_from(found.limit(MOST_COUNTED + 1).subquery())) or 0


class OrdersLink(Link):
    """The list of orders, which has no quotes and no requests, and each order once, whatever its lines."""

    def count(self, row: Any) -> int:
        value = getattr(row, self.own)
        if self.parameter == "company":
            return capped_count(OrderQuery(company=value), actor())
        return capped_count(OrderQuery(conditions=(Condition(self.parameter, Operator.AMONG, (value,)),)), actor())


@dataclass(frozen=True)
class Related:
    """What refers to a record, in words: how many, and where they are listed if the person may see them."""

    label: str
    count: str
    url: str


def links_of(row: Any, links: Iterable[Link]) -> list[Related]:
    """Give the lists that belong to a record, those that the person may see."""
    return [Related(str(link.label), capped(link.count(row)), url) for link in links if (url := link.url(row))]


def uses_of(row: Any, uses: Iterable[Use], links: Sequence[Link]) -> list[Related]:
    """Give what refers to a record, with the list of each where there is one."""
    by_column = {(link.column.class_.__tablename__, link.column.key): link for link in links}
    found = []
    for use in uses:
        link = by_column.get((use.table, use.column))
        label = RECORD_TYPES.get(use.table, gettext("Others")) if link is None else link.used_by or link.label
        found.append(Related(str(label), capped(use.count), link.url(row) if link else ""))
    return found


def capped(count: int) -> str:
    """Write a count that stops at MOST_COUNTED."""
    return f"{notation().whole(MOST_COUNTED)}+" if count > MOST_COUNTED else notation().whole(count)
