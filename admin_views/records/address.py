"""The state of a record list as its address says it, read strictly: with any fault there are no rows."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_admin.model.base import ViewArgs
from flask_babel import LazyString, gettext
from werkzeug.datastructures import MultiDict

from admin_views.records.filters import RecordFilter
from admin_views.values import Unreadable, read_once
from models.folding import fold
from services.typed_values import clip

LONGEST_VALUE = 200
LAST_PAGE = 10**9


@dataclass(frozen=True)
class Asked:
    """What an address asks for. `faults` are the sentences about what cannot be understood, by parameter."""

    view_args: ViewArgs
    faults: Mapping[str, str]


@dataclass(frozen=True)
class Vocabulary:
    """What the address of a list may say: columns by name, filters, page sizes, and whether it has a search."""

    columns: Sequence[str]
    sortable: Sequence[str]
    filters: Sequence[RecordFilter]
    page_sizes: Sequence[int]
    is_searched: bool

    @property
    def labels(self) -> Mapping[str, LazyString | str]:
        return {listed.parameter: listed.name for listed in self.filters}


class Reader:
    """Reads one address."""

    def __init__(self, args: MultiDict[str, str], vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        known = ["sort", "desc", "page", "page_size", *(f.parameter for f in vocabulary.filters)]
        known += ["search"] * vocabulary.is_searched
        values, self.faults = read_once(args, known, longest=LONGEST_VALUE, labels=vocabulary.labels)
        self.values = {name: value for name, value in values.items() if value}

    def read(self) -> Asked:
        """Read everything."""
        args = ViewArgs(
            page=self._number("page", 1) - 1,
            page_size=self._page_size(),
            sort=self._sort(),
            sort_desc=self._desc(),
            search=self._search(),
            filters=self._filters(),
        )
        return Asked(args, self.faults)

    def _number(self, name: str, default: int) -> int:
        value = self.values.get(name, str(default))
        if not re.fullmatch(r"[1-9][0-9]{0,9}", value) or int(value) > LAST_PAGE:
            self.faults[name] = gettext(
                "“%(value)s” is not a page number. Pages are counted from 1.", value=clip(value)
            )
            return default
        return int(value)

    def _page_size(self) -> int | None:
        value = self.values.get("page_size")
        if value is None:
            return None
        sizes = [str(size) for size in self.vocabulary.page_sizes]
        if value not in sizes:
            self.faults["page_size"] = gettext(
                "A page may have %(sizes)s rows, not “%(value)s”.", sizes=", ".join(sizes), value=clip(value)
            )
            return None
        return int(value)

    def _sort(self) -> int | None:
        name = self.values.get("sort")
        if name is None:
            return None
        if name not in self.vocabulary.sortable:
            self.faults["sort"] = gettext("There is no column “%(name)s” to sort by.", name=clip(name))
            return None
        return self.vocabulary.columns.index(name)

    def _desc(self) -> int | None:
        value = self.values.get("desc")
        if value not in (None, "0", "1"):
            self.faults["desc"] = gettext("“desc” is 0 or 1, not “%(value)s”.", value=clip(value or ""))
        return 1 if value == "1" else None

    def _search(self) -> str | None:
        text = self.values.get("search")
        if text and not fold(text).strip():
            self.faults["search"] = gettext("There is nothing in “%(text)s” to search for.", text=clip(text))
        return text

    def _filters(self) -> list[tuple[int, str, str]]:
        found = []
        for index, listed in enumerate(self.vocabulary.filters):
            value = self.values.get(listed.parameter)
            if value is None:
                continue
            try:
                listed.condition(value)
            except Unreadable as unreadable:
                self.faults[listed.parameter] = f"{listed.name}: {unreadable}"
            found.append((index, str(listed.name), value))
        return found
