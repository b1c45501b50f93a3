"""Measuring in rounds: who is measured takes turns, and the order is turned round each time."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

TICKS = os.sysconf("SC_CLK_TCK")
MOST_REQUESTS = 40


@dataclass(frozen=True)
class Round:
    """The requests of one turn: the seconds of each, and per request the CPU seconds of server and database."""

    seconds: Sequence[float]
    cpu: float
    database_cpu: float

    @property
    def p50(self) -> float:
        return median(self.seconds)


@dataclass(frozen=True)
class Party:
    """Who takes a turn: `ask` makes one request and gives its seconds, `hang_up` lets the next one find another worker.

    Processes are named by the first of each tree.
    """

    ask: Callable[[], float]
    hang_up: Callable[[], None]
    process: int
    database_process: int | None = None


def in_rounds(parties: Mapping[str, Party], rounds: int, budget: float) -> dict[str, list[Round]]:
    """Measure each in every round for about `budget` seconds, once at least and MOST_REQUESTS times at most."""
    times = {name: max(1, min(MOST_REQUESTS, int(budget / warmed_up(party)))) for name, party in parties.items()}
    found: dict[str, list[Round]] = {name: [] for name in parties}
    order = list(parties)
    for _round in range(rounds):
        for name in order:
            found[name].append(one_round(parties[name], times[name]))
        order.reverse()
    return found


def warmed_up(party: Party) -> float:
    """Ask until each worker is likely to have answered once, unless that takes long; give the least seconds."""
    seconds = [party.ask()]
    while len(seconds) < 6 and sum(seconds) < 2:
        party.hang_up()
        seconds.append(party.ask())
    return min(seconds)


def one_round(party: Party, times: int) -> Round:
    """Ask so often, one after the other."""
    server, database = cpu(party.process), cpu(party.database_process)
    seconds = [party.ask() for _time in range(times)]
    return Round(seconds, (cpu(party.process) - server) / times, (cpu(party.database_process) - database) / times)


def summary(rounds: Sequence[Round]) -> dict[str, float]:
    """Give p50 and p95 of all requests, and the median CPU per request, in seconds."""
    seconds = [second for one in rounds for second in one.seconds]
    return {
        "p50": median(seconds),
        "p95": p95(seconds),
        "cpu": median(one.cpu for one in rounds),
        "database_cpu": median(one.database_cpu for one in rounds),
        "requests": len(seconds),
    }


def p95(seconds: Sequence[float]) -> float:
    """Give the seconds that nineteen of twenty requests stay below."""
    return quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]


def ratios(rounds: Sequence[Round], others: Sequence[Round]) -> dict[str, float]:
    """Give how many times longer than another each round took: the median, the least and the greatest."""
    of_rounds = [one.p50 / other.p50 for one, other in zip(rounds, others, strict=True)]
    mine, theirs = (sum(one.cpu + one.database_cpu for one in some) for some in (rounds, others))
    return {
        "median": median(of_rounds),
        "least": min(of_rounds),
        "greatest": max(of_rounds),
        "cpu": mine / theirs if theirs else 0.0,
    }


# ---- processes ----


def tree(process: int) -> list[int]:
    """Give the numbers of a process and of all that it started, without the product's job worker."""
    found = [process]
    for place in found:
        for task in _entries(Path(f"/proc/{place}/task")):
            children = map(int, _read(task / "children").split())
            found += [child for child in children if "keep_worker" not in _read(Path(f"/proc/{child}/cmdline"))]
    return found


def cpu(process: int | None) -> float:
    """Give the CPU seconds of a server so far, those of its ended children included."""
    total = 0
    for number in tree(process) if process else ():
        fields = _read(Path(f"/proc/{number}/stat")).rpartition(")")[2].split()
        total += sum(map(int, fields[11:15]))
    return total / TICKS


def memory(process: int) -> dict[str, int]:
    """Give the resident and the anonymous bytes of a server's processes together.

    They are what the kernel counts anyway: a look at the maps of a process would make it wait.
    """
    totals = {"VmRSS": 0, "RssAnon": 0}
    for number in tree(process):
        for line in _read(Path(f"/proc/{number}/status")).splitlines():
            name, _, size = line.partition(":")
            if name in totals:
                totals[name] += int(size.split()[0]) * 1024
    return {"rss": totals["VmRSS"], "anonymous": totals["RssAnon"]}


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:  # it has ended
        return ""
