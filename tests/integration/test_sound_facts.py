"""What is measured of a single parameter is what the plugin's own display says that it is set to."""

from __future__ import annotations

from pathlib import Path

from tests.support.sound_facts import readings, table


def test_figures_agree_with_the_displays_of_real_plugins(zam: Path) -> None:
    answer = list(readings(zam))
    assert len(answer) >= 19
    assert {reading.fact.plugin for reading in answer} == {"ZamDelay", "ZamComp", "ZamCompX2", "ZamGate"}
    wrong = [
        f"{fact.plugin}: {fact.parameter} {shown:g}, {fact.figure} {measured}"
        for fact, shown, measured, _ in answer
        if measured is None or not fact.agrees(shown, measured)
    ]
    assert wrong == []


def test_every_row_names_a_figure_and_a_tolerance() -> None:
    from pluginary_tui.figures import METRICS

    for fact in table():
        assert fact.figure in METRICS and fact.positions
        assert float(fact.tolerance.removesuffix("%")) > 0
