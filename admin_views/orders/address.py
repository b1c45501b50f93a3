"""The order list's state as its address says it: read once, strictly, and written back into links.

Nothing is guessed: a parameter that is unknown, given twice or unreadable becomes a sentence, and
with any sentence there is no query, so no reader can fall back to the unfiltered list.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from urllib.parse import parse_qsl, quote_plus

from flask_babel import LazyString, gettext, lazy_gettext
from werkzeug.datastructures import MultiDict

from admin_views.orders.columns import read_columns
from admin_views.orders.filters import OrderFilter, Reading, Rows
from admin_views.values import Unreadable, read_id, read_list, read_once
from models.folding import fold
from services.order_query import Condition, OrderQuery
from services.saved_views import KeptView
from services.status_counts import CountedStatus, StatusCounts
from services.typed_values import clip

LONGEST_SEARCH = 200
MOST_WORDS = 10
LONGEST_VALUE = 2_000
LAST_PAGE = 10**9
LABELS = {
    "search": lazy_gettext("Search"),
    "company": lazy_gettext("Company"),
    "columns": lazy_gettext("Columns"),
    "page_size": lazy_gettext("Rows per page"),
}
STEADY = ("sort", "desc", "page_size", "fields", "columns")
"""What a view always says, and so does every list of it: it can be another, but not be taken away."""


@dataclass(frozen=True)
class Vocabulary:
    """What the list's address may say, as the view's attributes configure it."""

    filters: Sequence[OrderFilter]
    columns: Sequence[str]
    search_fields: Sequence[str]
    default_sort: tuple[str, bool]
    page_sizes: Sequence[int]
    default_page_size: int
    default_fields: Sequence[str] = ()
    offered_columns: Sequence[str] = ()

    @cached_property
    def filter_parameters(self) -> list[str]:
        return [parameter for listed in self.filters for parameter in listed.parameters]

    @cached_property
    def labels(self) -> Mapping[str, LazyString | str]:
        return LABELS | {name: listed.name for listed in self.filters for name in listed.parameters}

    @cached_property
    def found_by_id(self) -> list[str]:
        """The filters whose values are rows, which the page will want to name."""
        return [listed.key for listed in self.filters if isinstance(listed, Rows)]

    @cached_property
    def parameters(self) -> list[str]:
        paging = ["sort", "desc", "page", "page_size"]
        return ["tab", "company", "search", "fields", *self.filter_parameters, *paging]

    @cached_property
    def usual(self) -> Mapping[str, str]:
        """What an address means that says nothing; a view may mean something else by it."""
        sort, desc = self.default_sort
        return {
            "tab": "all",
            "sort": sort,
            "desc": str(int(desc)),
            "page_size": str(self.default_page_size),
            "fields": ",".join(self.default_fields),
            "columns": ",".join(self.columns),
        }

    def fitting(self, name: str, value: str, reading: Reading) -> str:
        """Give what is left of a value of a view that cannot be read as a whole; it may be the usual one."""
        kept = [part for part in value.split(",") if part in self._names(name)]
        if name == "columns":
            kept = list(dict.fromkeys([self.offered_columns[0], *kept]))
        found = ",".join(kept)
        for listed in self.filters:
            if name in listed.parameters:
                found = listed.fitting(name, value, reading)
        return found or self.usual.get(name, "")

    def _names(self, name: str) -> Sequence[str]:
        return {"columns": self.offered_columns, "fields": self.search_fields}.get(name, ())


@dataclass(frozen=True)
class Tab:
    """One status tab: all statuses, a set of them, or a single one."""

    key: str
    name: str
    statuses: tuple[CountedStatus, ...]

    @property
    def ids(self) -> tuple[int, ...] | None:
        return None if self.key == "all" else tuple(status.id for status in self.statuses)

    @property
    def orders(self) -> int:
        return sum(status.orders for status in self.statuses)

    @property
    def is_set(self) -> bool:
        return self.key.startswith("set-")


def tabs_of(counted: StatusCounts) -> list[Tab]:
    """Give the tabs in their order: All, then sets and the statuses outside every set, by position."""
    sets: dict[int, list[CountedStatus]] = {}
    placed = [(empty.position, Tab(f"set-{empty.id}", empty.name, ())) for empty in counted.empty_sets]
    for status in counted.statuses:
        if status.set_id is None:
            placed.append((status.position, Tab(status.code, status.name, (status,))))
        else:
            sets.setdefault(status.set_id, []).append(status)
    for set_id, members in sets.items():
        first = members[0]
        placed.append((first.set_position or 0, Tab(f"set-{set_id}", first.set_name or "", tuple(members))))
    everything = Tab("all", gettext("All orders"), tuple(counted.statuses))
    return [everything, *(tab for _, tab in sorted(placed, key=lambda p: p[0]))]


@dataclass(frozen=True)
class OpenedView:
    """The saved view that an address names: what it says by itself, and a sentence for what it may say no more."""

    view: KeptView
    values: Mapping[str, str]
    unknown: tuple[str, ...] = ()


def opened_view(view: KeptView, vocabulary: Vocabulary) -> OpenedView:
    """Read what a view keeps."""
    args = MultiDict(parse_qsl(view.asked))
    values, faults = read_once(
        args, [*vocabulary.parameters, "columns"], longest=LONGEST_VALUE, labels=vocabulary.labels
    )
    kept = {name: value for name, value in values.items() if value and name != "page"}
    return OpenedView(view, {**vocabulary.usual, **kept, "tab": kept.get("tab", "all")}, tuple(faults.values()))


@dataclass
class Asked:
    """What an address asks for. With `faults`, `query` is None; they go by parameter.

    `opened` is the view that it names, and `left_out` are those of its parts that do not fit any more. `columns`
    are the view's. `has_default`: an address without anything opens another view. `is_left`: the list differs from
    the view in nothing but what does not fit any more.
    """

    values: dict[str, str]
    faults: dict[str, str]
    tab: Tab
    fields: tuple[str, ...]
    sort: str
    desc: bool
    page: int
    page_size: int
    search: str
    query: OrderQuery | None = None
    opened: OpenedView | None = None
    columns: tuple[str, ...] = ()
    has_default: bool = False
    left_out: dict[str, str] = field(default_factory=dict)
    is_left: bool = False

    @property
    def is_changed(self) -> bool:
        """Whether the list is another one than the view says."""
        return self.opened is not None and not self._differs.keys() <= {"page"}

    def is_remnant(self, unfit: Mapping[str, str]) -> bool:
        """Whether the list is what is left of its view: `unfit` are the parts that do not fit, with what is left."""
        differs = {name: value for name, value in self._differs.items() if name != "page"}
        return bool(differs) and differs.items() <= unfit.items()

    @property
    def _differs(self) -> dict[str, str]:
        return {name: str(value) for name, value in self._written(self.values).items() if name != "view"}

    def kept(self, columns: Sequence[str]) -> str:
        """Give the whole question with these columns, as a view keeps it."""
        values = {name: value for name, value in self.values.items() if name not in ("view", "page")}
        values |= {
            "fields": ",".join(self.fields),
            "sort": self.sort,
            "desc": str(int(self.desc)),
            "page_size": str(self.page_size),
            "columns": ",".join(columns),
        }
        return _joined(values)

    def url(self, path: str, **changes: object) -> str:
        """Give the address of the same list with some of its values changed; None takes one away."""
        written = self._written({**self.values, **changes}) or self._nothing
        return f"{path}?{_joined(written)}" if written else path

    def url_with(self, path: str, name: str) -> str:
        """Give the address of the first page of the same list, to whose end a value of `name` is appended."""
        written = self._written({**self.values, "page": None})
        written.pop(name, None)
        return f"{path}?{_joined({**written, name: ''})}"

    @property
    def _nothing(self) -> dict[str, object]:
        return {"tab": "all"} if self.has_default else {}

    def _written(self, values: Mapping[str, object]) -> dict[str, object]:
        """Give what an address must say; beside a view, what differs from it."""
        if self.opened is None:
            return {name: value for name, value in values.items() if value is not None}
        says, written = self.opened.values, dict[str, object](view=self.opened.view.id)
        for name in dict.fromkeys([*says, *values]):
            value = values.get(name)
            if value is None and name in STEADY and name not in self.faults:
                value = self.values[name]
            elif value is None and name in says and name not in STEADY:
                value = "all" if name == "tab" else ""
            if name != "view" and value is not None and str(value) != says.get(name):
                written[name] = value
        return written

    def cleared(self, path: str, parameters: Iterable[str]) -> str:
        """Give the address of the same list without `parameters`, and without what cannot be understood."""
        return self.url(path, **dict.fromkeys(["page", *parameters, *self.faults.keys() & self.values.keys()]))

    def carried(self, *without: str) -> tuple[tuple[str, str], ...]:
        """Give the values that a form must carry along when it changes those named."""
        written = self._written(self.values)
        carried = {name: value for name, value in written.items() if name not in (*without, "page")}
        return tuple((name, str(value)) for name, value in (carried or self._nothing).items())


def _joined(values: Mapping[str, object]) -> str:
    return "&".join([f"{name}={_quoted(str(value))}" for name, value in values.items()])


@lru_cache(4_096)
def _quoted(text: str) -> str:
    """Quote a value; a page writes the same few into some sixty addresses."""
    return quote_plus(text)


class Reader:
    """Reads one address, collecting a sentence for each parameter that cannot be understood."""

    def __init__(
        self,
        args: MultiDict[str, str],
        vocabulary: Vocabulary,
        own: Sequence[str] = (),
        opened: OpenedView | None = None,
    ) -> None:
        """`own` are parameters that the address takes beside those of the list, `opened` is the view that it names.

        What the address says goes before what the view says.
        """
        self.vocabulary, self.opened = vocabulary, opened
        beside_view = ["columns"] if opened else []
        known = [*vocabulary.parameters, *beside_view, "view", *own]
        values, self.faults = read_once(args, known, longest=LONGEST_VALUE, labels=vocabulary.labels)
        given = {name: value for name, value in values.items() if value}
        may_be_empty = {"search", *vocabulary.filter_parameters, *(["company"] if opened else [])}
        for name in values.keys() - given.keys() - may_be_empty:
            self.faults[name] = gettext("“%(name)s” is empty.", name=vocabulary.labels.get(name, name))
        if "view" in given and opened is None:
            self.faults["view"] = gettext(
                "There is no view “%(id)s”: it was deleted or is not shared any more.", id=clip(given.pop("view"))
            )
        if opened and "sort" in given and "desc" not in given:
            given["desc"] = "0"
        says = opened.values if opened else {}
        self.from_view = {name: value for name, value in says.items() if name not in {*values, *given}}
        self.values = {**self.from_view, **given}

    def company(self, *, managed_by: int | None) -> tuple[int | None, int | None]:
        """Read the company picker: a company's id, or the person whose companies are meant."""
        value = self.values.get("company")
        if value is None:
            return None, None
        if value == "mine":
            return None, managed_by
        company = read_id(value)
        if company is None:
            self.faults["company"] = gettext(
                "“%(value)s” is not the number of a company. Choose one with the company picker.", value=clip(value)
            )
        return company, None

    def ids(self, parameter: str) -> list[int]:
        """Give the rows of a filter whose names the page will want, to show them or to know whether the view fits."""
        says = self.opened.values if self.opened else {}
        parts = ",".join([self.values.get(parameter, ""), says.get(parameter, "")]).split(",")
        return [int(part) for part in parts if re.fullmatch(r"[1-9][0-9]{0,17}", part)][:100]

    def read(
        self,
        reading: Reading,
        *,
        company: int | None,
        managed_by: int | None,
        remembered: Sequence[str],
        has_default: bool = False,
    ) -> Asked:
        """Read everything else and put the question together."""
        tabs = tabs_of(reading.counted)
        tab = self._tab(tabs)
        fields = self._fields(remembered)
        words = self._words(fields)
        sort, desc = self._sort()
        conditions = self._conditions(reading)
        columns = self._columns()
        asked = Asked(
            values=self.values,
            faults=self.faults,
            tab=tab,
            fields=fields,
            sort=sort,
            desc=desc,
            page=self._whole_number("page", 1),
            page_size=self._page_size(),
            search=self.values.get("search", ""),
            opened=self.opened,
            columns=columns,
            has_default=has_default,
            left_out={name: fault for name, fault in self.faults.items() if name in self.from_view},
        )
        if not self.faults:
            asked.query = OrderQuery(
                statuses=tab.ids,
                company=company,
                managed_by=managed_by,
                words=words,
                fields=fields if words else (),
                conditions=tuple(conditions),
                sort=sort,
                desc=desc,
            )
        return asked

    def _tab(self, tabs: Sequence[Tab]) -> Tab:
        key = self.values.get("tab", "all")
        by_key = {tab.key: tab for tab in tabs}
        if key not in by_key:
            self.faults["tab"] = gettext("There is no tab “%(key)s”.", key=clip(key))
        return by_key.get(key, tabs[0])

    def _fields(self, remembered: Sequence[str]) -> tuple[str, ...]:
        value = self.values.get("fields")
        if value is None:
            return tuple(remembered)
        try:
            chosen = read_list(value)
        except Unreadable as unreadable:
            self.faults["fields"] = str(unreadable)
            return tuple(remembered)
        if unknown := [name for name in chosen if name not in self.vocabulary.search_fields]:
            self.faults["fields"] = gettext("There is no search field “%(name)s”.", name=clip(unknown[0]))
            return tuple(remembered)
        return tuple(name for name in self.vocabulary.search_fields if name in chosen)

    def _words(self, fields: Sequence[str]) -> tuple[str, ...]:
        text = self.values.get("search", "")
        words = tuple(dict.fromkeys(word for word in text.split() if fold(word).strip()))
        if len(text) > LONGEST_SEARCH:
            self.faults["search"] = gettext("A search may have at most %(most)d characters.", most=LONGEST_SEARCH)
        elif len(words) > MOST_WORDS:
            self.faults["search"] = gettext("A search may have at most %(most)d words.", most=MOST_WORDS)
        elif text and not words:
            self.faults["search"] = gettext("There is nothing in “%(text)s” to search for.", text=clip(text))
        return words

    def _sort(self) -> tuple[str, bool]:
        default, default_desc = self.vocabulary.default_sort
        sort = self.values.get("sort", default)
        if sort not in self.vocabulary.columns:
            self.faults["sort"] = gettext("There is no column “%(name)s” to sort by.", name=clip(sort))
            sort = default
        desc = self.values.get("desc", str(int(default_desc and "sort" not in self.values)))
        if desc not in ("0", "1"):
            self.faults["desc"] = gettext("“desc” is 0 or 1, not “%(value)s”.", value=clip(desc))
        return sort, desc == "1"

    def _whole_number(self, name: str, default: int) -> int:
        value = self.values.get(name, str(default))
        if not re.fullmatch(r"[1-9][0-9]{0,9}", value) or int(value) > LAST_PAGE:
            self.faults[name] = gettext(
                "“%(value)s” is not a page number. Pages are counted from 1.", value=clip(value)
            )
            return default
        return int(value)

    def _page_size(self) -> int:
        value = self.values.get("page_size", str(self.vocabulary.default_page_size))
        sizes = [str(size) for size in self.vocabulary.page_sizes]
        if value not in sizes:
            self.faults["page_size"] = gettext(
                "A page may have %(sizes)s rows, not “%(value)s”.", sizes=", ".join(sizes), value=clip(value)
            )
            return self.vocabulary.default_page_size
        return int(value)

    def _columns(self) -> tuple[str, ...]:
        if "columns" not in self.values:
            return ()
        try:
            return read_columns(self.values["columns"].split(","), self.vocabulary.offered_columns)
        except Unreadable as unreadable:
            self.faults["columns"] = str(unreadable)
            return ()

    def _conditions(self, reading: Reading) -> Iterable[Condition]:
        found: list[Condition] = []
        for listed in self.vocabulary.filters:
            if not self.values.keys().isdisjoint(listed.parameters):
                conditions, faults = listed.conditions(self.values, reading)
                found.extend(conditions)
                self.faults.update(faults)
        return found
