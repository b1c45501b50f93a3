"""What is asked of the product, the floor and the peers: the same rows at four addresses."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, urlencode

from benchmarks.data import YEAR, Facts
from benchmarks.floor import PAGE

EVERY_FIELD = (
    "order_number,company,debtor_id,reference,email,accounting_id,external_order_id,extra3,extra4,remarks,"
    "invoice_first_name,invoice_last_name,recipient_company,recipient_first_name,recipient_last_name,item_ean,"
    "item_manufacturer,item_manufacturer_code,item_name,item_notes,item_sku,item_supplier,item_supplier_code"
)


class Who(StrEnum):
    """Who is measured."""

    PRODUCT = "product"
    FLOOR = "floor"
    FLASK_ADMIN = "Flask-Admin"
    DJANGO = "Django"


def after_write(who: Who) -> str:
    """Name somebody who is asked each time after a write, so that nobody can give what was given before."""
    return f"{who}, after a write"


PEERS = (Who.FLASK_ADMIN, Who.DJANGO)
ROOTS = {
    Who.PRODUCT: "/admin/orders/",
    Who.FLOOR: "/",
    Who.FLASK_ADMIN: "/admin/orders/",
    Who.DJANGO: "/admin/django_peer/order/",
}
NUMBERS = {
    Who.PRODUCT: r'<td class="c-id"><a href="/admin/orders/(\d+)/',
    Who.FLOOR: r'<td><a href="/orders/(\d+)"',
    Who.FLASK_ADMIN: r'class="col-id">\s*(?:<a[^>]*>)?\s*(\d+)',
    Who.DJANGO: r'field-id"><a[^>]*>(\d+)',
}
"""How the order numbers stand in a page, in the order of its rows."""
CSV = {
    Who.PRODUCT: "/admin/orders/export/csv",
    Who.FLOOR: "/csv",
    Who.FLASK_ADMIN: "/admin/orders/export/csv/",
    Who.DJANGO: "/admin/django_peer/order/",
}
"""Where all orders are had as a file; Django's is asked for with a form."""


@dataclass(frozen=True)
class Workload:
    """A page: its letter and name, and its address for each who gives it. `alike` are those with the same rows."""

    key: str
    name: str
    paths: Mapping[Who, str]
    alike: Sequence[Who] = (Who.PRODUCT, Who.FLOOR)


def numbers(who: Who, page: str) -> list[int]:
    """Give the order numbers of a page, in the order of its rows."""
    return [int(number) for number in re.findall(NUMBERS[who], page)]


def middle_page(orders: int) -> int:
    """Give page 20,000, or the middle one where there are fewer."""
    return min(20_000, max(1, orders // PAGE // 2))


def workloads(facts: Facts) -> list[Workload]:
    """Give the pages that are measured on a database."""
    statuses, page = ",".join(map(str, facts.statuses)), middle_page(facts.orders)
    first, last = (day.isoformat() for day in YEAR)
    following = f"{YEAR[1].year + 1}-01-01"
    return [
        _alike("a", "first page", {}, "orders", "", ""),
        _alike(
            "b",
            "status set of 3",
            {"tab": f"set-{facts.status_set}"},
            f"orders?statuses={statuses}",
            _query({"flt0_status_id_in_list": statuses}),
            _query({"status__id__in": statuses}),
        ),
        # The product has no page of tabs alone: it gives its shortest list. Of the peers only Django counts.
        Workload(
            "c",
            "tab counts",
            _at({Who.PRODUCT: "?page_size=5", Who.FLOOR: "tabs", Who.DJANGO: "?_facets=True"}),
            alike=(),
        ),
        _alike(
            "d",
            "company and year by total",
            {"company": facts.company, "created_from": first, "created_to": last, "sort": "total", "desc": 1},
            f"orders?company={facts.company}&first={first}&last={last}",
            _query(
                {
                    "flt0_company_id_equals": facts.company,
                    "flt1_created_at_between": f"{first} 00:00:00 to {last} 23:59:59",
                    "sort": 6,
                    "desc": 1,
                }
            ),
            _query(
                {
                    "company__id__exact": facts.company,
                    "created_at__gte": f"{first} 00:00:00+00:00",
                    "created_at__lt": f"{following} 00:00:00+00:00",
                    "o": "-7",
                }
            ),
        ),
        *(_search("e", name, word) for name, word in _words(facts).items()),
        *(
            _search("e23", name, word, everywhere=True)
            for name, word in {**_words(facts), "article": facts.article}.items()
        ),
        _alike("f", f"page {page:,}", {"page": page}, f"orders?page={page}", f"?page={page - 1}", f"?p={page}"),
        _order("5 lines", facts.short_order),
        _order("500 lines", facts.long_order),
    ]


def _words(facts: Facts) -> dict[str, str]:
    return {"rare": facts.rare, "medium": facts.medium, "broad": facts.broad, "none": facts.none}


def _search(key: str, name: str, word: str, *, everywhere: bool = False) -> Workload:
    asked = {"search": word, "fields": EVERY_FIELD} if everywhere else {"search": word}
    paths = {Who.PRODUCT: _list(asked), Who.FLOOR: f"orders?search={quote(word)}{'&everywhere=1' * everywhere}"}
    if not everywhere:
        paths |= {Who.FLASK_ADMIN: _query({"search": word}), Who.DJANGO: _query({"q": word})}
    return Workload(key, f"search {name}", _at(paths))


def _order(name: str, number: int) -> Workload:
    paths = {
        Who.PRODUCT: f"{number}/",
        Who.FLOOR: f"orders/{number}",
        Who.FLASK_ADMIN: f"details/?id={number}",
        Who.DJANGO: f"{number}/change/",
    }
    return Workload("i", f"order of {name}", _at(paths), alike=())


def _alike(key: str, name: str, product: dict[str, object], floor: str, flask_admin: str, django: str) -> Workload:
    """Make a list that all give with the same rows."""
    paths = {Who.PRODUCT: _list(product), Who.FLOOR: floor, Who.FLASK_ADMIN: flask_admin, Who.DJANGO: django}
    return Workload(key, name, _at(paths), alike=tuple(Who))


def _at(paths: Mapping[Who, str]) -> dict[Who, str]:
    return {who: f"{ROOTS[who]}{path}" for who, path in paths.items()}


def _list(asked: Mapping[str, object]) -> str:
    return _query({"page_size": PAGE, **asked})


def _query(asked: Mapping[str, object]) -> str:
    return f"?{urlencode(asked)}"
