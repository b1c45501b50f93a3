"""What the pickers find: companies and persons within the person's scope, and products, at most twenty."""

from collections.abc import Mapping
from typing import Any

from flask_admin.model.ajax import AjaxModelLoader
from werkzeug.exceptions import BadRequest

from admin_views.access import actor
from admin_views.notation import language
from models.folding import fold
from services.countries import countries, currency_names
from services.list_context import MOST_FOUND, find_companies, find_products, find_staff_named, find_users

LONGEST_TERM = 100


class Lookup(AjaxModelLoader):
    """A picker's source. A row that it finds is the list that the browser gets."""

    def __init__(self, name: str) -> None:
        super().__init__(name, {})

    def format(self, model: Any) -> Any:
        return model

    def get_one(self, pk: Any) -> None:
        """The order list has no form that would ask for one."""
        return


class CompanyLookup(Lookup):
    """Companies by a part of their name or debtor id."""

    def get_list(self, query: str | None, offset: int = 0, limit: int = 0) -> Any:
        return find_companies(actor(), _term(query))


class UserLookup(Lookup):
    """Contacts and private customers by id, name or e-mail address."""

    def get_list(self, query: str | None, offset: int = 0, limit: int = 0) -> Any:
        return find_users(actor(), _term(query))


class ProductLookup(Lookup):
    """Products by words of what they are searched by; whoever sees orders sees what was ordered."""

    def get_list(self, query: str | None, offset: int = 0, limit: int = 0) -> Any:
        return find_products(_term(query))


class StaffLookup(Lookup):
    """People of the staff by name; whoever sees orders sees who changed them."""

    def get_list(self, query: str | None, offset: int = 0, limit: int = 0) -> Any:
        return find_staff_named(_term(query))


class CountryLookup(Lookup):
    """Countries by code or a part of their name."""

    def get_list(self, query: str | None, offset: int = 0, limit: int = 0) -> Any:
        return _found(countries(language()), _term(query))


class CurrencyLookup(Lookup):
    """Currencies by code or a part of their name."""

    def get_list(self, query: str | None, offset: int = 0, limit: int = 0) -> Any:
        return _found(currency_names(language()), _term(query))


def _found(names: Mapping[str, str], term: str) -> list[tuple[str, str]]:
    """Give the codes that are the term or whose name has it, the nearest first."""
    found = [(code, name) for code, name in names.items() if term in fold(f"{code} {name}")]
    return sorted(found, key=lambda one: (_distance(term, *one), fold(one[1])))[:MOST_FOUND]


def _distance(term: str, code: str, name: str) -> int:
    if fold(code) == term:
        return 0
    return 1 if fold(name).startswith(term) else 2


def _term(query: str | None) -> str:
    if query is None or len(query) > LONGEST_TERM or not query.isprintable():
        raise BadRequest
    return fold(query.strip())
