"""No room left: the one failure of writing that whoever runs the server can mend."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from services.errors import Refused

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class NoRoom(Refused):
    """The store, or the place where a file is put together, is full."""

    def __init__(self) -> None:
        super().__init__("There is no room left for the file. Whoever runs the server has to make some first.")


@contextmanager
def room() -> Iterator[None]:
    """Write within this. Raises NoRoom instead of the system's own error."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise NoRoom from error
        raise
