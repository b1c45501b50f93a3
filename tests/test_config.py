"""The settings and what is said about those that cannot be used."""

import os
import secrets
import stat
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path

import click
import pytest

from app import create_app
from config import OutboundHost, SettingError, Settings
from models.base import db
from services.queue import queue
from services.storage import store
from tests.servers import ROOT


def settings(folder: Path, **environ: str) -> Settings:
    """Read the settings from `environ` alone."""
    return Settings.from_environ(environ, folder / "instance")


def test_without_any_setting_everything_is_kept_under_the_instance(tmp_path: Path) -> None:
    found = settings(tmp_path)
    assert found.database_url == f"sqlite:///{tmp_path / 'instance' / 'orders.db'}"
    assert found.queue_url == f"sqlite:///{tmp_path / 'instance' / 'queue.db'}"
    assert found.starts_worker
    assert (found.timezone, found.base_currency, found.trusted_hosts) == ("UTC", "EUR", ())
    assert (found.session_idle_hours, found.port, found.is_deployed) == (8, 8000, False)


def test_settings_are_read_as_they_are_given(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        DATABASE_URL="postgresql+psycopg://host/orders",
        SECRET_KEY="given by somebody",
        TIMEZONE="Europe/Riga",
        BASE_CURRENCY="USD",
        TRUSTED_HOSTS=" Orders.example , ,.back.example,ö.example:8443",
        SESSION_IDLE_HOURS="12",
        PORT="80",
        QUEUE_URL="postgresql+psycopg://host/queue",
        WORKER="0",
        BIN_DAYS="7",
        FILES_URL="memory://kept",
        OUTBOUND_HOSTS="hooks.example, ERP.internal:8443=10.0.0.0/8,10.0.0.7,[::1]:99,",
        MAIL_URL="smtps://mia:p%40ss@mail.example:4650",
    )
    assert found == Settings(
        "postgresql+psycopg://host/orders",
        "given by somebody",
        "Europe/Riga",
        "USD",
        ("orders.example", ".back.example", "ö.example:8443"),
        12,
        80,
        tmp_path / "instance",
        "postgresql+psycopg://host/queue",
        starts_worker=False,
        bin_days=7,
        files_url="memory://kept",
        outbound_hosts=(
            OutboundHost("hooks.example"),
            OutboundHost("erp.internal", 8443, ip_network("10.0.0.0/8")),
            OutboundHost("10.0.0.7", 443, ip_network("10.0.0.7")),
            OutboundHost("::1", 99, ip_network("::1")),
        ),
        mail_url="smtps://mia:p%40ss@mail.example:4650",
    )
    assert found.is_deployed


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        *[
            ("DATABASE_URL", value, "DATABASE_URL must begin with sqlite:/// or postgresql+psycopg:// (the driver is")
            for value in ("mysql://host/db", "postgresql://host/db", "sqlite://", "orders.db", " sqlite:///x")
        ],
        *[
            ("DATABASE_URL", value, "DATABASE_URL must name a file: a database in memory is another one for each")
            for value in ("sqlite:///", "sqlite:///:memory:", "sqlite:///?cache=shared")
        ],
        *[
            (name, f"postgresql+psycopg://{place}/orders", f"{name} cannot be read: write postgresql+psycopg://user:")
            for name in ("DATABASE_URL", "QUEUE_URL")
            for place in ("host:x", "host:0", "host:65536", "[::1")
        ],
        ("FILES_URL", "nope://files", "FILES_URL begins with nope://, which nothing here can read or write."),
        ("FILES_URL", "s3://bucket", "FILES_URL begins with s3://, which needs a package: Install s3fs to access S3."),
        *[
            ("TRUSTED_HOSTS", value, f"TRUSTED_HOSTS has {value!r}. Write names such as orders.example.com, without")
            for value in ("https://a.example", "a.example/", "*", "*.example", "a b", "a..b", ".", "a:x", "[::1]")
        ],
        ("SECRET_KEY", "eleven char", "SECRET_KEY must have at least 12 characters, better 32 that nobody"),
        ("QUEUE_URL", "redis://host", "QUEUE_URL must begin with sqlite:/// or postgresql+psycopg://"),
        *[
            ("OUTBOUND_HOSTS", value, f"OUTBOUND_HOSTS has {value!r}. Write hosts such as hooks.example.com,")
            for value in ("https://a", "a/b", "a:0", "a:65536", "a:x", "me@a", "*.a", "a=", "-", "ä", "a b")
        ],
        ("OUTBOUND_HOSTS", "a=10.0.0.1/8", "OUTBOUND_HOSTS has 'a=10.0.0.1/8', but '10.0.0.1/8' is no address"),
        *[
            ("OUTBOUND_HOSTS", value, f"OUTBOUND_HOSTS has {value!r}, which no server may call:")
            for value in ("a=169.254.0.0/16", "169.254.169.254", "a=0.0.0.0/0", "a=::/0", "a=fe80::/10", "a=224.0.0.1")
        ],
        *[("WORKER", value, "WORKER must be 1 or 0.") for value in ("yes", "01")],
        *[
            ("FILES_URL", value, "FILES_URL must be an address such as file:///srv/orders/files or s3://bucket/orders.")
            for value in ("/srv/files", "files", "file://", "://x")
        ],
        *[
            (
                "MAIL_URL",
                value,
                "MAIL_URL must be an address such as smtp+starttls://user:password@mail.example.com:587",
            )
            for value in ("mail.example", "http://mail.example", "smtp://", "smtp://h:x", "smtp://h:0", "smtps://h/x?y")
        ],
        *[
            ("TIMEZONE", value, f"TIMEZONE {value!r} is not a time zone. Write a name such as Europe/Amsterdam.")
            for value in ("Mars/Olympus", "Europe", "../../etc/passwd", "/etc/localtime", "nul\0", "x" * 300, "+02")
        ],
        *[
            ("BASE_CURRENCY", value, f"BASE_CURRENCY {value!r} is not an ISO 4217 code such as EUR.")
            for value in ("eur", "EURO", "€", "EUR\n", "E1R", "QQQ")
        ],
        *[
            ("BASE_CURRENCY", value, f"BASE_CURRENCY {value} has no cents; totals are kept in cents")
            for value in ("JPY", "KWD")
        ],
        *[
            ("SESSION_IDLE_HOURS", value, "SESSION_IDLE_HOURS must be a whole number from 1 to 12.")
            for value in ("0", "13", "8.5", "-1", "eight", "٣", "8\n", " 8", "008")
        ],
        *[
            ("BIN_DAYS", value, "BIN_DAYS must be a whole number from 1 to 3650.")
            for value in ("0", "3651", "-1", "30 days", "٣")
        ],
        *[("FILES_URL", value, "FILES_URL must be an address such as") for value in ("files", "file://", "/srv/files")],
        *[
            ("PORT", value, "PORT must be a whole number from 1 to 65535.")
            for value in ("0", "65536", "http", "-1", "80 ", "1e3")
        ],
    ],
)
def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path, name: str, value: str, sentence: str) -> None:
    with pytest.raises(SettingError) as error:
        settings(tmp_path, **{name: value})
    assert str(error.value).startswith(sentence)


@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_setting_is_as_none(tmp_path: Path, empty: str) -> None:
    names = "DATABASE_URL SECRET_KEY TIMEZONE BASE_CURRENCY TRUSTED_HOSTS SESSION_IDLE_HOURS PORT QUEUE_URL FILES_URL"
    more = "BIN_DAYS WORKER OUTBOUND_HOSTS MAIL_URL"
    assert settings(tmp_path, **dict.fromkeys(f"{names} {more}".split(), empty)) == settings(tmp_path)


def test_the_web_server_says_it_without_a_trace() -> None:
    command = [sys.executable, "-m", "gunicorn", "app:create_app()"]
    environ = {**os.environ, "SECRET_KEY": "given by somebody", "PORT": "http"}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (1, "Error: PORT must be a whole number from 1 to 65535.\n")


def test_the_command_line_says_it_without_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "given by somebody")
    monkeypatch.setenv("BASE_CURRENCY", "euro")
    with pytest.raises(click.ClickException, match="BASE_CURRENCY 'euro' is not"):
        create_app()


# ---- who may read what is kept ----


def modes(folder: Path) -> dict[str, int]:
    """Give what the owner and others may do with all that is in a folder."""
    return {str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}


def test_only_its_owner_may_look_into_the_instance(tmp_path: Path) -> None:
    settings(tmp_path)
    assert modes(tmp_path) == {"instance": 0o700, "instance/secret-key": 0o600}


def test_an_instance_that_was_open_to_all_is_closed(tmp_path: Path) -> None:
    (tmp_path / "instance" / "files").mkdir(parents=True)
    (tmp_path / "instance" / "orders.db").touch()
    (tmp_path / "instance" / "gone").symlink_to("nowhere")
    for path in tmp_path.glob("instance/*s*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    (tmp_path / "instance").chmod(0o755)
    settings(tmp_path, SECRET_KEY="given by somebody")
    (tmp_path / "instance" / "gone").unlink()
    assert modes(tmp_path) == {"instance": 0o700, "instance/files": 0o700, "instance/orders.db": 0o600}


def test_what_the_product_writes_is_for_its_own_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = os.umask(0)
    kept = tmp_path / "kept"
    kept.mkdir()
    monkeypatch.setenv("SECRET_KEY", "given by somebody")
    for name, url in {"DATABASE_URL": "sqlite:///{}/orders.db", "QUEUE_URL": "sqlite:///{}/queue.db"}.items():
        monkeypatch.setenv(name, url.format(kept))
    monkeypatch.setenv("FILES_URL", f"file://{kept}/files")
    try:
        app = create_app()
        with app.app_context(), db.engine.execution_options(writes=True).begin() as connection:
            connection.exec_driver_sql("CREATE TABLE made (id INTEGER)")
            queue.announce()
            with store.writing("invoices/1.pdf"):
                pass
            written = modes(kept)
        with app.app_context():
            db.engine.dispose()
        queue.connect("")
    finally:
        os.umask(before)
    assert {"orders.db", "queue.db", "files/invoices/1.pdf"} <= written.keys()
    assert {mode & 0o077 for mode in written.values()} == {0}


# ---- the secret key ----


def test_the_secret_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    first, second = settings(tmp_path).secret_key, settings(tmp_path).secret_key
    path = tmp_path / "instance" / "secret-key"
    assert first == second == path.read_text()
    assert len(bytes.fromhex(first)) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_every_installation_has_a_key_of_its_own(tmp_path: Path) -> None:
    assert settings(tmp_path / "a").secret_key != settings(tmp_path / "b").secret_key


def test_two_processes_that_start_at_once_agree_on_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token_hex, others = secrets.token_hex, []

    def interrupted(length: int) -> str:
        monkeypatch.setattr(secrets, "token_hex", token_hex)
        others.append(settings(tmp_path).secret_key)
        return token_hex(length)

    monkeypatch.setattr(secrets, "token_hex", interrupted)
    assert [settings(tmp_path).secret_key] == others


def test_a_process_that_dies_while_making_the_key_leaves_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Died(BaseException):
        """The process was killed."""

    def die(*_paths: str) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(os, "link", die)
        with pytest.raises(Died):
            settings(tmp_path)
    assert list((tmp_path / "instance").iterdir()) == []
    assert len(settings(tmp_path).secret_key) == 64


def test_a_given_key_is_written_nowhere(tmp_path: Path) -> None:
    settings(tmp_path, SECRET_KEY="given by somebody")
    assert not (tmp_path / "instance" / "secret-key").exists()


# ---- the .env file ----


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to start in, without settings in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in (
        "DATABASE_URL",
        "SECRET_KEY",
        "TIMEZONE",
        "BASE_CURRENCY",
        "TRUSTED_HOSTS",
        "SESSION_IDLE_HOURS",
        "PORT",
        "QUEUE_URL",
        "FILES_URL",
        "BIN_DAYS",
        "WORKER",
    ):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_settings_may_stand_in_a_file(folder: Path) -> None:
    (folder / ".env").write_text(
        "# the office in Riga\nTIMEZONE = Europe/Riga\n\nSECRET_KEY='a=b=c and more'\n"
        '#PORT=1\nBASE_CURRENCY="USD"\nnonsense\n'
    )
    found = Settings.from_environ(instance=folder)
    assert (found.timezone, found.secret_key, found.base_currency, found.port) == (
        "Europe/Riga",
        "a=b=c and more",
        "USD",
        8000,
    )


def test_the_environment_goes_before_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").write_text("PORT=81\nBASE_CURRENCY=USD\n")
    monkeypatch.setenv("PORT", "82")
    found = Settings.from_environ(instance=folder)
    assert (found.port, found.base_currency) == (82, "USD")


def test_no_file_is_fine(folder: Path) -> None:
    assert Settings.from_environ(instance=folder).port == 8000
