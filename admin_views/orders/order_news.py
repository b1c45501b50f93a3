"""What others do to an order that somebody has open: told on its page and in its editor, and to a script that asks."""

from datetime import UTC, datetime
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from werkzeug.exceptions import Gone

from admin_views.access import actor, zone
from admin_views.notation import notation
from admin_views.orders.detail import OrderPages
from admin_views.orders.history_words import doer
from admin_views.orders.tabs import TABS
from admin_views.values import read_whole
from models.order import Order
from models.order_history import OrderHistory
from models.types import LARGEST_ID
from services.order_news import order_news


class OrderNewsPart(OrderPages):
    """The address that a page asks as long as somebody looks at it."""

    @expose("/<int:order_id>/news")
    def news(self, order_id: int) -> ResponseReturnValue:
        """Give the part of the page that tells the news, or nothing when there are none."""
        seen, tab, asked = (request.args.get(name, "") for name in ("seen", "tab", "list"))
        news = self.news_of(order_id, read_whole(seen), tab=tab, asked=asked)
        if news is None:
            return self._ended(order_id)
        if not (news["changed"] or news["typing"]):
            return "", 204
        return self.render("admin/orders/_news.html", news=news)

    def beside(self, order: Order, tab: str) -> dict[str, Any]:
        news = self.news_of(order.id, order.version, tab=tab, asked=self.list_asked())
        return {**super().beside(order, tab), "news": news}

    def news_of(self, order_id: int, seen: int, *, tab: str = "", asked: str = "") -> dict[str, Any] | None:
        """Give what is told on a tab of an order, or in its editor, that shows the version `seen`.

        None when the order does not exist, or is in the bin.
        """
        now = datetime.now(UTC)
        news = order_news(order_id, seen=seen, actor=actor(), now=now) if order_id <= LARGEST_ID else None
        if news is None:
            return None
        return {
            "url": self.get_url(".news", order_id=order_id, seen=seen, tab=tab or None, list=asked or None),
            "again_url": self._again_url(order_id, tab, asked),
            "changed": _changed(news.change) if news.change else "",
            "typing": [_typing(who, at) for who, at in news.typing],
        }

    def _again_url(self, order_id: int, tab: str, asked: str) -> str:
        page = next((each for each in TABS if each.key == tab), None)
        return self.tab_url(order_id, page, asked) if page else self.get_url(".edit_order", order_id=order_id)

    def _ended(self, order_id: int) -> ResponseReturnValue:
        """Say that the order was deleted. Raises NotFound."""
        try:
            self.to_change(order_id)
        except Gone as gone:
            return self.render("admin/orders/_news.html", news={"changed": gone.description}), 410
        return "", 204  # it was restored this moment


def _changed(event: OrderHistory) -> str:
    when = notation().moment(event.at, zone())
    return gettext("%(who)s changed this order on %(when)s.", who=doer(event), when=when)


def _typing(who: str, at: datetime) -> str:
    time = f"{at.astimezone(zone()):%H:%M}"
    return gettext("%(who)s is typing into this order, last at %(time)s.", who=who, time=time)
