"""One result, and a process that commits it: to be killed in the middle of that."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Bundle, Outcome, Parameter, ProbedPlugin, Report


def report(version: str) -> Report:
    """Three plugins of fifty parameters each, so that a commit is many writes."""
    bundle = Bundle("/x/Shell.vst3", "vst3", "Shell", fingerprint=version)
    knobs = [Parameter(f"{version} {number}", "dB") for number in range(50)]
    return Report(
        bundle, Outcome.OK, [ProbedPlugin(name, "Acme", version, uid=name * 32, parameters=knobs) for name in "ABC"]
    )


def commit(data_dir: Path) -> None:
    """Take up the scan that was interrupted there and keep the result of version `new`."""
    with Store.in_folder(data_dir, durable=True) as store:
        journal = Journal(store)
        journal.resume()
        os.environ["KILL_ARMED"] = "1"  # see killer.c
        journal.finish(report("new"), [("Reverb",)] * 3, quarantine=False)
        del os.environ["KILL_ARMED"]


if __name__ == "__main__":
    commit(Path(sys.argv[1]))
