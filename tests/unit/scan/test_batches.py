"""Several bundles read by one process: its events become those of single bundles."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pluginary_tui.isolation import jobs
from pluginary_tui.model import Outcome
from pluginary_tui.scan.batches import Batches

KEYS = ("a", "b", "c", "d")


def start(batches: Batches) -> jobs.Job:
    single = [jobs.Job(key, "x:y", {"path": key}, 5.0, bundles=(key, "shared")) for key in KEYS]
    return batches.job(single)


def ended(key: str, outcome: Outcome | None, **more: object) -> jobs.JobEnded:
    return replace(jobs.JobEnded(key, outcome, sandbox="guarded"), **more)  # type: ignore[arg-type]


def know_the_sandbox(batches: Batches) -> None:
    batches.translated(ended("before", Outcome.OK))


def begin(batches: Batches, job: jobs.Job) -> list[jobs.Event]:
    return batches.translated(jobs.MessageReceived(job.key, {"stage": "bundle"}))


def end(batches: Batches, job: jobs.Job, error: str = "") -> list[jobs.Event]:
    message = {"stage": "end", "error": error, "log": "said", "elapsed_s": 0.5, "peak_mb": 9}
    return batches.translated(jobs.MessageReceived(job.key, message))


def outcomes(events: list[jobs.Event]) -> list[tuple[str, str | None, str]]:
    return [(e.key, e.outcome, e.reason) for e in events if isinstance(e, jobs.JobEnded)]


def test_one_job_has_all_bundles_and_one_deadline() -> None:
    job = start(Batches())
    assert job.payload == {"bundles": [{"path": key} for key in KEYS]} and job.timeout_s == 5.0
    assert job.bundles == ("a", "shared", "b", "c", "d")


def test_each_bundle_begins_and_ends_by_itself() -> None:
    batches = Batches()
    know_the_sandbox(batches)
    job = start(batches)
    assert batches.translated(jobs.JobStarted(job.key, 7)) == []
    for key in KEYS:
        assert begin(batches, job) == [jobs.JobStarted(key, 7)]
        message = jobs.MessageReceived(job.key, {"stage": "plugin"})
        assert batches.translated(message) == [jobs.MessageReceived(key, {"stage": "plugin"})]
        (over,) = end(batches, job, "no manifest" if key == "b" else "")
        assert isinstance(over, jobs.JobEnded)
        assert (over.key, over.outcome) == (key, Outcome.FAILED if key == "b" else Outcome.OK)
        assert (over.error, over.log, over.elapsed_s, over.peak_mb) == (
            "no manifest" if key == "b" else "", "said", 0.5, 9.0,
        )  # fmt: skip
        assert over.sandbox == "guarded"
    assert batches.translated(ended(job.key, Outcome.OK)) == []


@pytest.mark.parametrize("outcome", [Outcome.CRASHED, Outcome.TIMEOUT, Outcome.MEMORY])
def test_what_ends_the_process_costs_the_bundle_in_hand(outcome: Outcome) -> None:
    batches = Batches()
    know_the_sandbox(batches)
    job = start(batches)
    begin(batches, job)
    end(batches, job)
    begin(batches, job)
    after = batches.translated(ended(job.key, outcome, signal="SIGSEGV"))
    assert outcomes(after) == [("b", outcome, ""), ("c", None, "returned"), ("d", None, "returned")]


def test_until_it_is_known_how_jobs_are_confined_ends_wait_for_that_of_the_process() -> None:
    batches = Batches()
    job = start(batches)
    begin(batches, job)
    assert end(batches, job) == []
    begin(batches, job)
    after = batches.translated(ended(job.key, Outcome.CRASHED))
    assert [(e.key, e.sandbox) for e in after if isinstance(e, jobs.JobEnded)][:2] == [
        ("a", "guarded"),
        ("b", "guarded"),
    ]


@pytest.mark.parametrize(("reason", "first"), [("launch", "launch"), ("stopped", "stopped"), ("returned", "returned")])
def test_where_no_bundle_had_begun_all_are_still_to_be_done(reason: str, first: str) -> None:
    batches = Batches()
    job = start(batches)
    after = batches.translated(ended(job.key, None, reason=reason))
    assert outcomes(after) == [("a", None, first), *((key, None, "returned") for key in KEYS[1:])]


def test_a_skip_is_of_the_bundle_that_was_meant() -> None:
    class Skipped(list[str]):
        def skip(self, key: str) -> None:
            self.append(key)

    for meant, expected in (("a", "skipped"), ("c", "returned")):
        batches, pool = Batches(), Skipped()
        job = start(batches)
        begin(batches, job)
        batches.skip(pool, meant)  # type: ignore[arg-type]
        assert pool == [job.key]
        after = batches.translated(ended(job.key, None, reason="skipped"))
        assert outcomes(after)[0] == ("a", None, expected)
        assert (outcomes(after)[2] == ("c", None, "skipped")) is False
    alone = Batches()
    pool = Skipped()
    alone.skip(pool, "by itself")  # type: ignore[arg-type]
    assert pool == ["by itself"]


def test_a_process_that_ends_well_before_its_last_bundle_is_no_success() -> None:
    batches = Batches()
    job = start(batches)
    begin(batches, job)
    assert outcomes(batches.translated(ended(job.key, Outcome.OK)))[0] == ("a", Outcome.FAILED, "")
