"""Sentences in a language that somebody other than the person of a request reads: what is printed, what is sent."""

from functools import lru_cache
from pathlib import Path

from babel.support import NullTranslations, Translations

CATALOGS = Path(__file__).parents[1] / "translations"


@lru_cache
def sentences_of(language: str) -> NullTranslations:
    """Give the catalogue of a language; one without a catalogue leaves the sentences as they are, in English."""
    return Translations.load(CATALOGS, [language])
