"""Reading the order list as a person does: its rows, words and links, from the page and from the file."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask.testing import FlaskClient

LIST, FILE = "/admin/orders/", "/admin/orders/export/csv"


@dataclass
class Element:
    """An element of a page with its text, spaces collapsed."""

    tag: str
    attributes: dict[str, str]
    inside: list[str]
    words: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


class Page(HTMLParser):
    """A page, read."""

    EMPTY = frozenset({"meta", "link", "input", "img", "br", "hr", "use", "path"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        inside = [name for opened in self._open for name in (opened.tag, *opened.attributes.get("class", "").split())]
        element = Element(tag, attributes, inside)
        self.elements.append(element)
        if tag not in self.EMPTY:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        for opened in self._open:
            opened.words.append(data)

    def find(self, tag: str, inside: str = "", **attributes: str) -> Iterator[Element]:
        """Give the elements of this tag that stand inside a tag or class and have these attributes."""
        for element in self.elements:
            has = all(element.attributes.get(name) == value for name, value in attributes.items())
            if element.tag == tag and has and (not inside or inside in element.inside):
                yield element

    @property
    def text(self) -> str:
        """All words of the page, spaces collapsed."""
        return next(self.find("html")).text

    @property
    def numbers(self) -> list[int]:
        """The order numbers of the rows."""
        rows = (element.attributes.get("data-href") for element in self.find("tr", "tbody"))
        return [int(href.split("/")[-2]) for href in rows if href]

    @property
    def cells(self) -> list[list[str]]:
        """The texts of the rows, without the boxes to tick."""
        rows: list[list[str]] = []
        for element in self.elements:
            if element.tag == "tr" and "data-href" in element.attributes:
                rows.append([])
            elif element.tag == "td" and rows and element.attributes.get("class") != "c-tick":
                rows[-1].append(element.text)
        return rows

    @property
    def headings(self) -> list[str]:
        """The column headings without their descriptions."""
        words = self.find("span", "thead")
        return [word.text for word in words if word.attributes.get("class") != "visually-hidden"]

    @property
    def tabs(self) -> dict[str, tuple[int, str]]:
        """The tabs in their order: count and address by name."""
        found = {}
        for link in self.find("a", "stabs"):
            if "setcard" not in link.inside:
                name, count = link.text.rsplit(" ", 1)
                found[name] = (int(count.replace(",", "")), link.attributes["href"])
        return found

    @property
    def faults(self) -> str:
        """What the page says about an address that it cannot understand."""
        told = [element.text for element in self.find("div", "list-state", role="alert")]
        return told[0] if told else ""

    def link(self, text: str, inside: str = "") -> str:
        """Give the address of the first link with this text or label."""
        for link in self.find("a", inside):
            if text in (link.text, link.attributes.get("aria-label")):
                return link.attributes["href"]
        raise AssertionError(f"no link “{text}”")


def address(path: str = LIST, **values: Any) -> str:
    """Give an address with these values."""
    return f"{path}?{urlencode(values)}"


def state(href: str) -> dict[str, str]:
    """Give what an address says."""
    return dict(parse_qsl(urlsplit(href).query, keep_blank_values=True))


def page(client: FlaskClient, **values: Any) -> Page:
    """Open the list."""
    return followed(client, address(**values))


def followed(client: FlaskClient, href: str) -> Page:
    """Follow a link to the list."""
    answer = client.get(href)
    assert answer.status_code == 200, f"{href} answers {answer.status_code}"
    return Page(answer.text)


def numbers(client: FlaskClient, **values: Any) -> list[int]:
    """Give the order numbers that the list shows."""
    return page(client, **values).numbers


def file(client: FlaskClient, **values: Any) -> list[list[str]]:
    """Download the file and read it, headings first."""
    answer = client.get(address(FILE, **values))
    assert answer.status_code == 200, answer.text
    return table(answer.data)


def table(content: bytes) -> list[list[str]]:
    """Read a CSV file as a spreadsheet does."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def file_numbers(client: FlaskClient, **values: Any) -> list[int]:
    """Give the order numbers of the file."""
    return [int(row[0]) for row in file(client, **values)[1:]]
