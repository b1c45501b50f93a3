"""The pages of a list whose length is known."""

from collections.abc import Callable

from flask import abort, request
from flask_babel import gettext

from admin_views.notation import notation
from admin_views.orders.page import PageLink, Pager, page_numbers
from admin_views.values import read_id

PAGE_SIZE = 25


def page_asked(total: int) -> int:
    """Read the page of this request's address; one beyond the last is the last, for lists that become shorter."""
    return min(read_id(request.args.get("page", "1")) or abort(404), max(-(-total // PAGE_SIZE), 1))


def pager(page: int, total: int, url: Callable[[int], str]) -> Pager | None:
    """Give the links to all pages, or nothing where one page is enough."""
    pages = -(-total // PAGE_SIZE)
    if pages < 2:
        return None
    whole = notation().whole
    return Pager(
        range_text=gettext(
            "%(first)s–%(last)s of %(total)s",
            first=whole(min((page - 1) * PAGE_SIZE + 1, total)),
            last=whole(min(page * PAGE_SIZE, total)),
            total=whole(total),
        ),
        links=tuple(
            None if number is None else PageLink(number, url(number), number == page)
            for number in page_numbers(page, pages, has_next=page < pages)
        ),
        previous_url=url(page - 1) if page > 1 else "",
        next_url=url(page + 1) if page < pages else "",
        sizes=(),
    )
