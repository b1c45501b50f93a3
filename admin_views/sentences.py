"""Sentences of templates in the language of a request: a page has a hundred, so its catalogue is found once."""

from functools import lru_cache
from typing import Any

from babel.support import NullTranslations
from flask import g, has_app_context
from flask_babel import get_translations
from markupsafe import Markup


def sentence(message: str, /, **values: Any) -> Markup:
    """Give a sentence in the language of the request, its values escaped."""
    said = _said(_catalogue(), message)
    return said % values if values else said


def _catalogue() -> NullTranslations:
    if not has_app_context():
        return get_translations()
    if "catalogue" not in g:
        g.catalogue = get_translations()
    catalogue: NullTranslations = g.catalogue
    return catalogue


@lru_cache(4_096)
def _said(catalogue: NullTranslations, message: str) -> Markup:
    return Markup(catalogue.ugettext(message))  # nosec B704: the sentences are our own
