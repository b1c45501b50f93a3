"""How long work tells how far it is, without knowing where that is shown."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

Advance = Callable[[int], None]
"""Told how much more is done."""

Progress = Callable[[str, int], AbstractContextManager[Advance]]
"""Called with a label and the whole amount, at the beginning of a part of the work."""


@contextmanager
def silent(_label: str, _length: int) -> Iterator[Advance]:
    """Show nothing."""
    yield lambda _done: None
