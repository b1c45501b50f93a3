"""How numbers, days and moments are written and read in a language. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.units import format_unit


@dataclass(frozen=True, eq=False)
class Notation:
    """What one language puts between thousands, before decimals, and around the parts of a day."""

    language: str
    thousands: str
    point: str
    day_pattern: str
    months: Mapping[int, str]

    @cached_property
    def _signs(self) -> dict[int, str]:
        return str.maketrans({",": self.thousands, ".": self.point, "-": "−"})

    def amount(self, amount: Decimal) -> str:
        """Write an amount: `1,234.50`."""
        return f"{amount:z,.2f}".translate(self._signs)

    def decimal(self, number: Decimal) -> str:
        """Write a number with two decimals, and more where it has them: `0.1250` is `0.125`."""
        whole, _, decimals = f"{number:,.4f}".partition(".")
        return f"{whole}.{decimals[:2]}{decimals[2:].rstrip('0')}".translate(self._signs)

    def number(self, number: Decimal) -> str:
        """Write a number with just the decimals that it has: `1.17`."""
        return f"{number:f}".translate(self._signs)

    def percentage(self, number: Decimal) -> str:
        """Write a percentage: `21 %`."""
        return f"{self.number(number.normalize())} %"

    def whole(self, number: int) -> str:
        """Write a whole number: `44,913`."""
        return f"{number:,}".translate(self._signs)

    def day(self, day: date) -> str:
        """Write a day: `23 Nov 2026`."""
        return self.day_pattern.format(day=day.day, month=self.months[day.month], year=day.year)

    def moment(self, moment: datetime, zone: ZoneInfo) -> str:
        """Write a moment in a person's zone: `23 Nov 2026 10:12`."""
        local = moment.astimezone(zone)
        return f"{self.day(local)} {local:%H:%M}"

    def duration(self, duration: timedelta) -> str:
        """Write how long something took, in its two largest units: `3 days 1 hr`."""
        minutes, seconds = divmod(max(int(duration.total_seconds()), 0), 60)
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24)
        units = {"day": days, "hour": hours, "minute": minutes, "second": seconds}
        largest = next((place for place, number in enumerate(units.values()) if number), len(units) - 1)
        told = [(unit, number) for unit, number in list(units.items())[largest : largest + 2] if number]
        return " ".join(
            format_unit(number, f"duration-{unit}", "short", locale=self.language)
            for unit, number in told or [("second", 0)]
        )

    def read(self, text: str) -> Decimal | None:
        """Read a number, with or without signs between thousands. None when it is not written so."""
        thousands, point = re.escape(self.thousands), re.escape(self.point)
        written = text.replace("−", "-", 1)
        if not re.fullmatch(rf"-?([0-9]+|[0-9]{{1,3}}({thousands}[0-9]{{3}})+)({point}[0-9]+)?", written):
            return None
        return Decimal(written.replace(self.thousands, "").replace(self.point, "."))


_DAY_PATTERNS = {"en": "{day} {month} {year}", "nl": "{day} {month} {year}", "de": "{day}. {month} {year}"}
LANGUAGES = tuple(_DAY_PATTERNS)
"""The languages of the product, the first for whoever speaks none of them."""


@lru_cache
def notation_of(language: str) -> Notation:
    """Give the notation of a language of the product."""
    locale = Locale(language)
    signs = locale.number_symbols["latn"]
    months = locale.months["format"]["abbreviated"]
    return Notation(language, signs["group"], signs["decimal"], _DAY_PATTERNS[language], dict(months))
