"""Writing rows as CSV, whatever they hold and however many there are."""

import csv
import io
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import services.files.csv_file
from models.export_file import CsvForm
from services.files.columns import FileColumn, Kind, restored
from services.files.csv_file import harmless, write_csv, write_stored_csv
from tests.plain_csv import CHANGES, HOSTILE, ORDINARY, ZONES, plain_csv

TEXT = [FileColumn("T")]
RIGA = ZoneInfo("Europe/Riga")
WORDED = FileColumn("=W", words={"CODE": "-word;", "OTHER": "plain"})
STORED = (
    FileColumn("Text, 1"),
    FileColumn("Whole", Kind.WHOLE),
    FileColumn("Amount", Kind.AMOUNT),
    FileColumn("Price", Kind.AMOUNT, decimals=4),
    FileColumn("VAT", Kind.PERCENTAGE),
    FileColumn("At", Kind.MOMENT),
    FileColumn("Day", Kind.DAY),
    FileColumn("Bonus", Kind.FLAG),
    WORDED,
)
"""A column of each kind."""
SPACES = "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace())


def test_each_kind_of_value_has_its_form() -> None:
    row = [None, 5, Decimal("-1234.5"), datetime(2026, 7, 1, 12, tzinfo=UTC), 'a "b", c']
    written = b"".join(write_csv([FileColumn(name) for name in "ABCDE"], [row], zone=RIGA)).decode("utf-8-sig")
    assert written == 'A,B,C,D,E\r\n,5,-1234.50,2026-07-01T15:00:00+03:00,"a ""b"", c"\r\n'


def test_the_form_with_semicolons_has_decimal_commas_byte_for_byte() -> None:
    columns = [FileColumn(heading) for heading in ("Number", "Größe; cm", "Price", "Note", "At", "Bonus", "=Day")]
    rows = [
        [7, "a;b", Decimal("1234.5"), "1.5, =1", datetime(2026, 1, 1, tzinfo=UTC), True, date(2026, 1, 2)],
        [-7, '"', Decimal("-0.1250"), " =1;2", None, False, None],
    ]
    written = b"".join(write_csv(columns, rows, zone=RIGA, form=CsvForm.SEMICOLON))
    assert written == (
        b'\xef\xbb\xbfNumber;"Gr\xc3\xb6\xc3\x9fe; cm";Price;Note;At;Bonus;\'=Day\r\n'
        b'7;"a;b";1234,50;1.5, =1;2026-01-01T02:00:00+02:00;true;2026-01-02\r\n'
        b'-7;"""";-0,125;"\' =1;2";;false;\r\n'
    )


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20), min_size=1))
def test_a_program_reads_back_what_was_written(texts: list[str]) -> None:
    file = b"".join(write_csv(TEXT, [[text] for text in texts], zone=RIGA)).decode("utf-8-sig")
    read = [row[0] if row else "" for row in csv.reader(io.StringIO(file, newline=""))][1:]
    assert read == [harmless(text) for text in texts]


@given(st.text(SPACES, max_size=4), st.sampled_from("=+-@＝＋－＠\t\r\n\0"), st.text(max_size=10))
def test_a_text_that_could_run_begins_with_an_apostrophe(spaces: str, sign: str, rest: str) -> None:
    text = spaces + sign + rest
    assert harmless(text).strip()[0] == "'"
    assert harmless(text) == f"'{text}"


@given(st.text(" \u00a0\u3000", max_size=4), st.text(max_size=10))
def test_any_other_text_stays_as_it_is(spaces: str, rest: str) -> None:
    text = f"{spaces}x{rest}"
    assert harmless(text) == text


def test_rows_are_pulled_only_as_far_as_a_piece_needs() -> None:
    pulled = []

    def rows() -> Iterator[list[str]]:
        for place in range(100_000):
            pulled.append(place)
            yield ["x" * 100]

    pieces = write_csv(TEXT, rows(), zone=RIGA)
    next(pieces)
    assert pulled == []
    assert len(next(pieces)) == 64 * 1024
    assert len(pulled) < 1_000


def test_memory_does_not_grow_with_the_rows() -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        for _piece in write_csv(TEXT, (["x" * 50, place] for place in range(count)), zone=RIGA):
            pass
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(40_000) < peak(2_000) + 1024 * 1024


def _stored(column: FileColumn) -> st.SearchStrategy[Any]:
    """Give values as the database keeps them."""
    texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
    moments = st.one_of(
        st.datetimes(datetime(1880, 1, 2), datetime(2200, 1, 1)),  # noqa: DTZ001  in UTC, as they are kept
        st.builds(
            lambda change, seconds: change.replace(tzinfo=None) + timedelta(seconds=seconds),
            st.sampled_from(CHANGES),
            st.integers(-7200, 7200),
        ),
    )
    kept = {
        Kind.TEXT: st.one_of(
            st.sampled_from(HOSTILE + ORDINARY), st.builds("{}{}".format, st.sampled_from(HOSTILE), texts), texts
        ),
        Kind.MOMENT: st.builds(lambda moment, cut: str(moment)[:cut], moments, st.sampled_from((19, 22, 26))),
        Kind.DAY: st.dates(date(1000, 1, 1)).map(str),
        Kind.FLAG: st.sampled_from((True, False)),
    }
    amounts = st.one_of(st.integers(-20_000, 20_000), st.integers(-(2**53), 2**53))
    codes = st.sampled_from(("CODE", "OTHER", "=unknown"))
    return st.none() | (codes if column is WORDED else kept.get(column.kind, amounts))


@st.composite
def _files(draw: st.DrawFn) -> tuple[list[FileColumn], list[tuple[Any, ...]]]:
    columns = draw(st.lists(st.sampled_from(STORED), min_size=1, max_size=4))
    return columns, draw(st.lists(st.tuples(*(_stored(column) for column in columns)), max_size=9))


@given(_files(), st.sampled_from(ZONES), st.sampled_from(CsvForm), st.integers(1, 4))
def test_stored_rows_are_written_as_in_the_plainest_way(
    file: tuple[list[FileColumn], list[tuple[Any, ...]]], zone: ZoneInfo, form: CsvForm, at_once: int
) -> None:
    columns, rows = file
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(services.files.csv_file, "ROWS_AT_ONCE", at_once)
        written = b"".join(write_stored_csv(columns, iter(rows), zone=zone, form=form))
    headings = [harmless(column.heading) for column in columns]
    assert written == plain_csv(headings, restored(columns, rows), zone, form)
