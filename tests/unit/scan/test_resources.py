"""How many workers a machine can bear, and which failures are its own."""

from __future__ import annotations

import os
import sys

import pytest

from pluginary_tui.scan.resources import (
    LEAST_WORKERS,
    MOST_WORKERS,
    Machine,
    memory_kills,
    misses_display,
    read_machine,
    workers_wanted,
)

pytestmark = pytest.mark.short


@pytest.mark.parametrize(
    ("machine", "running", "limit", "wanted"),
    [
        (Machine(8, 0.0, 32_000), 0, 4096, 8),  # idle: one for each processor
        (Machine(8, 9.0, 32_000), 8, 4096, 8),  # busy with the scan itself
        (Machine(8, 5.5, 32_000), 0, 4096, 4),  # others use some of it
        (Machine(8, 9.5, 32_000), 4, 4096, 4),  # as before, with the scan under way: it stays
        (Machine(8, 50.0, 32_000), 0, 4096, LEAST_WORKERS),  # one that hangs holds nobody up
        (Machine(64, 0.0, 512_000), 0, 4096, MOST_WORKERS),
        (Machine(8, 0.0, 1_100), 0, 4096, 2),  # memory for two
        (Machine(8, 0.0, 1_100), 3, 4096, 5),  # and for two more than are running
        (Machine(8, 0.0, 100), 0, 4096, 1),  # memory for none: one tries
        (Machine(8, 0.0, 300), 0, 100, 3),  # none may take more than 100 MB
        (Machine(8, 0.0, 1_100), 0, 0, 2),  # no limit: as with a large one
        (Machine(4, 0.0, None), 0, 4096, 4),  # memory not known
    ],
)
def test_workers_follow_processors_load_and_memory(machine: Machine, running: int, limit: int, wanted: int) -> None:
    assert workers_wanted(machine, running, limit) == wanted


@pytest.mark.skipif(sys.platform != "linux", reason="needs what only Linux tells")
def test_a_look_at_this_machine() -> None:
    machine = read_machine()
    assert 1 <= machine.processors <= (os.cpu_count() or 1)
    assert machine.load >= 0
    assert machine.available_mb is not None and machine.available_mb > 10
    assert memory_kills() >= 0


@pytest.mark.skipif(sys.platform != "linux", reason="needs a system with a display server")
@pytest.mark.parametrize(
    ("output", "missed"),
    [
        ("cannot open display: ", True),
        ("Gtk-WARNING **: Cannot open display:", True),
        ("Error: Can't open display: :0", True),
        ("Unable to connect to X server", True),
        ("DISPLAY not set", True),
        ("could not open the sample library", False),
        ("display cache loaded", False),
        ("", False),
    ],
)
def test_the_want_of_a_display_is_heard(output: str, missed: bool) -> None:
    assert misses_display(output, {}) is missed
    assert not misses_display(output, {"DISPLAY": ":0"})
    assert not misses_display(output, {"WAYLAND_DISPLAY": "wayland-0"})
