"""Which workers of this host have died, told by locks on real files."""

import fcntl
import logging
import platform
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.presence import Presence, present


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Presence]:
    """A living worker."""
    with present(tmp_path / "workers") as presence:
        yield presence


def test_a_living_worker_is_not_dead_and_one_that_ended_leaves_nothing(here: Presence) -> None:
    with present(here.folder) as other:
        assert other.name != here.name
        assert [*here.dead(), *other.dead()] == []
    assert [*here.dead()] == []
    assert [path.name for path in here.folder.iterdir()] == [here.name]


def test_a_dead_worker_is_told_until_somebody_is_through_with_it(here: Presence) -> None:
    name = f"{platform.node()}.killed"
    (here.folder / name).touch()
    for told in here.dead():
        assert told == name
        break
    assert [*here.dead()] == [name]
    assert [*here.dead()] == []


def test_nothing_is_said_of_workers_of_other_hosts(here: Presence) -> None:
    (here.folder / f"not-{platform.node()}.killed").touch()
    (here.folder / f".{platform.node()}.new").touch()
    assert [*here.dead()] == []


def test_a_worker_that_another_one_looks_after_is_left_to_that(here: Presence) -> None:
    path = here.folder / f"{platform.node()}.killed"
    with path.open("w") as looking:
        fcntl.flock(looking, fcntl.LOCK_EX)
        assert [*here.dead()] == []
    assert [*here.dead()] == [path.name]


def test_a_worker_without_a_file_of_its_own_has_no_name(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "workers").touch()
    with caplog.at_level(logging.WARNING), present(tmp_path / "workers") as presence:
        assert (presence.name, [*presence.dead()]) == ("", [])
    assert "waits until the lease is over" in caplog.text
