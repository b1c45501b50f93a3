"""Workbooks as another program reads them: types, headings, no formulas, and never all in memory."""

import errno
import io
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import services.files.xlsx_file
from services.files.columns import FileColumn, Kind
from services.files.xlsx_file import LONGEST_TEXT, TooManyRows, write_xlsx
from tests.servers import ROOT

RIGA = ZoneInfo("Europe/Riga")
COLUMNS = (
    FileColumn("Text"),
    FileColumn("Whole", Kind.WHOLE),
    FileColumn("Amount", Kind.AMOUNT),
    FileColumn("Unit price", Kind.AMOUNT, decimals=4),
    FileColumn("VAT", Kind.PERCENTAGE),
    FileColumn("At", Kind.MOMENT),
    FileColumn("Day", Kind.DAY),
    FileColumn("Bonus", Kind.FLAG),
)


def sheet(columns: Sequence[FileColumn], rows: Sequence[Sequence[Any]]) -> Any:
    """Write rows and give the sheet that openpyxl reads."""
    written = b"".join(write_xlsx(columns, iter(rows), zone=RIGA))
    book = openpyxl.load_workbook(io.BytesIO(written))
    assert len(book.worksheets) == 1
    return book.active


def test_each_kind_has_its_type_and_its_form() -> None:
    moment = datetime(2026, 7, 1, 21, 30, 5, tzinfo=UTC)
    row = ["007", 7, Decimal("-1234.50"), Decimal("0.1250"), Decimal(21), moment, date(2026, 7, 2), True]
    found = sheet(COLUMNS, [row, [None] * 8])
    cells = list(found[2])
    assert [(cell.value, cell.data_type) for cell in cells] == [
        ("007", "s"),
        (7, "n"),
        (-1234.5, "n"),
        (0.125, "n"),
        (0.21, "n"),
        (datetime(2026, 7, 2, 0, 30, 5), "d"),  # noqa: DTZ001  Excel knows no zones
        (datetime(2026, 7, 2), "d"),  # noqa: DTZ001
        (True, "b"),
    ]
    formats = ["0", "#,##0.00", "#,##0.00##", "0.00%", "yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd"]
    assert [cell.number_format for cell in cells[1:7]] == formats
    assert [cell.value for cell in found[3]] == [None] * 8


def test_the_headings_are_bold_stay_in_sight_and_name_the_zone() -> None:
    found = sheet(COLUMNS, [["a", *[None] * 7]])
    assert [cell.value for cell in found[1]] == [
        "Text", "Whole", "Amount", "Unit price", "VAT", "At (Europe/Riga)", "Day", "Bonus",
    ]  # fmt: skip
    assert all(cell.font.b for cell in found[1])
    assert (found.freeze_panes, found.auto_filter.ref) == ("A2", "A1:H2")


def test_a_file_without_rows_has_its_headings() -> None:
    found = sheet(COLUMNS[:2], [])
    assert [cell.value for cell in found[1]] == ["Text", "Whole"]
    assert [cell.value for row in found.iter_rows(min_row=2) for cell in row if cell.value is not None] == []


def test_equal_headings_do_not_collapse() -> None:
    found = sheet([FileColumn("A"), FileColumn("A"), FileColumn("A (2)"), FileColumn("A")], [["1", "2", "3", "4"]])
    assert [cell.value for cell in found[1]] == ["A", "A (2)", "A (2) (2)", "A (3)"]
    assert [cell.value for cell in found[2]] == ["1", "2", "3", "4"]


def test_nothing_is_a_formula_or_a_link() -> None:
    texts = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", '=HYPERLINK("http://a.example")', "http://a.example", "{=1}", "'=1"]
    found = sheet([FileColumn("=HEADING()")], [[text] for text in texts])
    cells = [row[0] for row in found.iter_rows()]
    assert [cell.data_type for cell in cells] == ["s"] * 10
    assert [cell.value for cell in cells] == ["=HEADING()", *texts]
    assert not any(cell.hyperlink for cell in cells)


@pytest.mark.parametrize("length", [LONGEST_TEXT, LONGEST_TEXT + 1, 40_000])
def test_a_text_longer_than_a_cell_is_cut_with_a_mark(length: int) -> None:
    found = sheet([FileColumn("T")], [["x" * length], ["after"]])
    read = found.cell(2, 1).value
    assert len(read) == LONGEST_TEXT
    assert read.endswith("…" if length > LONGEST_TEXT else "x")
    assert found.cell(3, 1).value == "after"


def test_numbers_that_are_none_and_days_before_excels_first_are_texts() -> None:
    columns = [FileColumn("A", Kind.AMOUNT), FileColumn("D", Kind.DAY)]
    found = sheet(columns, [[Decimal("NaN"), date(1899, 12, 31)], [Decimal("Infinity"), date(1900, 1, 1)]])
    assert [cell.value for cell in found[2]] == ["NaN", "1899-12-31"]
    assert found.cell(3, 1).value == "Infinity"


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=30), min_size=1))
def test_a_program_reads_back_what_was_written(texts: list[str]) -> None:
    found = sheet([FileColumn("T")], [[text] for text in texts])
    read = [found.cell(place, 1).value for place in range(2, len(texts) + 2)]
    assert [openpyxl.utils.escape.unescape(value or "") for value in read] == texts


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services.files.xlsx_file, "MOST_ROWS", 3)
    assert sheet([FileColumn("T")], [["x"]] * 3).max_row == 4
    with pytest.raises(TooManyRows, match="can hold at most 3 rows"):
        list(write_xlsx([FileColumn("T")], iter([["x"]] * 4), zone=RIGA))


def test_a_full_disk_is_told_as_such() -> None:
    with pytest.raises(OSError, match="No space left on device") as raised:
        services.files.xlsx_file._write("/dev/full", [FileColumn("T")], iter([{"T": "x"}]), RIGA)
    assert raised.value.errno == errno.ENOSPC


def test_what_breaks_off_leaves_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Broken(Exception):
        """In the middle of the rows."""

    def rows() -> Iterator[list[str]]:
        yield ["x"]
        raise Broken

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(Broken):
        list(write_xlsx([FileColumn("T")], rows(), zone=RIGA))
    pieces = write_xlsx([FileColumn("T")], iter([["x"]]), zone=RIGA)
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_is_killed_leaves_no_file(tmp_path: Path) -> None:
    killed = run_program(
        """
        def rows():
            for place in range(5_000):
                yield ["x" * 50, place]
            os.kill(os.getpid(), signal.SIGKILL)

        list(write_xlsx(COLUMNS, rows(), zone=ZoneInfo("Europe/Riga")))
        """,
        TMPDIR=str(tmp_path),
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert list(tmp_path.iterdir()) == []


def test_memory_does_not_grow_with_the_rows() -> None:
    def peak(count: int) -> int:
        """Give what a process grows by, in kB: the library keeps its own memory, which Python does not see."""
        measured = run_program(
            f"""
            def used():
                return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

            before = used()
            rows = (["x" * 40 + str(place), place] for place in range({count}))
            for _piece in write_xlsx(COLUMNS, rows, zone=ZoneInfo("Europe/Riga")):
                pass
            print(used() - before)
            """
        )
        assert measured.returncode == 0, measured.stderr
        return int(measured.stdout)

    assert peak(60_000) < peak(5_000) + 6 * 1024


def run_program(program: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a program that writes a file in a process of its own."""
    imports = """
        import os, resource, signal
        from zoneinfo import ZoneInfo
        from services.files.columns import FileColumn, Kind
        from services.files.xlsx_file import write_xlsx

        COLUMNS = [FileColumn("Text"), FileColumn("Whole", Kind.WHOLE)]
        """
    command = [sys.executable, "-c", textwrap.dedent(imports) + textwrap.dedent(program)]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environ}, capture_output=True, text=True, check=False)
