"""What a document is written with: the words of one language, the days of one zone, and who the seller is."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from babel import Locale

from models.firm import Firm
from models.party import Address
from services.addresses import address_lines
from services.notation import Notation, notation_of
from services.sentences import sentences_of


@dataclass(frozen=True)
class Pen:
    """Writes in a language."""

    language: str
    zone: ZoneInfo
    firm: Firm

    @cached_property
    def notation(self) -> Notation:
        return notation_of(self.language)

    def gettext(self, sentence: str, **values: str) -> str:
        """Give a sentence of the product in this language."""
        said = sentences_of(self.language).gettext(sentence)
        return said % values if values else said

    def day(self, moment: datetime) -> str:
        """Write the day of a moment."""
        return self.notation.day(moment.astimezone(self.zone))

    def country(self, code: str) -> str:
        """Give the name of a country; empty for a code that nobody knows."""
        name: str = Locale(self.language).territories.get(code, "")
        return name

    def address(self, address: Address | None) -> tuple[str, ...]:
        """Write an address in lines."""
        return address_lines(address, self.country(address.country)) if address else ()
