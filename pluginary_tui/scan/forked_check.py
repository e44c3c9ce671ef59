"""A load check in a process that is forked for it, so that a crash costs its own answer only (Linux)."""

from __future__ import annotations

import sys

if sys.platform != "linux":
    raise ImportError("This is for Linux.")

import contextlib
import json
import os
import select
import signal
import time
import warnings
from collections.abc import Callable
from typing import Any

_LOG_BYTES = 16 << 10


def in_fork(check: Callable[[], dict[str, Any]], patience_s: float) -> dict[str, Any]:
    """What `check` returns, or how its process ended; the outcome `again` where that took longer than `patience_s`."""
    reader, writer = os.pipe()
    log = os.memfd_create("log")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking with threads: see `load_check.run`
        pid = os.fork()
    if not pid:
        with contextlib.suppress(BaseException):
            os.close(reader)
            os.dup2(log, 1)
            os.dup2(log, 2)
            data = memoryview(json.dumps(check()).encode())
            while data:
                data = data[os.write(writer, data) :]
        os._exit(0)
    os.close(writer)
    try:
        answer = _answer(reader, pid, patience_s)
        if answer["outcome"] != "ok":
            answer["log"] = _read_log(log)
        return answer
    finally:
        os.close(reader)
        os.close(log)


def _answer(reader: int, pid: int, patience_s: float) -> dict[str, Any]:
    """The forked process's answer, or how it ended."""
    data = bytearray()
    deadline = time.monotonic() + patience_s
    poll = select.poll()
    poll.register(reader, select.POLLIN)
    exited = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else -1
    if exited >= 0:  # what the plugin has started may hold the pipe open for longer than it lives
        poll.register(exited, select.POLLIN)
    os.set_blocking(reader, False)
    while (left := deadline - time.monotonic()) > 0:
        ready = {fd for fd, _ in poll.poll(1000 * left)}
        chunk = b""
        with contextlib.suppress(BlockingIOError):
            while chunk := os.read(reader, 1 << 16):
                data += chunk
            break
        if exited in ready:
            break
    if exited >= 0:
        os.close(exited)
    hung = left <= 0
    if hung:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    with contextlib.suppress(ValueError):
        answer = json.loads(data)
        if isinstance(answer, dict) and "outcome" in answer:
            return answer
    if hung:
        return {"outcome": "again"}
    code = os.waitstatus_to_exitcode(status)
    name = signal.Signals(-code).name if code < 0 else ""
    return {"outcome": "crashed", "signal": name}


def _read_log(log: int) -> str:
    with contextlib.suppress(OSError):
        return os.pread(log, _LOG_BYTES, 0).decode("utf-8", "replace")
    return ""
