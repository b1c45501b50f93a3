"""Sentences in the language of a request: a page has a hundred and more, so its catalogue is found once."""

from functools import lru_cache
from typing import Any

from babel.support import NullTranslations
from flask import Flask, g, has_app_context
from flask_babel import Babel, Domain, refresh
from markupsafe import Markup


class KeptDomain(Domain):
    """The sentences of the product, in the catalogue that is kept for a request."""

    def get_translations(self) -> NullTranslations:
        try:
            catalogue: NullTranslations = g.catalogue
        except (AttributeError, RuntimeError):
            catalogue = super().get_translations()
            if has_app_context():
                g.catalogue = catalogue
        return catalogue


_domain = KeptDomain()


def init_sentences(app: Flask, babel: Babel) -> None:
    """Let the pages and templates of `app` find their sentences."""
    babel.domain_instance = _domain
    app.jinja_env.globals["_"] = sentence


def speak_anew() -> None:
    """Let the rest of a request speak another language than it may have begun with."""
    refresh()
    g.pop("catalogue", None)


def sentence(message: str, /, **values: Any) -> Markup:
    """Give a template's sentence in the language of the request, its values escaped."""
    said = _said(_domain.get_translations(), message)
    return said % values if values else said


@lru_cache(4_096)
def _said(catalogue: NullTranslations, message: str) -> Markup:
    return Markup(catalogue.ugettext(message))  # nosec B704: the sentences are our own
