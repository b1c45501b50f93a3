"""The application: wiring only."""

import os
import secrets
from wsgiref.headers import Headers

import click
from flask import Flask, g
from flask_admin import Admin
from flask_admin.theme import BootstrapTheme
from flask_babel import Babel, LazyString
from flask_babel import lazy_gettext as _
from flask_compress import Compress
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFProtect
from werkzeug import Response
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from admin_views.access import Declared, init_access, may
from admin_views.assets import STATIC, asset, icon, scripts, styles
from admin_views.auth import DECLARED as AUTH
from admin_views.auth import auth
from admin_views.base import BackofficeView
from admin_views.base_currency import init_base_currency
from admin_views.batches import BatchView
from admin_views.bin import BinView
from admin_views.catalogue import PriceListView, PriceView, ProductView, TaxCodeView
from admin_views.errors import init_errors
from admin_views.files import FileView
from admin_views.health import DECLARED as HEALTH
from admin_views.health import health
from admin_views.home import DECLARED as ROOT
from admin_views.home import Home, root
from admin_views.incentives import IncentiveView
from admin_views.jobs import JobView
from admin_views.kept_parts import kept_part
from admin_views.menu import menu
from admin_views.notation import language
from admin_views.orders.list import OrderView
from admin_views.parties import (
    AddressView,
    CompanyView,
    ContactView,
    CustomerGroupView,
    PrivateCustomerView,
    WishListView,
)
from admin_views.sentences import init_sentences
from admin_views.settings import (
    CarrierView,
    FirmView,
    MailTemplateView,
    OrderSourceView,
    PaymentMethodView,
    WorkflowView,
)
from admin_views.staff import AccountView, AuditView, StaffView
from admin_views.statuses import StatusSetView, StatusView
from admin_views.uploads import init_uploads
from commands import init_commands
from config import SettingError, Settings
from models.base import Base, db, sqlite_driver
from models.batch import Batch
from models.choices import Carrier, OrderSource, PaymentMethod
from models.deletion import DeletedOrder
from models.export_file import ExportFile
from models.firm import Firm
from models.incentive import Incentive
from models.job import Job
from models.mail import MailTemplate
from models.order import Order
from models.party import Company, PartyAddress, Person
from models.price import CustomerGroup, Price, PriceList
from models.product import Product
from models.record_history import RecordHistory
from models.staff import Staff
from models.status import OrderStatus, StatusSet
from models.tax import TaxCode
from models.wish_list import WishList
from models.workflow import Workflow
from services.mails.transport import outbox
from services.outbound import allowed
from services.queue import queue
from services.storage import store

POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGES: list[tuple[LazyString, list[tuple[type[BackofficeView], type[Base], LazyString, str]]]] = [
    (
        _("Orders"),
        [
            (OrderView, Order, _("Orders"), "orders"),
            (BatchView, Batch, _("Batches"), "batches"),
            (FileView, ExportFile, _("Files"), "files"),
            (BinView, DeletedOrder, _("Bin"), "bin"),
            (JobView, Job, _("Jobs"), "jobs"),
        ],
    ),
    (
        _("Customers"),
        [
            (CompanyView, Company, _("Companies"), "companies"),
            (ContactView, Person, _("Contacts"), "contacts"),
            (PrivateCustomerView, Person, _("Private customers"), "customers"),
            (AddressView, PartyAddress, _("Addresses"), "addresses"),
            (CustomerGroupView, CustomerGroup, _("Customer groups"), "customer-groups"),
            (WishListView, WishList, _("Wish lists"), "wish-lists"),
        ],
    ),
    (
        _("Catalogue"),
        [
            (ProductView, Product, _("Products"), "products"),
            (PriceListView, PriceList, _("Price lists"), "price-lists"),
            (PriceView, Price, _("Prices"), "prices"),
            (IncentiveView, Incentive, _("Incentives"), "incentives"),
            (TaxCodeView, TaxCode, _("Tax codes"), "tax-codes"),
        ],
    ),
    (
        _("Settings"),
        [
            (StatusView, OrderStatus, _("Statuses"), "statuses"),
            (StatusSetView, StatusSet, _("Status sets"), "status-sets"),
            (CarrierView, Carrier, _("Carriers"), "carriers"),
            (PaymentMethodView, PaymentMethod, _("Payment methods"), "payment-methods"),
            (OrderSourceView, OrderSource, _("Sources"), "sources"),
            (WorkflowView, Workflow, _("Workflows"), "workflows"),
            (FirmView, Firm, _("Firm data"), "firm"),
            (MailTemplateView, MailTemplate, _("Mail templates"), "mail-templates"),
        ],
    ),
    (
        _("Staff"),
        [
            (StaffView, Staff, _("Staff"), "staff"),
            (AuditView, RecordHistory, _("Audit log"), "audit-log"),
            (AccountView, Staff, _("My account"), "account"),
        ],
    ),
]
"""The menu: groups of pages, each with its view, what it shows, its name and its address."""
YEAR = 365 * 24 * 3600


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application. Raises SettingError when a setting cannot be used."""
    if settings is None:
        try:
            settings = Settings.from_environ()
        except SettingError as error:
            raise click.ClickException(str(error)) from error
        os.umask(0o077)  # what this process writes, a database included, is for its own account
    app = Flask(__name__, static_folder=None, instance_path=str(settings.instance.resolve()))
    app.config.from_mapping(_flask_config(settings))
    app.extensions["settings"] = settings
    db.init_app(app)
    queue.connect(settings.queue_url)
    store.connect(settings.files_url)
    allowed.set(settings.outbound_hosts)
    outbox.connect(settings.mail_url, settings.instance / "outbox")
    Migrate(app, db, render_as_batch=True)
    init_sentences(app, Babel(app, locale_selector=language))
    Compress(app)
    app.register_blueprint(auth)
    app.register_blueprint(health)
    app.register_blueprint(root)
    init_base_currency(app, settings.base_currency)
    init_access(app, settings, {**AUTH, **HEALTH, **ROOT, **_views(app)})
    init_uploads(app)
    CSRFProtect(app)  # after the gate: a stranger is told to sign in, whatever else is wrong
    init_errors(app)
    init_commands(app)
    _init_pages(app, settings)
    _init_server(app, settings)
    return app


def _flask_config(settings: Settings) -> dict[str, object]:
    is_sqlite = settings.database_url.startswith("sqlite")
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "hide_parameters": True,  # no log tells what somebody typed
            "pool_use_lifo": True,  # what a connection knows of the database is of use to the next request
            **({"module": sqlite_driver} if is_sqlite else {"pool_pre_ping": True}),
        },
        "TIMEZONE": settings.timezone,
        "BASE_CURRENCY": settings.base_currency,
        "SESSION_IDLE_HOURS": settings.session_idle_hours,
        "BIN_DAYS": settings.bin_days,
        "SESSION_COOKIE_NAME": "__Host-session" if settings.is_deployed else "session",
        "SESSION_COOKIE_SECURE": settings.is_deployed,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_REFRESH_EACH_REQUEST": False,
        "TRUSTED_HOSTS": [*settings.trusted_hosts, "localhost", "127.0.0.1"],
        "WTF_CSRF_TIME_LIMIT": None,
        "MAX_CONTENT_LENGTH": 16 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "MAX_FORM_PARTS": 2_000,
    }


def _views(app: Flask) -> dict[str, Declared]:
    views = [
        view(model, db, name=name, category=category, endpoint=endpoint, url=f"/admin/{endpoint}")
        for category, pages in PAGES
        for view, model, name, endpoint in pages
    ]
    home = Home(name="Home", url="/admin", endpoint="admin")
    admin = Admin(
        app,
        name="Orders Backoffice",
        index_view=home,
        theme=BootstrapTheme(folder="bootstrap4", base_template="admin/base.html"),
        csp_nonce_generator=_nonce,
    )
    admin.add_views(*views)
    app.extensions["backoffice_views"] = tuple(views)
    declared = home.declared()
    for view in views:
        declared.update(view.declared())
    app.extensions["declared"] = declared
    return declared


def _nonce() -> str:
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    nonce: str = g.nonce
    return nonce


def _init_pages(app: Flask, settings: Settings) -> None:
    app.jinja_env.globals.update(
        asset=asset, icon=icon, kept_part=kept_part, may=may, page_language=language, scripts=scripts, styles=styles
    )
    app.context_processor(lambda: {"menu": menu()})

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", POLICY.format(nonce=_nonce()))
        for name, value in _headers(settings).items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        response.vary.add("Cookie")
        return response


def _headers(settings: Settings) -> dict[str, str]:
    """Give what every answer says, a static file's included."""
    headers = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if settings.is_deployed:
        headers["Strict-Transport-Security"] = f"max-age={YEAR}; includeSubDomains"
    return headers


def _init_server(app: Flask, settings: Settings) -> None:
    def protect(headers: Headers, _path: str, _url: str) -> None:
        for name, value in _headers(settings).items():
            headers[name] = value

    served = WhiteNoise(
        app.wsgi_app,
        root=STATIC,
        prefix="static/",
        max_age=YEAR,
        allow_all_origins=False,
        add_headers_function=protect,
    )
    # Flask's own way to put something before the application; its types see a method.
    app.wsgi_app = ProxyFix(served, x_for=1, x_proto=1) if settings.is_deployed else served  # type: ignore[method-assign]
