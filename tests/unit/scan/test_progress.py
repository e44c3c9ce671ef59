from __future__ import annotations

import time

import pytest

from pluginary_tui.model import UNREAD, Bundle, Outcome, Parameter, ProbedPlugin, Report
from pluginary_tui.scan.events import (
    BundleEnded,
    BundlePrinted,
    BundleProgress,
    BundleRequeued,
    BundleStarted,
    CheckEnded,
    ChecksPassedOver,
    CheckStarted,
    ReadingEnded,
    ScanEnded,
    ScanStarted,
    StateChanged,
    Summary,
    TriedAgain,
)
from pluginary_tui.scan.progress import KEEP_ENDED, KEEP_LOG, Progress

pytestmark = pytest.mark.short


def ended(path: str, outcome: Outcome = Outcome.OK, *plugins: ProbedPlugin, change: str = "new") -> BundleEnded:
    report = Report(Bundle(path, "vst3", "TheBundle"), outcome, list(plugins), elapsed_s=0.5)
    return BundleEnded(report, change, quarantined=outcome.bad)


def test_a_scan_from_its_beginning_to_its_end():
    progress = Progress()
    assert progress.state == "discovering"
    progress.take(ScanStarted(total=2, unchanged=5, resumed=1, quarantined=3, removed=4, workers=2))
    assert (progress.state, progress.total, progress.unchanged, progress.removed) == ("running", 2, 5, 4)
    progress.take(BundleStarted("/a", "A", "", 30.0, 1))
    assert list(progress.running) == ["/a"]
    progress.take(
        ended("/a", Outcome.OK, ProbedPlugin("Aye", "Acme", parameters=[Parameter("x"), Parameter("h", kind="host")]))
    )
    assert not progress.running
    newest = progress.ended[0]
    assert (newest.name, newest.vendor, newest.plugins, newest.parameters) == ("Aye", "Acme", 1, 1)
    progress.take(ended("/b", Outcome.CRASHED, change="bad"))
    assert progress.ended[0].path == "/b", "newest first"
    assert progress.counts == {"ok": 1, "new": 1, "crashed": 1}
    progress.take(ScanEnded(Summary(ok=1), "done"))
    assert progress.over and progress.done == 2


def test_a_bundle_of_several_plugins_keeps_its_own_name():
    progress = Progress()
    progress.take(BundleStarted("/shell", "Shell", "", 30.0, 1))
    progress.take(BundleProgress("/shell", "load", "Reverb", "Acme", 1, 190))
    run = progress.running["/shell"]
    assert (run.name, run.plugin, run.vendor, run.done, run.expected) == ("Shell", "Reverb", "Acme", 1, 190)
    progress.take(ended("/shell", Outcome.OK, ProbedPlugin("Reverb", "Acme"), ProbedPlugin("Delay", "Acme")))
    assert progress.ended[0].name == "TheBundle"


def test_a_bundle_of_one_plugin_is_called_like_the_plugin_as_soon_as_that_is_known():
    progress = Progress()
    progress.take(BundleStarted("/a", "a_vst3_file", "", 30.0, 1))
    progress.take(BundleProgress("/a", "load", "A Fine Name", "", 0, 1))
    assert progress.running["/a"].name == "A Fine Name"


def test_news_from_a_probe_starts_its_deadline_anew():
    progress = Progress()
    progress.take(BundleStarted("/a", "A", "", 10.0, 1))
    run = progress.running["/a"]
    run.since -= 8
    run.rearmed -= 8
    assert run.silent == pytest.approx(0.8, abs=0.05)
    progress.take(BundleProgress("/a", "load", "A", "", 0, 1))
    assert run.silent < 0.05
    assert run.elapsed_s == pytest.approx(8, abs=0.5)


def test_what_a_running_bundle_prints_is_kept_up_to_a_limit():
    progress = Progress()
    progress.take(BundleStarted("/a", "A", "", 10.0, 1))
    progress.take(BundlePrinted("/a", "first\n"))
    progress.take(BundlePrinted("/a", "x" * KEEP_LOG + "last"))
    progress.take(BundlePrinted("/elsewhere", "nobody runs here"))
    log = progress.running["/a"].log
    assert len(log) == KEEP_LOG and log.endswith("last")


def test_a_requeued_bundle_is_neither_running_nor_done():
    progress = Progress()
    progress.take(BundleStarted("/a", "A", "", 10.0, 1))
    progress.take(BundleRequeued("/a", "crashed"))
    assert not progress.running and not progress.ended and progress.done == 0


def test_pauses_and_the_time_after_the_end_do_not_count_for_the_rate():
    progress = Progress()
    progress.take(ScanStarted(50, 0, 0, 0, 0, 1))
    assert progress.rate == 0 and progress.left_s is None
    progress._work_since -= 10
    for number in range(10):
        progress.take(ended(f"/{number}"))
    assert progress.rate == pytest.approx(1, rel=0.2)
    assert progress.left_s == pytest.approx(40, rel=0.2)
    progress.take(StateChanged("paused", 1))
    before = progress.rate
    time.sleep(0.05)
    assert progress.rate == before
    progress.take(StateChanged("running", 3))
    assert progress.workers == 3
    progress.take(ScanEnded(Summary(), "done"))
    before, elapsed = progress.rate, progress.elapsed_s
    time.sleep(0.05)
    assert (progress.rate, progress.elapsed_s) == (before, elapsed)


def test_no_time_is_promised_that_nobody_can_know():
    progress = Progress()
    progress.take(ScanStarted(50, 0, 0, 0, 0, 2))
    progress._work_since -= 10
    for number in range(9):
        progress.take(ended(f"/{number}"))
    assert progress.left_s is None, "too few are done"
    progress.take(ended("/9"))
    assert progress.left_s is not None
    progress.take(BundleStarted("/shell", "Shell", "", 10.0, 1))
    progress.take(BundleProgress("/shell", "load", "One", "Acme", 1, 184))
    assert progress.left_s is None, "of the others in a shell nobody knows how long they take"


def test_plugins_are_counted_while_their_bundle_is_read_and_only_once():
    progress = Progress()
    progress.take(ScanStarted(2, 0, 0, 0, 0, 2))
    progress.take(BundleStarted("/shell", "Shell", "", 10.0, 1))
    for done in (0, 1, 2):
        progress.take(BundleProgress("/shell", "load", f"Plugin {done}", "Acme", done, 3))
        assert progress.plugins == done
    progress.take(ended("/shell"))
    assert (progress.done, progress.plugins) == (1, 0), "its report says how many there were"


def test_a_shell_weighs_as_much_as_its_plugins():
    progress = Progress()
    progress.take(ScanStarted(3, 0, 0, 0, 0, 2))
    assert (progress.step, progress.part) == ((0, 3), 0)
    progress.take(ended("/a", Outcome.OK, ProbedPlugin("Aye")))
    progress.take(BundleStarted("/shell", "Shell", "", 10.0, 1))
    assert progress.step == (1, 3)
    progress.take(BundleProgress("/shell", "load", "One", "Acme", 46, 184))
    assert progress.step == (47, 186) and progress.part == pytest.approx(47 / 186)
    progress.take(BundleRequeued("/shell", "crashed"))
    assert progress.step == (1, 3), "what comes again is not counted twice"
    progress.take(BundleStarted("/shell", "Shell", "", 10.0, 2))
    progress.take(BundleProgress("/shell", "load", "Last", "Acme", 183, 184))
    progress.take(ended("/shell", Outcome.OK, *(ProbedPlugin(str(n)) for n in range(184))))
    assert progress.step == (185, 186)
    progress.take(TriedAgain(frozenset({"/shell"})))
    assert progress.step == (1, 3)
    progress.take(ended("/shell", Outcome.OK, *(ProbedPlugin(str(n)) for n in range(184))))
    progress.take(ended("/broken", Outcome.CRASHED, change="bad"))
    assert (progress.step, progress.part) == ((186, 186), 1)
    progress.take(ScanEnded(Summary(), "done"))
    assert progress.step == (3, 3)


def test_the_part_done_never_falls_while_a_bundle_is_read():
    progress = Progress()
    progress.take(ScanStarted(1, 0, 0, 0, 0, 2))
    progress.take(BundleStarted("/shell", "Shell", "", 10.0, 1))
    parts = []
    for done in range(185):
        progress.take(BundleProgress("/shell", "load", "One", "Acme", done, 184))
        parts.append(progress.part)
    assert parts == sorted(parts) and (parts[0], parts[-1]) == (0, 1)


def test_load_checks_are_a_second_part_of_a_scan():
    progress = Progress()
    progress.take(ScanStarted(1, 0, 0, 0, 0, 2))
    progress.take(ended("/a"))
    assert progress.step == (1, 1)
    progress.take(ReadingEnded(3))
    assert (progress.checking, progress.step) == (True, (0, 3))
    progress.take(CheckStarted("/a", "check 1", "One", "Acme", 10.0))
    assert progress.running["check 1"].stage == "check"
    progress.take(CheckEnded("/a", "check 1", "One", "Acme", True, "", 1, 3))
    progress.take(CheckEnded("/a", "", "Two", "Acme", False, "It crashed in pedalboard.", 2, 3))
    assert (progress.step, progress.loads, progress.running, progress.done) == ((2, 3), 1, {}, 1)


def test_a_broken_scan_says_why_and_leaves_nothing_running():
    progress = Progress()
    progress.take(BundleStarted("/a", "A", "", 10.0, 1))
    progress.take(ScanEnded(Summary(), "broken", "The disk is full."))
    assert (progress.state, progress.message, progress.running) == ("broken", "The disk is full.", {})


def test_only_so_many_results_are_kept():
    progress = Progress()
    for number in range(KEEP_ENDED + 5):
        progress.take(ended(f"/{number}"))
    assert len(progress.ended) == KEEP_ENDED
    assert progress.done == KEEP_ENDED + 5


def test_every_event_moves_the_revision():
    progress = Progress()
    events = [
        ScanStarted(1, 0, 0, 0, 0, 1),
        BundleStarted("/a", "A", "", 1.0, 1),
        BundlePrinted("/a", "x"),
        ended("/a"),
    ]
    revisions = []
    for event in events:
        progress.take(event)
        revisions.append(progress.revision)
    assert revisions == [1, 2, 3, 4]


def test_when_all_is_done_bundles_are_counted_and_when_stopped_what_was_being_done():
    for how, step in (("done", (1, 1)), ("stopped", (1, 3))):
        progress = Progress()
        progress.take(ScanStarted(total=1, unchanged=0, resumed=0, quarantined=0, removed=0, workers=2))
        progress.take(ended("/a", Outcome.OK, ProbedPlugin("Aye")))
        progress.take(ReadingEnded(3))
        progress.take(CheckEnded("/a", "k", "Aye", "", True, "", 1, 3))
        progress.take(ScanEnded(Summary(), how))
        assert progress.step == step


def test_checks_that_are_passed_over_are_not_waited_for():
    progress = Progress()
    progress.take(ReadingEnded(5))
    progress.take(CheckStarted("/a", "k", "Aye", "", 30.0))
    progress.take(ChecksPassedOver(frozenset({"k"}), 3))
    assert (progress.running, progress.step) == ({}, (0, 2))


def test_only_plugins_that_were_tried_count():
    progress = Progress()
    progress.take(ended("/a", Outcome.OK, ProbedPlugin("Aye"), ProbedPlugin("Bee", status=UNREAD)))
    assert (progress.plugins, progress.ended[0].plugins) == (1, 1)


def test_what_is_tried_again_counts_its_plugins_once():
    progress = Progress()
    for outcome in (Outcome.CRASHED, Outcome.OK):
        progress.take(ended("/a", outcome, ProbedPlugin("Aye", status=outcome)))
        if outcome.bad:
            progress.take(TriedAgain(frozenset({"/a"})))
    assert (progress.plugins, progress.done) == (1, 1)


def test_what_is_left_of_a_scan_is_bundles_and_load_checks():
    output = [
        Progress(total=bundles, checks_total=checks + 1, checks_done=1).left
        for bundles, checks in ((0, 0), (1, 0), (0, 12), (3, 1))
    ]
    assert output == ["0 bundles", "1 bundle", "12 load checks", "3 bundles and 1 load check"]
