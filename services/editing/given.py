"""What incentives would give an order now, and whether what a form says of them is so."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

from sqlalchemy import select

from models.base import db
from models.order import CostsOrigin, DiscountType, LineClass
from models.party import Company, Person
from services.editing.offers import KeptOrder, Offers
from services.editing.priced import DraftLine, Priced
from services.editing.wanted import Fault, Wanted
from services.incentive_rules import Given, Item, Outcome, Situation, outcome
from services.incentives import active_rules
from services.orders import smallest_amount

Worth = tuple[object, ...]


def given_now(priced: Priced, offers: Offers) -> Outcome:
    """Say what the incentives give an order, whatever they gave it before."""
    return outcome(active_rules(), situation(priced, offers))


def situation(priced: Priced, offers: Offers) -> Situation:
    """Give the order as rules look at it, on its day: without what incentives gave."""
    wanted = priced.wanted
    own = [line for line in priced.lines if not _is_of_incentive(line)]
    foreign = sum((line.total for line in priced.lines if _is_foreign(line)), Decimal(0))
    fixed = wanted.discount_value if wanted.discount_type == DiscountType.AMOUNT else Decimal(0)
    return Situation(
        items=tuple(_item(line) for line in own if _is_article(line)),
        subtotal=sum((line.total for line in own), Decimal(0)),
        day=offers.day,
        customer_group_id=_customer_group(wanted),
        is_company=wanted.company_id is not None if wanted.company_id or wanted.user_id else None,
        country=wanted.delivery.country,
        carrier=wanted.carrier,
        action_code=wanted.action_code,
        rate=wanted.currency_rate,
        unit=smallest_amount(wanted.currency),
        reserved=max(fixed - foreign, Decimal(0)),
    )


def unfounded(priced: Priced, offers: Offers) -> dict[str, Fault]:
    """Give a fault for whatever a form says that incentives gave though they do not, by the names of its fields.

    An order keeps what is stored, as it is. Where a form says anything else, all of it must be what is given now.
    """
    lines = [line for line in priced.lines if _is_told(line, priced, offers)]
    costs, accepted = _costs(priced), set(priced.wanted.incentive_ids)
    if _are_stored(lines, priced, offers) and _is_kept(costs, accepted, offers.order):
        return {}
    fired = [each for each in given_now(priced, offers).fired if each.rule.id in accepted]
    found = Outcome(tuple(fired))
    given, now = Counter(map(worth, found.lines)), {"shipping_costs": found.shipping, "payment_costs": found.payment}
    wrong = [field for field, amount in costs.items() if amount != now[field]]
    for line in lines:
        if given[worth_of(line)]:
            given[worth_of(line)] -= 1
        else:
            wrong.append(f"line-{line.wanted.key}-quantity")
    if accepted - {each.rule.id for each in fired}:
        wrong.append("lines")
    return dict.fromkeys(wrong, Fault("No incentive gives this now. Apply the incentives again, or withdraw them.", {}))


def worth(line: Given) -> Worth:
    """Give what a line of an incentive is, to be compared with a priced one."""
    line_class = LineClass.PRODUCT if line.is_bonus else LineClass.INCENTIVE
    code = line.tax_code if not line.is_bonus and not line.parent else ""
    return line.rule_id, line_class, line.is_bonus, line.product_id, line.parent, code, line.quantity, line.price


def worth_of(line: DraftLine) -> Worth:
    """Give what a priced line of an incentive is."""
    wanted = line.wanted
    code = line.tax_code if not wanted.is_bonus and not wanted.parent else ""
    what = wanted.incentive_id, wanted.line_class, wanted.is_bonus, wanted.product_id
    return *what, wanted.parent, code, wanted.quantity, line.price


def _is_told(line: DraftLine, priced: Priced, offers: Offers) -> bool:
    """Say whether a form says that an incentive gave a line; one of another system's is what it is while it stays."""
    is_given = _is_of_incentive(line) or line.wanted.is_bonus
    return is_given and (line.wanted.incentive_id is not None or not _are_stored([line], priced, offers))


def _are_stored(lines: Iterable[DraftLine], priced: Priced, offers: Offers) -> bool:
    """Say whether lines are in the order as they are."""
    kept = [(line, offers.lines.get(line.wanted.line_id or 0)) for line in lines]
    is_same_currency = offers.order is not None and offers.order.currency == priced.wanted.currency
    return not kept or (
        is_same_currency
        and all(
            stored is not None
            and (line.wanted.quantity, line.price, line.discount_percentage)
            == (stored.quantity, stored.price, stored.discount_percentage)
            for line, stored in kept
        )
    )


def _is_kept(costs: Mapping[str, Decimal | None], accepted: Collection[int], order: KeptOrder | None) -> bool:
    """Say whether costs that incentives set, and which were accepted, are in the order already."""
    if order is None:
        return not costs and not accepted
    kept = {"shipping_costs": (order.shipping, order.shipping_origin)}
    kept["payment_costs"] = (order.payment, order.payment_origin)
    stored = {field: cost.amount for field, (cost, origin) in kept.items() if origin == CostsOrigin.INCENTIVE}
    return costs.items() <= stored.items() and order.incentive_ids.issuperset(accepted)


def _costs(priced: Priced) -> dict[str, Decimal | None]:
    """Give the costs that incentives set, by field."""
    costs = {
        "shipping_costs": (priced.wanted.incentive_shipping, priced.shipping_origin),
        "payment_costs": (priced.wanted.incentive_payment, priced.payment_origin),
    }
    return {field: amount for field, (amount, origin) in costs.items() if origin == CostsOrigin.INCENTIVE}


def _is_of_incentive(line: DraftLine) -> bool:
    return line.wanted.incentive_id is not None or line.wanted.line_class == LineClass.INCENTIVE


def _is_foreign(line: DraftLine) -> bool:
    """Say whether a line is an incentive's that another system gave: it stays, and room is left for it."""
    return line.wanted.incentive_id is None and line.wanted.line_class == LineClass.INCENTIVE


def _is_article(line: DraftLine) -> bool:
    return line.wanted.line_class == LineClass.PRODUCT and not line.wanted.is_bonus


def _item(line: DraftLine) -> Item:
    return Item(
        key=line.wanted.key,
        product_id=line.wanted.product_id,
        manufacturer=line.text.manufacturer,
        quantity=line.wanted.quantity,
        price=line.unit_price,
        total=line.total,
        tax_code=line.tax_code,
        is_child=bool(line.wanted.parent),
    )


def _customer_group(wanted: Wanted) -> int | None:
    if wanted.company_id is not None:
        return db.session.scalar(select(Company.customer_group_id).where(Company.id == wanted.company_id))
    if wanted.user_id is not None:
        return db.session.scalar(select(Person.customer_group_id).where(Person.id == wanted.user_id))
    return None
