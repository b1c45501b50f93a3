"""The order list's page, put together from the question, what was read for it, and the rows that answer it."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from babel.lists import format_list
from flask import request
from flask_babel import get_locale, gettext, ngettext
from markupsafe import Markup

from admin_views.access import actor
from admin_views.formatters import Reader, row_writer
from admin_views.notation import language, notation
from admin_views.orders.address import Asked, Tab, tabs_of
from admin_views.orders.columns import ShownColumns
from admin_views.orders.export_choice import PARAMETERS, STREAMED, ExportChoice, kept_choice
from admin_views.orders.filters import Reading
from admin_views.orders.list_words import address_of, column_choices, labels_of, search_menu
from admin_views.orders.page import (
    Badge,
    BatchAction,
    Chip,
    CompanyPicker,
    Export,
    ExportOffer,
    FiltersDrawer,
    Heading,
    Nothing,
    OrderListPage,
    PageLink,
    Pager,
    PageSize,
    Search,
    SelectionBar,
    SetMember,
    TableEditor,
    TabLink,
    WayOut,
    page_numbers,
)
from admin_views.orders.view_menu import view_menu
from models.export_file import FileRows
from services.files.xlsx_file import MOST_ROWS
from services.list_context import MOST_FOUND, ListContext
from services.order_query import count_cap
from services.saved_views import KeptView
from services.typed_values import clip

if TYPE_CHECKING:
    from admin_views.orders.fast_list import FastList


EXPORT_ENDPOINTS = ("export_page", "start_export", "export_count")


class Question(NamedTuple):
    """What an address asks for, by what it was read, what was read beside it, and in which columns to answer."""

    asked: Asked
    reading: Reading
    context: ListContext
    columns: ShownColumns
    views: Sequence[KeptView]


@dataclass(frozen=True)
class Answer:
    """One answer of the list: who answers, what was asked, what was read for it, and the rows.

    `count` may be one more than the cap of counting, which then means "more".
    """

    view: "FastList"
    asked: Asked
    reading: Reading
    context: ListContext
    columns: ShownColumns
    views: Sequence[KeptView]
    rows: Sequence[Any]
    count: int

    @property
    def cap(self) -> int | None:
        """Where counting stopped, if it did; a list without rows is counted to the end."""
        query = self.asked.query
        cap = count_cap(query) if query and query.is_narrowed and self.rows else None
        return cap if cap is not None and self.count > cap else None

    @property
    def pages(self) -> int | None:
        """How many pages there are, if that is known."""
        return None if self.cap else -(-self.count // self.asked.page_size)

    @property
    def last_row(self) -> int:
        """The place of the last row of this page among all that match."""
        return (self.asked.page - 1) * self.asked.page_size + len(self.rows)

    @property
    def total_text(self) -> str:
        """How many match, as far as that is known: counting stops at the cap, the pages go on."""
        return f"{notation().whole(max(self.cap, self.last_row))}+" if self.cap else notation().whole(self.count)

    def page(self, actions: Sequence[tuple[str, str]]) -> OrderListPage:
        """Give what the template writes. `actions` are the batch actions that the person may use."""
        asked = self.asked
        last_page = self.pages if asked.page > 1 and self.count and not self.rows else None
        return OrderListPage(
            tabs=self._tabs(),
            company=self._company_picker,
            views=view_menu(self.views, asked, self._address, actor()),
            search=self._search(),
            drawer=self._drawer(),
            chips=self._chips,
            headings=tuple(self._headings[name] for name in self.columns.names),
            sorts=tuple(self._headings[name] for name in self.view.vocabulary.columns),
            editor=self._editor(),
            rows=self._rows(),
            row_count=len(self.rows),
            result_text=Markup(  # nosec B704: our own words around a number
                ngettext("<b>%(n)s</b> order matches", "<b>%(n)s</b> orders match", self.count, n=self.total_text)
            ),
            sort_text=self._sort_text(),
            faults=tuple(asked.faults.values()),
            mend_url=asked.cleared(self._path, ()),
            nothing=self._nothing(),
            beyond=_beyond_text(last_page, asked.page) if last_page else "",
            last_page_url=self._here(page=last_page) if last_page else "",
            pager=self._pager() if self.rows else None,
            export=self.export(),
            selection_bar=SelectionBar(
                actions=self._actions(dict(actions)),
                select_all_text=gettext("Select all %(n)s that match", n=self.total_text) if self.rows else "",
            ),
            action_url=asked.url(self._address(".action_view"), page=None, page_size=None),
            open_order=self._open_order(),
            binned_order=self._binned_order(),
            is_first_use=self._is_first_use(),
        )

    def export(self) -> Export:
        """Give the Export button and its dialog."""
        choice = kept_choice(self.context.export)
        parts = dict.fromkeys(("page", "page_size", *PARAMETERS))
        urls = {name: self.asked.url(self._address(f".{name}"), **parts) for name in EXPORT_ENDPOINTS}
        return Export(
            url=self.asked.url(self._address(".export"), **{**parts, **choice.parameters}),
            page_url=urls["export_page"],
            start_url=urls["start_export"],
            count_url=urls["export_count"],
            title=gettext("%(file)s: all %(n)s that match", file=_called(choice), n=self.total_text),
            ticked_title=gettext("%(file)s: the {n} ticked orders", file=_called(choice)),
            key=secrets.token_urlsafe(24),
            streamed=STREAMED,
            offer=ExportOffer(
                conditions=self.conditions(),
                columns_text=gettext("%(n)d shown, in your order", n=len(self.columns.names)),
                choice=choice,
                most=MOST_ROWS,
            ),
        )

    def conditions(self) -> str:
        """Say in words which orders match, and in which order."""
        asked, company = self.asked, self._company_picker
        said = [asked.tab.name]
        if company.is_chosen:
            said.append(company.label)
        if asked.search:
            said.append(gettext("search “%(text)s”", text=clip(asked.search)))
        said += [f"{chip.label} {chip.value}" for chip in self._chips]
        return " · ".join([*said, self._sort_text()])

    def _actions(self, allowed: Mapping[str, str]) -> tuple[BatchAction, ...]:
        """Give the batch actions of the person in their order; choosing all that match stands by itself."""
        icons = self.view.action_icons
        return tuple(BatchAction(name, allowed[name], icon) for name, icon in icons.items() if name in allowed)

    def _is_first_use(self) -> bool:
        is_every_company = "company" not in self.asked.values
        return is_every_company and not self.asked.faults and not any(s.orders for s in self.reading.counted.statuses)

    def _address(self, endpoint: str, **values: object) -> str:
        return address_of(self.view, endpoint, *values.items())

    @cached_property
    def _path(self) -> str:
        return request.path

    def _here(self, **changes: object) -> str:
        return self.asked.url(self._path, **changes)

    def _tabs(self) -> tuple[TabLink, ...]:
        return tuple(
            TabLink(
                key=tab.key,
                name=tab.name,
                orders=notation().whole(tab.orders),
                # A status chosen in a set's card would leave another tab empty.
                url=self._here(tab=None if tab.key == "all" else tab.key, status=None, page=None),
                is_current=tab.key == self.asked.tab.key and "tab" not in self.asked.faults,
                members=self._members(tab) if tab.is_set else (),
            )
            for tab in tabs_of(self.reading.counted)
        )

    def _members(self, tab: Tab) -> tuple[SetMember, ...]:
        return tuple(
            SetMember(
                Badge.of(status),
                notation().whole(status.orders),
                self._here(tab=tab.key, status=status.code, page=None),
            )
            for status in tab.statuses
        )

    @cached_property
    def _company_picker(self) -> CompanyPicker:
        is_mine = self.asked.values.get("company") == "mine"
        label = gettext("All mine") if is_mine else self.context.company or gettext("My Companies")
        return CompanyPicker(
            label=label,
            is_chosen=is_mine or self.context.company is not None,
            is_mine=is_mine,
            all_url=self._here(company=None, page=None),
            mine_url=self._here(company="mine", page=None),
            mine_count=self.context.managed,
            choose_url=self.asked.url_with(self._path, "company"),
            lookup_url=self._address(".ajax_lookup", name="company"),
            most=MOST_FOUND,
            error=self.asked.faults.get("company", ""),
        )

    def _search(self) -> Search:
        return Search(
            text=request.args.get("search", self.asked.values.get("search", "")),
            menu=search_menu(self.view, language(), self.asked.fields),
            carried=self.asked.carried("search", "fields"),
            error=self.asked.faults.get("search") or self.asked.faults.get("fields", ""),
        )

    def _drawer(self) -> FiltersDrawer:
        asked, vocabulary, reading = self.asked, self.view.vocabulary, self.reading
        values, faults = (
            {name: texts[name] for name in vocabulary.filter_parameters if name in texts}
            for texts in (asked.values, asked.faults)
        )
        return FiltersDrawer(
            values=tuple(values.items()),
            faults=tuple(faults.items()),
            against=reading.shown,
            groups=lambda: tuple(listed.group(values, faults, reading) for listed in vocabulary.filters),
            set_count=sum(any(values.get(name) for name in listed.parameters) for listed in vocabulary.filters),
            carried=asked.carried(*vocabulary.filter_parameters),
            view_says=tuple(asked.opened.values) if asked.opened else (),
            today=reading.today.isoformat(),
            clear_url=asked.cleared(self._path, vocabulary.filter_parameters),
        )

    @cached_property
    def _chips(self) -> tuple[Chip, ...]:
        values, faults = self.asked.values, self.asked.faults
        return tuple(
            listed.chip(values, faults, self.reading, self._here(page=None, **dict.fromkeys(listed.parameters)))
            for listed in self.view.vocabulary.filters
            if any(parameter in values for parameter in listed.parameters)
        )

    @cached_property
    def _labels(self) -> Mapping[str, tuple[str, str]]:
        return labels_of(self.view, language())

    @cached_property
    def _headings(self) -> dict[str, Heading]:
        """The headings of every column that is shown or sorts."""
        return {name: self._heading(name) for name in {*self.columns.names, *self.view.vocabulary.columns}}

    def _heading(self, name: str) -> Heading:
        sort, desc, sorts = self.asked.sort, self.asked.desc, name in self.view.vocabulary.columns
        label, description = self._labels[name]
        return Heading(
            name=name,
            label=label,
            description=description,
            css=self.view.list_cells[name].css,
            sort_url=self._here(sort=name, desc=int(name == sort and not desc), page=None) if sorts else "",
            direction=("descending" if desc else "ascending") if name == sort else "",
        )

    def _rows(self) -> Markup:
        layout = self.view.layout(self.columns.names)
        return row_writer(layout, Reader(notation(), self.reading.zone))(self.rows)

    def _editor(self) -> TableEditor:
        return TableEditor(
            choices=column_choices(self.view, language(), self.columns.names),
            default=self.view.column_list,
            is_fallback=self.columns.is_fallback,
            return_url=self._here(),
        )

    def _sort_text(self) -> str:
        label, _description = self._labels[self.asked.sort]
        if self.asked.desc:
            return gettext("Sorted by %(column)s, descending", column=label)
        return gettext("Sorted by %(column)s, ascending", column=label)

    def _pager(self) -> Pager:
        asked, pages = self.asked, self.pages
        has_next = len(self.rows) == asked.page_size and (pages is None or asked.page < pages)
        return Pager(
            range_text=gettext(
                "%(first)s–%(last)s of %(total)s",
                first=notation().whole(self.last_row - len(self.rows) + 1),
                last=notation().whole(self.last_row),
                total=self.total_text,
            ),
            links=tuple(
                None if number is None else PageLink(number, self._here(page=number), number == asked.page)
                for number in page_numbers(asked.page, pages, has_next=has_next)
            ),
            previous_url=self._here(page=asked.page - 1) if asked.page > 1 else "",
            next_url=self._here(page=asked.page + 1) if has_next else "",
            sizes=tuple(
                PageSize(size, self._here(page_size=size, page=None), size == asked.page_size)
                for size in self.view.page_size_options
            ),
        )

    def _nothing(self) -> Nothing:
        """Say what the list is narrowed by, each with the link that widens it."""
        asked, filters, every = self.asked, self.view.vocabulary.filter_parameters, self.view.search_fields
        by: list[str] = []
        ways_out: list[WayOut] = []
        if asked.search:
            by.append(gettext("the search “%(text)s”", text=clip(asked.search)))
            if len(asked.fields) < len(every):
                label = gettext("Search in all %(count)d fields", count=len(every))
                ways_out.append(WayOut(label, self._here(fields=",".join(every), page=None)))
            ways_out.append(WayOut(gettext("Clear search"), self._here(search=None, page=None)))
        if any(name in asked.values for name in filters):
            by.append(gettext("the filters"))
            ways_out.append(WayOut(gettext("Clear filters"), asked.cleared(self._path, filters)))
        if asked.tab.key != "all":
            by.append(gettext("the tab “%(name)s”", name=asked.tab.name))
            ways_out.append(WayOut(gettext("All orders"), self._here(tab=None, page=None)))
        if "company" in asked.values:
            by.append(gettext("the company “%(name)s”", name=self._company_picker.label))
            ways_out.append(WayOut(gettext("All companies"), self._here(company=None, page=None)))
        return Nothing(
            gettext("No order matches %(what)s.", what=format_list(by, locale=get_locale())), tuple(ways_out)
        )

    def _open_order(self) -> tuple[int, str] | None:
        if self.context.order is None:
            return None
        return self.context.order, self._address(".detail", order_id=self.context.order)

    def _binned_order(self) -> tuple[int, str] | None:
        if self.context.binned is None:
            return None
        return self.context.binned, self._address("bin.index_view", search=self.context.binned)


def _called(choice: ExportChoice) -> str:
    """Say what the Export button downloads, as the person chose it last."""
    if choice.rows is FileRows.LINES:
        return gettext("CSV, one row per order line")
    return gettext("CSV, one row per order")


def _beyond_text(pages: int, page: int) -> str:
    return ngettext(
        "There is %(pages)s page, so there is no page %(page)s.",
        "There are %(pages)s pages, so there is no page %(page)s.",
        pages,
        pages=notation().whole(pages),
        page=notation().whole(page),
    )
