"""The progress of a measuring: each plugin counts once."""

from __future__ import annotations

import pytest

from pluginary_tui.catalogue.passports import COST, SOUND
from pluginary_tui.model import Outcome, Plugin
from pluginary_tui.scan.display.table import bar
from pluginary_tui.sound.events import MeasureEnded, MeasureStarted, PartEnded, Summary
from pluginary_tui.tui.core.measure_progress import MeasureProgress


def progress_of(sounds: int, costs: int) -> MeasureProgress:
    progress = MeasureProgress()
    progress.measure(MeasureStarted(sounds + costs, resumed=False, workers=2, current=0, quarantined=0, sounds=sounds))
    return progress


def end(progress: MeasureProgress, number: int, part: str, outcome: Outcome = Outcome.OK) -> None:
    progress.measure(PartEnded(Plugin(f"p{number}", f"P{number}", path=f"/{number}"), part, outcome, "", None))


def test_plugins_are_counted_and_not_parts() -> None:
    progress = progress_of(11, 11)
    assert (progress.step, progress.part) == ((0, 11), 0)
    for number in range(4):
        end(progress, number, SOUND)
    assert progress.step == (4, 11) and "4 / 11 plugins, 1 of 2: their sound  18 %" in bar(progress, 100).plain
    for number in range(4, 11):
        end(progress, number, SOUND, Outcome.CRASHED if number == 7 else Outcome.OK)
    assert progress.step == (0, 10), "what could not be measured has no cost"
    assert "0 / 10 plugins, 2 of 2: what each costs  52 %" in bar(progress, 100).plain
    for number in range(10):
        end(progress, number, COST)
    assert progress.part == 1
    progress.measure(MeasureEnded(Summary(), "done"))
    assert progress.step == (11, 11) and "11 / 11  100 %" in bar(progress, 100).plain


def test_what_is_left_is_told_in_plugins() -> None:
    progress = progress_of(5, 5)
    for number in range(5):
        end(progress, number, SOUND)
    end(progress, 0, COST)
    progress.measure(MeasureEnded(Summary(), "stopped"))
    assert (progress.step, progress.left) == ((1, 5), "4 plugins")


def test_costs_that_an_interruption_left_are_plugins_too() -> None:
    progress = progress_of(1, 3)
    assert progress.step == (0, 1)
    end(progress, 0, SOUND)
    assert progress.step == (0, 3)
    progress.measure(MeasureEnded(Summary(), "stopped"))
    assert (progress.step, progress.left) == ((0, 3), "3 plugins")


def test_no_time_is_promised_before_the_costs_have_begun() -> None:
    progress = progress_of(50, 50)
    progress._work_since -= 30
    for number in range(49):
        end(progress, number, SOUND)
    assert progress.rate == pytest.approx(49 / 30, rel=0.2) and progress.left_s is None
    end(progress, 49, SOUND)
    assert progress.rate == 0 and progress.left_s is None
    progress._work_since -= 30
    for number in range(25):
        end(progress, number, COST)
    assert progress.left_s == pytest.approx(30, rel=0.2)
