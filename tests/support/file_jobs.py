"""An entry point for batches of files: each file's content says what its reading does."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any


def run(payload: dict[str, Any], send: Any) -> None:
    for position, path in enumerate(payload["paths"]):
        match Path(path).read_text():
            case "crash":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "hang":
                time.sleep(1000)
            case "leave":
                return
            case "lie":
                send({"file": position + 7})
            case "raise":
                raise RuntimeError("no such thing")
            case text:
                send({"file": position, "error": "", "text": text})
