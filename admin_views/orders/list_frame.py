"""What stands around the rows of the order list, kept with its parts as they were drawn.

Whoever asks the same of the same gets the same frame. It knows no orders; what says how many there are is told.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from babel.lists import format_list
from flask import request
from flask_babel import get_locale, gettext
from markupsafe import Markup

from admin_views.access import actor
from admin_views.kept_parts import draw
from admin_views.notation import language, notation
from admin_views.orders.address import LONGEST_SEARCH, Asked, Tab, tabs_of
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
    Extent,
    FiltersDrawer,
    Heading,
    Nothing,
    PageLink,
    Pager,
    PageSize,
    Search,
    SetMember,
    TableEditor,
    TabLink,
    ViewMenu,
    WayOut,
    page_numbers,
)
from admin_views.orders.view_menu import view_menu
from models.export_file import FileRows
from permissions import Action, Actor
from services.files.xlsx_file import MOST_ROWS
from services.list_context import MOST_FOUND, ListContext
from services.status_counts import StatusCounts
from services.typed_values import clip

if TYPE_CHECKING:
    from admin_views.orders.fast_list import FastList

MOST_KEPT = 128
EXPORT_ENDPOINTS = ("export_page", "start_export", "export_count")


class Question(NamedTuple):
    """What an address asks for, by what it was read, what was read beside it, and in which columns to answer."""

    asked: Asked
    reading: Reading
    context: ListContext
    columns: ShownColumns


@dataclass(frozen=True)
class ListFrame:
    """What the list's template is given around the rows: words, numbers and addresses, put together when first asked.

    Frames of one `key` are equal.
    """

    key: Hashable
    view: "FastList" = field(compare=False)
    actor: Actor = field(compare=False)
    path: str = field(compare=False)
    typed: str | None = field(compare=False)
    asked: Asked = field(compare=False)
    reading: Reading = field(compare=False)
    context: ListContext = field(compare=False)
    columns: ShownColumns = field(compare=False)
    _drawn: dict[str, tuple[Mapping[str, Any], Markup]] = field(compare=False, default_factory=dict)

    def part(self, name: str, /, **told: Any) -> Markup:
        """Give what the template `kept/<name>.html` makes of this frame and of what it is told of the orders."""
        kept = self._drawn.get(name)
        if kept is None or kept[0] != told:
            kept = self._drawn[name] = told, draw(name, frame=self, **told)
        return kept[1]

    @cached_property
    def views(self) -> ViewMenu:
        return view_menu(self.context.views, self.asked, self._address, self.actor)

    @property
    def headings(self) -> list[Heading]:
        return [self._heading(name) for name in self.columns.names]

    @property
    def sorts(self) -> list[Heading]:
        """The headings of all columns that sort, shown or not."""
        return [self._heading(name) for name in self.view.vocabulary.columns]

    @cached_property
    def faults(self) -> tuple[str, ...]:
        """The sentences about what could not be read: with any of them there are no rows and no pager."""
        return tuple(self.asked.faults.values())

    @property
    def mend_url(self) -> str:
        """The address of the list without what could not be read."""
        return self.asked.cleared(self.path, ())

    @cached_property
    def action_url(self) -> str:
        return self.asked.url(self._address(".action_view"), page=None, page_size=None)

    @cached_property
    def columns_url(self) -> str:
        return self._address(".save_columns")

    @cached_property
    def held_url(self) -> str:
        return self._address(".held", selection_id=0)

    @property
    def matches_url(self) -> str:
        """Where it is told what a search found the orders by; empty without a search."""
        return self._address(".matches") if self.asked.query and self.asked.query.words else ""

    @property
    def list_url(self) -> str:
        return self._address(".index_view")

    @property
    def new_order_url(self) -> str:
        """Where an order is typed in, or nothing for somebody who may not."""
        return self._address(".new_order") if self.actor.may(Action.ORDERS_CREATE) else ""

    @property
    def actions(self) -> list[BatchAction]:
        """The batch actions of the person in their order; choosing all that match stands by itself."""
        allowed = dict(self.view.allowed_actions())
        return [BatchAction(n, allowed[n], icon) for n, icon in self.view.action_icons.items() if n in allowed]

    def _address(self, endpoint: str, **values: object) -> str:
        return address_of(self.view, endpoint, *values.items())

    def _here(self, **changes: object) -> str:
        return self.asked.url(self.path, **changes)

    def here(self, page: int) -> str:
        """Give the address of another page of the list."""
        return self._here(page=page)

    @cached_property
    def export(self) -> Export:
        """The Export button and its dialog."""
        choice = kept_choice(self.context.export)
        parts = dict.fromkeys(("page", "page_size", *PARAMETERS))
        urls = {name: self.asked.url(self._address(f".{name}"), **parts) for name in EXPORT_ENDPOINTS}
        return Export(
            url=self.asked.url(self._address(".export"), **{**parts, **choice.parameters}),
            page_url=urls["export_page"],
            start_url=urls["start_export"],
            count_url=urls["export_count"],
            ticked_title=gettext("%(file)s: the {n} ticked orders", file=_called(choice)),
            streamed=STREAMED,
            offer=ExportOffer(
                conditions=self.conditions,
                columns_text=gettext("%(n)d shown, in your order", n=len(self.columns.names)),
                choice=choice,
                most=MOST_ROWS,
            ),
        )

    def export_title(self, total: str) -> str:
        """Say what the Export button downloads of `total` orders."""
        return gettext("%(file)s: all %(n)s that match", file=_called(self.export.offer.choice), n=total)

    @property
    def conditions(self) -> str:
        """Say in words which orders match, and in which order."""
        asked, company = self.asked, self.company
        said = [asked.tab.name]
        if company.is_chosen:
            said.append(company.label)
        if asked.search:
            said.append(gettext("search “%(text)s”", text=clip(asked.search)))
        said += [f"{chip.label} {chip.value}" for chip in self.chips]
        return " · ".join([*said, self.sort_text])

    def tabs(self, counted: StatusCounts) -> tuple[TabLink, ...]:
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
            for tab in tabs_of(counted)
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
    def company(self) -> CompanyPicker:
        is_mine = self.asked.values.get("company") == "mine"
        label = gettext("All mine") if is_mine else self.context.company or gettext("My Companies")
        return CompanyPicker(
            label=label,
            is_chosen=is_mine or self.context.company is not None,
            is_mine=is_mine,
            all_url=self._here(company=None, page=None),
            mine_url=self._here(company="mine", page=None),
            mine_count=self.context.managed,
            choose_url=self.asked.url_with(self.path, "company"),
            lookup_url=self._address(".ajax_lookup", name="company"),
            most=MOST_FOUND,
            error=self.asked.faults.get("company", ""),
        )

    @property
    def search(self) -> Search:
        return Search(
            text=self.asked.values.get("search", "") if self.typed is None else self.typed,
            menu=search_menu(self.view, language(), self.asked.fields),
            carried=self.asked.carried("search", "fields"),
            longest=LONGEST_SEARCH,
            error=self.asked.faults.get("search") or self.asked.faults.get("fields", ""),
        )

    @cached_property
    def drawer(self) -> FiltersDrawer:
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
            clear_url=asked.cleared(self.path, vocabulary.filter_parameters),
        )

    @cached_property
    def chips(self) -> tuple[Chip, ...]:
        values, faults = self.asked.values, self.asked.faults
        return tuple(
            listed.chip(values, faults, self.reading, self._here(page=None, **dict.fromkeys(listed.parameters)))
            for listed in self.view.vocabulary.filters
            if any(parameter in values for parameter in listed.parameters)
        )

    @cached_property
    def _labels(self) -> Mapping[str, tuple[str, str]]:
        return labels_of(self.view, language())

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

    @cached_property
    def editor(self) -> TableEditor:
        return TableEditor(
            choices=column_choices(self.view, language(), self.columns.names),
            default=self.view.column_list,
            is_fallback=self.columns.is_fallback,
            return_url=self._here(),
        )

    @property
    def sort_text(self) -> str:
        label, _description = self._labels[self.asked.sort]
        if self.asked.desc:
            return gettext("Sorted by %(column)s, descending", column=label)
        return gettext("Sorted by %(column)s, ascending", column=label)

    def pager(self, extent: Extent) -> Pager:
        """Say which rows are shown, and give the way to others."""
        asked = self.asked
        return Pager(
            range_text=gettext(
                "%(first)s–%(last)s of %(total)s",
                first=notation().whole(extent.last_row - extent.rows + 1),
                last=notation().whole(extent.last_row),
                total=extent.total_text,
            ),
            links=tuple(
                None if number is None else PageLink(number, self._here(page=number), number == asked.page)
                for number in page_numbers(asked.page, extent.pages, has_next=extent.has_next)
            ),
            previous_url=self._here(page=asked.page - 1) if asked.page > 1 else "",
            next_url=self._here(page=asked.page + 1) if extent.has_next else "",
            sizes=tuple(
                PageSize(size, self._here(page_size=size, page=None), size == asked.page_size)
                for size in self.view.page_size_options
            ),
        )

    @property
    def nothing(self) -> Nothing:
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
            ways_out.append(WayOut(gettext("Clear filters"), asked.cleared(self.path, filters)))
        if asked.tab.key != "all":
            by.append(gettext("the tab “%(name)s”", name=asked.tab.name))
            ways_out.append(WayOut(gettext("All orders"), self._here(tab=None, page=None)))
        if "company" in asked.values:
            by.append(gettext("the company “%(name)s”", name=self.company.label))
            ways_out.append(WayOut(gettext("All companies"), self._here(company=None, page=None)))
        return Nothing(
            gettext("No order matches %(what)s.", what=format_list(by, locale=get_locale())), tuple(ways_out)
        )

    @property
    def open_order(self) -> tuple[int, str] | None:
        if self.context.order is None:
            return None
        return self.context.order, self._address(".detail", order_id=self.context.order)

    @property
    def binned_order(self) -> tuple[int, str] | None:
        if self.context.binned is None:
            return None
        return self.context.binned, self._address("bin.index_view", search=self.context.binned)


def frame_of(view: "FastList", question: Question) -> ListFrame:
    """Give the frame of an answer, with what was drawn of it before."""
    asked, reading, context, columns = question
    read = (context.export, context.managed, context.company, context.order, context.binned, reading.shown)
    understood = (asked.tab.key, asked.tab.name, asked.fields, tuple(asked.faults.items()), asked.is_left)
    key = (view, request.path, tuple(request.args.items(multi=True)), language(), actor())
    return _kept(
        ListFrame(
            key=(*key, *understood, *read, columns, tuple(context.views)),
            view=view,
            actor=actor(),
            path=request.path,
            typed=request.args.get("search"),
            asked=asked,
            reading=reading,
            context=context,
            columns=columns,
        )
    )


@lru_cache(MOST_KEPT)
def _kept(frame: ListFrame) -> ListFrame:
    """Give the first of the frames that equal this one."""
    return frame


def _called(choice: ExportChoice) -> str:
    """Say what the Export button downloads, as the person chose it last."""
    if choice.rows is FileRows.LINES:
        return gettext("CSV, one row per order line")
    return gettext("CSV, one row per order")
