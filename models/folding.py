"""One form of a text for searching and sorting, made in Python so that both databases compare equal bytes."""

import unicodedata

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d"})


def fold(text: str) -> str:
    """Drop case, accents and compatibility forms: `Łódź Straße` becomes `lodz strasse`."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return bare.casefold().translate(_LETTERS)


def fold_name(text: str) -> str:
    """Fold a name to a length that an index takes."""
    return fold(text)[:600]
