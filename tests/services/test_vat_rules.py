"""Which VAT a sale bears, by the way of the goods and who buys."""

import pytest

from services.vat_rules import EU, state_of, vat_of


@pytest.mark.parametrize(
    ("seller", "delivery", "buyer", "tax_number", "expected"),
    [
        ("", "DE", "company", "DE123456789", ("DOMESTIC", "")),
        ("NL", "", "company", "DE123456789", ("DOMESTIC", "NL")),
        ("NL", "NL", "company", "DE123456789", ("DOMESTIC", "NL")),
        ("NL", "DE", "company", "DE123456789", ("REVERSE_CHARGE", "DE")),
        ("NL", "DE", "company", "FR12345678901", ("REVERSE_CHARGE", "DE")),
        ("NL", "DE", "company", "NL123456789B01", ("DOMESTIC", "DE")),
        ("NL", "DE", "company", "123456789", ("DOMESTIC", "DE")),
        ("NL", "DE", "person", "DE123456789", ("DOMESTIC", "DE")),
        ("NL", "MC", "person", "", ("DOMESTIC", "FR")),
        ("NL", "GB", "company", "GB123456789", ("EXPORT", "GB")),
        ("NL", "CH", "person", "", ("EXPORT", "CH")),
        ("US", "DE", "company", "DE123456789", ("EXPORT", "DE")),
        ("US", "US", "person", "", ("DOMESTIC", "US")),
    ],
)
def test_vat_follows_the_way_of_the_goods(
    seller: str,
    delivery: str,
    buyer: str,
    tax_number: str,
    expected: tuple[str, str],
) -> None:
    assert tuple(vat_of(seller, delivery, is_company=buyer == "company", tax_number=tax_number)) == expected


@pytest.mark.parametrize(
    ("delivery", "buyer", "tax_number", "expected"),
    [
        ("DE", "person", "", ("DOMESTIC", "NL")),
        ("CH", "person", "", ("DOMESTIC", "NL")),
        ("DE", "company", "", ("DOMESTIC", "NL")),
        ("DE", "company", "DE123456789", ("REVERSE_CHARGE", "DE")),
        ("CH", "company", "", ("EXPORT", "CH")),
    ],
)
def test_what_is_fetched_has_the_vat_of_where_it_is_unless_a_company_takes_it_abroad(
    delivery: str, buyer: str, tax_number: str, expected: tuple[str, str]
) -> None:
    found = vat_of("NL", delivery, is_company=buyer == "company", tax_number=tax_number, is_fetched=True)
    assert tuple(found) == expected


@pytest.mark.parametrize(
    ("written", "state"),
    [
        ("NL 1234.56.789-B01", "NL"),
        ("de123456789", "DE"),
        ("EL123456789", "GR"),
        ("GR123456789", ""),
        ("ATU12345678", "AT"),
        ("AT12345678", ""),
        ("BE0123456789", "BE"),
        ("BE2123456789", ""),
        ("IE1A23456WA", "IE"),
        ("LT123456789012", "LT"),
        ("DE12345678", ""),
        ("DE1234567890", ""),
        ("DE１２３４５６７８９", ""),
        ("GB123456789", ""),
        ("", ""),
    ],
)
def test_a_vat_number_looks_like_that_of_its_state(written: str, state: str) -> None:
    assert state_of(written) == state


def test_there_are_27_member_states() -> None:
    assert len(EU) == 27
    assert {"GR", "NL"} <= EU
    assert not {"EL", "GB", "NO", "CH"} & EU
