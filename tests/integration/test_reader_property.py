"""Whatever a plugin answers, reading it ends in an outcome, and what it said is safe to keep and to show."""

from __future__ import annotations

import random
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as chosen
from hypothesis import strategies as st

from pluginary_tui.catalogue.journal import Entry, Journal
from pluginary_tui.catalogue.store import Store
from pluginary_tui.isolation import jobs
from pluginary_tui.isolation.pool import Pool
from pluginary_tui.model import Outcome, Report, clean, clean_log
from pluginary_tui.scan.bundle_reading import BundleReading, ReadTask, skipped
from pluginary_tui.scan.discover import discover
from pluginary_tui.scan.probe_job import pool_options
from pluginary_tui.scan.report import categories
from tests.plugins.build import compiler, random_plugin
from tests.support.scans import settings

pytestmark = pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler")

TIMEOUT_S = 15.0
SLACK_S = 10.0
"""For a machine that is busy: from the deadline to the event that reports it."""
ENOUGH_S = 4.0
"""After this a bundle of very many plugins is skipped: each message restarts its deadline."""


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(1, **pool_options(settings(memory_limit_mb=600))) as made:
        yield made


def seeded(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)


@given(data=st.binary(max_size=400))
@example(data=b"")
@example(data=seeded(11, 50))  # very many classes
@example(data=seeded(19, 2000))  # many parameters
@example(data=bytes(range(256)))
@chosen(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_answers_end_in_an_outcome_and_in_clean_texts(pool: Pool, data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bundle = random_plugin(Path(folder), data)
        report = probe(pool, bundle)
        assert report.bundle.path == str(bundle)
        assert isinstance(report.outcome, Outcome)
        assert bool(report.error) is report.outcome.bad
        check_texts(report)
        check_numbers(report)
        with Store.in_folder(Path(folder, "data")) as store:
            journal = Journal(store)
            journal.begin([report.bundle])
            journal.finish(report, [categories(plugin) for plugin in report.plugins], quarantine=True)
            assert len(store.plugins()) == max(1, len(report.plugins))
            assert sum(len(store.parameters(plugin.key)) for plugin in store.plugins()) == sum(
                len(plugin.parameters) for plugin in report.plugins
            )


def probe(pool: Pool, bundle: Path) -> Report:
    """Read the bundle, job by job. It is never silent for longer than its timeout."""
    (found,) = discover([bundle], system="Linux", builtin=False).bundles
    reading = BundleReading(Entry(found), TIMEOUT_S, retry_crashed=False)
    began = time.monotonic()
    left = deque(reading.begin())
    while reading.report is None:
        task = left.popleft()
        pool.submit(reading.job(task))
        left.extend(follow(pool, reading, task, began))
    return reading.report


def follow(pool: Pool, reading: BundleReading, task: ReadTask, began: float) -> list[ReadTask]:
    received = time.monotonic()
    while True:
        for event in pool.events(0.2):
            received = time.monotonic()
            if isinstance(event, jobs.MessageReceived):
                reading.take(task, event.message)
            if isinstance(event, jobs.JobEnded):
                if event.reason == "skipped":
                    reading.ended(task, skipped(event), 1)
                    reading.report = reading.report or reading.builder.finish()
                    return []
                assert event.outcome is not None, event
                assert event.signal in ("", "SIGKILL"), "it kills no reader by what it answers"
                return reading.ended(task, event, 1)
        assert time.monotonic() - received < TIMEOUT_S + SLACK_S
        if time.monotonic() - began > ENOUGH_S:
            pool.skip(task.key)


def check_texts(report: Report) -> None:
    texts = [report.error, report.signal, report.stage]
    for plugin in report.plugins:
        assert plugin.name
        texts += [getattr(plugin, each.name) for each in fields(plugin) if each.name not in ("name_in_file", "log")]
        texts += [text for bus in plugin.buses for text in (bus.name, bus.media, bus.direction)]
        texts += plugin.programs
        for parameter in plugin.parameters:
            texts += [getattr(parameter, each.name) for each in fields(parameter)]
            texts += parameter.choices
        assert isinstance(plugin.name_in_file.encode("utf-8"), bytes)
        assert clean_log(plugin.log) == plugin.log
    for text in texts:
        if isinstance(text, str):
            assert clean(text, 2000) == text and text.encode("utf-8").decode() == text


def check_numbers(report: Report) -> None:
    for plugin in report.plugins:
        assert 0 <= plugin.latency_samples < 2**53 and plugin.probe_ms >= 0
        assert all(0 <= bus.channels < 2**53 for bus in plugin.buses)
        for parameter in plugin.parameters:
            assert parameter.steps >= 0
            assert all(raw is None or 0 <= raw <= 1 for raw in (parameter.default_raw, parameter.initial_raw))
