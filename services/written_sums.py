"""What an order adds up to, in words and figures: the same rows on its page, in its documents and in its mails."""

from collections.abc import Callable
from typing import NamedTuple

from models.order import VatRule
from services.notation import Notation
from services.pricing import Totals


class WrittenSum(NamedTuple):
    """A row: whether it is a sum of those above it, and whether a rule stands over it."""

    label: str
    amount: str
    is_sum: bool = False
    is_ruled: bool = False


def written_sums(sums: Totals, vat_rule: str, gettext: Callable[..., str], write: Notation) -> list[WrittenSum]:
    """Write the sums of an order in a language; `gettext` gives the sentences of it. What is nothing is left out.

    A supply without VAT says by which rule (Council Directive 2006/112/EC, art. 226 (11) and (11a)).
    """
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
    if vat_rule == VatRule.REVERSE_CHARGE:
        rows.append(WrittenSum(gettext("VAT 0 %, reverse charge"), write.amount(sums.tax)))
    elif vat_rule == VatRule.EXPORT:
        rows.append(WrittenSum(gettext("VAT 0 %, export"), write.amount(sums.tax)))
    rows.append(WrittenSum(gettext("Total incl. VAT"), write.amount(sums.net), is_sum=True, is_ruled=True))
    return rows
