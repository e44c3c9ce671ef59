"""The regression guard, and that it would notice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks import guard
from tests.benchmarks.contest import Contest, Peer, Row, Sides, hold
from tests.benchmarks.place import Place
from tests.benchmarks.suite import contests, table

RUN = Path(guard.__file__).with_name("run.py")


def _row(name: str, ratio: float | None) -> Row:
    return Row(name, f"title of {name}", "peer", "s", ratio=ratio, ours=1.0)


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "PATH", tmp_path / "recorded.json")
    guard.record([_row("a", 0.2), _row("b", 4.0), _row("lacking", None)])


def test_a_ratio_worse_by_half_is_told_with_how_much(recorded: None) -> None:
    (said,) = guard.worse([_row("a", 0.31), _row("b", 5.9), _row("unknown", 99.0), _row("lacking", None)])
    assert said.startswith("a: peer: the ratio is 0.31, recorded is 0.2: 1.55 times that")
    assert "title of a" in said
    assert guard.worse([_row("a", 0.29), _row("b", 1.0)]) == []


def test_recording_keeps_what_was_not_measured(recorded: None) -> None:
    guard.record([_row("a", 0.1)])
    assert guard.recorded() == {"a: peer": 0.1, "b: peer": 4.0}


def test_sides_take_turns_and_the_ratio_is_ours_over_theirs() -> None:
    turns = []

    def side(name: str, amounts: list[float]) -> Peer:
        def measure(number: int) -> float:
            turns.append((number, name))
            return amounts[number]

        return Peer(name, measure)

    ours = side("ours", [3.0, 8.0, 4.0]).measure
    assert ours is not None
    slow = Peer("slow", side("slow", [40.0]).measure, once=True)
    sides = Sides(ours, [side("peer", [8.0, 2.0, 9.0]), slow, Peer("lacking", None, note="not installed")])
    contest = Contest("x", "something", "s", lambda place: sides, rounds=3)
    place = Place()
    rows = hold(contest, place)
    place.__exit__(None, None, None)
    assert turns == [(0, "ours"), (0, "peer"), (0, "slow"), (1, "ours"), (1, "peer"), (2, "ours"), (2, "peer")]
    assert [row.ratio for row in rows] == [0.5, 0.1, None]
    lines = table(rows)
    assert lines[1].split()[:2] == ["0.5", "4"] and "not installed" in lines[3]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_nothing_is_slower_than_it_was(zam: Path, tmp_path: Path) -> None:
    """The short form, as anyone runs it: every recorded ratio that this machine can measure holds."""
    told = tmp_path / "told.json"
    env = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run(
        [sys.executable, RUN, "--short", "--check", "--rounds", "3", "--json", told],
        capture_output=True,
        text=True,
        env=env,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    measured = {row["name"] for row in json.loads(told.read_text())["rows"] if row["ratio"] is not None}
    assert len(measured & set(guard.recorded())) >= len(contests(short=True))
