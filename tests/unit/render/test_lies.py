"""What a plugin sends in place of the process that renders ends its file, and nothing else."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pluginary_tui.isolation import jobs
from pluginary_tui.model import Outcome
from pluginary_tui.render import run
from pluginary_tui.render.plan import Pair

TRUE = {"seconds": 1.0, "channels": 2, "sample_rate": 48000, "peak": 1.0, "latency_samples": 0, "notes": []}


@pytest.mark.parametrize(
    "lie",
    [{}, {**TRUE, "channels": float("inf")}, {**TRUE, "notes": 5}, {**TRUE, "peak": [1]}, {**TRUE, "peak": 10**400}],
)
def test_a_result_that_makes_no_sense_leaves_no_file(lie: dict[str, Any], tmp_path: Path) -> None:
    source, target = tmp_path / "in.wav", tmp_path / "out.wav"
    source.write_bytes(b"x")
    recipe = SimpleNamespace(steps=[SimpleNamespace(plugin=SimpleNamespace(name="Verb"))], job=lambda pair, path: None)
    for sent, error in ((lie, "Verb sent a result that makes no sense."), (TRUE, "")):
        in_hand = run._InHand(Pair(source, target), cast(Any, recipe))
        in_hand.take({"rendered": sent})
        assert in_hand.ended(jobs.JobEnded("x", Outcome.OK)).error == error
        assert target.exists() == (not error)
        assert len(list(tmp_path.iterdir())) == (1 if error else 2)
