"""Random keys, resizes, kills and changes of the catalogue against the app in a real terminal.

    python -m tests.benchmarks.soak --minutes 15 --seed 1

The app may end by its own keys or by what the soak does to it, never otherwise: with exit code 0 after keys, by the
signal after a kill. Each finding is printed with the round's seed, which plays the same keys again (`--seed N
--rounds 1`). Exits with 1 where there are findings.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import deque
from contextlib import suppress
from pathlib import Path

import psutil

from pluginary_tui.catalogue.store import Store
from pluginary_tui.errors import PluginaryError
from tests.plugins.build import build, good
from tests.support.pty_terminal import Terminal, app

ROUND_S = 20.0, 75.0
"""How long a round lasts: at least, at most."""

ANSWER_S = 180.0
"""How long the app may take to end once it is asked to, on a machine that does many other things as well."""

QUIET_S = 0.4
"""After so long without output the app has drawn what a key changed. The keys that end it wait for that: sent sooner
they pile up on a busy machine, and none of them finds the dialog that it is meant for.
"""

KEYS = (
    *"1234asdfgxuymnoprtvbceh/?*#.:;+-_ [](){}<>=\"'", *"ASDFGXUYMNRTVE", *"0123456789",
    "\r", "\r", "\x1b", "\x1b", "\t", "\x1b[Z", "\x7f", " ",
    *("\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D") * 4, "\x1b[H", "\x1b[F", "\x1b[5~", "\x1b[6~", "\x1b[3~",
    "\x1bOP", "\x1b[15~", "\x10", "\x15", "\x17", "\x0b", "\x01", "\x05", "\x12", "\x13", "\x1a", "\x03",
    "йцуфыв", "ασδ", "é", "가", "\U0001f39b", "\u200b", "e\u0301",
)  # fmt: skip
"""What is typed: letters, editing keys, arrows, function keys, other alphabets."""

TEXTS = (
    "/verb",
    "/params>",
    "/is:",
    "/(a OR",
    "\x10scan\r",
    "#new-tag\r",
    "~nobody/x\r",
    "/\x15\r",
    "5555",
    "cnn",
    "MM",
)
"""What is typed in one burst."""

RAW = (b"\x1b[", b"\x1b[<0;3;4M", b"\x1b[<64;20;9M", b"\x1b[200~a\nb\x1b[201~", b"\xff\xfe", b"\x1b[999;999R", b"\x1bO")
"""Bytes that no key sends: halves of sequences, clicks, a paste, no UTF-8."""

SIZES = ((0, 0), (1, 1), (2, 40), (300, 3), (20, 5), (80, 24), (80, 24), (140, 45), (140, 45), (400, 120))

ENDINGS = ("keys", "keys", "keys", "keys", "kill", "term", "hangup")


class Round:
    """One start of the app, until it ends."""

    def __init__(self, seed: int, home: Path, findings: list[str]) -> None:
        self.seed, self.home, self.findings = seed, home, findings
        self.chance = random.Random(seed)
        self.done: deque[str] = deque(maxlen=60)
        """The last things that were done to the app, for the report of a finding."""
        term = self.chance.choice(("xterm-256color", "xterm-256color", "linux", "dumb", "vt100", "xterm-mono", ""))
        self.terminal = app(home, TERM=term, EDITOR="true", VISUAL="true", PATH=_quiet_path(home), BROWSER="true")
        self.done.append(f"TERM={term!r}")
        self.memory_mb = 0.0

    def run(self) -> None:
        """Play until the time is over or the app has ended, end it, and note what is not as it should be."""
        until = time.monotonic() + self.chance.uniform(*ROUND_S)
        self.wait_for_app()
        while time.monotonic() < until and self.terminal.process.poll() is None:
            self.act()
        with suppress(psutil.Error):
            self.memory_mb = psutil.Process(self.terminal.process.pid).memory_info().rss / 2**20
        allowed = self.end()
        code = self.terminal.process.poll()
        if code is None:
            self.done.append(f"then the screen shows:\n{self.terminal.text}\n")
            drawn = len(self.terminal.raw)
            os.kill(self.terminal.process.pid, signal.SIGABRT)  # with it Python says where each thread is
            self.terminal.read(3)
            self.done.append(self.terminal.raw[drawn:].decode("utf-8", "replace").replace("\x1b", "^["))
            self.found("does not end")
        elif code not in allowed:
            self.found(f"ended with {code}")
        if "Traceback" in self.terminal.text:
            self.found("shows a traceback")
        self.terminal.close()

    def wait_for_app(self) -> None:
        """Until the app has the terminal: before, ctrl+c still means a signal."""
        until = time.monotonic() + ANSWER_S
        while b"\x1b[?1004h" not in self.terminal.raw and time.monotonic() < until:
            self.terminal.read(0.1)

    def go_on(self) -> None:
        """What a shell does for `fg`, where the app has suspended itself."""
        with suppress(psutil.Error, ProcessLookupError):
            if (
                psutil.Process(self.terminal.process.pid).status() == psutil.STATUS_STOPPED
                or self.chance.random() < 0.02
            ):
                os.kill(self.terminal.process.pid, signal.SIGCONT)

    def act(self) -> None:
        chance, terminal = self.chance, self.terminal
        what = chance.choices(
            ("key", "burst", "text", "raw", "resize", "suspend", "catalogue", "disk"), (60, 12, 8, 4, 6, 1, 4, 2)
        )[0]
        if what == "key":
            self.send(chance.choice(KEYS).encode())
        elif what == "burst":
            self.send("".join(chance.choices(KEYS, k=chance.randint(2, 12))).encode())
        elif what == "text":
            self.send(chance.choice(TEXTS).encode())
        elif what == "raw":
            self.send(chance.choice(RAW))
        elif what == "resize":
            size = chance.choice(SIZES)
            self.done.append(f"resize {size}")
            _resize(terminal, *size)
        elif what == "suspend":
            self.done.append("suspend and continue")
            os.kill(terminal.process.pid, signal.SIGTSTP)
            terminal.read(0.2)
        elif what == "catalogue":
            self.change_catalogue()
        else:
            self.change_disk()
        self.go_on()
        terminal.read(chance.choice((0.0, 0.02, 0.05, 0.05, 0.3)))

    def settle(self) -> None:
        """Take in what the app draws until it is quiet, for some seconds at most: a scan draws all the time."""
        until = time.monotonic() + 10 * QUIET_S
        drawn = -1
        while len(self.terminal.raw) != drawn and time.monotonic() < until and self.terminal.process.poll() is None:
            drawn = len(self.terminal.raw)
            self.terminal.read(QUIET_S)

    def send(self, data: bytes) -> None:
        self.done.append(repr(data))
        with suppress(OSError):
            os.write(self.terminal.master, data)

    def change_catalogue(self) -> None:
        """What another program may do meanwhile."""
        chance = self.chance
        with suppress(PluginaryError), Store.in_folder(self.home / ".local/share/pluginary-tui") as store:
            ids = sorted({plugin.id for plugin in store.plugins()}) or ["vst3/nobody/nothing"]
            some = chance.sample(ids, min(3, len(ids)))
            what = chance.choice(("favourite", "tag", "note", "forget", "rating"))
            self.done.append(f"{what} {some}")
            if what == "favourite":
                store.set_favourite(some, chance.random() < 0.5)
            elif what == "tag":
                store.add_tag(some, f"t{chance.randint(0, 9)}")
            elif what == "note":
                store.set_note(some, "\n".join(["a note"] * chance.randint(0, 30)))
            elif what == "rating":
                store.set_rating(some, chance.randint(0, 5))
            else:
                store.forget([info.path for info in store.bundles()][: chance.randint(1, 3)])

    def change_disk(self) -> None:
        """A plugin goes or comes back."""
        folder, away = self.home / ".vst3", self.home / "away"
        away.mkdir(exist_ok=True)
        source, target = self.chance.choice(((folder, away), (away, folder)))
        for bundle in sorted(source.iterdir())[:1]:
            self.done.append(f"{bundle.name} moves to {target.name}")
            with suppress(OSError):
                bundle.rename(target / bundle.name)

    def end(self) -> tuple[int, ...]:
        """End the app in one of the ways there are. Returns the exit codes that are right for it."""
        terminal, how = self.terminal, self.chance.choice(ENDINGS)
        if terminal.process.poll() is not None:  # by a key that was among the random ones
            return (0,)
        self.done.append(f"end by {how}")
        pid = terminal.process.pid
        if how == "keys":
            _resize(terminal, 100, 30)
            until = time.monotonic() + ANSWER_S
            while terminal.process.poll() is None and time.monotonic() < until:
                # Escape leaves dialogs and lines, q quits, Enter agrees to stopping a scan first.
                for key in (b"\x1b", b"\x1b", b"q", b"\r"):
                    with suppress(OSError):
                        os.write(terminal.master, key)
                    self.settle()
                    self.go_on()
            return (0,)
        number = {"kill": signal.SIGKILL, "term": signal.SIGTERM, "hangup": signal.SIGHUP}[how]
        os.kill(pid, number)
        os.kill(pid, signal.SIGCONT)  # as the system does for a terminal that is gone: the app may be stopped
        until = time.monotonic() + ANSWER_S
        while terminal.process.poll() is None and time.monotonic() < until:
            terminal.read(0.1)
        return (-number, 0, 128 + number)

    def found(self, what: str) -> None:
        self.findings.append(f"{what} (seed {self.seed})")
        print(
            f"FOUND: {self.findings[-1]}", "  done: " + " | ".join(self.done), self.terminal.text, sep="\n", flush=True
        )
        print(self.terminal.raw[-3000:].decode("utf-8", "replace").replace("\x1b", "^["), flush=True)


def _resize(terminal: Terminal, columns: int, lines: int) -> None:
    """Give the terminal any size, also one that the emulator does not take."""
    import fcntl
    import struct
    import termios

    terminal.screen.resize(max(lines, 1), max(columns, 1))
    fcntl.ioctl(terminal.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


def _quiet_path(home: Path) -> str:
    """A PATH without the programs that the app could open windows with."""
    folder = home / "bin"
    folder.mkdir(exist_ok=True)
    for name in ("true", "sh"):
        with suppress(FileExistsError):
            (folder / name).symlink_to(shutil.which(name) or f"/bin/{name}")
    return str(folder)


def logged(home: Path, since: int) -> list[str]:
    """The errors in the app's log, but for the first `since`."""
    found = sorted((home / ".local").rglob("pluginary-tui.jsonl"))
    lines = [line for file in found for line in file.read_text("utf-8", "replace").splitlines()]
    return [line[:4000] for line in lines if "unexpected error" in line or "Traceback" in line][since:]


def soak(minutes: float, seed: int, rounds: int = 0) -> list[str]:
    """Play rounds until the time is over. Returns the findings."""
    findings: list[str] = []
    until = time.monotonic() + minutes * 60
    seen = played = 0
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        home = Path(name)
        bundles = home / ".vst3"
        bundles.mkdir()
        for number in range(12):
            good(bundles, f"Good {number:02}", id_from=f"G{number}")
        good(bundles, "Shell", classes=20, delay_ms=30)
        for kind in ("segfault", "sleep_create", "escapes", "refuse_entry"):
            build(kind, bundles)
        os.environ.update(
            XDG_DATA_HOME=f"{home}/.local/share", XDG_CONFIG_HOME=f"{home}/.config", XDG_CACHE_HOME=f"{home}/.cache",
            XDG_STATE_HOME=f"{home}/.local/state", PLUGINARY_TUI_SCAN_IGNORE="/usr/lib/vst3,/usr/lib/ladspa",
            PLUGINARY_TUI_SCAN_TIMEOUT_S="5", PYTHONFAULTHANDLER="1",
        )  # fmt: skip
        while time.monotonic() < until and not (rounds and played >= rounds):
            each = Round(seed + played, home, findings)
            each.run()
            played += 1
            errors = logged(home, seen)
            seen += len(errors)
            for error in errors:
                findings.append(f"an error in the log (seed {each.seed})")
                print(f"FOUND: {findings[-1]}", "  done: " + " | ".join(each.done), error, sep="\n", flush=True)
            print(json.dumps({"round": played, "seed": each.seed, "memory_mb": round(each.memory_mb)}), flush=True)
    print(f"{played} rounds, {len(findings)} findings")
    return findings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--rounds", type=int, default=0, help="play so many rounds and no more; 0: until time is over")
    chosen = parser.parse_args()
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup the app would ignore it, too, as it should
    return bool(soak(chosen.minutes, chosen.seed, chosen.rounds))


if __name__ == "__main__":
    sys.exit(main())
