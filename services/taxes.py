"""VAT rates: what a tax code is worth in which country on which day."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from models.base import db
from models.tax import TaxCode, TaxRate

EVERYWHERE = ""
"""What stands for every country without a rate of its own."""


@dataclass(frozen=True)
class Rates:
    """The rates of a tax code: for each country (ISO 3166), from which day on which percentage, the earliest first."""

    by_country: Mapping[str, Sequence[tuple[date, Decimal]]]

    def on(self, day: date, country: str = EVERYWHERE) -> Decimal | None:
        """Give the percentage in a country on a day: its own, or else that of every country. None if there is none."""
        own = self.own(day, country)
        return self.own(day, EVERYWHERE) if own is None else own

    def own(self, day: date, country: str) -> Decimal | None:
        """Give a country's own percentage on a day; None if it has none."""
        since = self.by_country.get(country, ())
        begun = bisect_right(since, day, key=lambda rate: rate[0])
        return since[begun - 1][1] if begun else None


def rates_of(code: str) -> Rates:
    """Read the rates of a tax code; an unknown one has none."""
    return all_rates(code).get(code, Rates({}))


def all_rates(*codes: str) -> dict[str, Rates]:
    """Read the rates of the tax codes that have any, of all or of some, by code."""
    rates = select(TaxCode.code, TaxRate.country, TaxRate.valid_from, TaxRate.percentage).join(TaxRate.tax_code)
    chosen = rates.where(TaxCode.code.in_(codes)) if codes else rates
    by_code: defaultdict[str, defaultdict[str, list[tuple[date, Decimal]]]]
    by_code = defaultdict(lambda: defaultdict(list))
    for code, country, day, percentage in db.session.execute(chosen.order_by(TaxRate.valid_from)):
        by_code[code][country].append((day, percentage))
    return {code: Rates(by_country) for code, by_country in by_code.items()}
