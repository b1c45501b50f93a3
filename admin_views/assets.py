"""Addresses of static files that change with their content, so that browsers may keep them for a year."""

import hashlib
from functools import cache
from pathlib import Path

from markupsafe import Markup

STATIC = Path(__file__).parent.parent / "static"


@cache
def asset(path: str) -> str:
    """Give the address of a file under `static/`. Raises FileNotFoundError for one that is not there."""
    content = hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:10]
    return f"/static/{path}?v={content}"


@cache
def icon(name: str, css: str = "") -> Markup:
    """Give an icon of `static/icons.svg`, which says nothing by itself: a word stands beside it."""
    drawn = Markup('<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>')
    return drawn.format(f"icon {css}".rstrip(), asset("icons.svg"), name)


@cache
def styles(*names: str) -> Markup:
    """Give the links to style sheets of `static/css/`."""
    link = Markup('<link rel="stylesheet" href="{}">')
    return Markup("\n").join(link.format(asset(f"css/{name}.css")) for name in names)


@cache
def scripts(*names: str) -> Markup:
    """Give the links to modules of `static/js/`."""
    link = Markup('<script type="module" src="{}"></script>')
    return Markup("\n").join(link.format(asset(f"js/{name}.js")) for name in names)
