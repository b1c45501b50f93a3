"""Django's admin on the product's tables: its defaults, with somebody signed in whom no table knows."""

import csv
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path

from models.base import sqlite_driver

if sqlite_driver.__name__ != "sqlite3.dbapi2":
    sys.modules["sqlite3"] = sys.modules["pysqlite3"]  # the same SQLite for all


def _database(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": url.removeprefix("sqlite:///")}
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": parts.username,
        "PASSWORD": parts.password,
        "HOST": parts.hostname,
        "PORT": parts.port,
        "CONN_MAX_AGE": None,
    }


def somebody(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Let every request be that of one superuser."""
    from django.contrib.auth.models import User  # noqa: PLC0415  models load after django.setup()

    user = User(pk=1, username="owner", is_active=True, is_staff=True, is_superuser=True)

    def handle(request: HttpRequest) -> HttpResponse:
        request.user = user
        return answer(request)

    return handle


settings.configure(
    SECRET_KEY="nobody signs in",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
        "django.contrib.staticfiles",
        __name__,
    ],
    MIDDLEWARE=[
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        f"{__name__}.somebody",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    MESSAGE_STORAGE="django.contrib.messages.storage.cookie.CookieStorage",
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    DATABASES={"default": _database(os.environ["DATABASE_URL"])},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    STATIC_URL="/static/",
    USE_TZ=True,
    TIME_ZONE="UTC",
)
django.setup()

from django.contrib import admin  # noqa: E402  needs the settings
from django.db import models  # noqa: E402


class Named(models.Model):
    """A row with a name."""

    name = models.TextField()

    class Meta:
        """No table of its own."""

        abstract = True

    def __str__(self) -> str:
        return str(self.name)


class Company(Named):
    """A firm."""

    class Meta:
        """The product's table."""

        managed, db_table = False, "company"


class Status(Named):
    """A status."""

    class Meta:
        """The product's table."""

        managed, db_table = False, "order_status"


class Staff(Named):
    """A colleague."""

    class Meta:
        """The product's table."""

        managed, db_table = False, "staff"


class Order(models.Model):
    """An order."""

    company = models.ForeignKey(Company, models.DO_NOTHING, null=True)
    status = models.ForeignKey(Status, models.DO_NOTHING)
    updated_by = models.ForeignKey(Staff, models.DO_NOTHING, null=True)
    payment_status = models.CharField(max_length=16)
    debtor_id = models.CharField(max_length=64)
    reference = models.CharField(max_length=255)
    email = models.CharField(max_length=255)
    source = models.CharField(max_length=50)
    total_base = models.BigIntegerField()
    item_count = models.IntegerField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    status_changed_at = models.DateTimeField()
    export_status = models.CharField(max_length=16)
    exported_at = models.DateTimeField(null=True)
    export_message = models.CharField(max_length=500)

    class Meta:
        """The product's table."""

        managed, db_table = False, "orders"


class LineText(models.Model):
    """What a line says."""

    sku = models.CharField(max_length=64)
    name = models.CharField(max_length=255)

    class Meta:
        """The product's table."""

        managed, db_table = False, "line_text"

    def __str__(self) -> str:
        return f"{self.sku} {self.name}"


class Line(models.Model):
    """A line of an order."""

    order = models.ForeignKey(Order, models.DO_NOTHING, related_name="lines")
    position = models.IntegerField()
    text = models.ForeignKey(LineText, models.DO_NOTHING)
    quantity = models.IntegerField()
    total = models.BigIntegerField()

    class Meta:
        """The product's table."""

        managed, db_table, ordering = False, "order_line", ["position"]


COLUMNS = (
    "id", "company", "status", "payment_status", "debtor_id", "source", "total", "item_count", "updated_by",
    "created_at", "updated_at", "status_changed_at", "export_status", "exported_at", "export_message",
)  # fmt: skip


class Lines(admin.TabularInline):
    """The lines of an order, to be read."""

    model = Line
    fields = readonly_fields = ("position", "text", "quantity", "total")
    can_delete = False
    extra = 0

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("text")

    def has_add_permission(self, *_asked: object) -> bool:
        return False


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    """The fifteen columns, the newest first."""

    list_display = COLUMNS
    list_select_related = ("company", "status", "updated_by")
    list_per_page = 25
    list_filter = ("status",)
    search_fields = ("id", "company__name", "debtor_id", "reference", "email")
    ordering = ("-created_at", "-id")
    inlines = (Lines,)
    fields = readonly_fields = COLUMNS
    actions = ("export_csv",)

    @admin.display(ordering="total_base")
    def total(self, order: Order) -> str:
        """Write the total."""
        return f"{order.total_base / 100:.2f}"

    def lookup_allowed(self, *_asked: object) -> bool:
        """Let an address ask for a company and for days without a list of all of them beside the table."""
        return True

    @admin.action(description="Export as CSV")
    def export_csv(self, _request: HttpRequest, orders: Any) -> StreamingHttpResponse:
        """Send the chosen orders as they are read."""
        return StreamingHttpResponse(self._lines(orders), content_type="text/csv")

    def _lines(self, orders: Any) -> Iterator[str]:
        writer = csv.writer(Echo())
        yield writer.writerow(COLUMNS)
        for order in orders.select_related(*self.list_select_related).iterator():
            yield writer.writerow([self.total(order) if name == "total" else getattr(order, name) for name in COLUMNS])


class Echo:
    """A file that gives back what is written to it, as Django's documentation has it."""

    def write(self, text: str) -> str:
        """Give the text."""
        return text


def make_tables() -> None:
    """Make the tables of Django itself, which its pages read; the product's stay as they are."""
    call_command("migrate", verbosity=0)


urlpatterns = [path("admin/", admin.site.urls)]
application = get_wsgi_application()
