"""What a mail says of an order: the template of its text, and the tables below it.

A template is Jinja cut down to what needs no trust: values, conditions, and one round over the lines. There are no
calls, no arithmetic and no rounds within rounds, so that it ends, and its result is about as long as its text.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from types import SimpleNamespace
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, Undefined, nodes
from jinja2.exceptions import SecurityError, TemplateError, UndefinedError
from jinja2.sandbox import SandboxedEnvironment

from models.firm import Firm
from models.order import LineClass, Order, OrderLine
from services.documents.pen import Pen
from services.errors import Invalid
from services.orders import totals
from services.written_sums import WrittenSum, written_sums

MOST_LINES = 10
"""How many lines of an order a mail shows; the PDF has them all."""
LARGEST = 100_000
"""How many signs a template may make."""
ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Getattr,
    nodes.If,
    nodes.For,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Filter,
)
FIRM_NAMES = ("name", "street", "postal_code", "city", "phone", "email", "website", "vat_number", "iban")
TEXT_FILTERS = ("upper", "lower", "capitalize", "trim")
FILTERS = frozenset({"length", *TEXT_FILTERS})


class _NotAllowed(TemplateError):
    """What Jinja knows and a template of ours may not use."""


@dataclass(frozen=True)
class MailLine:
    """A line, written in the language of the mail. `amount` is excl. VAT."""

    quantity: str
    sku: str
    name: str
    unit: str
    amount: str


@dataclass(frozen=True)
class OrderFacts:
    """What a mail can say of an order, all of it written in one language."""

    number: str
    reference: str
    date: str
    contact: str
    company: str
    currency: str
    total_excl_vat: str
    total_incl_vat: str
    lines: Sequence[MailLine]
    more: str
    sums: Sequence[WrittenSum]


NAMES = (
    *(f"order.{each.name}" for each in fields(OrderFacts) if each.name not in ("lines", "more", "sums")),
    *(f"firm.{name}" for name in FIRM_NAMES),
)
"""What a template can name, the lines of the order apart."""
EXAMPLE = OrderFacts(
    number="1001",
    reference="PO-77120",
    date="1 May 2026",
    contact="Helma Maas",
    company="Maas Elektrotechniek",
    currency="EUR",
    total_excl_vat="1,000.00 EUR",
    total_incl_vat="1,210.00 EUR",
    lines=(MailLine("10", "PC-15-BR", "Press coupling 15 mm", "piece", "1,000.00"),),
    more="",
    sums=(
        WrittenSum("Total excl. VAT", "1,000.00", is_sum=True),
        WrittenSum("Total incl. VAT", "1,210.00", is_sum=True),
    ),
)
"""What a template is tried with where there is no order yet, or none that the person sees."""


def facts_of(order: Order, pen: Pen) -> OrderFacts:
    """Write an order, which has its lines, in one language."""
    sums, write = totals(order), pen.notation
    shown = [line for line in order.lines if line.parent_id is None or line.line_class == LineClass.INCENTIVE]
    return OrderFacts(
        number=str(order.id),
        reference=order.reference,
        date=pen.day(order.created_at),
        contact=order.user.name if order.user else "",
        company=order.company.name if order.company else "",
        currency=order.currency,
        total_excl_vat=f"{write.amount(sums.gross)} {order.currency}",
        total_incl_vat=f"{write.amount(sums.net)} {order.currency}",
        lines=[_line(line, pen) for line in shown[:MOST_LINES]],
        more=_more(len(shown[MOST_LINES:]), pen),
        sums=written_sums(sums, order.vat_rule, pen.gettext, write),
    )


def _line(line: OrderLine, pen: Pen) -> MailLine:
    return MailLine(
        quantity=pen.notation.whole(line.quantity),
        sku=line.text.sku,
        name=line.text.name,
        unit=line.text.unit,
        amount=pen.notation.amount(line.total),
    )


def _more(left: int, pen: Pen) -> str:
    if left <= 1:
        return pen.gettext("and one more line") if left else ""
    return pen.gettext("and %(number)s more lines", number=pen.notation.whole(left))


def written(template: str, field: str, facts: OrderFacts, firm: Firm) -> str:
    """Fill a template in. Raises Invalid, with what is wrong with it."""
    try:
        filled = _filled(template, _values(facts, firm))
    except TemplateSyntaxError as error:
        raise Invalid(
            field, "Line %(line)d of the template cannot be read: %(fault)s", line=error.lineno, fault=error.message
        ) from error
    except _NotAllowed as error:
        raise Invalid(
            field,
            "A template may contain values, conditions and a loop over the lines, but no %(what)s.",
            what=error.message,
        ) from error
    except SecurityError as error:
        raise Invalid(field, "The template uses something that is not available in templates.") from error
    except UndefinedError as error:
        raise Invalid(field, "The template uses a name that does not exist: %(fault)s", fault=str(error)) from error
    except (TemplateError, TypeError, ValueError, SyntaxError, RecursionError) as error:
        raise Invalid(field, "The template cannot be filled in: %(fault)s", fault=str(error)) from error
    if len(filled) > LARGEST:
        raise Invalid(field, "The template makes more than %(most)d characters.", most=LARGEST)
    return filled


def _plain(value: object) -> object:
    """Let texts and numbers be written, and nothing else that templates can reach."""
    if isinstance(value, str | int | Undefined):
        return value
    raise SecurityError


def _of_plain(filtered: Callable[..., Any]) -> Callable[[object], Any]:
    """Let a filter see only what a template may write."""
    return lambda value: filtered(_plain(value))


_environment = SandboxedEnvironment(undefined=StrictUndefined, finalize=_plain, cache_size=0)
"""The texts are plain; what makes HTML of them escapes them."""
_environment.globals.clear()
_environment.filters = {"length": len, **{name: _of_plain(_environment.filters[name]) for name in TEXT_FILTERS}}


def _filled(template: str, values: Mapping[str, Any]) -> str:
    read = _environment.parse(template)
    _check(read, is_in_round=False)
    made, length = [], 0
    for piece in _environment.from_string(template).generate(values):
        made.append(piece)
        length += len(piece)
        if length > LARGEST:
            break
    return "".join(made)


def _check(node: nodes.Node, *, is_in_round: bool) -> None:
    """Raise _NotAllowed for what a template may not hold."""
    if not isinstance(node, ALLOWED):
        raise _NotAllowed(type(node).__name__)
    if isinstance(node, nodes.Filter) and (node.name not in FILTERS or node.args or node.kwargs):
        raise _NotAllowed(node.name)
    if isinstance(node, nodes.For) and (is_in_round or node.recursive):
        raise _NotAllowed("For")
    for child in node.iter_child_nodes():
        _check(child, is_in_round=is_in_round or isinstance(node, nodes.For))


def _values(facts: OrderFacts, firm: Firm) -> dict[str, Any]:
    order = SimpleNamespace(**{**asdict(facts), "lines": [SimpleNamespace(**asdict(line)) for line in facts.lines]})
    del order.sums, order.more
    return {"order": order, "firm": SimpleNamespace(**{name: getattr(firm, name) for name in FIRM_NAMES})}
