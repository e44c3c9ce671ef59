"""The worker's part of the sandbox: what this kernel offers, prepared once, and the entrance for each job."""

from __future__ import annotations

import sys

if sys.platform != "linux":
    raise ImportError("This is for Linux.")

import contextlib
import fcntl
import os
import signal
import socket
import struct
import time
from collections.abc import Iterable
from typing import NamedTuple

from pluginary_tui.isolation.linux import system
from pluginary_tui.isolation.linux.sandbox import folder, landlock, policy, seccomp, syscalls
from pluginary_tui.isolation.linux.sandbox.attempts import Watch
from pluginary_tui.isolation.linux.sandbox.changes import Changes
from pluginary_tui.isolation.linux.sandbox.enter import Entrance, enter, handover, prepared

_RIGHTS = 64
"""Bytes for the descriptor that comes with a message."""
_TRY_POLL_S = 0.001
_SHARED_USES = 64
"""Jobs that share a set of rules."""


class Layers(NamedTuple):
    """The layers that are in use."""

    landlock: int = 0
    """Version of its interface; 0 for none."""
    filter: bool = False
    notify: bool = False
    """Whether refused calls are recorded; without it they fail unrecorded."""

    @property
    def any(self) -> bool:
        return bool(self.landlock or self.filter)

    def lacking(self) -> list[str]:
        """Names of the layers that are missing."""
        return [
            name
            for name, there in (("Landlock", self.landlock), ("seccomp", self.filter), ("notification", self.notify))
            if not there
        ]


def offered() -> Layers:
    """What the kernel says that it has. Whether it works here is tried by `Confinement`."""
    if sys.platform != "linux":
        return Layers()
    known = syscalls.machine() in syscalls.ARCHITECTURES and sys.maxsize > 1 << 32 and sys.byteorder == "little"
    has_filter = known and _has_action(0x00050000)
    return Layers(landlock.version(), has_filter, has_filter and _has_action(0x7FC00000))


def _has_action(action: int) -> bool:
    number = {"x86_64": 317}.get(syscalls.machine(), 277)
    return system.syscall(number, 2, 0, struct.pack("=I", action)) == 0  # SECCOMP_GET_ACTION_AVAIL


class Confinement:
    """What a worker prepares. `entrance` gives the process of a job what it needs to enter; `watch` who asks."""

    def __init__(self, mode: str, throw_away: str, private: Iterable[str] = ()) -> None:
        """Prepare for one of `policy.MODES`, and set the environment of the jobs' processes.

        `throw_away`: path of the folder that is made for them (`folder.path_of`). `private`: folders that no bundle and
        no vendor's name opens, such as that of the catalogue.
        """
        self.mode = mode if sys.platform == "linux" else policy.OFF
        self.layers = Layers()
        self.folder = ""
        self._real_folder = ""
        self._shared, self._uses = -1, 0
        """The set of rules that jobs share, and how many have."""
        self._private = tuple(map(os.path.realpath, private))
        self._socket: socket.socket | None = None
        if self.mode == policy.OFF:
            return
        self._vendors = policy.VendorFolders()
        policy.homes()  # before HOME names the throw-away folder
        offer = offered()
        paths = [*policy.system_rules(), *(policy.home_rules() if mode == policy.GUARDED else ())]
        self._fonts = self._vendors.fonts() if mode == policy.GUARDED else []
        self.folder = folder.make(throw_away)
        self._base = landlock.rules(paths, offer.landlock) if offer.landlock else []
        if self.folder and offer.landlock:
            self._base += landlock.rules([(self.folder, landlock.OWN)], offer.landlock)
        os.environ.update(folder.environment(self.folder))
        if "tempfile" in sys.modules:
            vars(sys.modules["tempfile"])["tempdir"] = None  # found anew, in that folder
        self._privileged = os.geteuid() == 0
        self._machine = syscalls.machine()
        self._open_socket()
        self.layers = self._working(offer)
        self._filter = self._program(self.layers)
        if self.folder:
            self._link(self._fonts)
            self._real_folder = os.path.realpath(self.folder)
            self._changes = Changes(self.folder)

    def _open_socket(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket = ours
        ours.setblocking(False)
        self._theirs = fcntl.fcntl(theirs.fileno(), fcntl.F_DUPFD, 3)  # inherited by a fresh interpreter
        theirs.close()

    def _program(self, layers: Layers) -> str:
        if not layers.filter:
            return ""
        code = seccomp.program(self._machine, notify=layers.notify, landlock=layers.landlock).hex()
        prepared(code)
        handover()
        return code

    def _working(self, offer: Layers) -> Layers:
        """The layers of the offer that work here: each that makes a process fail to enter is left out."""
        tries = [
            offer,
            offer._replace(notify=False),
            offer._replace(landlock=0),
            offer._replace(landlock=0, notify=False),
        ]
        tries += [offer._replace(filter=False, notify=False), Layers()]
        for layers in dict.fromkeys(tries):
            self._filter = self._program(layers)
            self.layers = layers
            self._drop_shared()
            if not layers.any or self._enters():
                return layers
        return Layers()

    def _enters(self) -> bool:
        try:
            entrance = self.entrance(())
        except OSError:
            return False
        parent, pid = os.getpid(), os.fork()
        if not pid:
            status = 1
            with contextlib.suppress(BaseException):
                # A worker may be killed while it starts: a process that then waits for an answer would wait for ever.
                system.signal_when_parent_ends(int(signal.SIGKILL))
                if os.getppid() == parent:
                    enter(entrance)
                    status = 0
            os._exit(status)
        self.leave(entrance)
        return self._ended(pid) == 0

    def _ended(self, pid: int) -> int:
        """Wait for a process that tries to enter; returns its status.

        Its listener is closed as soon as it comes: a call that nobody answers would wait for ever.
        """
        while not (ended := os.waitpid(pid, os.WNOHANG))[0]:
            time.sleep(_TRY_POLL_S)
            self.forget()
        self.forget()
        return ended[1]

    def entrance(self, bundles: Iterable[str], vendor: str = "") -> Entrance:
        """What a process needs to enter in which these bundles are opened; `leave` is to be called afterwards.

        OSError where the kernel has no room for it.
        """
        if not self.layers.any:
            return Entrance(policy.OFF)
        ruleset = self._ruleset(bundles, vendor) if self.layers.landlock else -1
        return Entrance(
            self.mode,
            self.layers.landlock,
            ruleset,
            self._filter,
            self._theirs if self.layers.notify else -1,
            self._privileged,
        )

    def _ruleset(self, bundles: Iterable[str], vendor: str) -> int:
        """A set of rules for a job: the shared one, or one of its own where it may read what others may not.

        The shared one allows what every plugin may read. A guarded plugin may read other bundles, too, so theirs are
        added to it. It is made anew now and then: each process adds its own part of /proc.
        """
        opened = [path for bundle in bundles for path in policy.bundle_paths(bundle, self._private)]
        own = [path for path in dict.fromkeys(opened) if not path.startswith("/usr/")]
        found: list[tuple[str, str]] = []
        if self.mode == policy.GUARDED:
            found = [each for bundle in bundles for each in self._vendors.find(bundle, vendor, self._private)]
            self._link(found)
        abi = self.layers.landlock
        if found or (own and self.mode == policy.SEALED):
            return self._with(landlock.ruleset(self._base, abi), [*own, *(path for _, path in found)])
        if self._shared < 0 or self._uses >= _SHARED_USES:
            self._drop_shared()
            self._shared = landlock.ruleset(self._base, abi)
        self._uses += 1
        return self._with(self._shared, own)

    def _with(self, ruleset: int, paths: Iterable[str]) -> int:
        own = landlock.rules(((path, landlock.READ) for path in paths), self.layers.landlock)
        landlock.add(ruleset, own)
        for rule in own:
            rule.close()
        os.set_inheritable(ruleset, True)
        return ruleset

    def _drop_shared(self) -> None:
        if self._shared >= 0:
            os.close(self._shared)
        self._shared, self._uses = -1, 0

    def _link(self, found: Iterable[tuple[str, str]]) -> None:
        """Show folders of the home in the plugin's own, where it looks for them."""
        for place, path in found:
            link = os.path.join(self.folder, "home", place)
            with contextlib.suppress(OSError):
                os.makedirs(os.path.dirname(link), 0o700, exist_ok=True)
                os.symlink(path, link)

    def leave(self, entrance: Entrance) -> None:
        """Close what was opened for one process."""
        if entrance.ruleset not in (-1, self._shared):
            os.close(entrance.ruleset)

    def fileno(self) -> int:
        """A descriptor that becomes readable when a process has sent its listener; -1 where none does."""
        return self._socket.fileno() if self._socket and self.layers.notify else -1

    def watch(self, pid: int) -> Watch | None:
        """The questions about the processes of the job that began as `pid`; None where it has not entered yet."""
        while found := self._received():
            sender, listener = found
            if sender == pid:
                return Watch(listener, self._machine, pid, self._real_folder, landlock=self.layers.landlock)
            os.close(listener)  # of a job that was ended before
        return None

    def forget(self) -> None:
        """Close what processes have sent that have ended since."""
        while found := self._received():
            os.close(found[1])

    def _received(self) -> tuple[int, int] | None:
        """Process id and listener of a process that has entered."""
        if self._socket is None:
            return None
        try:
            sender, rights, _, _ = self._socket.recvmsg(64, _RIGHTS)
        except OSError:
            return None
        for level, kind, data in rights:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS) and len(data) >= 4:
                fd = int(struct.unpack_from("@i", data)[0])
                os.set_inheritable(fd, False)
                return int.from_bytes(sender, sys.byteorder), fd
        return None

    def clean(self) -> None:
        """Empty the throw-away folder after a job that may have left something there."""
        if self.folder and self._changes.possible():
            self._changes.close()
            links = {os.path.join("home", place): path for place, path in self._fonts}
            if folder.clean(self.folder, links):
                self._link(self._fonts)
            self._changes = Changes(self.folder)

    def close(self) -> None:
        """Take the throw-away folder away."""
        if self.folder:
            self._changes.close()
            folder.remove(self.folder)

    def described(self) -> str:
        """How jobs are read: the mode, and the layers that are missing."""
        if not self.layers.any:
            return policy.OFF
        lacking = self.layers.lacking()
        return f"{self.mode} without {' and '.join(lacking)}" if lacking else self.mode
