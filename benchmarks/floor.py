"""The yardstick: the same rows by the best plain SQL of the driver, in the simplest Flask and Jinja page.

It signs nobody in, checks nothing and leaves out every control; it counts, sorts and searches as
`services.order_query` does. What it costs is what the product cannot go below. Searched words have three signs or more.
"""

import json
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from tempfile import TemporaryFile
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request
from rustpy_xlsxwriter import write_worksheet

from benchmarks.floor_tables import connect
from models.folding import fold

PAGE = 25
PIECE = 64 * 1024
COUNT_CAP = 10_000
SEARCH_COUNT_CAP = 1_000
"""Where counting stops, as in services.order_query."""

COLUMNS = (
    "Order number", "Company", "Order status", "Payment status", "Debtor Id", "Source", "Total, EUR", "Items Count",
    "Updated By", "Date Created", "Date Updated", "Status changed date", "Export status", "Exported date",
    "Export message",
)  # fmt: skip
TEXT, NUMBER, MONEY, MOMENT = "text", "number", "money", "moment"
CELLS = (
    ("o.id", NUMBER),
    ("coalesce(c.name, o.buyer_name)", TEXT),
    ("s.name", TEXT),
    ("o.payment_status", TEXT),
    ("o.debtor_id", TEXT),
    ("o.source", TEXT),
    ("o.total_base", MONEY),
    ("o.item_count", NUMBER),
    ("coalesce(u.name, '')", TEXT),
    ("o.created_at", MOMENT),
    ("o.updated_at", MOMENT),
    ("o.status_changed_at", MOMENT),
    ("o.export_status", TEXT),
    ("o.exported_at", MOMENT),
    ("o.export_message", TEXT),
)
JOINS = """
    LEFT JOIN company c ON c.id = o.company_id
    LEFT JOIN order_status s ON s.id = o.status_id
    LEFT JOIN staff u ON u.id = o.updated_by_id
"""
TABS = """
SELECT s.id, s.name, t.name, coalesce(n.n, 0)
FROM order_status s
LEFT JOIN status_set t ON t.id = s.status_set_id
LEFT JOIN {counter} n ON n.status_id = s.id {of_company}
WHERE s.order_type = 'ORDER'
ORDER BY coalesce(t.position, s.position), s.position
"""
NEWEST = "ORDER BY created_at DESC, id DESC"
HEAD = """
SELECT o.id, s.name, coalesce(c.name, o.buyer_name), o.email, o.reference, o.currency, o.total_gross, o.total_tax,
    o.total_net, o.payment_method, o.payment_status, o.carrier, CAST(o.created_at AS TEXT), o.remarks,
    d.company, d.street, d.postal_code, d.city, i.company, i.street, i.postal_code, i.city
FROM orders o
LEFT JOIN order_status s ON s.id = o.status_id
LEFT JOIN company c ON c.id = o.company_id
LEFT JOIN address d ON d.id = o.delivery_address_id
LEFT JOIN address i ON i.id = o.invoice_address_id
WHERE o.id = $number
"""
LINES = """
SELECT l.position, t.sku, t.name, t.unit, l.quantity, l.price, l.discount_percentage, l.tax_percentage, l.total
FROM order_line l JOIN line_text t ON t.id = l.text_id WHERE l.order_id = $number ORDER BY l.position
"""
HISTORY = """
SELECT CAST(h.at AS TEXT), coalesce(u.name, ''), h.field, h.old_value, h.new_value
FROM order_history h LEFT JOIN staff u ON u.id = h.staff_id WHERE h.order_id = $number ORDER BY h.id DESC LIMIT 8
"""
LIST_PAGE = """<!doctype html><title>Orders</title>
<nav>{% for name, count in tabs %}<a href="/orders">{{ name }} {{ count }}</a> {% endfor %}</nav>
<p>{{ count }} orders</p>
<table><tr>{% for name in columns %}<th>{{ name }}</th>{% endfor %}</tr>
{% for r in rows %}<tr><td><a href="/orders/{{ r[0] }}">{{ r[0] }}</a></td><td>{{ r[1] }}</td><td>{{ r[2] }}</td>\
<td>{{ r[3] }}</td><td>{{ r[4] }}</td><td>{{ r[5] }}</td><td>{{ money(r[6]) }}</td><td>{{ r[7] }}</td>\
<td>{{ r[8] }}</td>\
<td>{{ r[9][:16] }}</td><td>{{ r[10][:16] }}</td><td>{{ r[11][:16] }}</td><td>{{ r[12] }}</td>\
<td>{{ r[13][:16] if r[13] else '' }}</td><td>{{ r[14] }}</td></tr>
{% endfor %}</table>"""
ORDER_PAGE = """<!doctype html><title>Order {{ head[0] }}</title>
<dl>{% for fact in head %}<dd>{{ fact }}</dd>{% endfor %}</dl>
<table>{% for l in lines %}<tr><td>{{ l[0] }}</td><td>{{ l[1] }}</td><td>{{ l[2] }}</td><td>{{ l[3] }}</td>\
<td>{{ l[4] }}</td>\
<td>{{ l[5] / 10000 }}</td><td>{{ l[6] / 100 }}</td><td>{{ l[7] / 100 }}</td><td>{{ money(l[8]) }}</td></tr>
{% endfor %}</table>
<ul>{% for event in history %}<li>{{ event | join(' ') }}</li>{% endfor %}</ul>"""


Tab = tuple[int, str, str | None, int]
"""A status: its id, its name, that of its set, and the number of its orders."""


class Floor:
    """The database of the floor, read through one connection per thread."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = "sqlite" if url.startswith("sqlite") else "postgresql"
        self._own = threading.local()

    @property
    def connection(self) -> Any:
        if not hasattr(self._own, "connection"):
            self._own.connection = connect(self.url)
        return self._own.connection

    def close(self) -> None:
        """Close the connection of this thread."""
        self.connection.close()
        del self._own.connection

    def execute(self, sql: str, **values: Any) -> Any:
        """Execute a statement whose parameters are written `$name`."""
        if self.engine == "postgresql":
            for name in values:
                sql = sql.replace(f"${name}", f"%({name})s")
        return self.connection.execute(sql, values)

    # ---- lists ----

    def tabs(self, company: int | None = None) -> list[Tab]:
        """Give each status with its id, name, set and number of orders, in the order of the tabs."""
        if company is None:
            return self.execute(TABS.format(counter="floor_status", of_company="")).fetchall()
        sql = TABS.format(counter="floor_company_status", of_company="AND n.company_id = $company")
        return self.execute(sql, company=company).fetchall()

    def rows(self, keys: str, order: str = "o.created_at DESC, o.id DESC", **values: Any) -> list[Sequence[Any]]:
        """Give the cells of the orders whose ids `keys` selects."""
        cells = ", ".join(f"CAST({sql} AS TEXT)" if kind == MOMENT else sql for sql, kind in CELLS)
        sql = f"SELECT {cells} FROM ({keys}) k LEFT JOIN orders o ON o.id = k.id {JOINS} ORDER BY {order}"
        return self.execute(sql, **values).fetchall()

    def page(self, page: int) -> list[Sequence[Any]]:
        """Give a page of all orders, jumping over whole days."""
        skip, before = (page - 1) * PAGE, None
        if skip:
            for day, count in self.execute("SELECT day, n FROM floor_day ORDER BY day DESC"):
                if skip < count:
                    before = date.fromisoformat(day) + timedelta(days=1)
                    break
                skip -= count
        if before is None:
            return self.rows(f"SELECT id FROM orders {NEWEST} LIMIT {PAGE} OFFSET {skip}")
        keys = f"SELECT id FROM orders WHERE created_at < $before {NEWEST} LIMIT {PAGE} OFFSET {skip}"
        return self.rows(keys, before=_midnight(before))

    def in_statuses(self, statuses: Sequence[int]) -> list[Sequence[Any]]:
        """Give the newest orders of some statuses, merging the newest of each."""
        heads = " UNION ALL ".join(
            f"SELECT * FROM (SELECT id, created_at FROM orders WHERE status_id = {status:d} AND is_deleted = false "
            f"{NEWEST} LIMIT {PAGE}) AS head{place}"
            for place, status in enumerate(statuses)
        )
        return self.rows(f"SELECT id FROM ({heads}) AS heads {NEWEST} LIMIT {PAGE}")

    def of_company(self, company: int, first: date, last: date) -> tuple[list[Sequence[Any]], int]:
        """Give the largest orders of a company in some days, both included, and how many there are."""
        found = "FROM orders WHERE company_id = $company AND created_at >= $start AND created_at < $stop"
        values = {"company": company, "start": _midnight(first), "stop": _midnight(last + timedelta(days=1))}
        keys = f"SELECT id {found} ORDER BY total_base DESC, id DESC LIMIT {PAGE}"
        rows = self.rows(keys, "o.total_base DESC, o.id DESC", **values)
        capped = f"SELECT count(*) FROM (SELECT 1 {found} LIMIT {COUNT_CAP + 1}) AS first"
        return rows, self.execute(capped, **values).fetchone()[0]

    # ---- search ----

    def search(self, words: Sequence[str], total: int, *, everywhere: bool) -> tuple[list[Sequence[Any]], int]:
        """Give the newest orders that hold all the words, and how many of `total` do; `everywhere` reads lines too.

        Few hits are taken from the index and sorted; for many it is shorter to look through the orders by date.
        """
        column, cap = "own" if everywhere else "five", SEARCH_COUNT_CAP
        folded = [fold(word) for word in words]
        lines = [self._lines_with(word) if everywhere else [] for word in folded]
        values = {f"w{place}": self._bound(word) for place, word in enumerate(folded)}
        hits = self._hits(column, folded, lines, cap)
        counted = f"SELECT count(*) FROM (SELECT id FROM ({hits}) AS hits LIMIT {cap + 1}) AS first"
        (found,) = self.execute(counted, **values).fetchone()
        if found > cap or found * found > PAGE * total:
            holds = " AND ".join(self._holds(column, place, texts) for place, texts in enumerate(lines))
            keys = f"SELECT o.id FROM orders o LEFT JOIN floor_text t ON t.order_id = o.id WHERE {holds}"
        else:
            keys = f"SELECT o.id FROM ({hits}) AS hits LEFT JOIN orders o ON o.id = hits.id"
        newest = f"{keys} ORDER BY o.created_at DESC, o.id DESC LIMIT {PAGE}"
        return self.rows(newest, **values) if found else [], found

    def _ids(self, sql: str, values: dict[str, Any]) -> list[int]:
        return [row[0] for row in self.execute(sql, **values)]

    def _bound(self, word: str) -> str:
        if self.engine == "sqlite":
            return word
        return "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"

    def _lines_with(self, word: str) -> list[int]:
        holds = "instr(text, $w0) > 0" if self.engine == "sqlite" else "text LIKE $w0"
        return self._ids(f"SELECT text_id FROM floor_line WHERE {holds}", {"w0": self._bound(word)})

    @staticmethod
    def _among(column: str, numbers: Sequence[int]) -> str:
        return f"{column} IN ({', '.join(map(str, numbers))})"

    def _holds(self, column: str, place: int, texts: Sequence[int]) -> str:
        own = f"instr(t.{column}, $w{place}) > 0" if self.engine == "sqlite" else f"t.{column} LIKE $w{place}"
        if not texts:
            return own
        line = f"SELECT 1 FROM order_line l WHERE l.order_id = o.id AND {self._among('l.text_id', texts)}"
        return f"({own} OR EXISTS ({line}))"

    def _hits(self, column: str, words: Sequence[str], lines: list[list[int]], cap: int) -> str:
        """Select the ids of all hits; of a single word no more than are counted, unless there are fewer."""
        most = f"LIMIT {cap + 1}" if len(words) == 1 else ""
        found = []
        for place, (word, texts) in enumerate(zip(words, lines, strict=True)):
            if self.engine == "sqlite":
                quoted = word.replace('"', '""').replace("'", "''")
                own = f"SELECT rowid AS id FROM floor_fts_{column} WHERE floor_fts_{column} MATCH '\"{quoted}\"' {most}"
            else:
                own = f"SELECT order_id AS id FROM floor_text WHERE {column} LIKE $w{place} {most}"
            both = f"SELECT id FROM ({own}) AS own{place}"
            if texts:
                line = f"SELECT DISTINCT order_id AS id FROM order_line WHERE {self._among('text_id', texts)} {most}"
                both += f" UNION SELECT id FROM ({line}) AS line{place}"
            found.append(f"SELECT id FROM ({both}) AS word{place}")
        return " INTERSECT ".join(found)

    # ---- files ----

    def csv(self) -> Iterator[bytes]:
        """Give all orders, the newest first, as RFC 4180 has it, in pieces of about 64 KB."""
        yield (",".join(f'"{name}"' for name in COLUMNS) + "\r\n").encode()
        yield from self._csv_by_lines() if self.engine == "sqlite" else self._csv_by_copy()

    def _csv_by_lines(self) -> Iterator[bytes]:
        line = " || ',' || ".join(SQLITE_CSV[kind].format(sql) for sql, kind in CELLS)
        cursor = self.connection.cursor()
        cursor.execute(f"SELECT {line} || char(13, 10) FROM orders o {JOINS} ORDER BY o.created_at DESC, o.id DESC")
        while lines := cursor.fetchmany(400):
            yield "".join([line for (line,) in lines]).encode()

    def _csv_by_copy(self) -> Iterator[bytes]:
        cells = ", ".join(POSTGRESQL_CSV.get(kind, "{0}").format(sql) for sql, kind in CELLS)
        select = f"SELECT {cells} FROM orders o {JOINS} ORDER BY o.created_at DESC, o.id DESC"
        with self.connection.cursor() as cursor, cursor.copy(f"COPY ({select}) TO STDOUT (FORMAT csv)") as copy:
            piece = bytearray()
            for line in copy:
                piece += line
                if len(piece) >= PIECE:
                    yield bytes(piece)
                    piece.clear()
            yield bytes(piece)

    def xlsx(self, first: date) -> Iterator[bytes]:
        """Give the orders from a day on as a workbook."""
        cells = ", ".join(f"CAST({sql} AS TEXT)" if kind == MOMENT else sql for sql, kind in CELLS)
        newest = "ORDER BY o.created_at DESC, o.id DESC"
        found = f"SELECT {cells} FROM orders o {JOINS} WHERE o.created_at >= $first {newest}"
        reads = [READ[kind] for _sql, kind in CELLS]
        with TemporaryFile() as file:
            records = (
                {name: read(value) for name, read, value in zip(COLUMNS, reads, row, strict=True)}
                for row in self.execute(found, first=_midnight(first))
            )
            write_worksheet(records, f"/dev/fd/{file.fileno()}", sheet_name="Orders")
            file.seek(0)
            while piece := file.read(PIECE):
                yield piece

    # ---- batches ----

    def batch(self, numbers: Sequence[int], changes: dict[str, Any], staff: int, to_code: str = "") -> int:
        """Set columns of orders with their history rows and counters, in one transaction; give how many changed."""
        now: Any = datetime.now(UTC)
        if self.engine == "sqlite":
            now = now.strftime("%Y-%m-%d %H:%M:%S.%f")
        ids = json.dumps(numbers) if self.engine == "sqlite" else list(numbers)
        chosen = "id IN (SELECT value FROM json_each($ids))" if self.engine == "sqlite" else "id = ANY($ids)"
        differs = " OR ".join(f"o.{name} IS DISTINCT FROM ${name}" for name in changes)
        found = f"FROM orders o JOIN order_status s ON s.id = o.status_id WHERE o.{chosen} AND ({differs})"
        values = {"ids": ids, "now": now, "staff": staff, **changes}
        sets = ", ".join(f"{name} = ${name}" for name in changes)
        stamps = "updated_at = $now, updated_by_id = $staff, version = version + 1"
        self.execute("BEGIN IMMEDIATE" if self.engine == "sqlite" else "BEGIN")
        for name, new in changes.items():
            old = "s.code" if name == "status_id" else f"coalesce(CAST(o.{name} AS TEXT), '')"
            rows = HISTORY_ROWS.format(field=name.removesuffix("_id"), old=old, found=found, column=name)
            self._run(rows, {**values, "written": to_code or new or ""})
        if "status_id" in changes:
            stamps += ", status_changed_at = $now"
            for sql in COUNTERS:
                self._run(sql.format(found=found), values)
        changed: int = self._run(f"UPDATE orders AS o SET {sets}, {stamps} WHERE o.{chosen} AND ({differs})", values)
        self.execute("COMMIT")
        return changed

    def _run(self, sql: str, values: dict[str, Any]) -> Any:
        return self.execute(sql, **{name: value for name, value in values.items() if f"${name}" in sql}).rowcount


COUNTERS = (
    """UPDATE floor_status SET n = floor_status.n - d.n
    FROM (SELECT o.status_id, count(*) AS n {found} GROUP BY 1) AS d WHERE d.status_id = floor_status.status_id""",
    "UPDATE floor_status SET n = n + (SELECT count(*) {found}) WHERE status_id = $status_id",
    """UPDATE floor_company_status SET n = floor_company_status.n - d.n
    FROM (SELECT o.company_id, o.status_id, count(*) AS n {found} GROUP BY 1, 2) AS d
    WHERE d.company_id = floor_company_status.company_id AND d.status_id = floor_company_status.status_id""",
    """INSERT INTO floor_company_status (company_id, status_id, n)
    SELECT o.company_id, CAST($status_id AS INTEGER), count(*) {found} AND o.company_id IS NOT NULL GROUP BY 1
    ON CONFLICT (company_id, status_id) DO UPDATE SET n = floor_company_status.n + excluded.n""",
)
"""What keeps the counters, before the statuses change."""
HISTORY_ROWS = """
INSERT INTO order_history (order_id, version, at, origin, staff_id, field, old_value, new_value, note)
SELECT o.id, o.version + 1, $now, 'STAFF', $staff, '{field}', {old}, CAST($written AS TEXT), ''
{found} AND o.{column} IS DISTINCT FROM ${column}
"""
RESET = {"export_status": "EMPTY", "exported_at": None, "export_message": ""}
SQLITE_CSV = {
    TEXT: """CASE WHEN {0} GLOB '*[",'||char(13, 10)||']*' THEN '"'||replace({0}, '"', '""')||'"' ELSE {0} END""",
    NUMBER: "{0}",
    MONEY: "printf('%s%d.%02d', CASE WHEN {0} < 0 THEN '-' ELSE '' END, abs({0}) / 100, abs({0}) % 100)",
    MOMENT: "coalesce(substr({0}, 1, 10)||'T'||substr({0}, 12, 8)||'+00:00', '')",
}
POSTGRESQL_CSV = {
    MONEY: "CAST({0} / 100.0 AS numeric(20, 2))",
    MOMENT: """to_char({0}, 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')""",
}


def _same(value: Any) -> Any:
    return value


READ: dict[str, Callable[[Any], Any]] = {
    TEXT: _same,
    NUMBER: _same,
    MONEY: lambda cents: cents / 100,
    MOMENT: lambda moment: datetime.fromisoformat(moment[:19]) if moment else None,
}


def _midnight(day: date) -> str:
    return f"{day.isoformat()} 00:00:00.000000"


def money(cents: int) -> str:
    """Write an amount, given in cents."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}.{rest:02}"


views = Blueprint("floor", __name__)


def create_app() -> Flask:
    """Make the floor on the database that DATABASE_URL names."""
    app = Flask(__name__, static_folder=None)
    app.extensions["floor"] = Floor(os.environ["DATABASE_URL"])
    app.jinja_env.globals.update(money=money, columns=COLUMNS)
    app.extensions["list_page"] = app.jinja_env.from_string(LIST_PAGE)
    app.extensions["order_page"] = app.jinja_env.from_string(ORDER_PAGE)
    app.register_blueprint(views)
    return app


def _floor() -> Floor:
    floor: Floor = current_app.extensions["floor"]
    return floor


def _listed(rows: Sequence[Any], tabs: Sequence[Tab], count: int) -> str:
    named = {"All": sum(tab[3] for tab in tabs)}
    for _status, name, of_set, orders in tabs:
        named[of_set or name] = named.get(of_set or name, 0) + orders
    page: str = current_app.extensions["list_page"].render(rows=rows, tabs=named.items(), count=count)
    return page


@views.get("/healthz")
def health() -> str:
    """Say that it answers."""
    return "ok"


@views.get("/orders")
def orders() -> str:
    """Show a page of orders with the tabs."""
    floor, asked = _floor(), request.args
    company = asked.get("company", type=int)
    tabs = floor.tabs(company)
    total = sum(tab[3] for tab in tabs)
    if company is not None:
        days = (date.fromisoformat(asked[name]) for name in ("first", "last"))
        rows, count = floor.of_company(company, *days)
        return _listed(rows, tabs, count)
    if "search" in asked:
        rows, count = floor.search(asked["search"].split(), total, everywhere="everywhere" in asked)
        return _listed(rows, tabs, count)
    if "statuses" in asked:
        statuses = [int(status) for status in asked["statuses"].split(",")]
        return _listed(floor.in_statuses(statuses), tabs, sum(tab[3] for tab in tabs if tab[0] in statuses))
    return _listed(floor.page(asked.get("page", 1, type=int)), tabs, total)


@views.get("/tabs")
def tabs() -> str:
    """Show the tabs alone."""
    return _listed((), _floor().tabs(), 0)


@views.get("/orders/<int:number>")
def order(number: int) -> str:
    """Show an order with its lines and its latest history."""
    head = _floor().execute(HEAD, number=number).fetchone()
    lines, history = (_floor().execute(sql, number=number) for sql in (LINES, HISTORY))
    page: str = current_app.extensions["order_page"].render(head=head, lines=lines, history=history)
    return page


@views.get("/csv")
def csv() -> Response:
    """Send all orders."""
    return Response(_floor().csv(), mimetype="text/csv")


@views.get("/xlsx")
def xlsx() -> Response:
    """Send the orders from a day on."""
    return Response(_floor().xlsx(date.fromisoformat(request.args["first"])), mimetype="application/octet-stream")


@views.post("/reset")
def reset() -> dict[str, int]:
    """Reset the export fields of orders."""
    asked = request.get_json()
    return {"changed": _floor().batch(asked["ids"], RESET, asked["staff"])}


@views.post("/status")
def status() -> dict[str, int]:
    """Change the status of orders."""
    asked = request.get_json()
    changes = {"status_id": asked["status"]}
    return {"changed": _floor().batch(asked["ids"], changes, asked["staff"], to_code=asked["code"])}
