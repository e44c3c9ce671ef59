"""What the queues of a scan make of the messages and ends of jobs, without any process."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pluginary_tui.catalogue.journal import Entry, Journal
from pluginary_tui.catalogue.load_checks import LoadChecks
from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import Settings
from pluginary_tui.isolation.jobs import Job, JobEnded, MessageReceived
from pluginary_tui.model import Bundle, Outcome, ProbedPlugin, Report
from pluginary_tui.scan.bundle_reading import BundleReading
from pluginary_tui.scan.check_queue import CheckQueue
from pluginary_tui.scan.discover import discover
from pluginary_tui.scan.events import BundleStarted, CheckEnded, ChecksPassedOver, Event, PassedOver
from pluginary_tui.scan.launch_log import LaunchLog
from pluginary_tui.scan.plan import Options, make_plan
from pluginary_tui.scan.reading_queue import ReadingQueue

pytestmark = pytest.mark.short

PATH = "/x/Shell.vst3"


class FakePool:
    """As many workers as asked for; jobs end when the test says so."""

    def __init__(self, workers: int = 2) -> None:
        self.workers = workers
        self.jobs: dict[str, Job] = {}
        self.skipped: list[str] = []
        self.prefetch_slots = 0

    @property
    def free(self) -> int:
        return self.workers - len(self.jobs)

    def submit(self, job: Job) -> None:
        self.jobs[job.key] = job

    def skip(self, key: str) -> None:
        self.skipped.append(key)

    def withdraw(self, most: int | None = None) -> None:
        return


class FakeScan:
    """What the queues ask of a scan."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.workers = 2
        self.events: list[Event] = []
        self.reports: list[Report] = []
        self.gone: list[str] = []

    def emit(self, event: Event) -> None:
        self.events.append(event)

    def bundle_read(self, report: Report, change: str, *, quarantined: bool) -> None:
        self.reports.append(report)

    def plugin_checked(self, event: CheckEnded) -> None:
        self.events.append(event)

    def passed_over(self, paths: frozenset[str]) -> None:
        self.gone += paths
        self.emit(PassedOver(paths))

    def launched(self) -> None:
        return

    def launch_failed(self, error: str) -> None:
        return

    def try_to(self, write: Callable[[], object]) -> None:
        write()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.in_folder(tmp_path) as store:
        yield store


def factory(*names: str) -> dict[str, Any]:
    return {
        "stage": "factory",
        "plugins": [{"position": at, "name": name, "uid": name * 32} for at, name in enumerate(names)],
    }


def stages(*positions: int) -> list[dict[str, Any]]:
    return [
        {"stage": stage, "position": at, "name": "A"} for at in positions for stage in ("load", "parameters", "plugin")
    ]


def reading() -> BundleReading:
    return BundleReading(Entry(Bundle(PATH, "vst3", "Shell")), 10.0)


def crashed(key: str) -> JobEnded:
    return JobEnded(key, Outcome.CRASHED, signal="SIGSEGV")


# What a probe may send


def test_what_a_reader_sends_is_expected() -> None:
    made = reading()
    (task,) = made.begin()
    assert all(made.take(task, message) for message in [factory("A", "B"), *stages(0, 1)])
    assert made.ended(task, JobEnded(task.key, Outcome.OK), 2) == []
    assert made.report and made.report.outcome is Outcome.OK


@pytest.mark.parametrize(
    "message",
    [
        factory("A", "B", "C"),
        {"stage": "load", "position": 2, "name": ""},
        {"stage": "load", "position": 1.0, "name": ""},
        {"stage": "plugin", "position": True, "name": ""},
        {"stage": "plugin", "position": 0, "name": "again"},
        {"stage": "plugin", "position": -1, "name": ""},
        {"stage": "failed", "position": 10**400, "error": ""},
        {"stage": "ended", "position": 1, "outcome": "ok"},
        {"stage": ["load"], "position": 1},
        {},
    ],
)
def test_what_no_reader_sends_ends_the_report(message: dict[str, Any]) -> None:
    made = reading()
    (task,) = made.begin()
    for sent in [factory("A", "B"), *stages(0), {"stage": "load", "position": 1, "name": "B"}]:
        assert made.take(task, sent)
    assert not made.take(task, message)
    assert not made.take(task, stages(1)[-1]), "nothing of it is believed any more"
    assert made.ended(task, JobEnded(task.key, None, "skipped"), 2) == []
    assert made.report
    assert [(p.name, p.status) for p in made.report.plugins] == [("A", "ok"), ("B", "failed")]
    assert "makes no sense" in made.report.plugins[1].error


def test_messages_without_end_are_not_taken() -> None:
    made = reading()
    (task,) = made.begin()
    made.take(task, factory("A", "B"))
    sent = [made.take(task, {"stage": "parameters", "position": 0, "name": "A"}) for _ in range(100)]
    assert not sent[-1]


@pytest.mark.parametrize("position", [7, 1])
def test_a_bundle_whose_probes_always_crash_behind_an_odd_message_comes_to_an_end(position: int) -> None:
    made = reading()
    (task,) = made.begin()
    made.take(task, factory("A", "B"))
    tasks, jobs = deque([task]), 0
    while tasks:
        jobs += 1
        assert jobs < 20
        task = tasks.popleft()
        made.take(task, {"stage": "load", "position": position, "name": "?"})
        tasks.extend(made.ended(task, crashed(task.key), 2))
    assert made.report


def test_plugins_do_not_fail_for_one_slow_opening_of_a_bundle_that_was_opened_before() -> None:
    made = reading()
    (first,) = made.begin()
    made.take(first, factory("A", "B"))
    (share,) = made.ended(first, JobEnded(first.key, Outcome.OK), 1)
    (again,) = made.ended(share, JobEnded(share.key, Outcome.TIMEOUT), 1)
    assert (again.positions, again.alone) == ((0, 1), True)
    assert made.ended(again, JobEnded(again.key, Outcome.TIMEOUT), 1) == []
    assert made.report and made.report.outcome is Outcome.TIMEOUT


@pytest.mark.parametrize("value", [10**400, -(10**400), float("nan"), float("inf"), 2**53])
def test_numbers_of_any_size_are_taken(value: float) -> None:
    made = reading()
    (task,) = made.begin()
    made.take(task, factory("A"))
    parameter = [value, "", "", "", "", value, value, "", "", "", "", value, value, []]
    message = {"stage": "plugin", "position": 0, "latency_samples": value, "parameters": [parameter]}
    made.take(task, message | {"buses": [["audio", "input", "In", value, True]]})
    made.ended(task, JobEnded(task.key, Outcome.OK), 1)
    assert made.report
    (plugin,) = made.report.plugins
    assert (plugin.latency_samples, plugin.buses[0].channels, plugin.parameters[0].default_raw) == (0, 0, None)


def test_what_a_single_plugin_printed_is_cleaned() -> None:
    made = reading()
    (task,) = made.begin()
    made.take(task, factory("A", "B"))
    made.take(task, stages(0)[0])
    ended = JobEnded(task.key, Outcome.TIMEOUT, log="\x1b[31mred\x1b[0m\x07")
    made.ended(task, ended, 1)
    assert made.builder.plugins[0].log == "red"


# Reading


@pytest.fixture
def scan() -> FakeScan:
    return FakeScan()


@pytest.fixture
def readings(store: Store, scan: FakeScan, tmp_path: Path) -> Iterator[ReadingQueue]:
    journal = Journal(store)
    journal.begin([Bundle(PATH, "vst3", "Shell")])
    with LaunchLog(tmp_path / "catalogue.db") as launch_log:
        queue = ReadingQueue(scan, journal, launch_log, {}, resumed=False)
        queue.add(journal.pending())
        yield queue


def fill(queue: ReadingQueue | CheckQueue, pool: FakePool) -> None:
    for announce in queue.fill(pool):  # type: ignore[arg-type]
        announce()


def end(queue: ReadingQueue | CheckQueue, pool: FakePool, event: JobEnded) -> None:
    del pool.jobs[event.key]
    queue.handle(event)


def open_shell(queue: ReadingQueue, pool: FakePool, plugins: int = 40) -> list[str]:
    """Open a bundle so large that the workers share it; keys of the jobs that read it then."""
    fill(queue, pool)
    (key,) = pool.jobs
    queue.handle(MessageReceived(key, factory(*map(str, range(plugins)))))
    end(queue, pool, JobEnded(key, Outcome.OK))
    fill(queue, pool)
    return list(pool.jobs)


def test_a_bundle_that_two_probes_read_is_passed_over_once(readings: ReadingQueue, scan: FakeScan) -> None:
    pool = FakePool(2)
    first, second = open_shell(readings, pool)
    readings.leave_out(pool, ["Shell*"])  # type: ignore[arg-type]
    assert pool.skipped == [first, second]
    for key in (first, second):
        end(readings, pool, JobEnded(key, None, "skipped"))
    assert (scan.gone, readings.left, readings.busy) == ([PATH], False, False)


def test_nothing_more_is_begun_of_a_bundle_that_is_passed_over(readings: ReadingQueue, scan: FakeScan) -> None:
    """Also where its probe ends well at that moment, and where a worker becomes free before it ends."""
    pool = FakePool(1)
    scan.workers = 3
    (first,) = open_shell(readings, pool)
    pool.workers = 2
    readings.leave_out(pool, ["Shell*"])  # type: ignore[arg-type]
    fill(readings, pool)
    assert list(pool.jobs) == [first]
    end(readings, pool, JobEnded(first, Outcome.OK))
    fill(readings, pool)
    assert (pool.jobs, scan.gone, scan.reports) == ({}, [PATH], [])


def test_a_shell_that_is_taken_up_again_is_announced(store: Store, scan: FakeScan, tmp_path: Path) -> None:
    journal = Journal(store)
    journal.begin([Bundle(PATH, "vst3", "Shell")])
    journal.started(PATH)
    journal.part(PATH, -1, factory("A", "B", "C"))
    journal.resume(killed=False)
    pool = FakePool(2)
    with LaunchLog(tmp_path / "catalogue.db") as launch_log:
        queue = ReadingQueue(scan, journal, launch_log, {}, resumed=True)
        queue.add(journal.pending())
        fill(queue, pool)
    assert len(pool.jobs) == 2
    assert [event.path for event in scan.events if isinstance(event, BundleStarted)] == [PATH]


def test_a_kill_counts_against_what_was_in_flight_and_not_against_what_waits(store: Store) -> None:
    journal = Journal(store)
    journal.begin([Bundle(PATH, "vst3", "Shell")])
    journal.part(PATH, -1, factory("A", "B", "C"))
    for begun in ((0, 1), (2,), (0,)):
        journal.started(PATH)
        for position in begun:
            journal.part(PATH, position, None)
        journal.resume(killed=True)
    assert {part.position: part.kills for part in journal.parts(PATH)} == {-1: 0, 0: 1, 1: 0, 2: 0}
    journal.started(PATH)
    journal.part(PATH, 0, None)
    journal.resume(killed=True)
    made = BundleReading(journal.pending()[0], 10.0)
    tasks = made.begin(journal.parts(PATH), 1)
    assert [task.positions for task in tasks] == [(1, 2)]
    assert made.builder.plugins[0].status == "crashed"


def test_a_probe_that_sends_nonsense_is_ended(readings: ReadingQueue, scan: FakeScan) -> None:
    pool = FakePool(1)
    fill(readings, pool)
    (key,) = pool.jobs
    readings.handle(MessageReceived(key, factory("A")))
    readings.handle(MessageReceived(key, factory("A", "B")))
    fill(readings, pool)
    assert pool.skipped == [key]
    end(readings, pool, JobEnded(key, None, "skipped"))
    assert [(report.outcome, report.bundle.path) for report in scan.reports] == [(Outcome.FAILED, PATH)]


def test_a_bundle_that_is_gone_when_it_is_read_is_not_blamed(store: Store, readings: ReadingQueue) -> None:
    pool = FakePool(1)
    fill(readings, pool)
    (key,) = pool.jobs
    end(readings, pool, JobEnded(key, Outcome.FAILED, error="There is no binary inside"))
    assert store.quarantine() == []
    assert store.bundles()[0].error == "There is no binary inside. It is not there any more."


# Load checks


@pytest.fixture
def checks(store: Store) -> LoadChecks:
    """Five plugins of one shell, and one of a bundle of its own."""
    journal = Journal(store)
    shell, single = Bundle(PATH, "vst3", "Shell"), Bundle("/x/One.vst3", "vst3", "One")
    journal.begin([shell, single])
    plugins = [ProbedPlugin(name, "Acme", uid=name * 32, name_in_file=name) for name in "ABCDE"]
    journal.finish(Report(shell, Outcome.OK, plugins), [()] * 5, quarantine=True)
    journal.finish(Report(single, Outcome.OK, [ProbedPlugin("One", "Acme", uid="F" * 32)]), [()], quarantine=True)
    checks = LoadChecks(store)
    checks.add(["vst3"], [PATH, "/x/One.vst3"])
    return checks


def queue_of(scan: FakeScan, checks: LoadChecks) -> CheckQueue:
    queue = CheckQueue(scan, checks)
    queue.add(checks.pending(), 2)
    return queue


def ended(scan: FakeScan) -> dict[str, bool]:
    return {event.name: event.loads for event in scan.events if isinstance(event, CheckEnded)}


def test_a_kill_suspects_the_plugins_in_hand_and_no_other(store: Store, scan: FakeScan, checks: LoadChecks) -> None:
    queue, pool = queue_of(scan, checks), FakePool(2)
    fill(queue, pool)
    shell = next(key for key, job in pool.jobs.items() if job.payload["path"] == PATH)
    (first, _), *_rest = pool.jobs[shell].payload["plugins"]
    queue.handle(MessageReceived(shell, {"stage": "check", "key": first}))
    queue.handle(MessageReceived(shell, {"stage": "loaded", "key": first, "outcome": "ok"}))
    checks.resume(killed=True)
    assert {check.name: check.kills for check in checks.pending()} == {"B": 1, "C": 0, "D": 0, "E": 0, "One": 1}


def test_suspects_are_tried_alone_so_that_a_second_kill_tells_which(scan: FakeScan, checks: LoadChecks) -> None:
    checks.started(check.key for check in checks.pending() if check.name in ("A", "One"))
    checks.resume(killed=True)
    queue, pool = queue_of(scan, checks), FakePool(2)
    alone = []
    while queue.left or queue.busy:
        fill(queue, pool)
        names = [[name for _, name in job.payload["plugins"]] for job in pool.jobs.values()]
        alone.append(names)
        for key, job in list(pool.jobs.items()):
            for plugin, _ in job.payload["plugins"]:
                queue.handle(MessageReceived(key, {"stage": "check", "key": plugin}))
                queue.handle(MessageReceived(key, {"stage": "loaded", "key": plugin, "outcome": "ok"}))
            end(queue, pool, JobEnded(key, Outcome.OK))
    assert alone == [[["B", "C", "D", "E"]], [[None]], [["A"]]]
    assert set(ended(scan).values()) == {True}


def test_the_answer_to_try_again_is_taken_once(scan: FakeScan, checks: LoadChecks) -> None:
    queue, pool = queue_of(scan, checks), FakePool(2)
    jobs = 0
    while queue.left or queue.busy:
        fill(queue, pool)
        for key, job in list(pool.jobs.items()):
            jobs += 1
            assert jobs < 30
            for plugin, _ in job.payload["plugins"]:
                queue.handle(MessageReceived(key, {"stage": "check", "key": plugin}))
                queue.handle(MessageReceived(key, {"stage": "loaded", "key": plugin, "outcome": "again"}))
            end(queue, pool, JobEnded(key, Outcome.OK))
    assert ended(scan) == dict.fromkeys(["A", "B", "C", "D", "E", "One"], False)
    assert checks.pending() == []


def test_what_waits_to_be_tried_without_a_held_instance_is_not_in_flight(scan: FakeScan, checks: LoadChecks) -> None:
    queue, pool = queue_of(scan, checks), FakePool(2)
    fill(queue, pool)
    shell = next(key for key, job in pool.jobs.items() if job.payload["path"] == PATH)
    assert pool.jobs[shell].payload["hold"]
    end(queue, pool, crashed(shell))
    checks.resume(killed=True)
    assert {check.name: check.kills for check in checks.pending() if check.name != "One"} == dict.fromkeys("ABCDE", 0)
    fill(queue, pool)
    assert [job.payload["hold"] for job in pool.jobs.values() if job.payload["path"] == PATH] == [""]


@pytest.mark.parametrize("inside", [True, False])
def test_what_was_killed_is_tried_once_more_alone(scan: FakeScan, checks: LoadChecks, inside: bool) -> None:
    queue, pool = queue_of(scan, checks), FakePool(2)
    tried = 0
    while queue.left or queue.busy:
        fill(queue, pool)
        for key, job in list(pool.jobs.items()):
            outcome = Outcome.OK
            for plugin, name in job.payload["plugins"]:
                answer = {"stage": "loaded", "key": plugin, "outcome": "ok"}
                queue.handle(MessageReceived(key, {"stage": "check", "key": plugin}))
                if name == "B":
                    tried += 1
                    answer |= {"outcome": "crashed", "signal": "SIGKILL"}
                    if not inside:
                        outcome = Outcome.CRASHED
                        break
                queue.handle(MessageReceived(key, answer))
            end(queue, pool, JobEnded(key, outcome, signal="SIGKILL" if outcome.bad else ""))
    assert tried == 2
    assert ended(scan) == dict.fromkeys(["A", "C", "D", "E", "One"], True) | {"B": False}


@pytest.mark.parametrize(
    "message", [{"outcome": []}, {"outcome": "ok", "attributes": [1, "a"]}, {"outcome": "failed", "log": "\ud800"}]
)
def test_odd_answers_are_taken(scan: FakeScan, checks: LoadChecks, message: dict[str, Any]) -> None:
    queue, pool = queue_of(scan, checks), FakePool(2)
    fill(queue, pool)
    key = next(key for key, job in pool.jobs.items() if job.payload["path"] != PATH)
    ((plugin, _),) = pool.jobs[key].payload["plugins"]
    queue.handle(MessageReceived(key, {"stage": "check", "key": plugin}))
    queue.handle(MessageReceived(key, {"stage": "loaded", "key": plugin, **message}))
    assert ended(scan) == {"One": message["outcome"] == "ok"}


def test_a_check_that_sends_nonsense_is_ended(scan: FakeScan, checks: LoadChecks) -> None:
    queue, pool = queue_of(scan, checks), FakePool(2)
    fill(queue, pool)
    key = next(key for key, job in pool.jobs.items() if job.payload["path"] != PATH)
    ((plugin, _),) = pool.jobs[key].payload["plugins"]
    for _ in range(2):
        queue.handle(MessageReceived(key, {"stage": "check", "key": plugin}))
    fill(queue, pool)
    assert pool.skipped == [key]
    end(queue, pool, JobEnded(key, None, "skipped"))
    assert ended(scan) == {"One": False}


def test_plugins_of_a_bundle_that_is_passed_over_are_not_tried(scan: FakeScan, checks: LoadChecks) -> None:
    queue, pool = queue_of(scan, checks), FakePool(1)
    fill(queue, pool)
    queue.leave_out(pool, ["One*"])  # type: ignore[arg-type]
    queue.leave_out(pool, ["Shell*"])  # type: ignore[arg-type]
    (key,) = pool.jobs
    assert pool.skipped == [key]
    end(queue, pool, JobEnded(key, None, "skipped"))
    assert (queue.left, queue.busy, queue.total, checks.pending()) == (False, False, 0, [])
    assert sum(event.count for event in scan.events if isinstance(event, ChecksPassedOver)) == 6


def test_what_is_read_while_checks_wait_is_put_behind_them(scan: FakeScan, checks: LoadChecks) -> None:
    (one,) = (check for check in checks.pending() if check.name == "One")
    queue = CheckQueue(scan, checks)
    queue.add([check for check in checks.pending() if check is not one and check.name != "One"], 1)
    queue.add(checks.pending(), 1)
    assert queue.total == 6


def test_retrying_is_limited_to_the_bundles_of_the_scan(store: Store, checks: LoadChecks) -> None:
    with store.writing() as db:
        db.execute("UPDATE plugin SET loads = 0")
    checks.drop()
    checks.add(["vst3"], ["/x/One.vst3"], retry=True)
    assert [check.name for check in checks.pending()] == ["One"]


def test_what_is_in_quarantine_is_not_tried(store: Store, checks: LoadChecks) -> None:
    checks.drop()
    keys = {plugin.name: plugin.key for plugin in store.plugins()}
    store.put_plugins_into_quarantine([keys["A"]], "by hand")
    store.put_into_quarantine(["/x/One.vst3"], "by hand")
    checks.add(["vst3"], [PATH, "/x/One.vst3"])
    assert [check.name for check in checks.pending()] == ["B", "C", "D", "E"]


def test_a_bundle_whose_name_cannot_be_kept_is_not_said_to_be_gone(
    store: Store, scan: FakeScan, tmp_path: Path
) -> None:
    journal = Journal(store)
    journal.begin([Bundle("/x/??.vst3", "vst3", "??", error="Its name on the disk is not UTF-8; rename it.")])
    with LaunchLog(tmp_path / "catalogue.db") as launch_log:
        queue = ReadingQueue(scan, journal, launch_log, {}, resumed=False)
        queue.add(journal.pending())
        fill(queue, FakePool())
    (info,) = store.quarantine()
    assert info.error == "Its name on the disk is not UTF-8; rename it."


# The plan


def planned(store: Store, folder: Path, **options: bool) -> dict[str, tuple[str, ...]]:
    """What a scan of this folder would read: class ids by the names of bundles, none for all of them."""
    with LaunchLog(folder / "catalogue.db") as launch_log:
        made = make_plan(store, Journal(store), Settings(), Options(only=(folder,), **options), launch_log)
    Journal(store).discard()
    return {entry.bundle.name: entry.only for entry in made.todo if entry.bundle.format != "builtin"}


def test_a_full_scan_passes_over_what_a_person_put_into_quarantine(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "plugins"
    (folder / "Shell.vst3").mkdir(parents=True)
    (shell,) = discover([folder], system="Linux", builtin=False).bundles
    journal = Journal(store)
    journal.begin([shell])
    plugins = [ProbedPlugin(name, "Acme", uid=name * 32, name_in_file=name) for name in "AB"]
    journal.finish(Report(shell, Outcome.OK, plugins), [()] * 2, quarantine=True)
    journal.end({})
    keys = {plugin.name: plugin.key for plugin in store.plugins()}
    assert planned(store, folder, full=True) == {"Shell": ()}
    store.put_plugins_into_quarantine([keys["A"]], "by hand")
    assert planned(store, folder) == {}
    assert planned(store, folder, full=True) == {"Shell": ("B" * 32,)}
    assert planned(store, folder, retry=True) == {"Shell": ("A" * 32,)}
    assert planned(store, folder, full=True, retry=True) == {"Shell": ()}
    store.put_plugins_into_quarantine([keys["B"]], "by hand")
    assert planned(store, folder, full=True) == {}


def test_an_interrupted_scan_tells_what_is_left_in_words(store: Store, checks: LoadChecks) -> None:
    journal = Journal(store)
    left = journal.interrupted()
    assert left and left.left == "6 load checks"
    journal.discard()
    journal.begin([Bundle(PATH, "vst3", "Shell")])
    left = journal.interrupted()
    assert left and left.left == "1 of 1 bundles"


def test_parts_of_a_bundle_that_changed_are_forgotten(store: Store) -> None:
    journal = Journal(store)
    journal.begin([Bundle(PATH, "vst3", "Shell", fingerprint="1"), Bundle("/x/B.vst3", "vst3", "B", fingerprint="1")])
    for path in (PATH, "/x/B.vst3"):
        journal.started(path)
        journal.part(path, -1, factory("A", "B"))
    journal.resume(killed=True)
    journal.add(
        [Bundle(PATH, "vst3", "Shell", fingerprint="2"), Bundle("/x/B.vst3", "vst3", "B", fingerprint="1")],
        again=False,
    )
    assert (len(journal.parts(PATH)), len(journal.parts("/x/B.vst3"))) == (0, 1)


@pytest.mark.parametrize(
    ("plugins", "workers", "sizes"),
    [(184, 2, [31, 31, 31, 31, 30, 30]), (184, 8, [13] * 4 + [12] * 11), (30, 2, [15, 15]), (3, 8, [1, 1, 1])],
)
def test_a_large_bundle_is_divided_so_that_all_workers_end_together(
    plugins: int, workers: int, sizes: list[int]
) -> None:
    reading = BundleReading(Entry(Bundle(PATH, "vst3", "Shell")), 30)
    (first,) = reading.begin()
    listed = [{"position": at, "name": f"P{at}", "uid": f"{at:032X}"} for at in range(plugins)]
    reading.take(first, {"stage": "factory", "plugins": listed})
    tasks = reading.ended(first, JobEnded(first.key, Outcome.OK), workers)
    shared = [task.positions or () for task in tasks]
    assert [len(each) for each in shared] == sizes
    assert sorted(at for each in shared for at in each) == list(range(plugins))


def test_large_bundles_are_read_first(tmp_path: Path) -> None:
    sizes = {"/x/A.vst3": 10, "/x/B.vst3": 20 << 20, "/x/C.vst3": 900, "/x/D.vst3": 3 << 20}
    with Store.in_folder(tmp_path) as store:
        journal = Journal(store)
        journal.begin([Bundle(path, "vst3", path, size=size) for path, size in sizes.items()])
        order = [entry.bundle.path for entry in journal.pending()]
        assert order == ["/x/B.vst3", "/x/D.vst3", "/x/A.vst3", "/x/C.vst3"]
        journal.requeue("/x/B.vst3", crashed=True)
        assert [entry.bundle.path for entry in journal.pending()][-1] == "/x/B.vst3"
