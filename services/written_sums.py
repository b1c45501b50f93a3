"""What an order adds up to, in words and figures: the same rows on its page, in its documents and in its mails."""

from collections.abc import Callable
from typing import NamedTuple

from services.notation import Notation
from services.pricing import Totals


class WrittenSum(NamedTuple):
    """A row: whether it is a sum of those above it, and whether a rule stands over it."""

    label: str
    amount: str
    is_sum: bool = False
    is_ruled: bool = False


def written_sums(sums: Totals, gettext: Callable[..., str], write: Notation) -> list[WrittenSum]:
    """Write the sums of an order in a language; `gettext` gives the sentences of it. What is nothing is left out."""
    rows = [WrittenSum(gettext("Subtotal"), write.amount(sums.subtotal))]
    if sums.discount:
        rows.append(WrittenSum(gettext("Discount"), write.amount(-sums.discount)))
        rows.append(WrittenSum(gettext("Subtotal with discount"), write.amount(sums.discounted), is_ruled=True))
    if sums.payment_costs:
        rows.append(WrittenSum(gettext("Transaction costs"), write.amount(sums.payment_costs)))
    if sums.shipping_costs:
        rows.append(WrittenSum(gettext("Shipping costs"), write.amount(sums.shipping_costs)))
    rows.append(WrittenSum(gettext("Total excl. VAT"), write.amount(sums.gross), is_sum=True, is_ruled=True))
    for tax in sums.taxes:
        rate, base = write.percentage(tax.percentage), write.amount(tax.base)
        rows.append(WrittenSum(gettext("VAT %(rate)s of %(base)s", rate=rate, base=base), write.amount(tax.amount)))
    rows.append(WrittenSum(gettext("Total incl. VAT"), write.amount(sums.net), is_sum=True, is_ruled=True))
    return rows
