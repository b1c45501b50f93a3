"""The side menu: the views that the person may see, by category."""

from dataclasses import dataclass
from functools import lru_cache

from flask import current_app, g, request
from flask_login import current_user
from flask_principal import Need

from admin_views.base import BackofficeView
from admin_views.notation import language

Menu = tuple[tuple[str, tuple["MenuItem", ...]], ...]


@dataclass(frozen=True)
class MenuItem:
    """One entry of the menu."""

    label: str
    url: str
    icon: str
    is_current: bool


def menu() -> Menu:
    """Give the groups of the menu, each with its entries; empty for somebody who is not signed in."""
    if not current_user.is_authenticated:
        return ()
    views: tuple[BackofficeView, ...] = current_app.extensions["backoffice_views"]
    return _menu(views, frozenset(g.identity.provides), request.blueprint, language())


@lru_cache(256)
def _menu(views: tuple[BackofficeView, ...], _provided: frozenset[Need], here: str | None, _language: str) -> Menu:
    """Put the menu together, once for all whose identity provides the same and who speak the same language."""
    groups: dict[str, list[MenuItem]] = {}
    for view in views:
        if view.is_accessible() and view.is_visible():
            item = MenuItem(
                str(view.name),
                view.get_url(f"{view.endpoint}.index_view"),
                view.icon,
                here == view.endpoint,
            )
            groups.setdefault(str(view.category), []).append(item)
    return tuple((heading, tuple(items)) for heading, items in groups.items())


def first_page() -> str:
    """Give the address of the first page that the person may see, or nothing."""
    return next((item.url for _heading, items in menu() for item in items), "")
