"""The order list's page: what stands around the rows, the rows, and how many match."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask_babel import ngettext
from markupsafe import Markup

from admin_views.formatters import Reader, row_writer
from admin_views.notation import notation
from admin_views.orders.list_frame import ListFrame
from admin_views.orders.page import Extent
from services.order_query import count_cap
from services.status_counts import StatusCounts


@dataclass(frozen=True)
class ListPage:
    """What the list's template is given of the orders; a `count` of one more than the cap of counting means "more"."""

    frame: ListFrame
    counted: StatusCounts
    found: Sequence[Any]
    count: int

    @cached_property
    def extent(self) -> Extent:
        asked = self.frame.asked
        # A list without rows is counted to the end.
        cap = count_cap(asked.query) if asked.query and asked.query.is_narrowed and self.found else None
        is_more = cap is not None and self.count > cap
        return Extent(self.count, asked.page, asked.page_size, len(self.found), cap if is_more else None)

    @property
    def shape(self) -> Hashable:
        """Which of its parts the template shows."""
        return self.is_first_use, bool(self.extent.rows), self.last_page

    @property
    def slots(self) -> Mapping[str, Callable[[], Markup]]:
        """What may be new on every look at the same list, by the name of its slot in the template."""
        frame, extent = self.frame, self.extent
        return {
            "tabs": lambda: frame.part("status_tabs", counted=self.counted),
            "top": lambda: frame.part("list_top", total=extent.total_text),
            "bar": lambda: frame.part("list_bar", extent=extent),
            "rows": lambda: self._rows,
            "pager": lambda: frame.part("list_pager", extent=extent),
        }

    @property
    def _rows(self) -> Markup:
        """The orders as finished `<tr>` elements."""
        frame = self.frame
        layout = frame.view.layout(frame.columns.names)
        return row_writer(layout, Reader(notation(), frame.reading.zone))(self.found)

    @property
    def is_first_use(self) -> bool:
        """Whether there is not one order yet."""
        asked = self.frame.asked
        return not (asked.faults or "company" in asked.values or self.counted.orders)

    @property
    def last_page(self) -> int | None:
        """The last page, on one beyond it."""
        extent = self.extent
        return extent.pages if extent.page > 1 and extent.count and not extent.rows else None

    @property
    def beyond(self) -> str:
        """Say that there is no such page."""
        pages = self.last_page or 0
        return ngettext(
            "There is %(pages)s page, so there is no page %(page)s.",
            "There are %(pages)s pages, so there is no page %(page)s.",
            pages,
            pages=notation().whole(pages),
            page=notation().whole(self.extent.page),
        )
