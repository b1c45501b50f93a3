"""The settings, read once from the environment (or a `.env` file), typed and frozen."""

import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import fsspec
from babel.numbers import get_currency_precision, is_currency
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

INSTANCE = Path(__file__).parent / "instance"
MAIL_SCHEMES = ("smtp", "smtp+starttls", "smtps")
SHORTEST_SECRET = 12
"""Characters. A shorter key is guessed, and whoever has it writes cookies of anybody."""


class SettingError(Exception):
    """A setting has a value that cannot be used; the text says which and what would do."""


@dataclass(frozen=True)
class OutboundHost:
    """A host that the server may call, on one port.

    It is somewhere in the open Internet, or, where it is named with it, within a network of the seller's own.
    """

    name: str
    port: int = 443
    inside: IPv4Network | IPv6Network | None = None


@dataclass(frozen=True)
class Settings:
    """What may differ between two installations. `trusted_hosts` empty means a local trial."""

    database_url: str
    secret_key: str
    timezone: str = "UTC"
    base_currency: str = "EUR"
    trusted_hosts: tuple[str, ...] = ()
    session_idle_hours: int = 8
    port: int = 8000
    instance: Path = INSTANCE
    queue_url: str = "sqlite://"
    starts_worker: bool = True
    bin_days: int = 30
    files_url: str = "memory://files"
    outbound_hosts: tuple[OutboundHost, ...] = ()
    mail_url: str = ""

    @property
    def is_deployed(self) -> bool:
        """Behind HTTPS under a known name, so cookies may be bound to it."""
        return bool(self.trusted_hosts)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None, instance: Path = INSTANCE) -> "Settings":
        """Read the settings; an empty one is as none. Raises SettingError with a sentence for what cannot be used."""
        given = {**_dotenv(Path(".env")), **os.environ} if environ is None else environ
        values = {name: value for name, value in given.items() if value.strip()}
        return cls(
            database_url=_database_url(values.get("DATABASE_URL", ""), instance),
            secret_key=_secret(values.get("SECRET_KEY", ""), instance),
            files_url=_files_url(values.get("FILES_URL", ""), instance),
            timezone=_timezone(values.get("TIMEZONE", "UTC")),
            base_currency=_currency(values.get("BASE_CURRENCY", "EUR")),
            trusted_hosts=_trusted_hosts(values.get("TRUSTED_HOSTS", "")),
            session_idle_hours=_hours(values.get("SESSION_IDLE_HOURS", "8")),
            bin_days=_days(values.get("BIN_DAYS", "30")),
            port=_port(values.get("PORT", "8000")),
            instance=instance,
            mail_url=_mail_url(values.get("MAIL_URL", "")),
            queue_url=_queue_url(values.get("QUEUE_URL", ""), instance),
            starts_worker=_switch("WORKER", values.get("WORKER", "1")),
            outbound_hosts=_outbound_hosts(values.get("OUTBOUND_HOSTS", "")),
        )


def _dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    pairs = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines())
    return {
        name.strip(): value.strip().strip("'\"")
        for name, equals, value in pairs
        if equals and not name.lstrip().startswith("#")
    }


def _private(folder: Path) -> Path:
    """Make a folder that only its owner may look into, also where it was there for all; what another owns stays."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in (folder, *folder.iterdir()):
        with suppress(PermissionError, FileNotFoundError):
            path.chmod(0o700 if path.is_dir() else 0o600)
    return folder


def _database_url(value: str, instance: Path) -> str:
    if not value:
        return f"sqlite:///{_private(instance) / 'orders.db'}"
    return _checked_url("DATABASE_URL", value)


def _queue_url(value: str, instance: Path) -> str:
    if not value:
        return f"sqlite:///{_private(instance) / 'queue.db'}"
    return _checked_url("QUEUE_URL", value)


def _files_url(value: str, instance: Path) -> str:
    if not value:
        return f"file://{(_private(instance) / 'files').resolve()}"
    if not re.match(r"[a-z0-9]+://.", value):
        raise SettingError("FILES_URL must be an address such as file:///srv/orders/files or s3://bucket/orders.")
    scheme = value.partition("://")[0]
    try:
        fsspec.get_filesystem_class(scheme)
    except ValueError:
        raise SettingError(f"FILES_URL begins with {scheme}://, which nothing here can read or write.") from None
    except ImportError as error:
        raise SettingError(f"FILES_URL begins with {scheme}://, which needs a package: {error}.") from None
    return value


def _mail_url(value: str) -> str:
    """Check the address of a mail server. What is wrong is told without it: it may hold a password."""
    try:
        parts = urlsplit(value)
        is_whole = parts.scheme in MAIL_SCHEMES and parts.hostname and parts.port != 0
        has_more = parts.path.strip("/") or parts.query or parts.fragment
    except ValueError:
        is_whole, has_more = None, ""
    if value and (not is_whole or has_more):
        raise SettingError(
            "MAIL_URL must be an address such as smtp+starttls://user:password@mail.example.com:587, with "
            "smtp:// (not encrypted), smtp+starttls:// or smtps:// at its beginning. Signs such as @ and / in user "
            "and password are written as %40 and %2F."
        )
    return value


def _checked_url(setting: str, value: str) -> str:
    if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise SettingError(
            f"{setting} must begin with sqlite:/// or postgresql+psycopg:// (the driver is part of the address)."
        )
    if re.fullmatch(r"sqlite:///(:memory:)?(\?.*)?", value):
        raise SettingError(f"{setting} must name a file: a database in memory is another one for each connection.")
    try:
        port = make_url(value).port
    except (ArgumentError, ValueError):
        port = 0
    if port is not None and not 1 <= port <= 65_535:
        raise SettingError(
            f"{setting} cannot be read: write postgresql+psycopg://user:password@host:5432/name, with a port from 1 to "
            "65535 and characters such as @, : and / in user and password as %40, %3A and %2F."
        )
    return value


def _trusted_hosts(value: str) -> tuple[str, ...]:
    return tuple(_trusted_host(entry.strip().lower()) for entry in value.split(",") if entry.strip())


def _trusted_host(entry: str) -> str:
    if not re.fullmatch(r"\.?[\w-]+(\.[\w-]+)*(:[0-9]{1,5})?", entry):
        raise SettingError(
            f"TRUSTED_HOSTS has {entry!r}. Write names such as orders.example.com, without https:// before and / after "
            "them, or .example.com for all names below that one."
        )
    return entry


def _secret(value: str, instance: Path) -> str:
    if value and len(value) < SHORTEST_SECRET:
        raise SettingError(
            f"SECRET_KEY must have at least {SHORTEST_SECRET} characters, better 32 that nobody can guess."
        )
    return value or _kept_secret(instance)


def _kept_secret(instance: Path) -> str:
    path = _private(instance) / "secret-key"
    if not path.exists():
        _keep_first(path, secrets.token_hex(32))
    return path.read_text(encoding="ascii")


def _keep_first(path: Path, text: str) -> None:
    """Make a file that only its owner may read, whole or not at all; the first of several processes wins."""
    with NamedTemporaryFile("w", encoding="ascii", dir=path.parent) as written:
        written.write(text)
        written.flush()
        with suppress(FileExistsError):
            os.link(written.name, path)


def _outbound_hosts(value: str) -> tuple[OutboundHost, ...]:
    return tuple(_outbound_host(entry.strip()) for entry in value.split(",") if entry.strip())


def _outbound_host(entry: str) -> OutboundHost:
    """Read `host`, `host:port` or either with `=address` or `=network`. A host that is an address is that address."""
    host, equals, network = entry.partition("=")
    named = re.fullmatch(r"(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::([0-9]{1,5}))?", host.lower())
    port = int(named[2] or 443) if named else 0
    if named is None or not 1 <= port <= 65_535 or (equals and not network):
        raise SettingError(
            f"OUTBOUND_HOSTS has {entry!r}. Write hosts such as hooks.example.com, hooks.example.com:8443, or, "
            "inside your own network, erp.internal=10.0.0.0/8."
        )
    name = named[1].strip("[]")
    return OutboundHost(name, port, _inside(entry, network or _address(name)))


def _address(name: str) -> str:
    with suppress(ValueError):
        return str(ip_network(name))
    return ""


def _inside(entry: str, network: str) -> IPv4Network | IPv6Network | None:
    if not network:
        return None
    try:
        inside = ip_network(network)
    except ValueError:
        raise SettingError(f"OUTBOUND_HOSTS has {entry!r}, but {network!r} is no address and no network.") from None
    if inside.is_link_local or inside.is_multicast or inside.network_address.is_unspecified:
        raise SettingError(f"OUTBOUND_HOSTS has {entry!r}, which no server may call: it is link-local or nobody's.")
    return inside


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingError(f"TIMEZONE {value!r} is not a time zone. Write a name such as Europe/Amsterdam.") from None
    return value


def _currency(value: str) -> str:
    if not is_currency(value):
        raise SettingError(f"BASE_CURRENCY {value!r} is not an ISO 4217 code such as EUR.")
    if get_currency_precision(value) != 2:
        raise SettingError(f"BASE_CURRENCY {value} has no cents; totals are kept in cents of the base currency.")
    return value


def _hours(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,2}", value) or not 1 <= int(value) <= 12:
        raise SettingError("SESSION_IDLE_HOURS must be a whole number from 1 to 12.")
    return int(value)


def _days(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", value) or not 1 <= int(value) <= 3_650:
        raise SettingError("BIN_DAYS must be a whole number from 1 to 3650.")
    return int(value)


def _port(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", value) or not 1 <= int(value) <= 65_535:
        raise SettingError("PORT must be a whole number from 1 to 65535.")
    return int(value)


def _switch(setting: str, value: str) -> bool:
    if value not in ("0", "1"):
        raise SettingError(f"{setting} must be 1 or 0.")
    return value == "1"
