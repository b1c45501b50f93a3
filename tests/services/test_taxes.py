"""VAT rates by country and day."""

from datetime import date
from decimal import Decimal

import pytest

from models.base import db
from models.tax import TaxCode, TaxRate
from services.taxes import Rates, rates_of

RATES = Rates(
    {
        "": [(date(2000, 1, 1), Decimal(19)), (date(2012, 10, 1), Decimal(21))],
        "DE": [(date(2007, 1, 1), Decimal(19))],
    }
)


@pytest.mark.parametrize(
    ("day", "country", "percentage"),
    [
        (date(1999, 12, 31), "", None),
        (date(2000, 1, 1), "", 19),
        (date(2012, 9, 30), "NL", 19),
        (date(2012, 10, 1), "NL", 21),
        (date(2026, 1, 1), "DE", 19),
        (date(2006, 12, 31), "DE", 19),
        (date(1999, 1, 1), "DE", None),
    ],
)
def test_the_rate_of_a_day_is_the_countrys_own_or_that_of_everywhere(
    day: date, country: str, percentage: int | None
) -> None:
    assert RATES.on(day, country) == percentage


@pytest.mark.usefixtures("database")
def test_rates_are_read_by_code() -> None:
    code = TaxCode(code="X", name="Extra")
    code.rates = [
        TaxRate(country="FR", valid_from=date(2014, 1, 1), percentage=Decimal("5.5")),
        TaxRate(country="FR", valid_from=date(2010, 1, 1), percentage=Decimal("19.6")),
    ]
    db.session.add(code)
    db.session.commit()
    assert rates_of("X").by_country == {"FR": [(date(2010, 1, 1), Decimal("19.6")), (date(2014, 1, 1), Decimal("5.5"))]}
    assert rates_of("nowhere").by_country == {}
    assert rates_of("H").on(date(2026, 1, 1), "NL") == 21
