"""Many scans in one process: nothing grows."""

from __future__ import annotations

import gc
from pathlib import Path

import psutil
import pytest

from pluginary_tui.config import Settings
from pluginary_tui.scan.run import Options, Scan

SCANS = 20
SETTLED = 5
"""Scans after which everything that is kept for good has been made."""
GROWTH_MB = 2.0


@pytest.mark.slow
def test_twenty_scans_leave_nothing_behind(some_zam: Path, data_dir: Path) -> None:
    me = psutil.Process()
    held: list[tuple[float, int, int, set[int]]] = []
    for _ in range(SCANS):
        scan = Scan(Settings(), data_dir, Options(only=(some_zam,), full=True))
        summary = scan.run(lambda event: None)
        assert summary.ok == summary.scanned == 7
        gc.collect()
        children = {child.pid for child in me.children(recursive=True)}
        held.append((me.memory_info().rss / 1e6, me.num_fds(), me.num_threads(), children))
    before, after = held[SETTLED - 1], held[-1]
    assert after[0] - before[0] < GROWTH_MB, [round(each[0], 1) for each in held]
    assert after[1:] == before[1:], "descriptors, threads and processes"
