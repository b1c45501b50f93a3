"""What the product itself says in a mail, in each of its languages. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from models.mail import MailLanguage


class MailWords(NamedTuple):
    """The words of one language; `{n}`, `{rate}` and `{base}` stand where they go."""

    quantity: str
    product: str
    amount: str
    more_line: str
    more_lines: str
    discount: str
    payment_costs: str
    shipping_costs: str
    total_gross: str
    tax: str
    total_net: str
    regards: str


WORDS: Mapping[str, MailWords] = {
    MailLanguage.ENGLISH: MailWords(
        "Quantity",
        "Product",
        "Amount excl. VAT",
        "and 1 more line",
        "and {n} more lines",
        "Discount",
        "Transaction costs",
        "Shipping costs",
        "Total excl. VAT",
        "VAT {rate} % of {base}",
        "Total incl. VAT",
        "Kind regards,",
    ),
    MailLanguage.DUTCH: MailWords(
        "Aantal",
        "Product",
        "Bedrag excl. btw",
        "en nog 1 regel",
        "en nog {n} regels",
        "Korting",
        "Transactiekosten",
        "Verzendkosten",
        "Totaal excl. btw",
        "Btw {rate} % over {base}",
        "Totaal incl. btw",
        "Met vriendelijke groet,",
    ),
    MailLanguage.GERMAN: MailWords(
        "Menge",
        "Artikel",
        "Betrag ohne MwSt.",
        "und 1 weitere Position",
        "und {n} weitere Positionen",
        "Rabatt",
        "Transaktionskosten",
        "Versandkosten",
        "Summe ohne MwSt.",
        "MwSt. {rate} % auf {base}",
        "Summe mit MwSt.",
        "Mit freundlichen Grüßen",
    ),
}
