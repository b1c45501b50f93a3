"""The order editor, with few lines and with many: how long a line takes to be added, and the whole to be saved.

There is no floor for it and no peer; what counts is that a line takes at most in proportion to the lines there are.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from secrets import token_hex

from benchmarks import floor_tables
from benchmarks.data import Database, copied
from benchmarks.servers import Client, serving
from benchmarks.workloads import Who

LINES = (10, 1_000)
NEW = "/admin/orders/new"
DEEDS: Mapping[str, Mapping[str, str]] = {
    "a line is added": {"do": "add"},
    "the order is saved": {"do": "save"},
}

PRODUCTS = "SELECT id, minimum_quantity, sku FROM product WHERE is_active AND list_price IS NOT NULL ORDER BY id"


def measure_editing(database: Database, folder: Path, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Give the seconds of each deed by the number of lines that the form has, in each round, turned round."""
    with copied(database) as copy, serving(Who.PRODUCT, copy, folder) as served:
        return deeds_of(served.client, copy.url, rounds)


def deeds_of(client: Client, url: str, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Do each deed as somebody who is signed in; `url` is that of the database."""
    found: dict[str, dict[str, list[float]]] = {deed: {str(lines): [] for lines in LINES} for deed in DEEDS}
    forms, token = {lines: _form(url, lines) for lines in LINES}, client.token(NEW)
    for place in range(rounds + 1):
        for lines in LINES if place % 2 else LINES[::-1]:
            for deed, pressed in DEEDS.items():
                seconds = _done(client, {**forms[lines], **pressed, "csrf_token": token})
                if place:  # the first round is for warming up
                    found[deed][str(lines)].append(seconds)
    return found


def _form(url: str, lines: int) -> dict[str, object]:
    """Give a form of so many lines of products, for a company with one of its contacts."""
    connection = floor_tables.connect(url)
    try:
        company, contact = connection.execute(
            "SELECT company_id, id FROM person WHERE company_id IS NOT NULL ORDER BY id LIMIT 1"
        ).fetchone()
        products = connection.execute(f"{PRODUCTS} LIMIT {max(LINES)}").fetchall()
    finally:
        connection.close()
    keys = [f"n{number + 1}" for number in range(lines)]
    chosen: Sequence[tuple[int, int, str]] = [products[number % len(products)] for number in range(lines)]
    form: dict[str, object] = {"company_id": company, "user_id": contact, "line": keys, "add-words": chosen[0][2]}
    for key, (product, quantity, _sku) in zip(keys, chosen, strict=True):
        form |= {f"line-{key}-product": product, f"line-{key}-quantity": quantity}
    return form


def _done(client: Client, form: Mapping[str, object]) -> float:
    """Press a button of the form; give the seconds until the answer is there."""
    answer = client.post(NEW, {**form, "form_key": token_hex(16)})
    is_there = "/admin/orders/" in answer.location if form["do"] == "save" else answer.status == 200
    assert is_there, f"{form['do']} was answered with {answer.status}"
    return answer.seconds
