"""What was made before and is made of the same again."""

from collections.abc import Hashable
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Kept(Generic[Made]):
    """The newest of what was made, by all that it was made of; where there are `most`, the older half goes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: dict[Hashable, Made] = {}

    def get(self, key: Hashable) -> Made | None:
        """Give what was made of it, if it is still there."""
        return self._made.get(key)

    def keep(self, key: Hashable, made: Made) -> Made:
        """Keep what was made of it, and give it back."""
        if len(self._made) >= self._most:
            for oldest in list(self._made)[: self._most // 2]:
                self._made.pop(oldest, None)
        self._made[key] = made
        return made

    def clear(self) -> None:
        """Keep nothing."""
        self._made.clear()
