"""Where written files lie until they are fetched: a folder, or whatever else fsspec reaches by its address."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from fsspec import AbstractFileSystem
from fsspec.core import url_to_fs

PART = ".part"
TRIED = ".readyz"
"""The name of the empty file that says whether the store can be written and read."""

log = logging.getLogger(__name__)


class Store:
    """The store of this process, named when the application is made."""

    def __init__(self) -> None:
        self._url = ""

    def connect(self, url: str) -> None:
        """Name the store; it is reached when it is first used."""
        self._url = url

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        """Take the bytes of a file, which is there afterwards, whole; after an error nothing is."""
        files, path = self._at(name)
        part = f"{path}{PART}"
        try:
            files.makedirs(files._parent(path), exist_ok=True)  # noqa: SLF001  the only name fsspec has for it
            with files.open(part, "wb") as written:
                yield written
            files.mv(part, path)
        except BaseException:
            with suppress(OSError):
                files.rm_file(part)
            raise

    def open(self, name: str) -> BinaryIO:
        """Open a file. Raises FileNotFoundError."""
        files, path = self._at(name)
        opened: BinaryIO = files.open(path, "rb")
        return opened

    def size(self, name: str) -> int:
        """Give the size of a file in bytes. Raises FileNotFoundError."""
        files, path = self._at(name)
        return int(files.size(path))

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        files, path = self._at(name)
        with suppress(FileNotFoundError):
            files.rm_file(path)

    def is_usable(self) -> bool:
        """Say whether the store can be written and read, whatever reaches it."""
        try:
            files, root = self._at("")
            files.makedirs(root, exist_ok=True)
            files.pipe_file(f"{root}/{TRIED}", b"")
            files.cat_file(f"{root}/{TRIED}")
        except Exception as error:  # noqa: BLE001  each kind of store has errors of its own
            log.warning("The file store cannot be used: %s", error)
            return False
        return True

    def names(self, folder: str = "") -> list[str]:
        """Give the names of the files in a folder of the store, those that were never finished too."""
        files, path = self._at(folder)
        if not files.isdir(path):
            return []
        found = files.ls(path, detail=True)
        return [entry["name"].rpartition("/")[2] for entry in found if entry["type"] == "file"]

    def every_name(self) -> list[str]:
        """Give the names of all files that were finished, in whatever folder of the store."""
        files, root = self._at("")
        found = (path.removeprefix(f"{root}/") for path in files.find(root))
        return sorted(name for name in found if name != TRIED and not name.endswith(PART))

    def _at(self, name: str) -> tuple[AbstractFileSystem, str]:
        files, root = url_to_fs(self._url)
        return files, f"{root.rstrip('/')}/{name}".rstrip("/")


store = Store()
