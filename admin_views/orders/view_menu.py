"""The menu of saved views: what there is to open, and what may be done with the one that is open."""

from collections.abc import Callable, Sequence

from admin_views.orders.address import Asked, OpenedView
from admin_views.orders.page import ViewLink, ViewMenu, ViewPage
from permissions import Action, Actor
from services.saved_views import KeptView


def view_menu(views: Sequence[KeptView], asked: Asked, url: Callable[..., str], actor: Actor) -> ViewMenu:
    """Give the menu of somebody's views beside what the list is asked for; `url` makes addresses of endpoints."""
    current = asked.opened.view.id if asked.opened else None
    links = [
        ViewLink(
            view.name,
            url(".index_view", view=view.id),
            "" if view.is_own else view.owner,
            view.is_shared,
            view.is_default,
            view.id == current,
        )
        for view in views
    ]
    return ViewMenu(
        own=tuple(link for link in links if not link.is_shared),
        shared=tuple(link for link in links if link.is_shared),
        save_url=asked.url(url(".save_view"), page=None),
        plain_url=url(".index_view", tab="all"),
        opened=_opened(asked.opened, asked, url, actor) if asked.opened else None,
    )


def _opened(opened: OpenedView, asked: Asked, url: Callable[..., str], actor: Actor) -> ViewPage:
    view, changing = opened.view, {}
    if view.may_be_changed_by(actor):
        changing = {
            "update_url": asked.url(url(".update_view", view_id=view.id), page=None),
            "rename_url": url(".rename_view", view_id=view.id),
            "delete_url": url(".remove_view", view_id=view.id),
        }
        if actor.may(Action.VIEWS_SHARE):
            changing["share_url"] = url(".share_view", view_id=view.id)
    return ViewPage(
        name=view.name,
        version=view.version,
        is_shared=view.is_shared,
        is_default=view.is_default,
        is_changed=asked.is_changed,
        is_left=asked.is_left,
        url=url(".index_view", view=view.id),
        return_url=asked.url(url(".index_view")),
        default_url=url(".prefer_view", view_id=view.id),
        **changing,
    )
