"""Forms as a browser sends them: with everything that stands in them, but for what a person changes."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

Value = str | list[str] | Any


class Form(HTMLParser):
    """The form of a record on a page, read. `values` is what the browser would send."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.values: dict[str, list[Any]] = {}
        self._inside = False
        self._in_template = 0
        self._select: tuple[str, bool, list[str], list[str]] | None = None
        self._text: tuple[str, list[str]] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = "record-form" in given.get("class", "")
        elif tag == "template":
            self._in_template += 1
        elif self._inside and not self._in_template:
            self._take(tag, given)

    def _take(self, tag: str, given: dict[str, str]) -> None:
        name = given.get("name", "")
        if tag == "input" and name and given.get("type") != "file":
            is_box = given.get("type") in ("checkbox", "radio")
            if not is_box or "checked" in given:
                self.values.setdefault(name, []).append(given.get("value", "on" if is_box else ""))
        elif tag == "select":
            self._select = (name, "multiple" in given, [], [])
        elif tag == "option" and self._select:
            self._select[2].append(given["value"])
            if "selected" in given:
                self._select[3].append(given["value"])
        elif tag == "textarea":
            self._text = (name, [])

    def handle_data(self, data: str) -> None:
        if self._text:
            self._text[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "template":
            self._in_template -= 1
        elif tag == "select" and self._select:
            name, is_multiple, offered, selected = self._select
            self.values[name] = selected or ([] if is_multiple else offered[:1])
            self._select = None
        elif tag == "textarea" and self._text:
            self.values[self._text[0]] = ["".join(self._text[1]).removeprefix("\r\n").removeprefix("\n")]
            self._text = None


def written(text: str) -> dict[str, str]:
    """Give what a page says that was typed, by what the fields are called."""
    found = re.findall(r'for="written-\d+">([^<]+)</label><textarea [^>]* readonly>\n([^<]*)</textarea>', text)
    return {unescape(label): unescape(typed) for label, typed in found}


def opened(client: FlaskClient, path: str) -> dict[str, list[Any]]:
    """Open a page and give what its form would send."""
    answer = client.get(path)
    assert answer.status_code == 200, f"{path} answers {answer.status_code}"
    return Form(answer.text).values


def send(client: FlaskClient, path: str, form: dict[str, list[Any]] | None = None, **changes: Value) -> TestResponse:
    """Send the form of a page with these fields changed; None takes one away."""
    values: dict[str, Any] = dict(opened(client, path) if form is None else form)
    for name, value in changes.items():
        field = name.replace("__", "-")
        if value is None:
            values.pop(field, None)
        else:
            values[field] = FileStorage(value[0], value[1], field) if isinstance(value, tuple) else value
    boundary, body = encode_multipart(values)
    return client.post(path, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def saved(client: FlaskClient, path: str, **changes: Value) -> int:
    """Send a form that must be kept; give the id of the row."""
    answer = send(client, path, None, **changes)
    assert answer.status_code == 302, _errors(answer.text)
    return int(answer.location.partition("id=")[2].partition("&")[0])


def errors(answer: TestResponse) -> dict[str, str]:
    """Give the sentence beside each field of a form that was not kept."""
    assert answer.status_code in (200, 409), answer.status_code
    return _errors(answer.text)


def _errors(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in text.split('<p class="err" id="')[1:]:
        field, _, rest = part.partition('-error">')
        found[field] = rest.partition("<span>")[2].partition("</span>")[0]
    return found
