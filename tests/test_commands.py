"""The commands: what they print and how they end."""

import os
import secrets
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text, update

from config import Settings
from models.base import db
from models.order import Order
from models.staff import Staff
from services.deployment import items_of
from services.worker import beat
from tests.factories import make_company, make_order, make_staff
from tests.people import signed_in
from tests.servers import ROOT

LINES = str(ROOT / "tests" / "data" / "order-lines.csv")
MAPPING = "order=Order,sku=Article,name=Description,quantity=Pieces,date=Placed,price=Unit price,country=Land"
PASSWORD = "a long and good password\n"


def run(app: Flask, *words: str, typed: str = "") -> Result:
    return app.test_cli_runner().invoke(args=words, input=typed)


def import_orders(app: Flask, path: str, *more: str, mapping: str = MAPPING) -> Result:
    return run(app, "import-orders", path, "--map", mapping, "--source", "shop", *more)


def orders(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Order.__table__)) or 0


def test_an_import_ends_with_its_sums_and_three_when_orders_were_rejected(app: Flask, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    first = import_orders(app, LINES, "--rejects", str(rejects))
    assert first.exit_code == 3
    assert first.output.splitlines() == [
        "Orders whose country has no ISO code: Channel Islands (1)",
        f"The rejected orders are in {rejects}, with reasons.",
        "orders 4, lines 6, skipped 0, rejected 2, total 8.34",
    ]
    again = import_orders(app, LINES, "--rejects", str(rejects))
    assert again.output.splitlines()[-1] == "orders 0, lines 0, skipped 4, rejected 2, total 0.00"
    assert run(app, "verify").exit_code == 0


def test_an_import_without_rejects_ends_with_zero(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text("Order,Article,Description,Pieces,Placed,Unit price,Land\n1,A,,-2,2024-01-01,0.255,\n")
    done = import_orders(app, str(path))
    assert (done.exit_code, done.output) == (0, "orders 1, lines 1, skipped 0, rejected 0, total -0.51\n")
    assert [file.name for file in tmp_path.glob("lines*")] == ["lines.csv"]


def test_rejects_go_beside_the_file(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text("Order,Article,Description,Pieces,Placed,Unit price,Land\n1,A,,0,2024-01-01,1,\n")
    assert import_orders(app, str(path)).exit_code == 3
    assert (tmp_path / "lines.csv.rejects.csv").is_file()


def test_an_import_that_cannot_run_ends_with_one_and_a_sentence(app: Flask, tmp_path: Path) -> None:
    for done in (
        import_orders(app, LINES, mapping="order=Order"),
        import_orders(app, LINES, mapping=MAPPING.replace("Pieces", "Stück")),
        import_orders(app, "/nowhere.csv", "--rejects", str(tmp_path / "rejects.csv")),
        import_orders(app, LINES, "--status", "NOWHERE"),
        import_orders(app, LINES, "--timezone", "Nowhere"),
        import_orders(app, LINES, "--currency", "GBP"),
    ):
        assert done.exit_code == 1
        assert done.output.startswith("Error: ")
        assert done.output.count("\n") == 1
    assert orders(app) == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Missing argument 'FILE'"),
        ((LINES, "--source", "shop"), "Missing option '--map'"),
        ((LINES, "--map", MAPPING), "Missing option '--source'"),
        ((LINES, "--map", MAPPING, "--source"), "Option '--source' requires an argument"),
        ((LINES, "--map", MAPPING, "--source", "shop", "--colour", "red"), "No such option"),
        ((LINES, LINES, "--map", MAPPING, "--source", "shop"), "unexpected extra argument"),
    ],
)
def test_an_import_that_is_called_wrongly_ends_with_one(app: Flask, words: tuple[str, ...], sentence: str) -> None:
    done = run(app, "import-orders", *words)
    assert done.exit_code == 1
    assert sentence in done.output
    assert orders(app) == 0


def test_a_dry_run_imports_nothing(app: Flask, tmp_path: Path) -> None:
    done = import_orders(app, LINES, "--dry-run", "--rejects", str(tmp_path / "rejects.csv"))
    assert done.output.splitlines()[-1] == "orders 4, lines 6, skipped 0, rejected 2, total 8.34"
    assert orders(app) == 0


def import_companies(app: Flask, path: Path, *more: str) -> Result:
    return run(app, "import-companies", str(path), "--map", "debtor_id=Debtor,name=Name", *more)


def test_an_import_of_records_ends_with_counts_and_three_when_rows_were_rejected(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "companies.csv"
    path.write_text("Debtor,Name\n17,Acme\n18,\n19,Beta\n")
    tried = import_companies(app, path, "--dry-run")
    first = import_companies(app, path)
    assert (tried.exit_code, tried.output) == (first.exit_code, first.output)
    assert first.exit_code == 3
    assert first.output.splitlines() == [
        f"The rejected rows are in {path}.rejects.csv, with reasons.",
        "created 2, changed 0, unchanged 0, rejected 1",
    ]
    path.write_text("Debtor,Name\n17,Acme\n19,Gamma\n")
    again = import_companies(app, path)
    assert (again.exit_code, again.output) == (0, "created 0, changed 1, unchanged 1, rejected 0\n")
    assert not (tmp_path / "companies.csv.rejects.csv").exists()
    assert run(app, "verify").exit_code == 0


def test_a_company_that_an_import_renames_is_found_in_the_order_list(
    app: Flask, viewer: FlaskClient, tmp_path: Path
) -> None:
    with app.app_context():
        make_order(company=make_company("Acme", "17"))
    path = tmp_path / "companies.csv"
    path.write_text("Debtor,Name\n17,Łódź Großhandel\n", encoding="utf-8")
    assert import_companies(app, path).exit_code == 0
    assert "Łódź Großhandel" in viewer.get("/admin/orders/?search=lodz+grosshandel&fields=company").text
    assert "Łódź Großhandel" not in viewer.get("/admin/orders/?search=acme&fields=company").text


@pytest.mark.parametrize("command", ["import-companies", "import-contacts", "import-products", "import-prices"])
def test_an_import_of_records_that_cannot_run_ends_with_one_and_a_sentence(
    app: Flask, tmp_path: Path, command: str
) -> None:
    path = tmp_path / "records.csv"
    path.write_text("a,b\n1,2\n")
    assert "Missing option '--map'" in run(app, command, str(path)).output
    for words in ((str(path),), (str(path), "--map", "colour=a"), ("/nowhere.csv", "--map", "colour=a")):
        done = run(app, command, *words)
        assert done.exit_code == 1
        assert done.output.splitlines()[-1].startswith("Error: ")
    assert not (tmp_path / "records.csv.rejects.csv").exists()


def test_the_help_of_an_import_names_its_columns(app: Flask) -> None:
    told = " ".join(run(app, "import-prices", "--help").output.split())
    assert "Needed: price_list, sku, price; may be given: from_quantity." in told


def test_a_database_without_tables_is_told_in_a_sentence(app: Flask) -> None:
    with app.app_context(), db.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("ALTER TABLE orders RENAME TO renamed"))
    done = run(app, "verify")
    assert (done.exit_code, done.output.count("\n")) == (1, 1)
    assert "db upgrade" in done.output


def test_the_demo_fills_an_empty_database_once(app: Flask) -> None:
    first = run(app, "demo", "--orders", "20", "--seed", "3", "--until", "2026-03-31")
    logins = Path(app.instance_path) / "demo-logins.txt"
    assert (first.exit_code, first.output) == (0, f"20 orders are there. The logins are in {logins}.\n")
    again = run(app, "demo", "--orders", "20")
    assert (again.exit_code, orders(app)) == (1, 20)
    assert again.output == "Error: The demo needs an empty database: there are orders already.\n"


def test_the_logins_are_printed_where_they_work_and_nowhere_else(app: Flask, tmp_path: Path) -> None:
    first = run(app, "demo", "--orders", "20", "--if-empty")
    logins = (Path(app.instance_path) / "demo-logins.txt").read_text(encoding="ascii")
    assert first.output.endswith(f"\n{logins}")
    assert run(app, "demo", "--orders", "20", "--if-empty").output == logins
    with app.app_context(), db.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("UPDATE staff SET password_hash = '!' WHERE email = 'owner@demo.example'"))
    assert run(app, "demo", "--orders", "20", "--if-empty").output == ""


def test_a_database_of_ones_own_prints_no_logins(app: Flask) -> None:
    with app.app_context():
        make_company("Acme")
        make_staff("ann", ["order:viewer"])
    (Path(app.instance_path) / "demo-logins.txt").write_text("owner@demo.example  secret\n", encoding="ascii")
    assert run(app, "demo", "--orders", "20", "--if-empty").output == ""


def test_verify_names_what_is_broken(app: Flask) -> None:
    run(app, "demo", "--orders", "20")
    whole = run(app, "verify")
    assert whole.exit_code == 0
    assert all(line.startswith("ok  ") for line in whole.output.splitlines())
    with app.app_context(), db.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("UPDATE orders SET total_base = total_base + 1 WHERE id = 7"))
    broken = run(app, "verify")
    assert broken.exit_code == 1
    assert "BROKEN  totals, counts and VAT follow from the lines: 1\n        order 7\n" in broken.output


def test_a_trial_is_refused_as_a_deployment_item_by_item(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    trial: Settings = app.extensions["settings"]
    monkeypatch.setitem(app.extensions, "settings", replace(trial, files_url="memory://files"))
    run(app, "demo", "--orders", "20")
    done = run(app, "check-deploy")
    told = dict(line.removeprefix("UNSAFE  ").split(": ", 1) for line in done.output.splitlines() if "UNSAFE" in line)
    assert done.exit_code == 1
    assert list(told) == ["TRUSTED_HOSTS", "SECRET_KEY", "MAIL_URL", "FILES_URL", "worker", "people of the demo"]
    logins = "editor@demo.example, owner@demo.example, viewer@demo.example"
    assert told["people of the demo"] == f"{logins} may sign in. Deactivate them."
    assert told["worker"] == "not running: none was ever started."


@pytest.mark.parametrize(("state", "told"), [("9999", "made by a newer version"), ("0001", "behind")])
def test_a_database_of_another_version_is_told_and_nothing_more_of_it(app: Flask, state: str, told: str) -> None:
    with app.app_context():
        db.session.execute(text("UPDATE alembic_version SET version_num = :state"), {"state": state})
        db.session.commit()
    assert f"UNSAFE  migrations: {told}.\n" in run(app, "check-deploy").output
    done = run(app, "verify")
    assert done.exit_code == 1
    assert done.output == f"BROKEN  the tables are those of this version of the product: 1\n        {told}\n"


def test_a_database_of_a_newer_version_is_not_upgraded(app: Flask) -> None:
    with app.app_context():
        db.session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        db.session.commit()
    done = run(app, "db", "upgrade")
    assert done.exit_code == 1
    assert done.output == (
        "Error: The database was made by a newer version of the product: 9999."
        " Run that version, or restore a backup that this one made.\n"
    )


def test_a_deployment_is_let_pass(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settled = replace(
        app.extensions["settings"],
        trusted_hosts=("orders.seller.example",),
        secret_key=secrets.token_hex(32),
        mail_url="smtps://mail.seller.example",
    )
    monkeypatch.setitem(app.extensions, "settings", settled)
    with app.app_context():
        beat(now=datetime.now(UTC))
        make_staff("ann", ["staff:owner"])
    done = run(app, "check-deploy")
    assert (done.exit_code, "UNSAFE" in done.output) == (0, False), done.output
    assert "ok  an owner of Staff\n" in done.output
    with app.app_context():
        db.session.execute(update(Staff).values(is_active=False))
        db.session.commit()
    assert "UNSAFE  an owner of Staff: nobody can add people." in run(app, "check-deploy").output


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"trusted_hosts": ("localhost",)}, "TRUSTED_HOSTS"),
        ({"secret_key": "a" * 64}, "SECRET_KEY"),
        ({"secret_key": "fifteen letters"}, "SECRET_KEY"),
        ({"mail_url": "smtp://mail.seller.example"}, "MAIL_URL"),
        ({"mail_url": "smtp://localhost:2525"}, ""),
    ],
)
def test_what_is_unsafe_in_a_setting(change: dict[str, Any], name: str) -> None:
    safe = Settings(
        "", secrets.token_hex(32), trusted_hosts=("a.example",), mail_url="smtps://m", files_url="file:///a"
    )
    assert "".join(item.name for item in items_of(replace(safe, **change)) if item.fault) == name


def test_a_person_is_added_and_gets_another_password(app: Flask) -> None:
    with app.app_context():
        make_company("Acme", "17")
    grants = ("--grant", "order:viewer", "--grant", "backoffice:viewer", "--company", "17")
    done = run(app, "staff", "add", "Ann@seller.example", *grants, "--password-stdin", typed=PASSWORD)
    assert (done.exit_code, done.output) == (0, "ann@seller.example may sign in.\n")
    with app.app_context():
        before = db.session.scalars(select(Staff.password_hash)).one()
    done = run(app, "staff", "password", "ann@seller.example", "--password-stdin", typed=PASSWORD)
    assert (done.exit_code, done.output) == (0, "ann@seller.example has a new password; every session has ended.\n")
    with app.app_context():
        assert db.session.scalars(select(Staff.password_hash)).one() != before


def test_the_staff_are_listed_shut_out_and_let_in_again(app: Flask) -> None:
    with app.app_context():
        acme = make_company("Acme", "17")
        make_staff("bob", ["staff:owner"])
        make_staff("ann", ["order:viewer", "backoffice:viewer"], limited_to=[acme])
    ann = signed_in(app, "ann@seller.example")
    last = run(app, "staff", "deactivate", "bob@seller.example")
    assert (last.exit_code, last.output) == (
        1,
        "Error: Nobody else is an owner of Staff. Make somebody else one first.\n",
    )
    done = run(app, "staff", "deactivate", "Ann@seller.example")
    assert (done.exit_code, done.output) == (
        0,
        "ann@seller.example may not sign in any more; every session has ended.\n",
    )
    assert ann.get("/admin/orders/").status_code == 302
    assert run(app, "staff", "list").output.splitlines() == [
        "ann@seller.example  Ann  backoffice:viewer, order:viewer  only Acme  not active",
        "bob@seller.example  Bob  staff:owner",
    ]
    done = run(app, "staff", "activate", "ann@seller.example")
    assert (done.exit_code, done.output) == (0, "ann@seller.example may sign in.\n")
    assert "not active" not in run(app, "staff", "list").output


@pytest.mark.parametrize(
    ("grants", "warning"),
    [
        (("order:viewer",), "The orders pages stay closed without backoffice:viewer.\n"),
        (("backoffice:owner", "user:viewer"), "The orders pages stay closed without order:viewer.\n"),
        (("user:owner",), "The orders pages stay closed without order:viewer and backoffice:viewer.\n"),
        (("order:owner", "backoffice:viewer"), ""),
    ],
)
def test_grants_that_open_no_orders_page_are_told(app: Flask, grants: tuple[str, ...], warning: str) -> None:
    options = [word for grant in grants for word in ("--grant", grant)]
    done = run(app, "staff", "add", "ann@seller.example", *options, "--password-stdin", typed=PASSWORD)
    assert (done.exit_code, done.stdout, done.stderr) == (0, "ann@seller.example may sign in.\n", warning)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("add", "ann", "--grant", "order:viewer"), "'ann' is not an e-mail address."),
        (("add", "ann@seller.example"), "At least one --grant ROLE:LEVEL is needed"),
        (("add", "ann@seller.example", "--grant", "order"), "'order' is not a grant."),
        (("add", "ann@seller.example", "--grant", "order:viewer", "--company", "404"), "There is no company"),
        (("deactivate", "ann@seller.example"), "Nobody of the staff has the e-mail address"),
        (("password", "ann@seller.example"), "Nobody of the staff has the e-mail address"),
    ],
)
def test_what_staff_commands_refuse(app: Flask, words: tuple[str, ...], sentence: str) -> None:
    more = () if words[0] == "deactivate" else ("--password-stdin",)
    done = run(app, "staff", *words, *more, typed=PASSWORD)
    assert done.exit_code == 1
    assert done.output.startswith(f"Error: {sentence}")


def test_without_a_terminal_a_password_is_not_asked_for(app: Flask) -> None:
    done = run(app, "staff", "add", "ann@seller.example", "--grant", "order:viewer")
    assert (done.exit_code, done.output.count("\n")) == (1, 1)
    assert "--password-stdin" in done.output


UNREACHABLE = ("sqlite:////no/such/folder/orders.db", "postgresql+psycopg://nobody:hunter2@127.0.0.1:1/orders")


@pytest.mark.parametrize("database_url", UNREACHABLE)
@pytest.mark.parametrize("words", [("db", "upgrade"), ("verify",)])
def test_an_unreachable_database_is_told_in_a_sentence(database_url: str, words: tuple[str, ...]) -> None:
    environ = {**os.environ, "DATABASE_URL": database_url, "SECRET_KEY": "only for tests"}
    command = [sys.executable, "-m", "flask", "--app", "app", *words]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: The database ")
    assert done.stderr.count("\n") == 1
    assert "hunter2" not in done.stderr


def test_a_port_in_use_is_told_in_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        environ = {**os.environ, "PORT": str(port), "SECRET_KEY": "only for tests"}
        environ["DATABASE_URL"] = f"sqlite:///{tmp_path / 'orders.db'}"
        command = [sys.executable, "-m", "gunicorn", "app:create_app()"]
        done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"Port {port} is in use; set PORT=…, for example PORT={port + 1} make run.\n"
