"""The kinds for a probe that reads plugins through their own interfaces: many in a bundle, controllers, and lies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.plugins import broken
from tests.plugins.kind import Ending, Kind

KINDS: dict[str, Kind] = {}

_STEREO = {
    "audio_inputs": 2,
    "audio_outputs": 2,
    "sidechain_inputs": 0,
    "midi_input": False,
    "midi_output": False,
}
_GOOD = Ending("ok")
_REFUSED = Ending("failed", "load")
_CRASHED = Ending("crashed", "load", "SIGSEGV")
_HANGS = Ending("timeout", "load")
_EITHER = Ending("")
_TAKES_MEMORY = Ending("memory", "load")


def _add(
    name: str,
    does: str,
    ending: Ending = _GOOD,
    *,
    facts: Mapping[str, Any] | None = None,
    each: Mapping[int, Ending] | None = None,
    loads: Mapping[int, Ending] | Ending | None = None,
    make: Callable[[Path], None] | None = None,
    cause: str = "",
    seconds: float = 0.0,
    **options: Any,
) -> None:
    plugins = 0 if ending.stage == "factory" else options.get("classes", 1)
    stated = {"parameter_count": options.get("parameters", 4), **_STEREO, **(facts or {})}
    KINDS[name] = Kind(
        name,
        does,
        *ending,
        plugins,
        options,
        make,
        cause,
        seconds,
        each=each or {},
        loads={0: loads} if isinstance(loads, Ending) else loads or {},
        facts=stated if ending.outcome == "ok" else {},
        direct=True,
    )


# Many in a bundle, of which single ones end badly.
_add(
    "shell_of_40",
    "40 plugins, of which one each crashes and exits when made, hangs in its controller, and crashes in audio",
    classes=40,
    behaviour="segfault",
    stage="create",
    which=2,
    more=(("sleep", "parameter", 6), ("exit", "create", 10), ("segfault", "process", 12)),
    each={
        2: _CRASHED,
        6: Ending("timeout", "parameters"),
        10: Ending("crashed", "load"),
    },
    loads=dict.fromkeys(range(40), _CRASHED),  # pedalboard makes one of each, whichever is asked for
)
_add(
    "shell_of_8",
    "8 plugins, one of which crashes in audio, and so when pedalboard loads it",
    classes=8,
    behaviour="segfault",
    stage="process",
    which=3,
    loads={3: _CRASHED},
)
_add("slow_50", "50 plugins that take 50 ms each", classes=50, delay_ms=50, seconds=2.5)

# Ways to a controller.
_add("one_object", "a component that is its own controller")
_add(
    "separate_controller",
    "a controller of its own class, whose parameters come with messages",
    trait="separate_controller",
    parameters=5,
    facts={"names": ("Gain", "Mode", "Bypass", "Dry/Wet", "Sent"), "values": (0.75, 0.0, 0.0, 0.5, 0.5)},
)
_add("no_controller", "no controller at all", trait="no_controller", facts={"parameter_count": 0}, loads=_CRASHED)
_add(
    "controller_gone",
    "a controller that cannot be made",
    trait="controller_gone",
    facts={"parameter_count": 0},
    loads=_CRASHED,
)
_add("controller_wants_handler", "dies when asked before it has a component handler", trait="wants_handler")
_add(
    "state_matters",
    "its state holds other values than the declared defaults",
    trait="state_matters",
    facts={"values": (0.75,) * 4},
)
_add(
    "state_stream",
    "reads, writes and seeks oddly in the stream of its state",
    trait="state_stream",
    facts={"values": (0.75,) * 4},
    loads=_CRASHED,
)
_add("dies_in_terminate", "segfault when terminated", behaviour="segfault", stage="terminate", loads=_CRASHED)
_add("hangs_in_terminate", "sleeps for ever when terminated", behaviour="sleep", stage="terminate", loads=_HANGS)
_add("wants_everything", "asks its host for everything, and dies of a no", trait="wants_everything", loads=_CRASHED)
_add("thread_callbacks", "a thread that calls the component handler all the time", trait="thread_callbacks")

# Lies about numbers.
_add("forgets_state", "a state that is saved, and not taken over", trait="forgets_state")
_add("nan_at_rate", "gives NaN above 90 kHz", trait="nan_at_rate")
_add("nan_in_small_buffer", "gives NaN in buffers of one sample", trait="nan_in_small_buffer")
_add("nan_when_moved", "gives NaN where its gain leaps", trait="nan_when_moved")
_add("dies_at_rate", "aborts above 90 kHz", trait="dies_at_rate")
_add("wrong_counts", "says 10 parameters and describes 5", trait="wrong_counts", parameters=5)
_add(
    "huge_count", "says 2,000,000,000 parameters and describes 3", trait="huge_count", parameters=3, loads=_TAKES_MEMORY
)
_add("negative_count", "says -5 parameters", trait="negative_count", facts={"parameter_count": 0})
_add("same_ids", "two parameters to each id", trait="same_ids")
_add("huge_steps", "a list of 2,000,000,001 entries, and a switch of less than none", trait="huge_steps")
_add(
    "bus_list_changes",
    "another number of buses at each question, of which one is described",
    trait="bus_list_changes",
)
_add("huge_buses", "2,000,000,000 buses of every kind, of which one is described", trait="huge_buses", loads=_HANGS)
_add("huge_units", "2,000,000,000 units, of which four are described", trait="huge_units", loads=_HANGS)
_add(
    "huge_programs",
    "two lists of 2,000,000,000 programs, each with a name",
    trait="huge_programs",
    parameters=6,
    loads=_TAKES_MEMORY,
)
_add("nan_values", "values that are no number, or infinite", trait="nan_values", parameters=5)
_add(
    "null_interfaces",
    "a yes and NULL for every interface but the basic one",
    trait="null_interfaces",
    facts={"parameter_count": 0},
    loads=_CRASHED,
)
_add(
    "null_instances",
    "a yes and NULL for every instance",
    _REFUSED,
    trait="null_instances",
)

# Texts.
_add(
    "endless_names",
    "no text has an end, wherever it is",
    trait="endless_names",
    title="N" * 99,
    vendor="V" * 99,
    version="1" * 99,
    category="Fx|" * 99,
    parameter="P" * 199,
    facts={"program_count": 2},
    loads=_EITHER,
)
_add("invalid_strings", "lone surrogates, control characters and markup", trait="invalid_strings")
_add("swapped_texts", "texts of 16 bits byte-swapped, those of 8 bits right", trait="swapped_texts")
_add("swapped_parameter_texts", "names and values of parameters byte-swapped", trait="swapped_parameters")

# Units, programs, mappings.
_add(
    "units",
    "nested units as groups",
    trait="units",
    facts={"groups": ("", "Oscillators", "Oscillators / Oscillator A", "Filter")},
)
_add("unit_loop", "units that are their own and each other's parents", trait="unit_loop")
_add(
    "many_programs",
    "two lists of 128 programs",
    trait="many_programs",
    parameters=6,
    facts={"program_count": 256, "programs": ("A001", "A002", "A003")},
)
_add("mapped_controllers", "2,080 hidden parameters mapped to MIDI", trait="mapped_controllers", parameters=3)

# Buses.
_add(
    "sidechain",
    "a sidechain, and notes in and out",
    trait="sidechain",
    facts={"sidechain_inputs": 1, "midi_input": True, "midi_output": True},
)
_add(
    "mono_to_stereo",
    "one channel in and two out",
    trait="mono_to_stereo",
    facts={"audio_inputs": 1},
    loads=_REFUSED,
)

# Modules that need what is not there.
_add(
    "lazy_symbol", "needs a symbol that no library has, and never calls it", make=broken.missing_symbol, loads=_REFUSED
)
_add(
    "missing_variable",
    "needs a variable that no library has",
    Ending("failed", "factory"),
    make=broken.missing_variable,
    cause="zoo_variable_no_library_has",
)
_add(
    "needs_library",
    "needs two libraries that are not there",
    Ending("failed", "factory"),
    make=broken.missing_libraries,
    cause="libzoo_absent.so.1",
)
