"""Writes benchmarks/RESULTS.md from what a run found."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmarks.workloads import PEERS, Who, after_write

MEANT = 1_000_000
"""Orders at which the goals hold."""


class Goal(NamedTuple):
    """How many times the floor a page may take, and how many times faster than the fastest peer it is, by engine."""

    floor: float
    peer: Mapping[str, float] = {}


GOALS = {
    "a first page": Goal(2.5, {"sqlite": 5, "postgresql": 5}),
    "b status set of 3": Goal(2.5, {"sqlite": 3.5, "postgresql": 3.5}),
    **{f"e search {name}": Goal(3, {"sqlite": 70, "postgresql": 20}) for name in ("rare", "medium", "broad", "none")},
    **{f"e23 search {name}": Goal(10) for name in ("rare", "medium", "broad", "none", "article")},
    "f page": Goal(6),
}
MOST_STATEMENTS = 6
MOST_GROWTH = 1.25
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


EXPLAINED = (
    "The floor is the same rows by plain SQL in the simplest page; it signs nobody in, and neither do the peers. The "
    "product is measured signed in, with all of its page. Nothing is compressed. The same address is asked for again "
    "and again. The product gives a list as it gave it before as long as nothing is written to the database, so its "
    "lists are measured in two ways: with nothing written meanwhile, and each time after a write, when it reads all of "
    "the page anew (the person, settings, views, tabs with their numbers, rows, and how many match) and puts it into "
    "what it drew around it the time before; whoever opens a list for the first time waits for that to be drawn, too. "
    "A goal that is met in the first way only says so. Of a ratio to the floor less is better; a ratio to a peer says "
    "how many times longer the "
    "peer takes. Tab counts are no page of the product's: its shortest list stands for them."
)


def write(results: Path) -> None:
    """Write RESULTS.md from the JSON that a run wrote."""
    page = _page(json.loads(results.read_text(encoding="utf-8")))
    (Path(__file__).parent / "RESULTS.md").write_text(page, encoding="utf-8")


def _page(results: Mapping[str, Any]) -> str:
    databases = results["databases"]
    parts = [
        "# What was measured",
        EXPLAINED,
        *(_not_meant(databases)),
        *(part for database in databases for part in _database(database, results["growth"][database["engine"]])),
    ]
    return "\n\n".join(parts) + "\n"


def _circumstances(about: Mapping[str, Any]) -> str:
    packages = ", ".join(f"{name} {number}" for name, number in about["packages"].items())
    return (
        f"On {about['date']}, at commit {about['commit']}: {about['cores']} cores, {about['memory_gib']} GiB, "
        f"Python {about['python']}, SQLite {about['sqlite']}, {packages}. Each took {about['rounds']} turns, the order "
        "turned round each time; ratios are those of one turn, so what else the machine did matters less to them. Its "
        f"load was {about['load']} before: above the number of cores, whoever takes longer also waits longer, and the "
        "CPU tells more than the clock."
    )


def line(page: Mapping[str, Any]) -> str:
    """Give a page's figures in a line, for whoever waits."""
    product = page["measured"][Who.PRODUCT.value]
    floor, after = (page[ratios][Who.FLOOR.value]["median"] for ratios in ("ratios", "ratios_after_write"))
    return f"{page['key']} {page['name']}: {_ms(product['p50'])} ms, {floor:.1f} x floor, after a write {after:.1f} x"


def _not_meant(databases: Sequence[Mapping[str, Any]]) -> list[str]:
    largest = max(database["orders"] for database in databases)
    if largest >= MEANT:
        return []
    return [
        f"**A small run, of {largest:,} orders at most.** The goals are meant for {MEANT:,}; what grows shows there."
    ]


def _database(found: Mapping[str, Any], growth: Sequence[Mapping[str, Any]]) -> list[str]:
    unit = "Steps of SQLite's virtual machine" if found["engine"] == "sqlite" else "Rows read by PostgreSQL's plans"
    return [
        f"## {ENGINES[found['engine']]}, {found['orders']:,} orders",
        _circumstances(found["about"]),
        "### Pages, with the processes of `make run`",
        _pages(found),
        "### What a page costs, with one worker",
        _one_worker(found),
        "### Files",
        _files(found),
        "### Batches with history",
        _batches(found),
        "### The editor of a new order",
        _editing(found),
        "### What is kept for the list, and what it costs whoever writes",
        _upkeep(found),
        f"### {unit}",
        _steps(found, growth),
        "### Memory of the web processes after all pages",
        _table(
            ["", "resident, MB", "anonymous, MB"],
            [[who, _mb(sizes["rss"]), _mb(sizes["anonymous"])] for who, sizes in found["memory"].items()],
        ),
    ]


def _pages(found: Mapping[str, Any]) -> str:
    columns = [Who.PRODUCT.value, after_write(Who.PRODUCT), *(who.value for who in Who if who is not Who.PRODUCT)]
    rows = []
    for page in found["pages"]:
        measured, name = page["measured"], f"{page['key']} {page['name']}"
        in_two_ways = [page["ratios"], page["ratios_after_write"]]
        peer = _fastest_peer(page["ratios"])
        rows.append(
            [
                name,
                *(_times(measured[column]) if column in measured else "–" for column in columns),
                *(_ratio(ratios[Who.FLOOR.value]) for ratios in in_two_ways),
                *(_inverse(ratios[peer]) if peer else "–" for ratios in in_two_ways),
                peer or "–",
                str(found["statements"][name]),
                f"{page['bytes'][Who.PRODUCT.value] / 1024:.0f} / {page['bytes'][Who.FLOOR.value] / 1024:.0f}",
                _verdict(name, found["engine"], in_two_ways, peer),
            ]
        )
    heads = ["page", *(f"{column}, ms p50 / p95" for column in columns), "times the floor", "after a write"]
    peers = ["faster than the fastest peer", "after a write", "which is"]
    return _table([*heads, *peers, "statements", "KB, product / floor", "goals"], rows)


def _times(summary: Mapping[str, float]) -> str:
    return f"{_ms(summary['p50'])} / {_ms(summary['p95'])}"


def _fastest_peer(ratios: Mapping[str, Mapping[str, float]]) -> str | None:
    peers = {who.value: ratios[who.value]["median"] for who in PEERS if who.value in ratios}
    return max(peers, key=lambda who: peers[who]) if peers else None


def _verdict(name: str, engine: str, in_two_ways: Sequence[Mapping[str, Mapping[str, float]]], peer: str | None) -> str:
    goal = GOALS.get(name.rstrip("0123456789, ") if name.startswith("f ") else name)
    if goal is None:
        return ""
    to_floor = [ratios[Who.FLOOR.value]["median"] <= goal.floor for ratios in in_two_ways]
    said = [f"≤ {goal.floor:g} × floor: {_met_in(to_floor)}"]
    if (wanted := goal.peer.get(engine)) and peer:
        to_peer = [1 / ratios[peer]["median"] >= wanted for ratios in in_two_ways]
        said.append(f"≥ {wanted:g} × faster: {_met_in(to_peer)}")
    return ", ".join(said)


def _met_in(ways: Sequence[bool]) -> str:
    """Say whether a goal is met with nothing written, and after a write."""
    unwritten, written = ways
    return "met" if unwritten and written else "met, but **not after a write**" if unwritten else "**missed**"


def _one_worker(found: Mapping[str, Any]) -> str:
    rows = []
    for page in found["one_worker"]:
        in_two_ways = [page[ratios][Who.FLOOR.value] for ratios in ("ratios", "ratios_after_write")]
        columns = (Who.PRODUCT.value, after_write(Who.PRODUCT), Who.FLOOR.value)
        rows.append(
            [
                f"{page['key']} {page['name']}",
                *(f"{_ms(cpu['cpu'])} + {_ms(cpu['database_cpu'])}" for cpu in map(page["measured"].get, columns)),
                *(f"{ratio['cpu']:.2f}" for ratio in in_two_ways),
                *(_ratio(ratio) for ratio in in_two_ways),
            ]
        )
    whose = ("product", "product, after a write", "floor")
    heads = ["page", *(f"{who}: CPU, ms, + database server's" for who in whose), "times the floor", "after a write"]
    return _table([*heads, "times the floor, by the clock", "after a write"], rows)


def _files(found: Mapping[str, Any]) -> str:
    rows = [
        [
            name,
            who,
            f"{median(run['rows_per_second'] for run in runs):,.0f}",
            _ms(median(run["first_byte"] for run in runs)),
            _mb(max(run["growth"] for run in runs)),
            _mb(median(run["bytes"] for run in runs)),
            f"{_ms(median(r['others_alone'] for r in runs))} → {_ms(median(r['others_meanwhile'] for r in runs))}",
        ]
        for name, of_file in found["exports"].items()
        for who, runs in of_file.items()
    ]
    heads = ["file", "", "rows/s", "first byte, ms", "memory growth, MB", "size, MB"]
    return _table([*heads, "others' p95, ms, alone → meanwhile"], rows)


def _batches(found: Mapping[str, Any]) -> str:
    rows = []
    for name, seconds in found["batches"].items():
        product, floor = (median(seconds[who.value]) for who in (Who.PRODUCT, Who.FLOOR))
        rows.append([name, f"{seconds['orders'][0]:,.0f}", f"{product:.2f}", f"{floor:.2f}", f"{product / floor:.1f}"])
    return _table(["batch", "orders", "product, s", "floor, s", "times the floor"], rows)


def _editing(found: Mapping[str, Any]) -> str:
    rows = []
    for deed, seconds in found["editing"].items():
        few, many = (median(seconds[lines]) for lines in seconds)
        rows.append([deed, _ms(few), _ms(many), f"{many / few:.1f}"])
    few, many = next(iter(found["editing"].values()))
    return _table(["deed", f"{few} lines, ms", f"{int(many):,} lines, ms", "times"], rows)


def _upkeep(found: Mapping[str, Any]) -> str:
    rows = []
    for name, seconds in found["upkeep"].items():
        kept, plain = median(seconds["with"]), median(seconds["without"])
        rows.append([name, _ms(kept), _ms(plain), f"{kept / plain:.1f}"])
    return _table(["deed, in plain SQL", "with counts and search index, ms", "without, ms", "times"], rows)


def _steps(found: Mapping[str, Any], growth: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for name, count in found["steps"].items():
        grown = [each["times"][name.rstrip("0123456789 ")] for each in growth]
        rows.append([name, f"{count:,}", *(f"{times:.2f} ({_met(is_met=times <= MOST_GROWTH)})" for times in grown)])
    heads = [f"times from {each['from']:,} to {each['to']:,}, at most {MOST_GROWTH:g}" for each in growth]
    return _table(["query", "count", *heads], rows)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _ratio(ratio: Mapping[str, float]) -> str:
    return f"**{ratio['median']:.1f}** ({ratio['least']:.1f}–{ratio['greatest']:.1f})"


def _inverse(ratio: Mapping[str, float]) -> str:
    return f"**{1 / ratio['median']:.1f}** ({1 / ratio['greatest']:.1f}–{1 / ratio['least']:.1f})"


def _met(*, is_met: bool) -> str:
    return "met" if is_met else "**missed**"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f}" if seconds < 1 else f"{seconds * 1000:,.0f}"


def _mb(size: float) -> str:
    return f"{size / 1e6:.1f}"
