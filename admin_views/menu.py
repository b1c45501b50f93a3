"""The side menu: the views that the person may see, by category."""

from dataclasses import dataclass

from flask import current_app, request
from flask_login import current_user

from admin_views.base import BackofficeView


@dataclass(frozen=True)
class MenuItem:
    """One entry of the menu."""

    label: str
    url: str
    icon: str
    is_current: bool


def menu() -> list[tuple[str, list[MenuItem]]]:
    """Give the groups of the menu, each with its entries; empty for somebody who is not signed in."""
    if not current_user.is_authenticated:
        return []
    groups: dict[str, list[MenuItem]] = {}
    views: list[BackofficeView] = current_app.extensions["backoffice_views"]
    for view in views:
        if view.is_accessible() and view.is_visible():
            item = MenuItem(
                str(view.name),
                view.get_url(f"{view.endpoint}.index_view"),
                view.icon,
                request.blueprint == view.endpoint,
            )
            groups.setdefault(str(view.category), []).append(item)
    return list(groups.items())


def first_page() -> str:
    """Give the address of the first page that the person may see, or nothing."""
    return next((item.url for _heading, items in menu() for item in items), "")
