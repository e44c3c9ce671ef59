"""Jobs for the tests of isolation: each misbehaves like some plugin."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any, cast

from pluginary_tui.isolation.child import Channel
from pluginary_tui.isolation.jobs import Send

Payload = dict[str, Any]


def preload() -> None:
    sys.modules["isolation_preloaded"] = sys


def preload_no_interpreter() -> None:
    """What is started as an interpreter from here on ends at once."""
    sys.executable = "/bin/false"


def preload_threads() -> None:
    preload()
    threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()


def preload_breaks() -> None:
    raise RuntimeError("nothing works today")


def preload_dies() -> None:
    os._exit(3)


def fine(payload: Payload, send: Send) -> None:
    send({"got": payload})


def nothing(payload: Payload, send: Send) -> None:
    return


def surroundings(payload: Payload, send: Send) -> None:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
        terminal = True
    except OSError:
        terminal = False
    send(
        {
            "pid": os.getpid(),
            "parent": os.getppid(),
            "session": os.getsid(0),
            "terminal": terminal,
            "stdin": os.read(0, 10).decode(),
            "folder": str(Path.cwd()),
            "descriptors": len(list(Path("/dev/fd").iterdir())) - 1,
            "mask": [int(n) for n in signal.pthread_sigmask(signal.SIG_BLOCK, [])],
            "ignored": [int(n) for n in signal.valid_signals() if signal.getsignal(n) == signal.SIG_IGN],
            "preloaded": "isolation_preloaded" in sys.modules,
            "core": resource.getrlimit(resource.RLIMIT_CORE)[0],
            "no_new_privileges": sys.platform == "linux" and "NoNewPrivs:\t1" in Path("/proc/self/status").read_text(),
        }
    )


def raises(payload: Payload, send: Send) -> None:
    raise {"ValueError": ValueError, "KeyError": KeyError, "SystemExit": SystemExit, "MemoryError": MemoryError}[
        payload["type"]
    ](payload["text"])


def ends(payload: Payload, send: Send) -> None:
    os._exit(payload["status"])


def ends_through_c(payload: Payload, send: Send) -> None:
    ctypes.CDLL(None).exit(payload["status"])


def signals_itself(payload: Payload, send: Send) -> None:
    print("last words", flush=True)
    os.kill(os.getpid(), payload["signal"])
    time.sleep(60)


def reads_nowhere(payload: Payload, send: Send) -> None:
    ctypes.string_at(8)


def overflows_the_stack(payload: Payload, send: Send) -> None:
    compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
    library = ctypes.CDLL(None)
    array = (ctypes.c_int * 2)(2, 1)

    def again(a: int, b: int) -> int:
        library.qsort(array, 2, 4, callback)
        return 0

    callback = compare(again)
    sys.setrecursionlimit(10**8)
    threading.stack_size(256 << 10)
    thread = threading.Thread(target=again, args=(0, 0))
    thread.start()
    thread.join()


def sleeps(payload: Payload, send: Send) -> None:
    send({"asleep": os.getpid()})
    time.sleep(payload.get("for_s", 600))


def spins_deaf(payload: Payload, send: Send) -> None:
    for number in signal.valid_signals():
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_IGN)
    while True:
        pass


def takes_all_memory(payload: Payload, send: Send) -> None:
    kept = []
    while True:
        kept.append(b"x" * (8 << 20))


def asks_for_too_much(payload: Payload, send: Send) -> None:
    bytearray(payload["mb"] << 20)


def has_a_child_take_all_memory(payload: Payload, send: Send) -> None:
    if not os.fork():
        takes_all_memory(payload, send)
    time.sleep(600)


def floods(payload: Payload, send: Send) -> None:
    os.write(1, b"first words\n")
    block = b"flood " * 10000
    for number in range(payload["mb"] * 1_000_000 // len(block)):
        os.write(1 + number % 2, block)
    os.write(2, b"last words\n")
    send({"flooded": True})


def prints_through_c(payload: Payload, send: Send) -> None:
    ctypes.CDLL(None).printf(b"half a thought\n")
    ctypes.string_at(8)


def prints_bytes(payload: Payload, send: Send) -> None:
    os.write(1, bytes.fromhex(payload["hex"]))


def closes_all(payload: Payload, send: Send) -> None:
    os.closerange(0, 4096)
    if payload.get("stay"):
        time.sleep(600)
    send({"never": "heard"})
    time.sleep(600)


def closes_the_first(payload: Payload, send: Send) -> None:
    os.closerange(0, 100)
    send({"still": "here"})


def writes_junk_everywhere(payload: Payload, send: Send) -> None:
    for _ in range(50):
        for fd in range(1024):
            with contextlib.suppress(OSError):
                os.write(fd, b"\x00\xffjunk" * 100)
    send({"number": 1})
    for fd in range(1024):
        with contextlib.suppress(OSError):
            os.write(fd, os.urandom(4096))
    send({"number": 2})


def writes_junk_inside(payload: Payload, send: Send) -> None:
    stop = threading.Event()

    def scribble() -> None:
        while not stop.is_set():
            for fd in range(3, 1024):
                with contextlib.suppress(OSError):
                    os.write(fd, b"junk")

    thread = threading.Thread(target=scribble)
    thread.start()
    for number in range(5):
        send({"number": number, "text": "x" * 2_000_000})
    stop.set()
    thread.join()


def reports_without_end(payload: Payload, send: Send) -> None:
    while True:
        send({"text": "x" * 1_000_000})


def signals_its_parent(payload: Payload, send: Send) -> None:
    _touch(payload, "path")
    send({"before": True})
    print("watch this", flush=True)
    if payload.get("daemon"):
        _daemonise(payload)
    time.sleep(0.25)  # what was sent is heard by then: its worker looks every 50 ms
    os.kill(os.getppid(), payload["signal"])
    time.sleep(600)


def stops_its_parent_while_it_listens(payload: Payload, send: Send) -> None:
    parent = os.getppid()
    threading.Timer(0.05, os.kill, (parent, signal.SIGSTOP)).start()
    while True:
        send({"text": "x" * 200_000})


def kills_its_group(payload: Payload, send: Send) -> None:
    os.killpg(0, signal.SIGKILL)


def leaves_a_child(payload: Payload, send: Send) -> None:
    child = os.fork()
    if not child:
        time.sleep(600)
    send({"child": child})


def leaves_a_daemon(payload: Payload, send: Send) -> None:
    send({"daemon": _daemonise(payload)})


def _daemonise(payload: Payload) -> int:
    """A grandchild in a session of its own that keeps every descriptor open and ignores what it can."""
    reading, writing = os.pipe()
    if not os.fork():
        os.setsid()
        if not os.fork():
            os.setsid()
            for number in signal.valid_signals():
                with contextlib.suppress(OSError, ValueError):
                    signal.signal(number, signal.SIG_IGN)
            os.write(writing, str(os.getpid()).encode())
            time.sleep(600)
        os._exit(0)
    return int(os.read(reading, 20))


def ends_badly_after_all_is_said(payload: Payload, send: Send) -> None:
    send({"good": "all the same"})
    send.done()
    if "signal" in payload:
        os.kill(os.getpid(), payload["signal"])
    time.sleep(600)


def says_much(payload: Payload, send: Send) -> None:
    for number in range(payload["messages"]):
        send({"number": number, "text": "ä" * payload["size"]})


def is_slow_but_steady(payload: Payload, send: Send) -> None:
    for number in range(payload["messages"]):
        time.sleep(payload["pause_s"])
        send({"number": number})


def begins_for_ever(payload: Payload, send: Send) -> None:
    """Sends frames that say nothing, as a plugin could that found the report's token."""
    for kind in (1, 77) * 600:
        cast(Channel, send).frame(kind)
        time.sleep(0.1)


def sends_nonsense(payload: Payload, send: Send) -> None:
    send(["not", "an", "object"])  # type: ignore[arg-type]


def writes_a_large_file(payload: Payload, send: Send) -> None:
    with Path(payload["path"]).open("wb") as file:
        file.truncate(payload["bytes"])


def changes_its_surroundings(payload: Payload, send: Send) -> None:
    os.umask(0o777)
    os.chdir("/proc")
    os.environ.clear()
    send({"changed": True})


def keeps_time(payload: Payload, send: Send) -> None:
    began = time.monotonic()
    _touch(payload, "path")
    while "until" in payload and not Path(payload["until"]).exists():
        time.sleep(0.005)
    time.sleep(payload.get("for_s", 0.0))
    send({"began": began, "ended": time.monotonic(), "worker": os.getppid()})
    _touch(payload, "over")


def _touch(payload: Payload, name: str) -> None:
    """Make the file that tells a test how far this is, where it wants to know."""
    if name in payload:
        Path(payload[name]).touch()


def send_frame(payload: Payload, send: Any) -> None:
    """Send a frame whose body is not what `send` makes of a message, then wait."""
    send.frame(payload["kind"], payload["body"].encode())
    time.sleep(3600 if payload["waits"] else 0)


def copies_what_it_was_given(payload: Payload, send: Any) -> None:
    """Copy the file that was opened for it, and try to open both by itself."""
    os.write(send.writes[0], os.read(send.reads[0], 100))
    refused = []
    for path, flags in ((payload["reads"], os.O_RDONLY), (payload["writes"], os.O_WRONLY)):
        try:
            os.close(os.open(path, flags))
        except OSError:
            refused.append(path)
    send({"refused": refused})
