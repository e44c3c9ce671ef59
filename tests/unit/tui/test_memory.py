"""Memory of what is no longer used is given back, and what a catalogue holds is left out of the search for it."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from pluginary_tui.tui.core.memory import AT_MOST, IDLE_S, LATEST_S, SETTLED_S, Memory


class Circle:
    """An object that refers to itself, as screens do."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture(autouse=True)
def rare_collections() -> Iterator[None]:
    before = gc.get_threshold()
    gc.collect()
    gc.set_threshold(1_000_000, 20, 100)
    yield
    gc.set_threshold(*before)
    gc.unfreeze()
    gc.collect()


def dropped() -> weakref.ref[Circle]:
    return weakref.ref(Circle())


def test_it_is_collected_while_nobody_types() -> None:
    memory, gone = Memory(), dropped()
    gc.collect(1)
    memory.tick(IDLE_S - 0.1, 0.0)
    assert gc.get_count()[2] >= 1
    memory.tick(IDLE_S, 0.0)
    assert gone() is None and gc.get_count()[2] == 0


def test_it_is_collected_at_last_while_somebody_types() -> None:
    memory = Memory()
    for _ in range(AT_MOST):
        gone = dropped()
        gc.collect(1)
        memory.tick(10.0, 10.0)
    assert gone() is None and gc.get_count()[2] == 0


@pytest.mark.parametrize(("now", "used_at"), [(SETTLED_S, 0.0), (LATEST_S, LATEST_S)])
def test_a_replaced_catalogue_is_given_back(now: float, used_at: float) -> None:
    memory = Memory()
    old = Circle()
    gone = weakref.ref(old)
    memory.catalogue_read(0.0)
    assert gc.get_freeze_count() > 0
    del old
    gc.collect()
    assert gone() is not None, "it is left out of collections"
    memory.tick(now, used_at)
    assert gone() is None and gc.get_freeze_count() > 0


def test_a_replaced_catalogue_is_given_back_although_others_follow() -> None:
    memory = Memory()
    old = Circle()
    gone = weakref.ref(old)
    memory.catalogue_read(0.0)
    del old
    for now in range(1, int(LATEST_S) + 1):
        memory.catalogue_read(float(now))
        memory.tick(float(now), float(now))
    assert gone() is None


def test_nothing_is_collected_while_a_catalogue_is_read() -> None:
    memory, gone = Memory(), dropped()
    gc.collect(1)
    gone = dropped()
    gc.disable()
    try:
        memory.tick(100.0, 0.0)
    finally:
        gc.enable()
    assert gone() is not None
