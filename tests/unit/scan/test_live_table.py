from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from pluginary_tui.formatting import counted, duration
from pluginary_tui.model import Bundle, Outcome, Parameter, ProbedPlugin, Report
from pluginary_tui.scan.display.table import Palette, bar, counts, rows, summary_lines, table
from pluginary_tui.scan.events import (
    BundleEnded,
    BundleProgress,
    BundleStarted,
    ScanEnded,
    ScanStarted,
    StateChanged,
    Summary,
)
from pluginary_tui.scan.progress import Progress

pytestmark = pytest.mark.short

ASCII = Palette(ascii=True)


def ended(
    name: str,
    outcome: Outcome = Outcome.OK,
    *,
    parameters: int = 3,
    plugins: int = 1,
    error: str = "",
    change: str = "new",
    elapsed_s: float = 0.48,
) -> BundleEnded:
    found = [ProbedPlugin(name, "Acme", parameters=[Parameter("x")] * parameters) for _ in range(plugins)]
    bundle = Bundle(f"/vst3/{name}", "vst3", name)
    return BundleEnded(Report(bundle, outcome, found, error=error, elapsed_s=elapsed_s), change, outcome.bad)


def started(progress: Progress, name: str, *, ago: float = 0, silent: float = 0, done: int = 0, of: int = 1) -> None:
    path = f"/vst3/{name}"
    progress.take(BundleStarted(path, name, "Acme", 30.0, 1))
    progress.take(BundleProgress(path, "load", name, "Acme", done, of))
    progress.running[path].since -= ago
    progress.running[path].rearmed -= silent


def scan(total: int = 10, unchanged: int = 0, removed: int = 0) -> Progress:
    progress = Progress()
    progress.take(ScanStarted(total, unchanged, 0, 0, removed, 2))
    return progress


def drawn(renderable: RenderableType, width: int = 200) -> list[str]:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(renderable)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def words(line: str) -> str:
    return " ".join(line.split())


def a_busy_scan(results: int = 40, running: int = 2) -> Progress:
    progress = scan(100)
    for number in range(results):
        progress.take(ended(f"Result {number}"))
    for number in range(running):
        started(progress, f"Running {number}")
    return progress


# The table


def test_running_bundles_are_on_top_then_the_newest_results():
    progress = scan()
    progress.take(ended("Older"))
    progress.take(ended("Newer", parameters=1, elapsed_s=12))
    started(progress, "Kontakt", ago=6.2, silent=6.2)
    lines = drawn(table(progress, 118, 12), 118)
    assert lines[0].split() == ["Plugin", "Vendor", "Progress"]
    assert "Kontakt" in lines[2] and "loading" in lines[2] and lines[2].endswith("6.2 s of 30")
    assert lines[4].split() == ["✓", "Newer", "Acme", "1", "parameter", "12", "s"]
    assert lines[5].split() == ["✓", "Older", "Acme", "3", "parameters", "0.48", "s"]


def test_numbers_are_aligned():
    progress = scan()
    progress.take(ended("Few", parameters=3, elapsed_s=0.01))
    progress.take(ended("Many", parameters=1204, elapsed_s=12))
    many, few = drawn(table(progress, 100, 12), 100)[-2:]
    assert many.index(" parameters") == few.index(" parameters")
    assert len(many) == len(few)


@pytest.mark.parametrize("width", [20, 40, 63, 64, 80, 118, 200])
@pytest.mark.parametrize("height", [1, 2, 3, 4, 10, 30])
def test_no_more_lines_and_columns_than_there_are(width, height):
    progress = a_busy_scan(running=9)
    lines = drawn(table(progress, width, height, cursor="/vst3/Result 30", offset=5), width)
    assert len(lines) <= height
    assert max(cell_len(line) for line in lines) <= width


def test_half_the_lines_at_most_are_running_ones_and_the_cursor_is_always_among_them():
    progress = a_busy_scan(running=30)
    running, results = rows(progress, 22)
    assert [item.name for item in running] == [f"Running {n}" for n in range(10)]
    assert len(running) + len(results) == 19  # the heading takes two lines, the line between the two parts one
    running, _ = rows(progress, 22, cursor="/vst3/Running 29")
    assert running[-1].name == "Running 29"


def test_offset_leaves_out_the_newest_results():
    _, results = rows(a_busy_scan(running=0), 12, offset=3)
    assert [item.name for item in results] == [f"Result {n}" for n in range(36, 26, -1)]


def test_long_and_wide_names_are_cut_with_an_ellipsis():
    progress = scan()
    progress.take(ended("A name that goes on and on without any end in sight"))
    progress.take(ended("日本語プラグイン日本語プラグイン日本語プラグイン"))
    for width in (30, 64, 90):
        lines = drawn(table(progress, width, 8), width)
        assert all("…" in line for line in lines[-2:])
        assert max(cell_len(line) for line in lines) <= width


def test_the_vendor_is_left_out_where_the_room_is_narrow():
    progress = scan()
    progress.take(ended("Name"))
    assert "Acme" in "".join(drawn(table(progress, 64, 8), 64))
    assert "Acme" not in "".join(drawn(table(progress, 63, 8), 63))


def test_half_a_deadline_without_a_word_gets_a_hint():
    progress = scan()
    started(progress, "Quiet", ago=14, silent=14)
    assert "licence" not in drawn(table(progress, 118, 8), 118)[-1]
    started(progress, "Asking", ago=18, silent=18)
    assert "may be asking for a licence" in drawn(table(progress, 118, 8), 118)[-1]
    assert "licence?" in drawn(table(progress, 80, 8), 80)[-1]


def test_a_shell_counts_its_plugins():
    progress = scan()
    started(progress, "WaveShell", ago=9.4, done=118, of=190)
    line = drawn(table(progress, 118, 8), 118)[-1]
    assert "118 of 190 plugins" in line and line.endswith("9.4 s")
    progress.take(ended("WaveShell", plugins=190, parameters=10))
    assert "190 plugins · 1,900 parameters" in drawn(table(progress, 118, 8), 118)[-1]


def test_a_second_try_says_so():
    progress = scan()
    progress.take(BundleStarted("/a", "Again", "", 30.0, 2))
    assert "second try" in drawn(table(progress, 118, 8), 118)[-1]


@pytest.mark.parametrize(
    ("outcome", "sign"), [("ok", "✓"), ("failed", "✗"), ("crashed", "☠"), ("timeout", "◷"), ("memory", "▣")]
)
def test_every_outcome_has_its_sign_and_its_reason(outcome, sign):
    progress = scan()
    progress.take(ended("It", Outcome(outcome), error="" if outcome == "ok" else "Did this while loading."))
    line = drawn(table(progress, 118, 8), 118)[-1]
    assert line.startswith(f"{sign} It")
    assert outcome == "ok" or "Did this while loading  " in line


def test_new_and_updated_are_only_told_where_that_is_news():
    first = scan(unchanged=0)
    first.take(ended("A"))
    assert "new" not in drawn(table(first, 118, 8), 118)[-1]
    later = scan(unchanged=5)
    later.take(ended("A"))
    later.take(ended("B", change="updated"))
    later.take(ended("C", change="same"))
    same, updated, new = (line.split() for line in drawn(table(later, 118, 8), 118)[-3:])
    assert "updated" in updated and "new" in new and "·" not in same


def test_names_are_shown_as_they_are_never_as_markup():
    progress = scan()
    progress.take(ended("[red]Loud[/red]"))
    progress.take(ended("Escape\x1b[2Jartist"))
    text = "\n".join(drawn(table(progress, 118, 8), 118))
    assert "[red]Loud[/red]" in text and "\x1b" not in text


def test_plain_letters_do_where_they_must():
    progress = a_busy_scan()
    progress.take(ended("A name that goes on and on without any end in sight", Outcome.CRASHED))
    progress.take(ended("B", plugins=3))
    lines = [*drawn(bar(progress, 78, ASCII)), *drawn(counts(progress, 78, ASCII))]
    lines += drawn(table(progress, 78, 30, look=ASCII), 78)
    assert "\n".join(lines).isascii()
    assert "..." in lines[-1] or any("..." in line for line in lines)


# Bar and counts


def test_the_bar_grows_and_tells_the_pace():
    progress = scan(289)
    progress._work_since -= 5
    for number in range(205):
        progress.take(ended(str(number)))
    (line,) = drawn(bar(progress, 118))
    assert line.endswith("205 / 289 plugins  70 %  41 a second  2 s left")
    assert line.count("━") + line.count("╸") == pytest.approx(0.71 * line.count("─") / 0.29, rel=0.1)


def test_a_slow_scan_is_told_by_the_minute():
    progress = scan(100)
    progress._work_since -= 60
    for number in range(12):
        progress.take(ended(str(number)))
    assert "12 a minute  7 min 20 s left" in drawn(bar(progress, 118))[0]


@pytest.mark.parametrize("state", ["paused", "stopping"])
def test_the_bar_tells_the_state(state):
    progress = scan()
    progress.take(StateChanged(state, 2))
    assert drawn(bar(progress, 80))[0].endswith(f"0 / 10 plugins  0 %  {state}")


@pytest.mark.parametrize("how", ["done", "stopped", "broken"])
def test_the_bar_tells_how_it_ended(how):
    progress = scan(1)
    progress.take(ended("A"))
    progress.take(ScanEnded(Summary(), how))
    assert f"1 / 1  100 %  {how} in 0.0" in drawn(bar(progress, 80))[0]


def test_before_anything_is_found_the_bar_says_what_is_going_on():
    assert drawn(bar(Progress(), 80))[0].startswith("Looking for plugins…")


def test_a_scan_with_nothing_to_do_has_a_full_bar():
    progress = scan(0, unchanged=7)
    progress.take(ScanEnded(Summary(), "done"))
    assert "0 / 0  100 %" in drawn(bar(progress, 80))[0]


@pytest.mark.parametrize("width", [1, 5, 10, 20, 40, 80, 200])
def test_bar_and_counts_fit_on_one_line(width):
    progress = a_busy_scan()
    for outcome in Outcome:
        progress.take(ended(outcome, outcome))
    for text in (bar(progress, width), counts(progress, width), bar(Progress(), width)):
        assert cell_len(text.plain) <= width and "\n" not in text.plain


def test_counts_have_every_outcome_and_every_change():
    progress = scan(unchanged=842, removed=2)
    for outcome in (Outcome.OK, Outcome.OK, Outcome.FAILED, Outcome.CRASHED):
        progress.take(ended("A", outcome, change="bad" if outcome.bad else "new"))
    (line,) = drawn(counts(progress, 118))
    output = "✓ 2 ok ✗ 1 failed ☠ 1 crashed ◷ 0 timeout ▣ 0 memory 2 new 0 updated 842 unchanged 2 gone"
    assert words(line) == output


def test_narrow_counts_leave_out_what_did_not_happen_then_the_words():
    progress = scan(unchanged=842, removed=2)
    progress.take(ended("A"))
    progress.take(ended("B", Outcome.CRASHED, change="bad"))
    assert words(drawn(counts(progress, 60))[0]) == "✓ 1 ok ☠ 1 crashed 1 new 842 unchanged 2 gone"
    assert words(drawn(counts(progress, 46))[0]) == "✓ 1 ☠ 1 1 new 842 unchanged 2 gone"


# What changed


def test_what_changed_comes_with_the_query_that_shows_it():
    progress = scan(removed=2)
    for name, outcome, change in (
        ("A", Outcome.OK, "new"),
        ("B", Outcome.OK, "updated"),
        ("C", Outcome.OK, "same"),
        ("D", Outcome.CRASHED, "bad"),
        ("E", Outcome.TIMEOUT, "bad"),
    ):
        progress.take(ended(name, outcome, change=change))
    answer = {change.words: (change.count, change.query) for change in summary_lines(progress)}
    assert answer["new"] == (1, "is:new")
    assert answer["gone"] == (2, "status:missing")
    assert answer["failed"] == (2, "is:failed")
    assert answer["updated"][0] == 1
    assert "carried over" not in answer
    progress.take(ScanEnded(Summary(carried_over=3), "done"))
    assert ("carried over", 3, "is:new,updated") in [(c.words, c.count, c.query) for c in summary_lines(progress)]
    assert summary_lines(scan()) == []


# Numbers in words


@pytest.mark.parametrize(
    ("seconds", "output"),
    [
        (-1, "0.00 s"),
        (0.004, "0.00 s"),
        (0.48, "0.48 s"),
        (0.999, "1.0 s"),
        (9.4, "9.4 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (125, "2 min 05 s"),
        (7620, "2 h 07 min"),
    ],
)
def test_durations(seconds, output):
    assert duration(seconds) == output


def test_counted():
    assert [counted(n, "plugin") for n in (0, 1, 1204)] == ["0 plugins", "1 plugin", "1,204 plugins"]
