"""Writes benchmarks/RESULTS.md from what a run found."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmarks.workloads import PEERS, Who

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
    **{f"e23 search {name}": Goal(10) for name in ("rare", "medium", "broad", "none")},
    "f page": Goal(6),
}
MOST_STATEMENTS = 6
MOST_GROWTH = 1.25
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


EXPLAINED = (
    "The floor is the same rows by plain SQL in the simplest page; it signs nobody in, and neither do the peers. The "
    "product is measured signed in, with all of its page. Nothing is compressed. Each asks for the same address again "
    "and again, so the product finds what it keeps of it: statements, rows, parts of the page. Of a ratio to the floor "
    "less is better; a ratio to a peer says how many times longer the peer takes. Tab counts are no page of the "
    "product's: its shortest list stands for them."
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
    floor = page["ratios"][Who.FLOOR.value]["median"]
    return f"{page['key']} {page['name']}: {_ms(product['p50'])} ms, {floor:.1f} x floor"


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
    rows = []
    for page in found["pages"]:
        measured, ratios = page["measured"], page["ratios"]
        peers = {who: ratios[who.value] for who in PEERS if who.value in ratios}
        fastest = max(peers, key=lambda who: peers[who]["median"]) if peers else None
        name = f"{page['key']} {page['name']}"
        rows.append(
            [
                name,
                *(
                    f"{_ms(measured[who.value]['p50'])} / {_ms(measured[who.value]['p95'])}"
                    if who.value in measured
                    else "–"
                    for who in Who
                ),
                _ratio(ratios[Who.FLOOR.value]),
                f"{_inverse(peers[fastest])} ({fastest})" if fastest else "–",
                str(found["statements"][name]),
                f"{page['bytes'][Who.PRODUCT.value] / 1024:.0f} / {page['bytes'][Who.FLOOR.value] / 1024:.0f}",
                _verdict(name, found["engine"], ratios, peers[fastest] if fastest else None),
            ]
        )
    heads = ["page", *(f"{who}, ms p50 / p95" for who in Who), "times the floor", "faster than the fastest peer"]
    return _table([*heads, "statements", "KB, product / floor", "goals"], rows)


def _verdict(
    name: str, engine: str, ratios: Mapping[str, Mapping[str, float]], peer: Mapping[str, float] | None
) -> str:
    goal = GOALS.get(name.rstrip("0123456789, ") if name.startswith("f ") else name)
    if goal is None:
        return ""
    said = [f"≤ {goal.floor:g} × floor: {_met(is_met=ratios[Who.FLOOR.value]['median'] <= goal.floor)}"]
    if wanted := goal.peer.get(engine):
        said.append(f"≥ {wanted:g} × faster: {_met(is_met=peer is not None and 1 / peer['median'] >= wanted)}")
    return ", ".join(said)


def _one_worker(found: Mapping[str, Any]) -> str:
    rows = []
    for page in found["one_worker"]:
        product, floor = (page["measured"][who.value] for who in (Who.PRODUCT, Who.FLOOR))
        rows.append(
            [
                f"{page['key']} {page['name']}",
                f"{_ms(product['cpu'])} + {_ms(product['database_cpu'])}",
                f"{_ms(floor['cpu'])} + {_ms(floor['database_cpu'])}",
                f"{page['ratios'][Who.FLOOR.value]['cpu']:.2f}",
                _ratio(page["ratios"][Who.FLOOR.value]),
            ]
        )
    heads = ["page", "product: CPU, ms, + database server's", "floor: CPU, ms, + database server's", "times the floor"]
    return _table([*heads, "times the floor, by the clock"], rows)


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
