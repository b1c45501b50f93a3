"""The catalogs of the other languages: whole, and with the same blanks as the English sentences."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient

from services.notation import LANGUAGES
from tests.people import client_of
from tests.servers import ROOT

CATALOGS = sorted((ROOT / "translations").glob("*/LC_MESSAGES/messages.po"))
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "lazy_gettext": None,
    "Refused": None,
    "NotNow": None,
    "Invalid": (2,),
    "Fault": None,
    "Needed": (1,),
    "__init__": None,
}
BLANK = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}")


def said() -> set[str | tuple[str, ...]]:
    """Give every sentence of the pages, those that have a plural with it."""
    with (ROOT / "translations/babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = extract_from_dir(ROOT, methods, options, KEYWORDS)
    return {message for _path, _line, message, _comments, _context in found}


def catalog(path: Path) -> Catalog:
    """Read a catalog."""
    with path.open("rb") as file:
        return read_po(file, path.parts[-3], abort_invalid=True)


def blanks(text: str) -> list[str]:
    """Give what a sentence leaves open."""
    return sorted(BLANK.findall(text))


def pairs(message: Message) -> list[tuple[str, str]]:
    """Give each form of a message with its translation."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string))]
    return list(zip(message.id, message.string or (), strict=True))


def test_there_is_a_catalog_for_every_language_but_english() -> None:
    assert sorted(path.parts[-3] for path in CATALOGS) == sorted(LANGUAGES[1:])


@pytest.mark.parametrize("path", CATALOGS, ids=[path.parts[-3] for path in CATALOGS])
def test_every_sentence_is_translated_with_the_same_blanks(path: Path) -> None:
    messages = [message for message in catalog(path) if message.id]
    assert {message.id if isinstance(message.id, str) else tuple(message.id) for message in messages} == said(), (
        "Run `make words` and translate what is new."
    )
    assert not [message.id for message in messages if message.fuzzy]
    for message in messages:
        for english, translated in pairs(message):
            assert translated.strip(), english
            assert set(blanks(translated)) <= {*blanks(message.id if isinstance(message.id, str) else message.id[1])}
        english, translated = pairs(message)[-1]  # the singular may do without its number
        assert blanks(translated) == blanks(english), english


@pytest.mark.parametrize("path", CATALOGS, ids=[path.parts[-3] for path in CATALOGS])
def test_what_is_compiled_is_what_the_catalog_says(path: Path) -> None:
    with path.with_suffix(".mo").open("rb") as file:
        compiled = read_mo(file)
    for message in catalog(path):
        if message.id:
            said = compiled[message.id].string
            forms = said if isinstance(said, str) else tuple(said or ())
            assert forms == message.string, "Any target of make compiles."


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("en", ("Sign in", "Password")),
        ("nl", ("Aanmelden", "Wachtwoord")),
        ("de", ("Anmelden", "Passwort")),
    ],
)
def test_a_stranger_signs_in_in_the_language_of_the_browser(
    client: FlaskClient, code: str, words: tuple[str, str]
) -> None:
    page = client.get("/login", headers={"Accept-Language": code}).text
    assert f'<html lang="{code}"' in page
    for word in words:
        assert word in page


@pytest.mark.parametrize("code", LANGUAGES[1:])
def test_no_page_is_half_in_english(app: Flask, code: str) -> None:
    owner = client_of(app, "owner")
    english = {"Add Filter", "Cancel", "Companies", "Delete", "Edit", "History", "Save", "Search", "Settings"}
    for path in ("/admin/orders/", "/admin/companies/", "/admin/companies/new/", "/admin/staff/", "/admin/audit-log/"):
        text = owner.get(path, headers={"Accept-Language": code}).text
        words = {word.strip() for word in re.findall(r">([^<>]+)<", text)}
        assert not words & english, path
