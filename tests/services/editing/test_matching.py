"""A pasted list against the catalogue: what is said of each line, and what is added."""

import pytest
from flask import Flask

from services.editing.matching import MOST_MEANT, Answer, Similar, Verdict, answers, to_add
from services.editing.pasted import read
from services.notation import notation_of
from tests.admin_views.orders.test_statements import counted
from tests.factories import make_product

pytestmark = pytest.mark.usefixtures("database")


def answered(text: str) -> list[Answer]:
    return answers(read(text), notation_of("en"))


def verdicts(text: str) -> list[Verdict]:
    return [answer.verdict for answer in answered(text)]


def test_every_line_gets_an_answer() -> None:
    make_product("Copper pipe", "CU-22", ean="8711234500127")
    make_product("Ball valve", "BV-12-D", minimum_quantity=12, step_quantity=12)
    make_product("Old", "OLD", is_active=False)
    make_product("Left", "L", ean="400")
    make_product("Right", "R", ean="400")
    answer = answered(
        "CU-22;20\nBV-12-D;10\nBV-12-X;4\n8711234500127\t1\nCU-22;two\nOLD;1\n400;1\n;3\nCU-22\nXYZ;1\n" + "A" * 99
    )
    assert [(each.verdict, each.quantity, each.together) for each in answer] == [
        (Verdict.FINE, 20, 22),
        (Verdict.OFF_STEP, 10, 10),
        (Verdict.UNKNOWN, None, 0),
        (Verdict.FINE, 1, 22),
        (Verdict.UNREADABLE, None, 0),
        (Verdict.NOT_SOLD, None, 0),
        (Verdict.AMBIGUOUS, None, 0),
        (Verdict.NO_CODE, None, 0),
        (Verdict.FINE, 1, 22),
        (Verdict.UNKNOWN, None, 0),
        (Verdict.UNKNOWN, None, 0),
    ]
    assert answer[1].near == (12, 24)
    assert (answer[2].meant, answer[9].meant) == ("BV-12-D", "")
    assert [each.is_by_ean for each in answer[:4]] == [False, False, False, True]
    assert [product.sku for product in answer[6].products] == ["L", "R"]
    assert [(product.sku, quantity) for product, quantity in to_add(answer)] == [("CU-22", 22)]


def test_what_is_twice_in_the_list_is_held_to_its_step_together() -> None:
    make_product("Ball valve", "BV", minimum_quantity=12, step_quantity=12)
    answer = answered("BV;10\nBV;14")
    assert [(each.verdict, each.is_repeated, each.together) for each in answer] == [(Verdict.FINE, True, 24)] * 2
    assert verdicts("BV;10\nBV;15") == [Verdict.OFF_STEP] * 2
    assert verdicts("BV;2147483640\nBV;24") == [Verdict.UNREADABLE] * 2


def test_a_sku_goes_before_an_ean_and_what_is_sold_before_what_is_not() -> None:
    make_product("By SKU", "123")
    make_product("By EAN", "X", ean="123")
    make_product("Old", "O", ean="456", is_active=False)
    make_product("New", "N", ean="456")
    assert [answer.product and answer.product.sku for answer in answered("123\n456")] == ["123", "N"]


def test_capitals_may_differ_unless_that_names_several() -> None:
    make_product("One", "ab-1")
    make_product("Other", "AB-1")
    make_product("Alone", "Cd-1")
    answer = answered("ab-1;1\nAb-1;1\ncD-1;1")
    assert [each.verdict for each in answer] == [Verdict.FINE, Verdict.AMBIGUOUS, Verdict.FINE]
    assert answer[2].product is not None
    assert answer[2].product.sku == "Cd-1"


def test_a_sku_may_have_spaces_and_commas() -> None:
    make_product("Spaced", "BV 12")
    make_product("Comma", "1,5")
    assert [(answer.product and answer.product.sku, answer.quantity) for answer in answered("BV 12\nBV 12 3\n1,5")] == [
        ("BV 12", 1),
        ("BV 12", 3),
        ("1,5", 1),
    ]


def test_thousands_of_lines_are_answered_in_three_statements(app: Flask) -> None:
    make_product("Found", "F-1")
    make_product("Capitals", "caps")
    with counted(app) as statements:
        answer = answered("F-1;1\nCAPS;1\n" + "".join(f"NO-{number};1\n" for number in range(1_998)))
    assert len(answer) == 2_000
    assert len(statements) <= 4, statements


@pytest.mark.parametrize(
    ("code", "meant"),
    [("BV12D", "BV-12-D"), ("BV-21-D", "BV-12-D"), ("BV-12", "BV-12-D"), ("CU-22-5MM", "CU-22-5M"), ("Q", "")],
)
def test_the_most_similar_sku_is_told(code: str, meant: str) -> None:
    assert Similar(["BV-12-D", "BX-77-D", "CU-22-5M", "CU-28-5M"]).to(code) == meant


def test_a_list_of_another_catalogue_is_not_searched_for_long() -> None:
    make_product("Long", "A" * 60)
    answer = answered("\n".join(f"{'A' * 60}{number:03}" for number in range(500)))
    assert sum(bool(each.meant) for each in answer) == MOST_MEANT // 63
