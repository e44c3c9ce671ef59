"""The benchmarks' command line: what is to be held, one table, JSON, and the regression guard."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.benchmarks import guard, rows_app, rows_files, rows_machine, rows_reading, rows_scan, rows_search
from tests.benchmarks.contest import Contest, Row, hold
from tests.benchmarks.workspace import Place

ABOUT = "A ratio is ours over theirs, measured in turns in this one run: less is better. "
AGAIN = 2
"""How often --check measures anew what is worse: a neighbour's burst passes, a regression stays."""
LONG, SHORT = "Times are medians, by the clock.", "Times are minima, of the processor."


def contests(*, short: bool) -> list[Contest]:
    """The contests of the long form, or those of the short one."""
    every = [
        *rows_scan.contests(),
        *rows_machine.contests(),
        *rows_search.contests(),
        *rows_app.contests(),
        *rows_files.contests(),
        *rows_reading.contests(),
    ]
    return [contest for contest in every if contest.guard == short]


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="the short form: small, for the regression guard")
    parser.add_argument(
        "--check", action="store_true", help="fail where a ratio is worse than the recorded one by half"
    )
    parser.add_argument("--record", action="store_true", help="record these ratios for --check")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="contests whose names begin so, of either form")
    parser.add_argument("--rounds", type=int, help="rounds of each contest")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was measured there, too")
    parser.add_argument("--list", action="store_true", help="print the contests' names and end")
    chosen = parser.parse_args(words)
    picked = contests(short=chosen.short)
    if chosen.only:
        every = [*contests(short=False), *contests(short=True)]
        picked = [contest for contest in every if contest.name.startswith(tuple(chosen.only))]
    if chosen.list or not picked:
        print("\n".join(f"{contest.name:14} {contest.title}" for contest in picked) or "nothing to measure")
        return int(not picked)
    rows = measured(picked, chosen.rounds, short=chosen.short)
    print(f"\n{machine()}\n{ABOUT}{SHORT if chosen.short else LONG}\n")
    print("\n".join(table(rows)))
    if chosen.json:
        chosen.json.write_text(json.dumps(document(rows), indent=2) + "\n")
    if chosen.record:
        guard.record(rows)
    if chosen.check:
        worse = guard.worse(rows)
        for _ in range(AGAIN):
            if worse:
                print("\n" + "\n".join([*worse, "Once more, whether that holds:"]), flush=True)
                names = {row.contest for row in rows if guard.worse([row])}
                rows = measured(
                    [contest for contest in picked if contest.name in names], chosen.rounds, short=chosen.short
                )
                worse = guard.worse(rows)
        print("\n" + "\n".join(worse or [f"No ratio is worse than {guard.PATH.name} says."]))
        return int(bool(worse))
    return 0


def measured(picked: Sequence[Contest], rounds: int | None, *, short: bool) -> list[Row]:
    """The long form: medians of times by the clock. The short one: minima of processor times, whatever else runs."""
    rows = []
    with Place(processor=short) as place:
        for contest in picked:
            print(f"{contest.name}: {contest.title}", file=sys.stderr, flush=True)
            rows += hold(contest, place, rounds, minima=short)
    return rows


def machine() -> str:
    """Date and size of the machine, as a figure wants them beside it."""
    with Path("/proc/meminfo").open() as file:
        memory = int(next(line.split()[1] for line in file if line.startswith("MemTotal"))) / 1024**2
    size = f"{rows_scan.cores()} cores, {memory:.0f} GB"
    return f"{datetime.now(UTC):%Y-%m-%d}, {size}, Python {platform.python_version()}, {platform.system()}"


def document(rows: Sequence[Row]) -> dict[str, Any]:
    return {"machine": machine(), "rows": [asdict(row) | {"name": row.name} for row in rows]}


def table(rows: Sequence[Row]) -> list[str]:
    """Ratio first, then the goal, what was held, and both amounts."""
    cells = [("ratio", "goal", "ours", "theirs", "what", "against")]
    cells += [
        (
            "-" if row.ratio is None else f"{row.ratio:.3g}",
            _goal(row),
            _amount(row.ours, row.unit),
            _amount(row.theirs, row.unit),
            row.title,
            f"{row.peer} ({row.note})" if row.note else row.peer,
        )
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            c.rjust(w) if n < 4 else c.ljust(w) for n, (c, w) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]


def _goal(row: Row) -> str:
    if row.below is not None:
        return f"< {row.below:g} {row.unit}"
    return f"{row.goal:.2g}" if row.goal is not None else ""


def _amount(amount: float | None, unit: str) -> str:
    return "-" if amount is None else f"{amount:.3g} {unit}"
