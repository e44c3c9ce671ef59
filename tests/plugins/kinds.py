"""The table of the zoo: what each kind does, and how a probe of it is expected to end."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.plugins import broken, direct
from tests.plugins.kind import Ending, Kind

_CRASHED = Ending("crashed", "load", "SIGSEGV")

KINDS: dict[str, Kind] = {}


def _broken(name: str, does: str, make: Callable[[Path], None], cause: str = "") -> None:
    KINDS[name] = Kind(name, does, "failed", "factory", make=make, cause=cause)


def _acts(
    name: str,
    does: str,
    behaviour: str,
    at: str,
    outcome: str,
    stage: str = "done",
    signal: str = "",
    *,
    cause: str = "",
    seconds: float = 0.0,
    leaves: str = "",
    beyond: bool = False,
    each: Mapping[int, Ending] | None = None,
    loads: Ending | None = None,
    **options: Any,
) -> None:
    options = {"behaviour": behaviour, "stage": at, **options}
    plugins = 0 if stage == "factory" else options.get("classes", 1)
    KINDS[name] = Kind(
        name, does, outcome, stage, signal, plugins, options, None, cause, seconds, leaves, beyond,
        each=each or {}, loads={0: loads} if loads else {},
    )  # fmt: skip


# Dying while the module is opened: nothing is known of it but its file.
_acts("segfault", "segfault in a constructor of the library", "segfault", "load", "crashed", "factory", "SIGSEGV")
_acts("segfault_entry", "segfault in ModuleEntry", "segfault", "entry", "crashed", "factory", "SIGSEGV")
_acts("segfault_factory", "segfault in GetPluginFactory", "segfault", "factory", "crashed", "factory", "SIGSEGV")
_acts("segfault_class", "segfault when asked what it holds", "segfault", "class", "crashed", "factory", "SIGSEGV")
_acts("abort", "abort()", "abort", "entry", "crashed", "factory", "SIGABRT")
_acts("fpe", "division by zero", "fpe", "entry", "crashed", "factory", "SIGFPE")
_acts("illegal", "an instruction that does not exist", "illegal", "entry", "crashed", "factory", "SIGILL")
_acts("stack_overflow", "endless recursion", "overflow", "entry", "crashed", "factory", "SIGSEGV")
_acts("exit", "exit(0) while loading, which is no success", "exit", "entry", "crashed", "factory")
_acts("exit_at_once", "_exit(0) while loading", "_exit", "entry", "crashed", "factory")
_acts("throw", "an exception in ModuleEntry", "throw", "entry", "crashed", "factory", "SIGABRT")

_acts("no_display", "abort() for the want of a display", "display", "entry", "crashed", "factory", "SIGABRT")

# Never coming back.
_acts("sleep", "sleeps for ever", "sleep", "entry", "timeout", "factory")
_acts("spin", "computes for ever", "spin", "entry", "timeout", "factory")
_acts("deaf", "ignores every signal and sleeps for ever", "deaf", "entry", "timeout", "factory")
_acts("stop", "stops itself with SIGSTOP", "stop", "entry", "timeout", "factory")
_acts("allocate", "takes memory without bound and touches it", "allocate", "entry", "memory", "factory")
_acts("allocate_create", "the same when an instance is made", "allocate", "create", "memory", "load")

# Loud, curious and rude, and good all the same.
_acts("print", "prints a line to each output stream", "print", "entry", "ok")
_acts("flood", "writes 400 MB to the output streams", "flood", "entry", "ok")
_acts("escapes", "writes escape sequences to the streams and to the terminal", "escapes", "entry", "ok")
_acts("read_input", "reads stdin to its end, then the terminal", "read", "entry", "ok")
_acts("write_junk", "writes junk into every descriptor", "junk", "create", "ok")
_acts("leave_folder", "goes to a folder of its own and deletes it", "leave_folder", "entry", "ok")
_acts("fill_file", "writes one file without end", "file", "entry", "ok")
_acts("entered_again", "dies when it is entered a second time, as after a look at it", "again", "entry", "ok")
_acts("wild_locale", "umask 0777 and a locale with a decimal comma", "locale", "entry", "ok")
_acts(
    "close_all", "closes every descriptor, the report's too", "close_all", "create", "failed", "load",
    cause="closed the channel that it reports on",
)  # fmt: skip

# Reaching for other processes.
_acts(
    "kill_parent", "kills its parent, which the sandbox prevents, then sleeps for ever", "kill_parent", "entry",
    "timeout", "factory", beyond=True,
)  # fmt: skip
_acts("stop_parent", "stops its parent", "stop_parent", "entry", "ok", beyond=True)
_acts("kill_group", "kills its process group", "kill_group", "entry", "crashed", "factory", "SIGKILL", beyond=True)
_acts("fork_child", "leaves a child that lives on", "fork", "entry", "ok", leaves="zoo-child")
_acts("daemonise", "leaves a grandchild in a session of its own", "daemon", "entry", "ok", leaves="zoo-daemon")

# Dying or hanging later: names and vendors stay known.
_acts("segfault_create", "segfault when an instance is made", "segfault", "create", "crashed", "load", "SIGSEGV")
_acts("segfault_initialise", "segfault when initialised", "segfault", "initialise", "crashed", "load", "SIGSEGV")
_acts(
    "segfault_parameters",
    "segfault when asked for a parameter",
    "segfault",
    "parameter",
    "crashed",
    "parameters",
    "SIGSEGV",
)
_acts("segfault_text", "segfault when a value is worded", "segfault", "text", "crashed", "parameters", "SIGSEGV")
_acts("segfault_process", "segfault at its first audio", "segfault", "process", "ok", loads=_CRASHED)
_acts("exit_create", "exit(0) when an instance is made", "exit", "create", "crashed", "load")
_acts("sleep_create", "sleeps for ever when an instance is made", "sleep", "create", "timeout", "load")
_acts("sleep_parameters", "sleeps for ever when asked for a parameter", "sleep", "parameter", "timeout", "parameters")
_acts("sleep_text", "sleeps for ever when a value is worded", "sleep", "text", "timeout", "parameters")
_acts("throw_create", "throws when an instance is made", "throw", "create", "crashed", "load", "SIGABRT")
_acts(
    "thread_crash", "crashes in a thread of its own after loading", "thread", "text", "crashed", "parameters", "SIGSEGV"
)
_acts("crash_unload", "segfault when unloaded", "segfault", "unload", "ok")
_acts("sleep_unload", "sleeps for ever when unloaded", "sleep", "unload", "ok")
_acts("crash_exit", "segfault in ModuleExit", "segfault", "exit", "ok")
_acts("sleep_exit", "sleeps for ever in ModuleExit", "sleep", "exit", "ok")

# Saying no.
_acts("refuse_entry", "ModuleEntry says no", "refuse", "entry", "failed", "factory", cause="Its ModuleEntry refused")
_acts(
    "refuse_factory", "GetPluginFactory gives nothing", "refuse", "factory", "failed", "factory",
    cause="Its GetPluginFactory gave nothing",
)  # fmt: skip
_acts(
    "refuse_create", "refuses to make an instance", "refuse", "create", "failed", "load",
    cause="Its factory makes no instance of it",
)  # fmt: skip
_acts(
    "refuse_initialise", "refuses to be initialised", "refuse", "initialise", "failed", "load",
    cause="It refuses to be initialized",
)  # fmt: skip
_acts(
    "no_classes",
    "a factory of nothing",
    "",
    "",
    "failed",
    "factory",
    cause="It holds no effect and no instrument",
    classes=0,
)

# Odd, and good.
_acts(
    "silent_instrument",
    "an instrument that never makes a sound",
    "",
    "",
    "ok",
    instrument="silent",
    category="Instrument|Synth",
)
_acts("slow", "takes 500 ms for each instance", "", "", "ok", delay_ms=500, seconds=0.5)
_acts("many_parameters", "2,000 parameters", "", "", "ok", parameters=2000)
_acts("midi_parameters", "2,080 parameters made up for MIDI", "", "", "ok", midi_controllers=2080)
_acts("no_parameters", "no parameter at all", "", "", "ok", parameters=0)
_acts("shell", "a shell of 200 good plugins", "", "", "ok", classes=200)
_acts(
    "shell_crash",
    "a shell of 200 plugins, one of which crashes when made",
    "segfault",
    "create",
    "ok",
    classes=200,
    which=136,
    each={136: _CRASHED},
)
_acts("same_name", "two plugins of one name and vendor, with different ids", "", "", "ok", classes=2, same="name")
_acts("same_id", "two plugins with one id and different names", "", "", "ok", classes=2, same="id")
_acts(
    "name_empty",
    "no name, no vendor, no version, no category",
    "",
    "",
    "ok",
    title="",
    vendor="",
    version="",
    category="",
    id_from="name_empty",
)
_acts(
    "name_huge",
    "texts as long as their fields allow",
    "",
    "",
    "ok",
    title="N" * 63,
    vendor="V" * 63,
    version="1" * 63,
    category=("Fx|" * 43)[:127],
    parameter="P" * 127,
)
_acts(
    "name_unterminated",
    "every text fills its field, without an end",
    "",
    "",
    "ok",
    title="N" * 99,
    vendor="V" * 99,
    version="1" * 99,
    category="Fx|" * 99,
    parameter="P" * 199,
)
_acts(
    "name_not_utf8",
    "names that are no text",
    "",
    "",
    "ok",
    title="Caf\udce9 \udcff\udcfe",
    vendor="\udcffendor",
    parameter="Gr\udcf6\udcdfe",
)
_acts(
    "name_controls",
    "names of escape sequences and control characters",
    "",
    "",
    "ok",
    title="\x1b[31mRed\x1b[0m\x07\r\nline\ttab\x9b2J\u202erevo\u200b",
    vendor="\x1b]0;mine\x07Vendor\x08\x7f",
    parameter="\x1b[2JGain\n\u202e",
)
_acts(
    "name_markup",
    "names of Rich markup",
    "",
    "",
    "ok",
    title="[bold red]Loud[/] [/nope] [link=file:///]x",
    vendor="[/][@click=app.quit]Vendor[/]",
    parameter="[blink]Gain[/red] [",
)

# Broken before anything of them runs.
_broken("empty_folder", "a bundle with nothing in it", broken.empty_folder, "There is no binary inside")
_broken("no_binary", "a bundle with everything but the module", broken.no_binary, "There is no binary inside")
_broken("windows_only", "a bundle for another system", broken.windows_only, "it holds x86_64-win")
_broken("empty_binary", "a module of no bytes", broken.empty_binary, "The binary is empty")
_broken("text_binary", "a module that is a script", broken.text_binary, "not one for Linux")
_broken("other_machine", "a module for another processor", broken.other_machine, "not for this machine")
_broken("missing_library", "needs a library that is not there", broken.missing_library, "libzoo_absent.so.1")
_broken("no_plugin", "a good library that is no plugin", broken.no_plugin, "It has no ModuleEntry")
_broken("empty_file", "a file of no bytes", broken.empty_file, "The binary is empty")
_broken("text_file", "a text file", broken.text_file, "not one for Linux")
_broken("dangling_link", "a link to nowhere", broken.dangling_link, "a dangling link to")
_broken("dangling_binary", "a bundle whose module is a link to nowhere", broken.dangling_binary, "no binary inside")
_broken("loop", "a link to itself", broken.loop, "a link that leads to itself")
_broken("pipe_binary", "a module that is a named pipe", broken.pipe_binary, "There is no binary inside")

# Broken in ways of their own: as (outcome, stage, signal, plugins), and the cause.
_READABLE = os.geteuid() == 0  # no mode keeps root out
for _name, _does, _make, _end, _cause in (
    ("truncated", "a module cut in half", broken.truncated, ("failed", "factory", "", 0), "The binary is cut short"),
    (
        "single_file",
        "a module without a bundle, not loaded on Linux",
        broken.single_file,
        ("failed", "factory", "", 0),
        "It is a single file",
    ),
    ("loop_inside", "a good bundle with a link to its own folder", broken.loop_inside, ("ok", "done", "", 1), ""),
    (
        "unreadable",
        "a module nobody may read, but root",
        broken.unreadable,
        ("ok", "done", "", 1) if _READABLE else ("failed", "factory", "", 0),
        "" if _READABLE else "Permission denied",
    ),
):
    KINDS[_name] = Kind(_name, _does, *_end, make=_make, cause=_cause)

KINDS.update(direct.KINDS)
