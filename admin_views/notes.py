"""Notes of a history: what a program wrote there, in the person's language; what a person wrote, as it stands."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from flask_babel import LazyString, lazy_gettext

from admin_views.notation import language

NOTES: Mapping[str, LazyString | str] = {
    r"on the command line": lazy_gettext("on the command line"),
    r"by a link": lazy_gettext("by a link"),
    r"refused": lazy_gettext("refused"),
    r"refused: (?P<note>.+)": lazy_gettext("refused: %(note)s"),
    r"to delete (?P<code>[A-Z0-9_-]+)": lazy_gettext("to delete %(code)s"),
    r"batch (?P<number>[0-9]+)": lazy_gettext("batch %(number)s"),
    r"undone: batch (?P<number>[0-9]+)": lazy_gettext("undone: batch %(number)s"),
    r"(?P<note>.+) \((?P<batch>(undone: )?batch [0-9]+)\)": "%(note)s (%(batch)s)",
}
"""How the notes of programs are stored, and what is said for them; a note may have another one in it."""


def note_writer() -> Callable[[str], str]:
    """Give what writes a note in the language of this request, also after it."""
    return _writer(language())


@lru_cache
def _writer(_language: str) -> Callable[[str], str]:
    known = [(re.compile(pattern), str(sentence)) for pattern, sentence in NOTES.items()]

    def write(note: str) -> str:
        for pattern, sentence in known:
            if found := pattern.fullmatch(note):
                return sentence % {name: write(text) for name, text in found.groupdict().items()}
        return note

    return write
