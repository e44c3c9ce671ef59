"""Curves as lines of text: where they are, how far they go, in Braille and in plain letters."""

from __future__ import annotations

import math

import pytest
from rich.cells import cell_len

from pluginary_tui.sound.passport import Curve
from pluginary_tui.tui.sound.plot import HEIGHT, LEAST_WIDTH, MARGIN, SCALES, Drawn, picture

FLAT = Curve((20.0, 20_000.0), (0.0, 0.0), 1.0)
TILTED = Curve(tuple(20.0 * 2**n for n in range(10)), tuple(12.0 - 2.4 * n for n in range(10)), 1.0)


def text(kind: str, *curves: Drawn, width: int = 46, plain: bool = True) -> list[str]:
    return ["".join(piece for piece, _ in line) for line in picture(kind, curves, width, plain)]


def rows_of(lines: list[str], letter: str) -> dict[int, int]:
    """The line that a curve is on, by column."""
    return {column: row for row, line in enumerate(lines[:-1]) for column, sign in enumerate(line) if sign == letter}


@pytest.mark.parametrize("width", [LEAST_WIDTH, 33, 46, 90])
@pytest.mark.parametrize("kind", SCALES)
@pytest.mark.parametrize("plain", [True, False])
def test_a_picture_has_its_size(width: int, kind: str, plain: bool) -> None:
    curve = Curve((0.0, 1.0, 4.0), (-80.0, 3.0, 90.0), 1.0)
    lines = text(kind, Drawn(curve, "curve"), width=width, plain=plain)
    assert len(lines) == HEIGHT + 1
    assert {cell_len(line) for line in lines} == {width}
    assert not plain or "".join(lines).isascii()


def test_nothing_is_drawn_where_there_is_no_room_or_no_curve() -> None:
    assert text("response", Drawn(FLAT, "curve"), width=LEAST_WIDTH - 1) == []
    assert text("response") == []


def test_a_flat_response_is_a_straight_line_at_0_db() -> None:
    lines = text("response", Drawn(FLAT, "curve"))
    rows = rows_of(lines, "*")
    assert len(set(rows.values())) == 1
    assert sorted(rows) == list(range(MARGIN + 1, 46)), "from edge to edge"
    assert lines[rows[20]].startswith("   0  *")
    assert {"100", "1k", "10k"} == set(lines[-1].split())


def test_a_tilted_response_falls_through_0_db_in_the_middle() -> None:
    lines = text("response", Drawn(TILTED, "curve"))
    rows = rows_of(lines, "*")
    steps = [rows[column] for column in sorted(rows)]
    assert steps == sorted(steps)
    assert (steps[0], steps[-1]) == (0, HEIGHT - 1)
    zero = next(row for row, line in enumerate(lines) if line.startswith("   0 "))
    at = [column for column, row in rows.items() if row == zero]
    middle = MARGIN + 1 + (46 - MARGIN - 1) * (math.log10(20 * 2**5) - math.log10(20)) / 3
    assert abs(sum(at) / len(at) - middle) <= 2


def test_the_gain_of_what_does_nothing_lies_on_its_diagonal() -> None:
    levels = tuple(float(level) for level in range(-60, 1, 3))
    through = rows_of(text("gain", Drawn(Curve(levels, levels, 1.0), "curve")), "*")
    limited = rows_of(text("gain", Drawn(Curve(levels, tuple(min(y, -30.0) for y in levels), 1.0), "curve")), "*")
    assert through[MARGIN + 1] == limited[MARGIN + 1] == HEIGHT - 1
    assert through[45] == 0
    assert limited[45] == HEIGHT // 2


def test_the_last_curve_is_on_top_and_the_others_are_seen_beside_it() -> None:
    pieces = [
        piece
        for line in picture("response", (Drawn(TILTED, "second", "o", dotted=True), Drawn(FLAT, "curve")), 46, True)
        for piece in line
    ]
    looks = {look for _, look in pieces}
    assert {"curve", "second", "quiet"} <= looks
    assert "o" in "".join(text for text, look in pieces if look == "second")
    assert set("".join(text for text, look in pieces if look == "curve")) == {"*"}


def test_what_is_dotted_has_fewer_dots() -> None:
    def dots(dotted: bool) -> int:
        lines = text("decay", Drawn(Curve((0.0, 2.0), (0.0, -60.0), 1.0), "curve", dotted=dotted), plain=False)
        return sum((ord(sign) - 0x2800).bit_count() for line in lines for sign in line if 0x2800 < ord(sign) < 0x2900)

    assert 0 < 2 * dots(True) < dots(False)


def test_time_goes_as_far_as_the_curve() -> None:
    lines = text("decay", Drawn(Curve((0.0, 1.5, 3.0), (0.0, -30.0, -60.0), 0.9), "curve"))
    assert lines[-1].split() == ["0", "1.5", "3"]
