"""The flask commands: thin calls into services."""

import functools
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any, ParamSpec, TypeVar

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from flask_migrate import upgrade
from sqlalchemy.exc import OperationalError, ProgrammingError

from models.base import db
from permissions import SYSTEM
from services import schema
from services.backup import back_up, restore
from services.demo import DemoRequest, is_empty, load_demo
from services.demo.people import kept_logins
from services.deployment import check_deployment
from services.errors import Refused
from services.importing import ImportRequest, ImportResult, import_orders
from services.importing.kinds import COMPANIES, CONTACTS, PRICES, PRODUCTS, Kind
from services.importing.records import RecordRequest, import_records
from services.job_handlers import PERIODIC, handlers
from services.jobs import LEASE, WorkerContext
from services.presence import present
from services.reindex import reindex
from services.staff import (
    add_staff,
    by_command,
    check_new_email,
    everybody,
    find_companies,
    find_staff,
    let_in,
    missing_to_see_orders,
    parse_grants,
    set_password,
    shut_out,
)
from services.verify import verify
from services.worker import BEAT_EVERY, beat, work

EXIT_REJECTED = 3

P = ParamSpec("P")
R = TypeVar("R")

staff_commands = AppGroup("staff", help="The people who may sign in.")


def init_commands(app: Flask) -> None:
    """Add the commands to `app`."""
    commands = (
        import_orders_command,
        demo_command,
        verify_command,
        check_deploy_command,
        backup_command,
        restore_command,
        reindex_command,
        worker_command,
        staff_commands,
    )
    for command in (*commands, *RECORDS_COMMANDS):
        app.cli.add_command(command)


def answering(command: Callable[P, R]) -> Callable[P, R]:
    """Run a command as the system; what it refuses becomes one sentence."""

    @functools.wraps(command)
    def answered(*args: P.args, **kwargs: P.kwargs) -> R:
        db.session.info["actor"] = SYSTEM
        try:
            return command(*args, **kwargs)
        except Refused as refused:
            raise click.ClickException(str(refused)) from refused
        except (OperationalError, ProgrammingError) as error:
            reason = str(error.orig).strip().partition("\n")[0]
            raise click.ClickException(
                f"The database does not answer as it should ({reason}). Has `flask --app app db upgrade` been run?"
            ) from error

    return answered


class CalledWrongly(click.UsageError):
    """A wrong call of a command that ends with 1 whenever it could not run; click's own is 2."""

    exit_code = 1


class ImportCommand(click.Command):
    """An import, whose exit codes are a contract."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options. Raises CalledWrongly."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            raise CalledWrongly(error.format_message(), ctx) from error


file_argument = click.argument("file", type=click.Path(path_type=Path))
dry_run_option = click.option("--dry-run", is_flag=True, help="Read and check everything, import nothing.")
rejects_option = click.option(
    "--rejects", type=click.Path(path_type=Path), help="Where refused rows go; FILE.rejects.csv if not given. Rejects "
    "of an earlier run that stand there are kept with .old after their name."
)  # fmt: skip


@click.command("import-orders", cls=ImportCommand)
@file_argument
@click.option(
    "--map",
    "mapping",
    required=True,
    metavar="order=COLUMN,…",
    help="Which column holds what: order, sku, quantity, price and date are needed; name, company, country, "
    "reference, email, remarks, notes, unit and discount may be given.",
)
@click.option("--source", required=True, help="Where the orders come from; an order number counts once per source.")
@click.option("--currency", default="", help="ISO code of the prices' currency; the base currency if not given.")
@click.option("--rate", default="", help="What one unit of that currency is in the base currency.")
@click.option("--status", default="", help="The status the orders get; the default status if not given.")
@click.option("--tax", default="N", show_default=True, help="Tax code of all lines, at the rate of the day.")
@click.option(
    "--timezone", default="", help="The zone of the file's times; TIMEZONE if not given. A time that occurs twice is "
    "taken as the earlier, one that is skipped is read with the offset of before the change.",
)  # fmt: skip
@dry_run_option
@rejects_option
@with_appcontext
@answering
def import_orders_command(**options: Any) -> None:
    """Import the order lines of FILE: CSV, also .gz, with comma, semicolon or tab.

    Only whole orders are imported, and none twice. A company is known by its id; an id such as 17850.0, as
    spreadsheets write whole numbers, is 17850. A product made by the import has the last name in the file that is
    not empty; a product that was there keeps its own.
    """
    request = ImportRequest(
        path=options["file"],
        mapping=options["mapping"],
        source=options["source"],
        base_currency=current_app.config["BASE_CURRENCY"],
        timezone=options["timezone"] or current_app.config["TIMEZONE"],
        now=datetime.now(UTC),
        currency=options["currency"],
        rate=options["rate"],
        status=options["status"],
        tax=options["tax"],
        is_dry_run=options["dry_run"],
        rejects=options["rejects"],
    )
    result = import_orders(request, _progress)
    _tell(request, result)
    if result.rejected:
        sys.exit(EXIT_REJECTED)


def _tell(request: ImportRequest, result: ImportResult) -> None:
    if result.unknown_countries:
        named = ", ".join(f"{country} ({count})" for country, count in result.unknown_countries.most_common(20))
        click.echo(f"Orders whose country has no ISO code: {named}")
    if result.rejected:
        click.echo(f"The rejected orders are in {request.rejects_path}, with reasons.")
    whole, cents = divmod(abs(result.total), 100)
    sign = "-" if result.total < 0 else ""
    click.echo(
        f"orders {result.orders}, lines {result.lines}, skipped {result.skipped}, rejected {result.rejected}, "
        f"total {sign}{whole}.{cents:02}"
    )


def _records_command(kind: Kind, about: str) -> click.Command:
    """Make the command that imports the records of a kind."""
    needed, more = ", ".join(kind.required), ", ".join(kind.optional)
    intro = (
        f"Import the {kind.plural} of FILE: CSV, also .gz, with comma, semicolon or tab, one {kind.noun} a row.\n\n"
        f"A row makes a {kind.noun}, or changes the one with its {kind.key_words}; fields without a column stay as "
        "they are. A row that is refused leaves the others alone."
    )

    @click.command(f"import-{kind.plural}", cls=ImportCommand, help=f"{intro}\n\n{about}")
    @file_argument
    @click.option(
        "--map",
        "mapping",
        required=True,
        metavar=f"{kind.required[0]}=COLUMN,…",
        help=f"Which column holds what. Needed: {needed}; may be given: {more}.",
    )
    @dry_run_option
    @rejects_option
    @with_appcontext
    @answering
    def command(**options: Any) -> None:
        request = RecordRequest(
            kind, options["file"], options["mapping"], is_dry_run=options["dry_run"], rejects=options["rejects"]
        )
        result = import_records(request, now=datetime.now(UTC), progress=_progress)
        if result.rejected:
            click.echo(f"The rejected rows are in {request.rejects_path}, with reasons.")
        click.echo(
            f"created {result.created}, changed {result.changed}, unchanged {result.unchanged}, "
            f"rejected {result.rejected}"
        )
        if result.rejected:
            sys.exit(EXIT_REJECTED)

    return command


RECORDS_COMMANDS = (
    _records_command(
        COMPANIES,
        "An id such as 17850.0, as spreadsheets write whole numbers, is 17850. A new company needs a name. "
        "customer_group and price_list are names of what is there; discount_percentage is per cent; hidden is yes or "
        "no. An empty name or hidden leaves what is there; any other empty value empties its field.",
    ),
    _records_command(
        CONTACTS,
        "company is the debtor id of one that is there; e-mail addresses are the same in capitals or not; language is "
        "a code such as nl; active is yes or no. An empty language or active leaves what is there; any other empty "
        "value empties its field.",
    ),
    _records_command(
        PRODUCTS,
        "A SKU is compared exactly. A new product needs a name. Prices are excl. VAT, in the base currency, with up to "
        "four decimals; active is yes or no. An empty name, minimum_quantity, step_quantity, tax_code or active leaves "
        "what is there; any other empty value empties its field.",
    ),
    _records_command(
        PRICES,
        "price_list is the name and sku the SKU of what is there; from_quantity is 1 when it is not given. A price is "
        "per unit, excl. VAT, in the currency of its list, with up to four decimals.",
    ),
)


@click.command("demo")
@click.option("--orders", required=True, type=click.IntRange(1, 10_000_000), help="How many orders to make.")
@click.option("--seed", default=1, show_default=True, help="Equal seeds make equal data.")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), help="The day before which the orders end; today if not given."
)
@click.option(
    "--if-empty",
    is_flag=True,
    help="Make nothing when there are orders or staff already; print the logins if these are the demo's.",
)
@with_appcontext
@answering
def demo_command(*, orders: int, seed: int, until: datetime | None, if_empty: bool) -> None:
    """Fill an empty database with believable orders; the same seed and day give the same."""
    instance = Path(current_app.instance_path)
    if if_empty and not is_empty():
        click.echo(kept_logins(instance), nl=False)
        return
    day: date = until.date() if until else datetime.now(UTC).date()
    request = DemoRequest(
        orders=orders,
        seed=seed,
        until=datetime.combine(day, time(), UTC),
        base_currency=current_app.config["BASE_CURRENCY"],
        instance=instance,
    )
    logins = load_demo(request, _progress)
    click.echo(f"{orders} orders are there. The logins are in {logins}.")
    if if_empty:
        click.echo(kept_logins(instance), nl=False)


@click.command("verify")
@with_appcontext
@answering
def verify_command() -> None:
    """Check every invariant of the data."""
    _verify()


def _verify() -> None:
    """Tell what holds and what does not, and end with 1 for the latter."""
    is_whole = True
    for check in verify():
        if not check.count:
            click.echo(f"ok  {check.name}")
            continue
        is_whole = False
        click.echo(f"BROKEN  {check.name}: {check.count}")
        for example in check.examples:
            click.echo(f"        {example}")
    if not is_whole:
        sys.exit(1)


@click.command("check-deploy")
@with_appcontext
@answering
def check_deploy_command() -> None:
    """Refuse a set-up that is not safe to work with, item by item."""
    items = check_deployment(current_app.extensions["settings"], now=datetime.now(UTC))
    for item in items:
        click.echo(f"UNSAFE  {item.name}: {item.fault}" if item.fault else f"ok  {item.name}")
    if any(item.fault for item in items):
        sys.exit(1)


@click.command("backup")
@file_argument
@with_appcontext
@answering
def backup_command(*, file: Path) -> None:
    """Copy the database and the stored files into FILE, new, while people work; a name that ends in .gz packs it."""
    files = back_up(file, now=datetime.now(UTC))
    click.echo(f"{file} holds the database and {files} stored files.")


@click.command("restore")
@file_argument
@click.option("--replace", is_flag=True, help="Replace the data that is there.")
@with_appcontext
@answering
def restore_command(*, file: Path, replace: bool) -> None:
    """Bring a backup back, update it to this version, and verify it. Stop web server and workers before."""
    copy = restore(file, replaces=replace)
    if copy.schema != schema.wanted():
        upgrade(str(schema.MIGRATIONS))
    click.echo(f"The backup of {copy.made_at} is restored.")
    _verify()


@click.command("reindex")
@with_appcontext
@answering
def reindex_command() -> None:
    """Make the kept numbers and the search index anew from the orders."""
    reindex(lambda done: click.echo(f"{done} orders", err=True))


@click.command("worker")
@click.option(
    "--lease",
    default=LEASE.total_seconds(),
    show_default=True,
    type=click.FloatRange(1),
    help="For how many seconds a job is left to a worker that does not report.",
)
@click.option("--parent", type=int, help="End when the process that started the worker, with this number, is gone.")
@with_appcontext
@answering
def worker_command(*, lease: float, parent: int | None) -> None:
    """Do background jobs until SIGTERM or SIGINT; a second one ends at once. Several workers may run."""
    stop = Event()
    signals: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, functools.partial(_note_signal, signals))
    watch = Thread(target=copy_context().run, args=(_watch, stop, signals, parent))
    watch.start()
    try:
        with present(Path(current_app.instance_path) / "workers") as worker:
            work(
                handlers(bin_days=current_app.config["BIN_DAYS"]),
                PERIODIC,
                WorkerContext(_now, timedelta(seconds=lease), stop.is_set, worker.name, worker.dead),
                stop,
            )
    finally:
        stop.set()
        watch.join()


def _now() -> datetime:
    return datetime.now(UTC)


def _note_signal(signals: list[int], number: int, _frame: object) -> None:
    """Only note it: setting an event here could wait for the very thread that the signal interrupts."""
    signals.append(number)
    signal.signal(number, signal.SIG_DFL)


def _watch(stop: Event, signals: list[int], parent: int | None) -> None:
    """Write the worker's beats, also during a long job, and stop it after a signal or with its parent."""
    beaten = None
    while not stop.is_set():
        if signals or parent not in (None, os.getppid()):
            stop.set()
        if beaten is None or _now() - beaten >= BEAT_EVERY:
            beaten = _now()
            beat(now=beaten)
        stop.wait(0.2)


@staff_commands.command("add")
@click.argument("email")
@click.option("--grant", "grants", multiple=True, metavar="ROLE:LEVEL", help="A role and its level; repeat for more.")
@click.option("--company", "companies", multiple=True, metavar="DEBTOR_ID", help="Limit the person to this company.")
@click.option("--name", default="", help="What colleagues see; the first part of the address if not given.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@answering
def add_command(
    *, email: str, grants: tuple[str, ...], companies: tuple[str, ...], name: str, password_stdin: bool
) -> None:
    """Add a person who may sign in with EMAIL."""
    check_new_email(email)
    parse_grants(grants)
    find_companies(companies)
    password = _password(from_input=password_stdin)
    add_staff(email, password, grants=grants, companies=companies, name=name, now=datetime.now(UTC))
    click.echo(f"{email.strip().lower()} may sign in.")
    if missing := missing_to_see_orders(grants):
        click.echo(f"The orders pages stay closed without {' and '.join(map(str, missing))}.", err=True)


@staff_commands.command("password")
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@answering
def password_command(*, email: str, password_stdin: bool) -> None:
    """Give the person with EMAIL a new password; all sessions end."""
    staff_id = find_staff(email).id
    set_password(staff_id, _password(from_input=password_stdin), edit=by_command(datetime.now(UTC)))
    click.echo(f"{email.strip().lower()} has a new password; every session has ended.")


@staff_commands.command("list")
@answering
def list_command() -> None:
    """List everybody: e-mail address, name, grants, and who is limited or may not sign in."""
    for staff in everybody():
        companies = f"only {', '.join(sorted(map(str, staff.companies))) or 'no company'}" if staff.is_limited else ""
        grants = ", ".join(map(str, staff.grants)) or "no grants"
        told = (staff.email, staff.name, grants, companies, "" if staff.is_active else "not active")
        click.echo("  ".join(filter(None, told)))


@staff_commands.command("deactivate")
@click.argument("email")
@answering
def deactivate_command(*, email: str) -> None:
    """Let the person with EMAIL not sign in any more; all sessions end."""
    shut_out(find_staff(email).id, edit=by_command(_now()))
    click.echo(f"{email.strip().lower()} may not sign in any more; every session has ended.")


@staff_commands.command("activate")
@click.argument("email")
@answering
def activate_command(*, email: str) -> None:
    """Let the person with EMAIL sign in again."""
    let_in(find_staff(email).id, edit=by_command(_now()))
    click.echo(f"{email.strip().lower()} may sign in.")


def _password(*, from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise Refused("Without a terminal the password is read with --password-stdin.")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


@contextmanager
def _progress(label: str, length: int) -> Iterator[Callable[[int], None]]:
    if not sys.stdout.isatty():
        yield lambda _done: None
        return
    with click.progressbar(length=length, label=label) as bar:
        yield bar.update
