"""What the list's address says, read strictly and written back."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from admin_views.orders.address import Asked, Reader, Tab, Vocabulary, tabs_of
from admin_views.orders.filters import Amounts, Days, Reading, Statuses
from services.order_query import Condition, Operator, OrderQuery
from services.status_counts import CountedStatus, EmptySet, StatusCounts
from tests.admin_views.conftest import Both
from tests.admin_views.reading import FILE, LIST, Page, address, table
from tests.samples import SEARCH_FIELDS, STATUSES

STATUS_ROWS = [
    CountedStatus(1, "DRAFT", "Draft", "grey", 10, None, None, None, 2),
    CountedStatus(2, "NEW", "New", "blue", 30, 7, "Early", 40, 3),
    CountedStatus(3, "PAID", "Paid", "green", 31, 7, "Early", 40, 4),
    CountedStatus(4, "DONE", "Done", "green", 35, None, None, None, 0),
    CountedStatus(5, "OLD", "Old", "grey", 90, 8, "Late", 5, 1),
]
VOCABULARY = Vocabulary(
    filters=(Statuses("status", "Status"), Days("created", "Date"), Amounts("price", "Price")),
    columns=("order_number", "total", "created"),
    search_fields=("company", "email", "remarks"),
    default_sort=("created", True),
    page_sizes=(5, 10, 25),
    default_page_size=10,
)


def read(*pairs: tuple[str, str], remembered: Sequence[str] = ("company",), company: int | None = None) -> Asked:
    """Read an address."""
    reading = Reading(ZoneInfo("UTC"), date(2026, 3, 31), "EUR", StatusCounts(STATUS_ROWS))
    return Reader(MultiDict(pairs), VOCABULARY).read(reading, company=company, managed_by=None, remembered=remembered)


def test_nothing_asked_is_every_order_newest_first() -> None:
    asked = read()
    assert asked.query == OrderQuery(sort="created", desc=True)
    assert (asked.tab.key, asked.page, asked.page_size, asked.search) == ("all", 1, 10, "")
    assert asked.url(LIST) == LIST


def test_everything_asked_becomes_one_query() -> None:
    asked = read(
        ("search", "  Ann  blue Ann "), ("fields", "remarks,email"), ("tab", "set-7"), ("price_from", "5"),
        ("status", "NEW"), ("sort", "total"), ("desc", "1"), ("page", "3"), ("page_size", "25"), company=4,
    )  # fmt: skip
    assert not asked.faults
    assert asked.query == OrderQuery(
        statuses=(2, 3),
        company=4,
        words=("Ann", "blue"),
        fields=("email", "remarks"),
        conditions=(
            Condition("status", Operator.AMONG, (2,)),
            Condition("price", Operator.FROM, 5),
        ),
        sort="total",
        desc=True,
    )
    assert (asked.page, asked.page_size) == (3, 25)


def test_tabs_follow_the_positions_of_sets_and_of_statuses_outside_them() -> None:
    tabs = tabs_of(StatusCounts(STATUS_ROWS, [EmptySet(9, "Unused", 20)]))
    assert [(tab.key, tab.orders) for tab in tabs] == [
        ("all", 10), ("set-8", 1), ("DRAFT", 2), ("set-9", 0), ("DONE", 0), ("set-7", 7),
    ]  # fmt: skip
    assert [tab.ids for tab in tabs] == [None, (5,), (1,), (), (4,), (2, 3)]
    assert [tab.is_set for tab in tabs] == [False, True, False, True, False, True]
    assert isinstance(tabs[0], Tab)


@pytest.mark.parametrize(
    ("sort", "desc", "expected"),
    [
        (None, None, ("created", True)),
        ("total", None, ("total", False)),
        ("created", None, ("created", False)),
        (None, "0", ("created", False)),
        ("total", "1", ("total", True)),
    ],
)
def test_a_named_sort_ascends_unless_it_says_otherwise(
    sort: str | None, desc: str | None, expected: tuple[str, bool]
) -> None:
    pairs = [(name, value) for name, value in (("sort", sort), ("desc", desc)) if value is not None]
    asked = read(*pairs)
    assert (asked.sort, asked.desc) == expected


@pytest.mark.parametrize(
    ("pairs", "faulty"),
    [
        ([("unknown", "1")], "unknown"),
        ([("", "1")], ""),
        ([("tab", "all"), ("tab", "all")], "tab"),
        ([("tab", " ")], "tab"),
        ([("tab", "DRAFT,NEW")], "tab"),
        ([("tab", "NEW")], "tab"),  # it is in a set
        ([("fields", "company,company_id")], "fields"),
        ([("fields", "")], "fields"),
        ([("search", "x" * 201)], "search"),
        ([("search", " ".join(str(number) for number in range(11)))], "search"),
        ([("search", "\u0301 ´")], "search"),
        ([("search", "a\0b")], "search"),
        ([("search", "a\ud800b")], "search"),
        ([("price_from", "1\n")], "price_from"),
        ([("sort", "status_id")], "sort"),
        ([("desc", "true")], "desc"),
        ([("page", "0")], "page"),
        ([("page", "1000000001")], "page"),
        ([("page", "٣")], "page"),
        ([("page_size", "20")], "page_size"),
        ([("created_from", "2026-13-01")], "created_from"),
        ([("status", "x" * 2001)], "status"),
    ],
)
def test_what_cannot_be_understood_asks_for_nothing(pairs: list[tuple[str, str]], faulty: str) -> None:
    asked = read(*pairs)
    assert list(asked.faults) == [faulty]
    assert asked.query is None
    assert len(asked.faults[faulty]) < 200


def test_a_sentence_names_a_parameter_as_the_screen_does() -> None:
    asked = read(("price_from", "9" * 2_001), ("created_to", "1"), ("created_to", "2"), ("page_size", ""))
    assert asked.faults == {
        "price_from": "“Price” is too long or has characters that cannot be read.",
        "created_to": "“Date” is given more than once.",
        "page_size": "“Rows per page” is empty.",
    }


def test_every_fault_is_told() -> None:
    asked = read(("page", "x"), ("tab", "x"), ("y", "1"), ("price_to", "z"))
    assert set(asked.faults) == {"page", "tab", "y", "price_to"}


def test_an_empty_search_or_filter_is_none() -> None:
    asked = read(("search", " "), ("price_from", ""), ("status", ""))
    assert asked.query == OrderQuery()
    assert asked.url(LIST) == LIST


def test_fields_are_those_of_the_link_or_else_the_remembered() -> None:
    assert read(remembered=["email"]).fields == ("email",)
    assert read(("fields", "remarks,company,remarks"), remembered=["email"]).fields == ("company", "remarks")
    assert read(("search", "x"), remembered=["email"]).query == OrderQuery(words=("x",), fields=("email",))


def test_an_address_is_written_back_with_changes() -> None:
    asked = read(("tab", "set-7"), ("search", "a&b=c +%"), ("page", "2"), ("price_from", "1,500"))
    assert asked.url(LIST) == f"{LIST}?tab=set-7&search=a%26b%3Dc+%2B%25&price_from=1%2C500&page=2"
    assert asked.url(LIST, search=None, page=3, price_from=None) == f"{LIST}?tab=set-7&page=3"
    assert asked.carried("search") == (("tab", "set-7"), ("price_from", "1,500"))


def test_clearing_takes_away_what_cannot_be_understood_too() -> None:
    asked = read(("sort", "nothing"), ("page_size", "5"), ("price_from", "1"), ("foo", "1"))
    assert asked.cleared(LIST, ["price_from", "price_to"]) == f"{LIST}?page_size=5"


def test_an_empty_search_field_is_told() -> None:
    assert read(("fields", "company,")).faults == {"fields": "There is an empty name in “company,”."}


@pytest.mark.parametrize(("value", "expected"), [(None, (None, None)), ("mine", (None, 3)), ("12", (12, None))])
def test_the_company_is_one_or_mine(value: str | None, expected: tuple[int | None, int | None]) -> None:
    reader = Reader(MultiDict([("company", value)] if value else []), VOCABULARY)
    assert reader.company(managed_by=3) == expected
    assert not reader.faults


@pytest.mark.parametrize("value", ["0", "-1", "Mine", "1,2", "01", "1e3", "٣", str(2**63), "12 OR 1=1"])
def test_what_is_no_company_is_told(value: str) -> None:
    reader = Reader(MultiDict([("company", value)]), VOCABULARY)
    assert reader.company(managed_by=3) == (None, None)
    assert list(reader.faults) == ["company"]
    assert "is not the number of a company" in reader.faults["company"]


# ---- anything at all, on both databases ----

GOOD: dict[str, list[str]] = {
    "tab": ["all", "NEW", "CANCELLED", "set-1", "set-3"],
    "company": ["mine", "1", "2"],
    "search": ["adapter", "MULLER 12", "100%", "^cap", "_", "7", "zzz"],
    "fields": ["email", "company,remarks", ",".join(SEARCH_FIELDS)],
    "user_id": ["1", "5,2", "999"],
    "status": ["NEW", ",".join(STATUSES)],
    "created_from": ["2026-03-29"],
    "created_to": ["2026-03-30", "1900-01-01"],
    "updated_from": ["2026-03-29"],
    "updated_to": ["2200-12-31"],
    "price_from": ["0", "-100.5"],
    "price_to": ["1234.50"],
    "export_status": ["EMPTY", "FAILED,FINISHED"],
    "source": ["EDI", "Portal%2C 100%25 own,webshop", "edi", "%20"],
    "payment_method": ["On account", "Überweisung%2C 30 Tage,x"],
    "carrier": ["Post", "%20Post%20,50%252Coff", "%"],
    "product": ["1", "2,3", "999"],
    "exported_from": ["2026-03-28"],
    "exported_to": ["2026-04-02"],
    "sort": ["order_number", "company", "total", "status", "exported", "updated_by"],
    "desc": ["0", "1"],
    "page": ["1", "2", "1000000000"],
    "page_size": ["5", "10", "100"],
}
NEAR = [
    "0", "-1", "NaN", "Infinity", "1e3", "٣", str(2**63), "9" * 30, "all,NEW", "2026-02-30", "' OR 1=1 --", "NULL",
    "\0", "\n", "%00", "set-", "mine ", "", "id",
]  # fmt: skip
STRANGE = [
    "view",
    "export_type",
    "endpoint",
    "_external",
    "_anchor",
    "_method",
    "_scheme",
    "url",
    "flt0_0",
    "next",
    "q",
]
KNOWN = st.sampled_from(sorted(GOOD))
GOOD_PAIRS = KNOWN.flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(GOOD[name])))
ANY_PAIRS = st.tuples(
    st.one_of(KNOWN, st.sampled_from(STRANGE), st.text(max_size=5)),
    st.one_of(st.sampled_from(NEAR), st.text(st.characters(exclude_categories=["Cs"]), max_size=8)),
)


@given(
    good=st.lists(GOOD_PAIRS, max_size=6, unique_by=lambda pair: pair[0]),
    wild=st.one_of(st.just([]), st.lists(ANY_PAIRS, max_size=2)),
)
def test_both_databases_answer_every_address_alike(
    both: Both, good: list[tuple[str, str]], wild: list[tuple[str, str]]
) -> None:
    answers: list[Any] = []
    for viewer in both.viewers.values():
        query_string = MultiDict([*good, *wild])
        shown, downloaded = (viewer.get(path, query_string=query_string) for path in (LIST, FILE))
        assert shown.status_code == 200
        page = Page(shown.text)
        assert downloaded.status_code == (400 if page.faults else 200)
        if page.faults:
            assert not page.numbers
            answers.append(page.faults)
        else:
            in_file = [row[0] for row in table(downloaded.data)[1:]]
            asked = dict([*good, *wild])
            size = int(asked.get("page_size", "").strip() or 10)
            start = (int(asked.get("page", "").strip() or 1) - 1) * size
            assert [str(number) for number in page.numbers] == in_file[start : start + size]
            answers.append(in_file)
        answers.append(page.tabs)
    assert answers[:2] == answers[2:]


def test_a_link_to_another_place_is_never_made(both: Both) -> None:
    for name in STRANGE:
        answer = both.viewers["sqlite"].get(address(**{name: "https://elsewhere.example/"}))
        assert answer.status_code == 200
        page = Page(answer.text)
        assert page.faults
        assert not [e for e in page.find("a") if "elsewhere" in e.attributes.get("href", "")]
