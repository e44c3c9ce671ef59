"""The regression guard, and that it would notice."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks import guard, suite
from tests.benchmarks.contest import Contest, Peer, Row, Sides, hold
from tests.benchmarks.workspace import Place

RUN = Path(guard.__file__).with_name("run.py")


def _row(name: str, ratio: float | None) -> Row:
    return Row(name, f"title of {name}", "peer", "s", ratio=ratio, ours=1.0)


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "PATH", tmp_path / "recorded.json")
    guard.record([_row("a", 0.2), _row("b", 4.0), _row("lacking", None)])


def test_a_ratio_worse_by_half_is_told_with_how_much(recorded: None) -> None:
    (output,) = guard.worse([_row("a", 0.31), _row("b", 5.9), _row("unknown", 99.0), _row("lacking", None)])
    assert output.startswith("a: peer: the ratio is 0.31, recorded is 0.2: 1.55 times that")
    assert "title of a" in output
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
    lines = suite.table(rows)
    assert lines[1].split()[:2] == ["0.5", "4"] and "not installed" in lines[3]


@pytest.mark.parametrize(("amounts", "code"), [([9.0, 1.0], 0), ([9.0, 9.0, 9.0, 1.0], 1)])
def test_what_is_worse_is_measured_anew_and_told_when_it_stays(
    recorded: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    amounts: list[float],
    code: int,
) -> None:
    guard.record([_row("x", 1.0)])
    left = iter(amounts)
    sides = Sides(lambda number: next(left), [Peer("peer", lambda number: 1.0)])
    contest = Contest("x", "something", "s", lambda place: sides, guard=True)
    monkeypatch.setattr(suite, "contests", lambda short: [contest])
    assert suite.main(["--short", "--check", "--rounds", "1"]) == code
    output = capsys.readouterr().out
    assert "x: peer: the ratio is 9, recorded is 1: 9.00 times that" in output
    assert output.endswith("No ratio is worse than recorded.json says.\n") == (code == 0)


def test_a_contest_of_the_short_form_as_anyone_runs_it(tmp_path: Path) -> None:
    answer = tmp_path / "rows.json"
    words = ["--short", "--only", "short-memory", "--rounds", "1", "--json", answer]
    done = subprocess.run([sys.executable, RUN, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (row,) = json.loads(answer.read_text())["rows"]
    assert row["name"] in guard.recorded()
    assert row["ours"] < 50, "MB of `list`"


def test_what_is_recorded_is_of_a_contest_there_is() -> None:
    names = {contest.name for contest in suite.contests(short=True)}
    assert {name.split(":")[0] for name in guard.recorded()} == names
