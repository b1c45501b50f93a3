"""The order list's state as its address says it: read once, strictly, and written back into links.

Nothing is guessed: a parameter that is unknown, given twice or unreadable becomes a sentence, and
with any sentence there is no query, so no reader can fall back to the unfiltered list.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from admin_views.orders.filters import OrderFilter, Reading, Rows
from admin_views.values import Unreadable, clip, read_id, read_list, read_once
from models.folding import fold
from services.order_query import Condition, CountedStatus, OrderQuery, StatusCounts

LONGEST_SEARCH = 200
MOST_WORDS = 10
LONGEST_VALUE = 2_000
LAST_PAGE = 10**9


@dataclass(frozen=True)
class Vocabulary:
    """What the list's address may say, as the view's attributes configure it."""

    filters: Sequence[OrderFilter]
    columns: Sequence[str]
    search_fields: Sequence[str]
    default_sort: tuple[str, bool]
    page_sizes: Sequence[int]
    default_page_size: int

    @property
    def filter_parameters(self) -> list[str]:
        return [parameter for listed in self.filters for parameter in listed.parameters]

    @property
    def found_by_id(self) -> list[str]:
        """The filters whose values are rows, which the page will want to name."""
        return [listed.key for listed in self.filters if isinstance(listed, Rows)]

    @property
    def parameters(self) -> list[str]:
        paging = ["sort", "desc", "page", "page_size"]
        return ["tab", "company", "search", "fields", *self.filter_parameters, *paging]


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


@dataclass
class Asked:
    """What an address asks for. With `faults`, `query` is None; they go by parameter."""

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

    def url(self, path: str, **changes: object) -> str:
        """Give the address of the same list with some of its values changed; None takes one away."""
        values = {**self.values, **changes}
        return f"{path}?{urlencode({name: value for name, value in values.items() if value is not None})}".rstrip("?")

    def cleared(self, path: str, parameters: Iterable[str]) -> str:
        """Give the address of the same list without `parameters`, and without what cannot be understood."""
        return self.url(path, **dict.fromkeys(["page", *parameters, *self.faults.keys() & self.values.keys()]))

    def carried(self, *without: str) -> tuple[tuple[str, str], ...]:
        """Give the values that a form must carry along when it changes those named."""
        return tuple((name, value) for name, value in self.values.items() if name not in (*without, "page"))


class Reader:
    """Reads one address, collecting a sentence for each parameter that cannot be understood."""

    def __init__(self, args: MultiDict[str, str], vocabulary: Vocabulary, own: Sequence[str] = ()) -> None:
        """`own` are parameters that the address takes beside those of the list."""
        self.vocabulary = vocabulary
        values, self.faults = read_once(args, [*vocabulary.parameters, *own], longest=LONGEST_VALUE)
        self.values = {name: value for name, value in values.items() if value}
        for name in values.keys() - self.values.keys() - {"search", *vocabulary.filter_parameters}:
            self.faults[name] = gettext("“%(name)s” is empty.", name=name)

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
        """Give the rows of a filter whose names the page will want to show."""
        parts = self.values.get(parameter, "").split(",")
        return [int(part) for part in parts if re.fullmatch(r"[1-9][0-9]{0,17}", part)][:100]

    def read(
        self, reading: Reading, *, company: int | None, managed_by: int | None, remembered: Sequence[str]
    ) -> Asked:
        """Read everything else and put the question together."""
        tabs = tabs_of(reading.counted)
        tab = self._tab(tabs)
        fields = self._fields(remembered)
        words = self._words(fields)
        sort, desc = self._sort()
        conditions = self._conditions(reading)
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

    def _conditions(self, reading: Reading) -> Iterable[Condition]:
        found: list[Condition] = []
        for listed in self.vocabulary.filters:
            conditions, faults = listed.conditions(self.values, reading)
            found.extend(conditions)
            self.faults.update(faults)
        return found
