"""What runs in a process of its own: read preset files."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

from pluginary_tui.bounded_reading import UnreadableFileError
from pluginary_tui.presets.readers import aupreset, fxp, vstpreset
from pluginary_tui.safe_open import open_regular

if TYPE_CHECKING:
    from pluginary_tui.isolation.jobs import Send

READERS = {".vstpreset": vstpreset.read, ".fxp": fxp.read, ".fxb": fxp.read, ".aupreset": aupreset.read}


def warm() -> None:
    """Import what is read with, once, before processes are forked."""
    importlib.import_module("plistlib")


def run(payload: dict[str, Any], send: Send) -> None:
    """Read each of `payload["paths"]` and send one message about it.

    A message has `file` (the position), `error` and `facts`: the fields of `PresetFacts` in their order.
    """
    for position, path in enumerate(payload["paths"]):
        message: dict[str, Any] = {"file": position, "error": ""}
        try:
            with open_regular(path) as stream:
                facts = READERS[os.path.splitext(path)[1].lower()](stream)
            texts = facts.format, facts.uid, facts.name, facts.wanted, facts.vendor, facts.category, facts.author
            message["facts"] = texts
        except UnreadableFileError as problem:
            message["error"] = str(problem)
        except OSError as problem:
            message["error"] = f"it cannot be read: {problem.strerror or problem}"
        except MemoryError:
            message["error"] = "it takes too much memory"
        except Exception as problem:  # a reader's mistake costs this file
            message["error"] = f"it could not be understood ({type(problem).__name__})"
        send(message)
