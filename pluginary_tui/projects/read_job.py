"""What runs in a process of its own: read project files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from pluginary_tui.bounded_reading import UnreadableFileError
from pluginary_tui.projects.facts import ProjectFacts
from pluginary_tui.projects.read import KINDS, read_project
from pluginary_tui.safe_open import open_regular

if TYPE_CHECKING:
    from pluginary_tui.isolation.jobs import Send


def warm() -> None:
    """Import the readers once, before processes are forked."""
    import importlib

    for kind in KINDS:
        importlib.import_module(f"pluginary_tui.projects.readers.{kind.reader}")


def run(payload: dict[str, Any], send: Send) -> None:
    """Read each of `payload["paths"]` and send one message about it.

    A message has `file` (the position), `error`, `program`, `total` and `uses`: lists with the fields of a `Use`.
    """
    for position, path in enumerate(payload["paths"]):
        facts, error = ProjectFacts(), ""
        try:
            with open_regular(path) as stream:
                read_project(stream, os.path.basename(path), facts)
        except UnreadableFileError as problem:
            error = str(problem)
        except OSError as problem:
            error = f"it cannot be read: {problem.strerror or problem}"
        except MemoryError:
            error = "it takes too much memory"
        except Exception as problem:  # a reader's mistake costs this file
            error = f"it could not be understood ({type(problem).__name__})"
        uses = [[use.format, use.uid, use.name, use.vendor, use.track, use.active, use.file] for use in facts.uses]
        message = {"file": position, "error": error, "program": facts.program, "total": facts.total, "uses": uses}
        send(message)
