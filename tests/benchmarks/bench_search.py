"""Search measured against fzf and rapidfuzz's WRatio: quality and time per keystroke, on the same list in one run.

    python tests/benchmarks/bench_search.py [--json] [--sizes 1000 10000 100000] [--keystrokes N]

Quality is the mean reciprocal rank over the relevance queries (first ten different names). A keystroke is one more
letter of such a query; ours includes all facets. fzf answers as a process that is given the whole list, as a shell
would run it. Times depend on the machine: the ratios are what to quote.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rapidfuzz import fuzz, process, utils

from pluginary_tui.model import Plugin
from pluginary_tui.search.index import Index

DATA = Path(__file__).parents[1] / "data" / "search"
FIRST = 10
Finder = Callable[[str], list[str]]


def catalogue(size: int | None = None) -> list[Plugin]:
    """The real catalogue, repeated with a number after each name until there are `size` plugins."""
    rows = [line.split("\t") for line in (DATA / "catalogue.tsv").read_text("utf-8").splitlines()]
    plugins = []
    for number in range(size or len(rows)):
        name, vendor, kind, category = rows[number % len(rows)]
        again = number // len(rows)
        plugins.append(
            Plugin(
                id=f"{kind.casefold()}/{number}",
                name=f"{name} {again + 1}" if again else name,
                vendor=vendor,
                format=kind.casefold(),
                categories=(category,) if category else (),
                kind="instrument" if category in ("Synth", "Sampler", "Drum", "Piano") else "effect",
                status="crashed" if number % 40 == 39 else "ok",
                tags=("mastering",) if number % 30 == 0 else (),
                parameter_count=number % 257,
                key=number,
            )
        )
    return plugins


def queries() -> list[tuple[str, set[str]]]:
    """Every relevance query with its right names, none where nothing should be found."""
    found = []
    for file in ("relevance.tsv", "relevance_generated.tsv"):
        for line in (DATA / file).read_text("utf-8").splitlines():
            query, right, _ = line.split("\t")
            found.append((query, set() if right == "-" else set(right.split(" | "))))
    return found


def ours(plugins: list[Plugin]) -> Finder:
    index = Index(plugins)
    index.warm()

    def find(query: str) -> list[str]:
        rows = index.search(query).rows[:40]
        index.facets(query)
        return [index.plugins[row].name for row in rows]

    return find


def wratio(plugins: list[Plugin]) -> Finder:
    lines = [utils.default_process(line) for line in lines_of(plugins)]

    def find(query: str) -> list[str]:
        found = process.extract(utils.default_process(query), lines, scorer=fuzz.WRatio, limit=40)
        return [plugins[number].name for _, _, number in found]

    return find


def fzf(plugins: list[Plugin]) -> Finder:
    text = "\n".join(lines_of(plugins)).encode()

    def find(query: str) -> list[str]:
        done = subprocess.run(["fzf", "--filter", query], input=text, stdout=subprocess.PIPE, check=False)
        return [line.split("\t")[0] for line in done.stdout.decode().split("\n")[:40]]

    return find


def lines_of(plugins: list[Plugin]) -> list[str]:
    return ["\t".join((p.name, p.vendor, *p.categories)) for p in plugins]


def quality(find: Finder) -> float:
    """MRR@10 over the queries that have an answer."""
    ranks = []
    for query, right in queries():
        if right:
            names = list(dict.fromkeys(find(query)))[:FIRST]
            ranks.append(next((1 / n for n, name in enumerate(names, 1) if name in right), 0.0))
    return statistics.fmean(ranks)


def keystrokes(count: int) -> list[str]:
    """Queries as they grow letter by letter, until there are so many; the same in every run."""
    chosen = [query for query, _ in queries()]
    random.Random(1).shuffle(chosen)
    typed = [query[:end] for query in chosen for end in range(1, len(query) + 1)]
    return typed[:count]


def timed(find: Finder, typed: list[str]) -> tuple[float, float]:
    """Median and 95th percentile in milliseconds."""
    taken = []
    for query in typed:
        started = time.perf_counter()
        find(query)
        taken.append((time.perf_counter() - started) * 1000)
    taken.sort()
    return statistics.median(taken), taken[int(len(taken) * 0.95)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--keystrokes", type=int, default=300)
    options = parser.parse_args()

    finders: dict[str, Callable[[list[Plugin]], Finder]] = {"pluginary": ours, "WRatio": wratio}
    if shutil.which("fzf"):
        finders["fzf"] = fzf
    else:
        print("fzf is not installed: left out", file=sys.stderr)
    real = catalogue()
    mrr = {name: round(quality(make(real)), 4) for name, make in finders.items()}
    typed = keystrokes(options.keystrokes)
    times = []
    for size in options.sizes:
        plugins = catalogue(size)
        started = time.perf_counter()
        Index(plugins)
        build = time.perf_counter() - started
        row: dict[str, float] = {"plugins": size, "build_s": round(build, 3)}
        for name, make in finders.items():
            # The others take long for each letter of a long list: a part of the letters says enough.
            p50, p95 = timed(make(plugins), typed if name == "pluginary" else typed[:: max(1, size // 2_000)])
            row |= {f"{name}_p50_ms": round(p50, 2), f"{name}_p95_ms": round(p95, 2)}
        times.append(row)

    if options.json:
        print(json.dumps({"mrr_at_10": mrr, "times": times}, indent=2))
        return
    print(f"{'':10} {'MRR@10':>8} " + " ".join(f"{size:>9,} p50   p95 ms" for size in options.sizes))
    for name in finders:
        cells = [f"{row[f'{name}_p50_ms']:13.2f} {row[f'{name}_p95_ms']:8.2f}" for row in times]
        print(f"{name:10} {mrr[name]:8.4f} " + " ".join(cells))
    for name in finders:
        if name != "pluginary":
            ratios = [f"{row[f'{name}_p50_ms'] / row['pluginary_p50_ms']:12.1f}x" for row in times]
            print(f"{name} takes" + " " * 10 + "         ".join(ratios))
    print("index built in " + ", ".join(f"{row['build_s']:.2f} s ({row['plugins']:,})" for row in times))


if __name__ == "__main__":
    main()
