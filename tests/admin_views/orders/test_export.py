"""The file of a list: everything that matches, exactly, and harmless."""

import csv
import io
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPResponse, IncompleteRead
from pathlib import Path
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text as sql

import admin_views.sending
import services.order_file
from admin_views.sending import FILES_AT_ONCE, LONGEST, TransferTooSlow
from config import Settings
from models.base import Base, begin_writing, db
from models.staff import Staff
from permissions import SYSTEM
from services.order_query import COLUMNS, OrderQuery, stream
from tests.factories import NOON, make_company, make_order
from tests.servers import ROOT, put_behind, web_server

HOSTILE = ("=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", " =1", "＝1", "＋1", "－1", "＠1", "\u00a0=1")


def file_of(client: FlaskClient, query: str = "") -> list[list[str]]:
    """Download the file and read it as a program would."""
    answer = client.get(f"/admin/orders/export/csv{query}")
    assert answer.status_code == 200
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def test_the_file_equals_the_database(app: Flask, viewer: FlaskClient) -> None:
    riga = ZoneInfo("Europe/Riga")
    with app.app_context():
        company = make_company("Vermeer, B.V.", "D1")
        for place in range(30):
            make_order(
                company=company if place % 2 else None,
                buyer_name="" if place % 2 else f"Buyer {place}",
                debtor_id=f"D{place}",
                created=NOON - timedelta(hours=place * 7),
                exported_at=NOON if place % 3 else None,
                export_status="FAILED" if place % 3 else "EMPTY",
                export_message='says "no", twice\nand again' if place % 3 else "",
                payment_status="PAID",
                lines=[{"sku": "A", "name": "B", "quantity": place % 5 - 7, "price": "3.3333"}],
            )
        begin_writing(db.session)
        db.session.scalars(db.select(Staff).where(Staff.email == "viewer@seller.example")).one().timezone = riga.key
        db.session.commit()
        found = db.session.execute(
            sql(
                "SELECT o.id, coalesce(c.name, o.buyer_name), s.name, 'Paid', o.debtor_id, o.source, o.total_base,"
                " o.item_count, '', o.created_at, o.updated_at, o.status_changed_at,"
                " CASE o.export_status WHEN 'FAILED' THEN 'Failed' ELSE 'Empty' END, o.exported_at, o.export_message"
                " FROM orders o LEFT JOIN company c ON c.id = o.company_id JOIN order_status s ON s.id = o.status_id"
                " ORDER BY o.created_at DESC, o.id DESC"
            )
        ).all()
    expected = [[_written(place, value, riga) for place, value in enumerate(row)] for row in found]
    assert file_of(viewer)[1:] == expected
    assert any(row[6].startswith("-") for row in expected)


def _written(place: int, value: Any, zone: ZoneInfo) -> str:
    if value is None:
        return ""
    if place == 6:
        return f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02}"
    if place in (9, 10, 11, 13):
        moment = datetime.fromisoformat(f"{value}+00:00") if isinstance(value, str) else value
        return str(moment.astimezone(zone).isoformat(timespec="seconds"))
    return str(value)


def test_a_text_that_a_spreadsheet_could_run_is_made_harmless(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        for start in HOSTILE:
            make_order(export_message=f'{start},"quoted"')
    harmless = [f'\'{start},"quoted"' for start in HOSTILE]
    assert [row[14] for row in file_of(viewer, "?sort=order_number")[1:]] == harmless


def test_an_ordinary_text_is_left_as_it_is(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        make_order(export_message="a=1; 'quoted' – ≠")
    assert file_of(viewer)[1][14] == "a=1; 'quoted' – ≠"


def test_the_file_holds_all_that_match_in_the_lists_sort(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        cheap = make_order(lines=[{"sku": "A", "name": "B", "quantity": 1, "price": "1"}], reference="kept")
        dear = make_order(lines=[{"sku": "A", "name": "B", "quantity": 1, "price": "9"}], reference="kept")
        make_order(status="CANCELLED", reference="kept")
        make_order()
    rows = file_of(viewer, "?tab=NEW&search=kept&sort=total&page_size=5")
    assert [row[0] for row in rows[1:]] == [str(cheap), str(dear)]


def test_the_file_has_a_plain_name_and_is_not_kept(viewer: FlaskClient) -> None:
    headers = viewer.get("/admin/orders/export/csv", headers={"Accept-Encoding": "gzip"}).headers
    assert headers["Content-Type"] == "text/csv; charset=utf-8"
    assert headers["Content-Disposition"].startswith('attachment; filename="orders-')
    assert headers["Cache-Control"] == "no-store"
    assert "Content-Encoding" not in headers


def test_the_first_piece_leaves_before_the_query_is_read_to_its_end(app: Flask, owner: FlaskClient) -> None:
    with app.app_context():
        make_order()
        begin_writing(db.session)
        _multiply(4_000)
        db.session.commit()
        rows = stream(OrderQuery(), SYSTEM, list(COLUMNS))
        next(rows)
        assert db.engine.pool.checkedout() >= 1  # type: ignore[attr-defined]
        rows.close()
    answer = owner.get("/admin/orders/export/csv", buffered=False)
    first = next(iter(answer.iter_encoded()))
    assert b"Order number" in first
    assert len(first) < 2_000
    answer.close()


def test_a_reader_that_leaves_gives_the_connection_back(app: Flask) -> None:
    with app.app_context():
        make_order()
        db.session.remove()
        rows = stream(OrderQuery(), SYSTEM, ["order_number"])
        next(rows)
        before = db.engine.pool.checkedout()  # type: ignore[attr-defined]
        rows.close()
        assert db.engine.pool.checkedout() == before - 1  # type: ignore[attr-defined]


def test_a_browser_that_leaves_gives_the_connection_back(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        make_order()
        begin_writing(db.session)
        _multiply(3_000)
        db.session.commit()
        pool = db.engine.pool
    answer = viewer.get("/admin/orders/export/csv", buffered=False)
    pieces = answer.iter_encoded()
    assert len(next(pieces)) + len(next(pieces)) < 200_000
    assert pool.checkedout() == 1  # type: ignore[attr-defined]
    answer.close()
    assert pool.checkedout() == 0  # type: ignore[attr-defined]


def test_a_process_sends_three_files_at_once_and_tells_others_to_come_back(viewer: FlaskClient) -> None:
    path = "/admin/orders/export/csv"
    for _left in range(2 * FILES_AT_ONCE):
        viewer.head(path)  # a file that nobody begins to read takes no place
    sent = [viewer.get(path, buffered=False) for _file in range(FILES_AT_ONCE)]
    assert [answer.status_code for answer in sent] == [200] * 3
    refused = viewer.get(path)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "60")
    assert "Other files are being downloaded at the moment. Try again in a minute." in refused.text
    assert viewer.get("/admin/orders/").status_code == 200
    sent[0].close()
    assert len(file_of(viewer)) == 1
    for answer in sent:
        answer.close()


def test_a_file_that_fails_gives_its_place_back(viewer: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        for reads in ("stream", "copied"):
            patch.setattr(services.order_file, reads, lambda *_asked: iter([None]))
        for _file in range(2 * FILES_AT_ONCE):
            with pytest.raises(TypeError):
                file_of(viewer)
    assert len(file_of(viewer)) == 1


def test_a_file_that_is_not_taken_in_time_is_broken_off(
    app: Flask, viewer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        make_order()
        pool = db.engine.pool
    answer = viewer.get("/admin/orders/export/csv", buffered=False)
    pieces = answer.iter_encoded()
    next(pieces)
    later = monotonic() + LONGEST + 1
    monkeypatch.setattr(admin_views.sending, "monotonic", lambda: later)
    with pytest.raises(TransferTooSlow):
        next(pieces)
    assert pool.checkedout() == 0  # type: ignore[attr-defined]
    answer.close()


@pytest.mark.race
def test_browsers_that_do_not_read_are_broken_off_and_stop_nobody(
    app: Flask, viewer: FlaskClient, settings: Settings, tmp_path: Path
) -> None:
    with app.app_context():
        make_order(export_message="€" * 500)  # 1,500 bytes of each row, to fill what a connection holds
        begin_writing(db.session)
        _multiply(10_000)
        db.session.commit()
    impatient = tmp_path / "gunicorn.conf.py"
    usual = (ROOT / "gunicorn.conf.py").read_text()
    impatient.write_text(usual.replace("PATIENCE = 30", "PATIENCE = 1"))
    assert impatient.read_text() != usual
    cookie = viewer.get_cookie("session")
    assert cookie is not None
    headers = {"Cookie": f"session={cookie.value}"}
    put_behind(settings.instance, settings)
    with web_server(settings.instance, impatient) as url, ExitStack() as until_end:

        def asked(path: str) -> HTTPResponse:
            connection = until_end.enter_context(closing(HTTPConnection(url.removeprefix("http://"), timeout=20)))
            connection.request("GET", path, headers=headers)
            return connection.getresponse()

        assert not asked("/admin/orders/").will_close
        stuck = [asked("/admin/orders/export/csv") for _reader in range(FILES_AT_ONCE)]
        assert [answer.status for answer in stuck] == [200] * 3
        assert all(answer.read(3) == b"\xef\xbb\xbf" for answer in stuck)
        assert asked("/admin/orders/export/csv").status == 503
        deadline = monotonic() + 20
        # Beside files a connection is not kept: its next request may go to a web process that has more time.
        while not (beside := asked("/admin/orders/")).will_close:
            assert monotonic() < deadline
        assert beside.status == 200
        while (again := asked("/admin/orders/export/csv")).status == 503:
            assert monotonic() < deadline
        assert again.read().count(b"\r\n") == 10_002
        # Whose place was given on was broken off; the others may have got theirs while that file was read.
        assert any(_is_broken_off(answer) for answer in stuck)


def _is_broken_off(answer: HTTPResponse) -> bool:
    try:
        answer.read()
    except IncompleteRead:
        return True
    return False


def _multiply(count: int) -> None:
    columns = ", ".join(name for name in Base.metadata.tables["orders"].columns.keys() if name != "id")  # noqa: SIM118
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)"
    db.session.execute(
        sql(f"INSERT INTO orders ({columns}) {numbers} SELECT {columns} FROM orders, n"), {"count": count}
    )
