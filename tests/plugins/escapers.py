"""The wing of escapers: plugins that try to get out of the sandbox, and what each would leave behind outside."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tests.plugins.build import good


class Escaper(NamedTuple):
    """One way out. Its plugin is a good one otherwise, and is to be catalogued all the same."""

    behaviour: str
    """In the table of escape.c."""
    does: str
    attempt: str = ""
    """The kind of attempt that the catalogue names where the kernel tells of it; empty where the call just fails."""
    seen: bool = False
    """Whether the witness sees it without a sandbox, harmlessly, on any Linux."""
    stage: str = "entry"

    @property
    def name(self) -> str:
        return self.behaviour.removeprefix("esc_") + ("" if self.stage == "entry" else f"_{self.stage}")


_TABLE = (
    # (behaviour, what it does, kind of attempt, seen without a sandbox)
    ("esc_tcp", "connects to a port", "network", True),
    ("esc_udp", "sends a datagram to a port", "network", True),
    ("esc_six", "connects by IPv6", "network", False),
    ("esc_listen", "listens on a port", "network", True),
    ("esc_raw", "reads raw packets", "network", False),
    ("esc_vsock", "speaks to the host of a virtual machine", "network", False),
    ("esc_netlink", "asks the kernel over netlink", "other", True),
    ("esc_alg", "uses the kernel's encryption", "other", False),
    ("esc_unix", "connects to a socket by its path", "programs", True),
    ("esc_dgram", "sends to a socket of datagrams by its path", "programs", True),
    ("esc_pair", "sends from a pair of sockets to a path", "", True),
    ("esc_pairflags", "the same with flags in the type", "", True),
    ("esc_abstract", "connects to an abstract socket", "programs", True),
    ("esc_create", "creates a file", "writes", True),
    ("esc_rawopen", "creates a file by a raw system call", "writes", True),
    ("esc_openat2", "creates a file by a newer system call", "", True),
    ("esc_append", "appends to a file", "writes", True),
    ("esc_truncate", "cuts a file short", "writes", True),
    ("esc_rdtrunc", "cuts a file short that it opens for reading", "", True),
    ("esc_unlink", "deletes a file", "writes", True),
    ("esc_rename", "renames a file", "writes", True),
    ("esc_away", "moves a file into its own folder", "writes", False),
    ("esc_exchange", "exchanges a file for its own", "writes", False),
    ("esc_mkdir", "makes a folder", "writes", True),
    ("esc_rmdir", "deletes a folder", "writes", True),
    ("esc_symlink", "makes a symbolic link outside", "writes", True),
    ("esc_linked", "writes through symbolic links of its own", "writes", True),
    ("esc_hard", "makes a hard link outside", "writes", False),
    ("esc_chmod", "changes a mode", "writes", True),
    ("esc_fchmod", "changes the mode of a file that it may read", "writes", False),
    ("esc_chown", "changes an owner", "writes", False),
    ("esc_times", "changes times", "writes", True),
    ("esc_xattr", "sets extended attributes", "writes", False),
    ("esc_flags", "reaches a file's flags by ioctl", "", False),
    ("esc_mknod", "makes devices", "writes", False),
    ("esc_shm", "shares memory through /dev/shm", "writes", True),
    ("esc_tmpfile", "makes a file without a name and names it", "writes", True),
    ("esc_selffd", "opens a path again through /proc/self/fd", "writes", True),
    ("esc_opath", "writes below the descriptor of a folder", "writes", True),
    ("esc_chdir", "writes by a relative path", "writes", True),
    ("esc_mmap", "writes through a mapping", "writes", True),
    ("esc_secret", "reads a file", "", True),
    ("esc_rdlink", "reads through a symbolic link of its own", "", True),
    ("esc_hardlink", "reads through a hard link of its own", "writes", False),
    ("esc_through", "reads through a symbolic link of others", "", True),
    ("esc_root", "reads through /proc/self/root and cwd", "", True),
    ("esc_list", "lists a folder", "", True),
    ("esc_handle", "opens a file by its handle", "other", False),
    ("esc_home", "reads the home of whoever scans", "", False),
    ("esc_environ", "reads a secret of the environment", "", True),
    ("esc_proc", "reads other processes in /proc", "", True),
    ("esc_inherited", "uses descriptors that it inherited", "", False),
    ("esc_system", "runs a command", "executes", True),
    ("esc_exec", "runs a program after a fork", "executes", True),
    ("esc_execat", "runs a program by its descriptor", "executes", True),
    ("esc_memexec", "runs a program from memory, and by the loader", "executes", True),
    ("esc_thread", "does much of this from a thread", "writes", True),
    ("esc_child", "does much of this from a grandchild in a session of its own", "writes", True),
    ("esc_kill", "ends other processes", "", True),
    ("esc_tgkill", "ends other processes by their threads", "", True),
    ("esc_queue", "ends other processes by sigqueue", "", True),
    ("esc_pidfd", "ends other processes by a descriptor", "", True),
    ("esc_owner", "has the kernel send a signal", "", False),
    ("esc_ptrace", "debugs another process", "other", False),
    ("esc_vm", "reads its worker's memory", "other", False),
    ("esc_getfd", "takes its worker's descriptors", "other", False),
    ("esc_limits", "sets the limits of others", "", False),
    ("esc_nice", "slows others down", "", False),
    ("esc_sibling", "makes a child of its worker's", "", False),
    ("esc_uring", "uses io_uring", "other", False),
    ("esc_bpf", "loads into the kernel", "other", False),
    ("esc_keys", "uses the kernel's keys", "other", False),
    ("esc_faults", "uses userfaultfd", "other", False),
    ("esc_perf", "measures others", "other", False),
    ("esc_spaces", "makes namespaces", "other", False),
    ("esc_join", "enters the namespaces of others", "other", False),
    ("esc_mount", "mounts", "other", False),
    ("esc_sysv", "shares memory, messages and semaphores (System V)", "other", False),
    ("esc_mqueue", "shares messages (POSIX)", "other", False),
    ("esc_watch", "watches files of others", "other", False),
    ("esc_terminal", "types into terminals", "writes", False),
    ("esc_filter", "gets out of its worker's sight", "", False),
    ("esc_rights", "changes its user and rights", "", False),
    ("esc_x32", "uses the system calls of other kinds of program", "", False),
    ("esc_lock", "locks files of others", "", False),
    ("esc_display", "looks for a display", "programs", False),
    ("esc_forge", "forges frames of a report", "", False),
    ("esc_raceopen", "changes a path while it is judged for opening", "writes", True),
    ("esc_racemode", "changes a path while it is judged for ioctl alone", "", True),
    ("esc_racemeta", "changes a path while it is judged for a mode", "writes", True),
    ("esc_racedel", "changes a path while it is judged for deleting", "writes", True),
    ("esc_racedir", "exchanges a folder for a link while it is judged", "", True),
    ("esc_racelock", "changes a descriptor while its lock is judged", "", True),
    ("esc_memory", "looks for secrets in what its worker left in memory", "", True),
    ("esc_core", "has the kernel start the program that reports crashes", "", True),
    ("esc_realtime", "takes the processor from others", "", False),
    ("esc_sendfd", "sends its descriptors on those that it inherited", "", False),
    ("esc_pairs", "takes apart pairs of sockets and sends them elsewhere", "", True),
    ("esc_sockfilter", "loads a filter of packets into the kernel", "", True),
    ("esc_access", "opens files for ioctl alone", "writes", True),
    ("esc_readable", "changes files that it may read", "", False),
    ("esc_ownproc", "changes its own part of /proc", "", False),
    ("esc_around", "reads other processes by ways around", "", True),
    ("esc_spawn", "runs a program without a fork", "executes", True),
    ("esc_everyone", "reaches for all processes at once", "", False),  # free, it would reach other tests' witnesses
    ("esc_calls", "makes calls that few know", "", False),
    ("esc_flood", "tries thousands of things from many processes", "writes", False),
    ("esc_judge", "gives arguments that cannot be read to whoever judges its calls", "executes", False),
    ("esc_closed", "closes the folders that are emptied behind it", "", False),
    ("esc_hide", "reaches the network after hundreds of other attempts", "network", True),
    ("esc_left", "leaves thousands of files behind", "", False),
)

ESCAPERS = {
    each.name: each
    for each in (
        *(Escaper(*row) for row in _TABLE),
        Escaper("esc_create", "creates a file in a constructor", "writes", True, "load"),
        Escaper("esc_tcp", "connects in a constructor", "network", True, "load"),
        Escaper("esc_secret", "reads a file in a constructor", "", True, "load"),
        Escaper("esc_system", "runs a command when an instance is made", "executes", True, "create"),
        Escaper("esc_child", "does much from a grandchild while a parameter is read", "writes", True, "parameter"),
    )
}
"""By name."""


def build(name: str, folder: Path) -> Path:
    """Make the bundle of one escaper in a folder and give its path."""
    each = ESCAPERS[name]
    return good(folder, f"{name}", behaviour=each.behaviour, stage=each.stage)
