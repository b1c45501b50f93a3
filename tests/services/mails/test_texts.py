"""The texts of mails: filled in with plain values, in the language of the client, and nothing else can be reached."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from models.base import db
from models.firm import Firm
from models.mail import MailTemplate
from models.order import Order
from services.documents.pen import Pen
from services.errors import Invalid
from services.mails.addresses import MOST, read_addresses
from services.mails.letter import letter
from services.mails.templates import filled_in
from services.mails.texts import LARGEST, OrderFacts, facts_of, written
from tests.factories import make_company, make_order, make_person

FACTS = OrderFacts("7", "PO-1", "1 May 2026", "Helma", "Maas", "EUR", "1 EUR", "2 EUR", (), "", ())
FIRM = Firm(**dict.fromkeys("name street postal_code city phone email website vat_number iban".split(), "x"))  # noqa: SIM905
ZONE = ZoneInfo("UTC")
GERMAN = Pen("de", ZONE, FIRM)


def filled(template: str) -> str:
    return written(template, "body", FACTS, FIRM)


def test_values_conditions_and_a_round_over_the_lines_are_filled_in() -> None:
    assert filled(
        "{{ order.number }} {% if order.reference %}{{ order.reference|lower }}{% endif %} {{ firm.name }}"
    ) == ("7 po-1 x")
    assert filled("{{ order.contact or 'you' }}: {{ order.lines|length }}") == "Helma: 0"
    assert filled("{% for line in order.lines %}{{ line.name }}{% else %}none{% endfor %}") == "none"


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__ }}",
        "{{ order.__class__ }}",
        "{{ order.lines.append }}",
        "{{ order.number.format }}",
        "{{ order.number.format.__globals__ }}",
        "{{ ''['__class__'] }}",
        "{{ order.lines }}",
        "{{ order }}",
        "{{ order|attr('__class__') }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ range(10) }}",
        "{{ range|upper }}",
        "{{ order|trim }}",
        "{% for n in range(1000000000) %}{% endfor %}",
        "{% for a in order.number %}{% for b in order.number %}{% endfor %}{% endfor %}",
        "{% for a in order.lines recursive %}{{ loop(order.lines) }}{% endfor %}",
        "{{ 'x' * 1000000000 }}",
        "{{ 9 ** 9 ** 9 ** 9 }}",
        "{{ '%0999999999d' % 1 }}",
        "{{ 'x'|center(1000000000) }}",
        "{{ 'x' ~ 'x' }}",
        "{% set x = 'x' %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% include 'order.html' %}",
        "{% extends 'order.html' %}",
        "{% filter upper %}x{% endfilter %}",
        "{% for n in 'xxxxxxxxxx' %}" + "x" * (LARGEST // 5) + "{% endfor %}",
        "{{ order.nothing }}",
        "{{ nothing }}",
        "{% if %}",
        "{{ order.number",
        "{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}",
        "{% if 1 %}" * 150 + "{% endif %}" * 150,
        "{{ order.number|nothing }}",
        "{% for order.number in order.lines %}{% endfor %}",
    ],
)
def test_what_a_template_may_not_hold_or_cannot_reach_is_told_by_its_field(template: str) -> None:
    with pytest.raises(Invalid) as raised:
        filled(template)
    assert raised.value.field == "body"
    assert len(str(raised.value)) > 20


@pytest.mark.usefixtures("database")
def test_the_templates_of_all_languages_are_there_and_say_what_an_order_holds() -> None:
    user = make_person("Helma", "Maas", make_company("Maas BV"))
    number = make_order(company=db.session.get_one(type(user), user.id).company, user=user, reference="PO-77")
    order = db.session.get_one(Order, number)
    templates = db.session.scalars(select(MailTemplate).order_by(MailTemplate.id)).all()
    told = {template.language: filled_in(template, order, zone=ZONE) for template in templates}
    assert list(told) == ["en", "nl", "de"]
    for subject, body in told.values():
        assert str(number) in subject
        assert "PO-77" in body
        assert "Helma Maas" in body.splitlines()[0]


@pytest.mark.usefixtures("database")
def test_a_letter_shows_the_first_lines_and_the_sums_in_the_clients_language() -> None:
    lines = [
        {"sku": f"S-{place}", "name": f"<b>Pump</b> {place}", "quantity": 1200, "price": "1.50"} for place in range(12)
    ]
    order = db.session.get_one(Order, make_order(lines=lines))
    read = letter("Subject", "One\ntwo\n\n<script>", facts_of(order, GERMAN), GERMAN)
    for told in ("1.200", "1.800,00", "S-9", "21.600,00", "26.136,00"):
        assert told in read.text
        assert told in read.html
    assert "S-10" not in read.text
    assert "<b>Pump</b> 1" in read.text
    assert "&lt;b&gt;Pump&lt;/b&gt; 1" in read.html
    assert "<script" not in read.html
    assert "<style" not in read.html
    assert "style=" in read.html


@pytest.mark.usefixtures("database")
def test_an_order_without_anything_in_it_can_be_written() -> None:
    order = db.session.get_one(Order, make_order(lines=[]))
    read = letter("S", "x", facts_of(order, GERMAN), GERMAN)
    assert "Gesamt inkl. MwSt.: 0,00 EUR" in read.text
    assert order.total_gross == Decimal(0)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", []),
        (" a@b.example ,, A@b.example, c.d+e@X.Example", ["a@b.example", "c.d+e@x.example"]),
        ("info@bücher.example", ["info@xn--bcher-kva.example"]),
    ],
)
def test_addresses_are_read_one_by_one(typed: str, read: list[str]) -> None:
    assert read_addresses(typed, "recipients") == read


@pytest.mark.parametrize(
    "typed",
    [
        *("a", "a@b", "@b.example", "a@.example", "a@b..example", "a b@c.example", "a@b.example c@d.example"),
        *("a@b.example\r\nBcc: c@d.example", "a@b.example\n", "\ta@b.example", "a@b.example\0", "a@b.example\u2028"),
        *("Mia <a@b.example>", '"a b"@c.example', "a@[127.0.0.1]", "a@-b.example", ".a@b.example", "a..b@c.example"),
        *("é@b.example", "a@b.example>", "a;b@c.example", "a@b@c.example", f"{'a' * 65}@b.example", "a@b.1"),
        ",".join(f"a{place}@b.example" for place in range(MOST + 1)),
        f"a@{'b.' * 130}example",
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as raised:
        read_addresses(typed, "recipients")
    assert raised.value.field == "recipients"


def test_somebody_must_get_a_mail() -> None:
    with pytest.raises(Invalid, match="Give the address"):
        read_addresses(" , ", "recipients", is_needed=True)
