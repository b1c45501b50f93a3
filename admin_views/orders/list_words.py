"""Words and addresses of the list that differ by language alone, made once."""

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from admin_views.orders.page import ColumnChoice, SearchField, SearchMenu

if TYPE_CHECKING:
    from admin_views.orders.fast_list import FastList


@lru_cache(1_000)
def address_of(view: "FastList", endpoint: str, *values: tuple[str, object]) -> str:
    """Give an address of the view; the library puts each together anew."""
    url: str = view.get_url(endpoint, **dict(values))
    return url


@lru_cache(32)
def labels_of(view: "FastList", _language: str) -> Mapping[str, tuple[str, str]]:
    """Give the label and the description of every column in a language."""
    descriptions = view.column_descriptions
    return {name: (str(view.column_labels[name]), str(descriptions.get(name, ""))) for name in view.offered_columns}


@lru_cache(256)
def column_choices(view: "FastList", spoken: str, shown: tuple[str, ...]) -> tuple[ColumnChoice, ...]:
    """Give the columns as the table editor has them, those that are shown first."""
    names = dict.fromkeys([*shown, *view.offered_columns])
    return tuple(ColumnChoice(name, labels_of(view, spoken)[name][0], name in shown) for name in names)


@lru_cache(256)
def search_menu(view: "FastList", _language: str, selected: tuple[str, ...]) -> SearchMenu:
    """Give the search fields, with those that are selected."""
    fields = (
        SearchField(name, str(label), str(group), name in selected)
        for name, (label, group) in view.search_fields.items()
    )
    return SearchMenu(tuple(fields), tuple(view.default_search_fields))
