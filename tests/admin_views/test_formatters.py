"""Values as people read them."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from admin_views.formatters import (
    ROWS_KEPT,
    Cell,
    Reader,
    amount,
    company,
    country,
    day,
    dot,
    mark,
    moment,
    number,
    order_link,
    order_total,
    plain,
    row_writer,
    status_badge,
    word,
)
from services.notation import notation_of
from tests.admin_views.reading import Page

ENGLISH = notation_of("en")
HOSTILE = "<script>'\"&"
ESCAPED = "&lt;script&gt;&#39;&#34;&amp;"


class Row(NamedTuple):
    """A row of one column."""

    value: Any
    order_id: int = 12
    status_colour: str = "blue"
    company_mark: str = ""
    is_credit: bool = False


def written(cell: Cell, value: Any, **row: Any) -> str:
    """Write one cell."""
    return cell.write("value", Reader(ENGLISH, ZoneInfo("Europe/Amsterdam")))(Row(value, **row))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0.00"),
        ("-0", "0.00"),
        ("-0.00", "0.00"),
        ("0.05", "0.05"),
        ("-0.01", "−0.01"),
        ("1234.5", "1,234.50"),
        ("-1234567.89", "−1,234,567.89"),
        ("1E+3", "1,000.00"),
        ("90000000000000", "90,000,000,000,000.00"),
    ],
)
def test_an_amount_has_two_decimals_thousands_and_a_real_minus(value: str, text: str) -> None:
    assert ENGLISH.amount(Decimal(value)) == text
    assert written(amount(), Decimal(value)) == f'<td class="num">{text}</td>'
    assert written(order_total(), Decimal(value)) == f'<td class="num">{text}</td>'


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (999, "999"), (1000, "1,000"), (44_913_000, "44,913,000"), (-2000, "−2,000")]
)
def test_a_number_has_thousands_and_a_real_minus(value: int, text: str) -> None:
    assert ENGLISH.whole(value) == text
    assert written(number(), value) == f'<td class="num">{text}</td>'


def test_a_day_and_a_moment_stand_in_the_persons_zone() -> None:
    assert ENGLISH.day(date(2026, 3, 1)) == "1 Mar 2026"
    late = datetime(2026, 10, 24, 23, 59, 59, tzinfo=UTC)
    assert ENGLISH.moment(late, ZoneInfo("Europe/Amsterdam")) == "25 Oct 2026 01:59"
    assert ENGLISH.moment(late, ZoneInfo("America/New_York")) == "24 Oct 2026 19:59"
    assert written(moment(), late) == '<td class="c-date">25 Oct 2026 01:59</td>'
    assert written(moment(), None) == '<td class="c-date"></td>'
    assert written(day(), date(2026, 3, 1)) == '<td class="c-date">1 Mar 2026</td>'
    assert written(day(), None) == '<td class="c-date"></td>'


def test_texts_cannot_become_markup() -> None:
    assert written(plain(), HOSTILE) == f'<td class="" title="{ESCAPED}">{ESCAPED}</td>'
    assert HOSTILE not in written(company(), HOSTILE)
    badge = written(status_badge(), HOSTILE, status_colour='"><script>')
    assert "<script>" not in badge
    assert ESCAPED in badge
    assert written(country(), HOSTILE) == f'<td class="" title="{ESCAPED}">{ESCAPED}</td>'
    for cell in (dot({"X": HOSTILE}), mark({"X": HOSTILE}, {"X": "check"}), word({"X": HOSTILE})):
        assert ESCAPED in written(cell, "X")
        assert "<script>" not in written(cell, "X")


def test_a_buyer_without_a_company_is_marked() -> None:
    assert written(company(), "Acme").endswith(">Acme</td>")
    assert written(company(), "Zita", company_mark="private").endswith('Zita <span class="tag">private</span></td>')
    assert written(company(), "", company_mark="guest").endswith(' <span class="tag">guest</span></td>')


def test_a_code_shows_its_word_and_one_without_an_icon_nothing() -> None:
    cell = mark({"EMPTY": "Empty", "FAILED": "Failed"}, {"FAILED": "alert-triangle"})
    assert written(cell, "EMPTY") == '<td class=""></td>'
    assert "#i-alert-triangle" in written(cell, "FAILED")
    assert written(dot({"PAID": "Paid"}), "PAID") == '<td class=""><span class="pd pd-PAID">Paid</span></td>'


def test_a_country_shows_its_name_and_one_without_a_code_what_was_written() -> None:
    assert written(country(), "DE") == '<td class="" title="Germany">Germany</td>'
    assert written(country(), "Atlantis") == '<td class="" title="Atlantis">Atlantis</td>'


def test_a_row_leads_to_its_order() -> None:
    write = row_writer((("value", order_link()),), Reader(ENGLISH, ZoneInfo("UTC")))
    before, tick, after = re.split(r"(<td class=.c-tick.>.*?</td>)", write([Row(None)]))
    assert before == '<tr data-href="/admin/orders/12/">'
    assert after == '<td class="c-id"><a href="/admin/orders/12/">12</a></td></tr>'
    assert tick
    assert write([]) == ""


def test_a_row_is_written_for_each_reader_and_again_when_it_changes() -> None:
    def shown(row: Row, zone: str) -> str:
        return row_writer((("value", moment()),), Reader(ENGLISH, ZoneInfo(zone)))([row])

    noon = Row(datetime(2026, 7, 1, 12, tzinfo=UTC))
    assert "12:00" in shown(noon, "UTC")
    assert "14:00" in shown(noon, "Europe/Amsterdam")
    assert "12:00" in shown(noon, "UTC")
    assert "12:01" in shown(noon._replace(value=noon.value + timedelta(minutes=1)), "UTC")
    assert 'value="13"' in shown(noon._replace(order_id=13), "UTC")


def test_more_rows_than_are_kept_are_all_written() -> None:
    write = row_writer((("value", number()),), Reader(ENGLISH, ZoneInfo("UTC")))
    rows = [Row(place, order_id=place) for place in range(2 * ROWS_KEPT + 1)]
    assert write(rows).count("<tr") == len(rows)
    assert write(rows[:1]) == write(rows[:1])


def test_a_row_to_tick_has_a_labelled_box() -> None:
    ticked = row_writer((("value", order_link()),), Reader(ENGLISH, ZoneInfo("UTC")))([Row(None)])
    (box,) = Page(ticked).find("input", "c-tick", type="checkbox")
    said = {name: box.attributes[name] for name in ("name", "value", "aria-label", "autocomplete")}
    assert said == {"name": "rowid", "value": "12", "aria-label": "Tick order 12", "autocomplete": "off"}
