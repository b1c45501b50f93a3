"""Which workers of this host have died: each keeps a file of its own locked for as long as it lives.

The kernel unlocks it with the process, however that ends. So a worker that is only slow counts as living, and no number
of a process can be taken for another one's. Of workers of other hosts nothing is known here.
"""

import fcntl
import logging
import platform
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Presence:
    """A living worker: its name, different for each process, and the folder it shares with the others of its host."""

    name: str
    folder: Path

    def dead(self) -> Iterator[str]:
        """Give the names of workers that have died; one is forgotten when the caller is through with it."""
        for path in self.folder.glob(f"{platform.node()}.*"):
            with suppress(OSError), path.open() as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield path.name
                path.unlink()


@contextmanager
def present(folder: Path) -> Iterator[Presence]:
    """Be a living worker. Where no file can be locked, nobody learns when it dies."""
    name = f"{platform.node()}.{secrets.token_hex(8)}"
    path, new = folder / name, folder / f".{name}"
    with ExitStack() as held:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            fcntl.flock(held.enter_context(new.open("w")), fcntl.LOCK_EX)
            new.rename(path)  # locked before anybody sees it
            held.callback(path.unlink, missing_ok=True)
        except OSError as error:
            log.warning("Should this worker be killed, its job waits until the lease is over (%s).", error)
            name = ""
        yield Presence(name, folder)
