"""Reading a pasted list: which column is which, whatever it was copied from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.editing.pasted import MOST_LINES, read, whole_quantity, without
from services.errors import Invalid
from services.notation import notation_of


def pairs(text: str) -> list[tuple[str, str]]:
    return [(line.sku, line.quantity) for line in read(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BV-12;4", [("BV-12", "4")]),
        ("BV-12\t4\r\nEV-18\t\t\r\n", [("BV-12", "4"), ("EV-18", "")]),
        ("BV-12,4", [("BV-12", "4")]),
        ("BV-12 4", [("BV-12", "4")]),
        ("BV 12 D", [("BV 12 D", "")]),
        ("BV-12", [("BV-12", "")]),
        ("4;BV-12", [("BV-12", "4")]),
        ("4 BV-12", [("BV-12", "4")]),
        ("8711234500127  6", [("8711234500127", "6")]),
        ("6;8711234500127", [("8711234500127", "6")]),
        ("1001;5", [("1001", "5")]),
        ("3;BV\n5;1001", [("BV", "3"), ("1001", "5")]),
        ("EV-18;two", [("EV-18", "two")]),
        (";5", [("", "5")]),
        ('"BV-12";"4"', [("BV-12", "4")]),
        ("BV-12\tBall valve\t4", [("BV-12", "4")]),
        ("BV-12\tBall valve\t4\tpcs", [("BV-12", "4")]),
        ("SKU;Quantity\nBV-12;4", [("BV-12", "4")]),
        ("Aantal\tOmschrijving\tArtikelnummer\n4\tKraan\tBV-12", [("BV-12", "4")]),
        ("Artikel\nBV-12", [("BV-12", "")]),
        ("SKU\tName\tMenge\tPreis\nBV-12\tKugelhahn\t4\t12", [("BV-12", "4")]),
        ("", []),
        (" \n\t\n", []),
    ],
)
def test_a_line_names_a_product_and_a_quantity(text: str, expected: list[tuple[str, str]]) -> None:
    assert pairs(text) == expected


def test_lines_are_numbered_as_they_stand_in_the_text() -> None:
    text = "SKU;Qty\r\n\r\nA;1\r\nB;2\r\n"
    assert [line.number for line in read(text)] == [3, 4]
    assert without(text, [3]).split() == ["SKU;Qty", "B;2"]


def test_a_line_that_only_spaces_or_commas_part_may_be_a_sku_itself() -> None:
    assert [line.whole for line in read("BV 12\nBV,12\nBV;12\nBV")] == ["BV 12", "BV,12", "", ""]


def test_a_list_that_is_too_long_is_refused_in_words() -> None:
    with pytest.raises(Invalid, match="At most 2000 lines fit here; there are 2001"):
        read("A;1\n" * (MOST_LINES + 1))
    assert len(read("SKU;Quantity\n" + "A;1\n" * MOST_LINES)) == MOST_LINES
    with pytest.raises(Invalid, match="too long"):
        read("A" * 500_000)


@pytest.mark.parametrize(
    ("written", "language", "quantity"),
    [
        ("12", "en", 12),
        ("1,000", "en", 1000),
        ("1.000", "en", None),
        ("1.000", "nl", 1000),
        ("12.00", "en", 12),
        ("12,00", "de", 12),
        ("12.50", "en", None),
        ("0", "en", None),
        ("-5", "en", None),
        ("2147483648", "en", None),
        ("9" * 5_000, "en", None),
        ("٣", "en", None),
        ("1e3", "en", None),
        ("", "en", None),
    ],
)
def test_a_quantity_is_a_whole_number_as_the_language_writes_it(
    written: str, language: str, quantity: int | None
) -> None:
    assert whole_quantity(written, notation_of(language)) == quantity


@given(st.text(alphabet=st.sampled_from("A1 ;,\t\n\r\"'.\x00٣é-"), max_size=60))
def test_whatever_is_pasted_is_read(text: str) -> None:
    for line in read(text):
        assert line.text
        whole_quantity(line.quantity, notation_of("en"))
