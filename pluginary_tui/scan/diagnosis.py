"""Why a bundle could not be read, in plain words, and what to do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from pluginary_tui.model import MISSING, Outcome, clean


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is shown of one failure. No text names a key, so that every screen and command can use it."""

    kind: str
    """What sort of failure it is: `library`, `machine`, `incomplete`, `licence`, `crash`, ...; empty for none."""
    short: str
    """A few words for a list."""
    why: str
    """One sentence: what happened."""
    advice: str
    """One to three sentences: what to do."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """What an error that fits `pattern` means; `{it}` in the texts is what the pattern found under that name."""

    pattern: re.Pattern[str]
    kind: str
    short: str
    why: str
    advice: str


def _rule(pattern: str, kind: str, short: str, why: str, advice: str) -> _Rule:
    return _Rule(re.compile(pattern, re.IGNORECASE), kind, short, why, advice)


_INSTALL_AGAIN = "Install it again from its maker's installer; a download or a copy was probably cut off."
_OTHER_VERSION = "Install the version that its maker offers for this machine and system."
_PACKAGE = (
    "Install the package that holds {it} ('apt-file search {it}' or 'dnf provides */{it}' names it), or install the "
    "plugin again if {it} should have come with it."
)
_LICENCE_ADVICE = (
    "It speaks of a licence: activate it with its maker's program, or open it once in a host, and try it again."
)
_TELL_MAKER = "Look for an update from its maker, and send them the log if there is none."

# The first that fits counts. The words are those of the dynamic loaders (glibc, musl, dyld, Windows), of discovery,
# of the walk of the factory, and of pedalboard.
_RULES = (
    _rule(
        r"executable stack", "system", "wants an executable stack",
        "It wants to run code on its stack, which this system forbids.",
        "Look for an update from its maker; 'patchelf --clear-execstack' on its binary often helps as well.",
    ),
    _rule(
        r"bridge to (?P<it>.+?), where nothing is", "bridge", "bridge to nowhere",
        "It is a bridge to {it}, where nothing is.",
        "Install the Windows plugin again, or delete the bridge: 'yabridgectl sync --prune' removes those that lead "
        "nowhere.",
    ),
    _rule(
        r"failed to map segment from shared object.*(?:operation not permitted|permission denied)", "noexec",
        "on a disk without programs",
        "The disk or folder that it lies in is set up so that no program may run from it (noexec), or a security "
        "policy forbids it.",
        "Install it on another disk, or mount that one with 'exec' (mount -o remount,exec).",
    ),
    _rule(
        r"cannot restore segment prot|cannot make segment writable|cannot apply additional memory protection"
        r"|cannot change memory protections", "system", "changes its own code",
        "It wants to change its own code while it is loaded, which this system forbids (SELinux or another policy).",
        "Look for an update from its maker; the log of the system's policy says what was forbidden.",
    ),
    _rule(
        r"cannot allocate memory in static tls block", "system", "no room in thread storage",
        "Libraries that were loaded before took the memory for thread variables that it needs.",
        "Look for an update from its maker; it may load in a host that uses fewer libraries.",
    ),
    _rule(
        r"failed to map segment from shared object.*cannot allocate memory", "memory", "memory ran out",
        "The machine had not enough memory to load it.",
        "Close other programs, or probe fewer at a time (scan.workers), and scan again.",
    ),
    _rule(
        r"too many open files|no file descriptors available", "limit", "too many open files",
        "This session may not open as many files as loading it takes.",
        "Raise the limit ('ulimit -n 1024', or the one of the container) and scan again.",
    ),
    _rule(
        r"input/output error|stale (?:nfs )?file handle|transport endpoint is not connected|host is down", "disk",
        "its disk does not answer", "The disk or network drive that it lies on does not answer.",
        "Connect the drive again or check the disk, and scan again.",
    ),
    _rule(
        r"permission denied|operation not permitted", "permission", "may not be read",
        "The system does not allow this user to read it.",
        "Allow reading it (chmod -R a+rX on the bundle), or install it for this user.",
    ),
    _rule(
        r"(?P<it>[\w.+/-]+): cannot open shared object file", "library", "needs {it}",
        "It needs the library {it}, which is not installed.", _PACKAGE,
    ),
    _rule(
        r"error loading shared library (?P<it>[\w.+/-]+)", "library", "needs {it}",
        "It needs the library {it}, which is not installed.", _PACKAGE,
    ),
    _rule(
        r"library not loaded: (?P<it>.+?)(?: referenced from|$)", "library", "needs {it}",
        "It needs the library {it}, which is not installed.",
        "Install the plugin again with its maker's installer, which should bring {it} along.",
    ),
    _rule(
        r"could not find module|specified module could not be found", "library", "needs a library",
        "A library that it needs is not installed; Windows does not say which.",
        "Install its maker's runtime and the Microsoft Visual C++ Redistributable.",
    ),
    _rule(
        r"version [`'](?P<it>[^'`]+)['`] not found", "system", "needs {it}",
        "It was built for a newer system: it needs {it}, which this one does not have.",
        "Update the system, or install an older version of the plugin.",
    ),
    _rule(
        r"(?:undefined symbol|symbol not found): (?P<it>[^\s,()]+)", "symbol", "misses a function",
        "A library that it uses does not have the function {it}: one of the two is of the wrong version.",
        "Update the plugin and the libraries it came with; install it again if that does not help.",
    ),
    _rule(
        r"the binary is for (?P<it>.+?), not for this machine", "machine", "made for {it}",
        "It was made for another kind of processor: {it}.", _OTHER_VERSION,
    ),
    _rule(
        r"no binary for this machine \((?P<here>[^)]*)\); it holds (?P<it>.+?)\.?$", "machine", "made for {it}",
        "It holds nothing for this machine ({here}), only for {it}.", _OTHER_VERSION,
    ),
    _rule(
        r"wrong elf class|incompatible architecture|wrong architecture|not a valid win32", "machine",
        "made for another machine", "It was made for another kind of processor.", _OTHER_VERSION,
    ),
    _rule(
        r"the binary is not one for linux", "machine", "no Linux binary",
        "The file inside is no program for Linux: it was made for another system, or is damaged.",
        "Install the Linux version; a Windows one needs a bridge such as yabridge.",
    ),
    _rule(
        r"macos holds it back: (?P<it>.+?) has downloaded it", "signature", "held back by macOS",
        "macOS holds it back: {it} has downloaded it, and nobody let it through.",
        "If you trust its maker, use its installer, or take the mark away with 'xattr -dr com.apple.quarantine PATH'.",
    ),
    _rule(
        r"code signature|library load disallowed|not valid for use in process", "signature", "not let in by the system",
        "The system refuses its signature.",
        "Install it again, or let it through in the system's privacy and security settings.",
    ),
    _rule(
        r"cut short|file too short|invalid elf header|truncated", "incomplete", "cut short",
        "Its binary is cut short or damaged.", _INSTALL_AGAIN,
    ),
    _rule(
        r"the binary is empty", "incomplete", "empty file", "Its binary is there, but there is nothing in it.",
        _INSTALL_AGAIN,
    ),
    _rule(
        r"there is no binary inside", "incomplete", "no binary inside",
        "The bundle is there, but the program that belongs into it is not.", _INSTALL_AGAIN,
    ),
    _rule(
        r"a dangling link to (?P<it>.+?)\.?$", "link", "link to nowhere", "It is a link to {it}, where nothing is.",
        "Put the plugin back there, or delete the link.",
    ),
    _rule(
        r"not utf-8", "name", "name is no text", "Its name on the disk is not readable text.",
        "Rename it, with plain letters only.",
    ),
    _rule(
        r"is a single file", "format", "a file, not a folder", "It is a single file; a VST3 for Linux is a folder.",
        "Install it the way its maker describes; the whole folder NAME.vst3 belongs there, not the file inside.",
    ),
    _rule(
        r"has no (?:clap_entry|ladspa_descriptor)|has no factory of plugins", "format", "no plugin inside",
        "It is a library, but there is no plugin in it.", "Delete it, or install what should be there again.",
    ),
    _rule(
        r"(?P<it>[\w./ #-]+\.ttl, line \d+): ", "damaged", "broken description",
        "The text that describes it is broken: {it}.", "Install it again, or tell its maker the line.",
    ),
    _rule(
        r"(?P<it>[\w./ #-]+\.ttl) (?:cannot be read|is no file)", "incomplete", "no description",
        "The text that describes it, {it}, cannot be read.", _INSTALL_AGAIN,
    ),
    _rule(
        r"has no (?:moduleentry|getpluginfactory|bundleentry)", "format", "not a VST3",
        "There is a library inside, but it is not a VST3.", "Delete it, or install what should be there again.",
    ),
    _rule(
        r"clap_entry (?:refused|is empty)"
        r"|moduleentry refused|bundleentry refused|initdll refused|getpluginfactory gave nothing", "refused",
        "refuses to start", "It refused to start, and gave no reason.",
        "Its licence, its data or a program of its maker's may be missing: open it once in a host, and read its log.",
    ),
    _rule(
        r"holds no effect and no instrument", "empty", "holds no plugin",
        "It can be opened, but holds no effect and no instrument.",
        "A shell without licences holds nothing: activate it with its maker's program. Otherwise ignore it.",
    ),
    _rule(
        r"unsupported plugin format or scan failure|unable to (?:scan|load) plugin", "refused", "refuses to start",
        "It can be opened, but refuses to be used.",
        "Its licence, its data or a program of its maker's may be missing: open it once in a host, and read its log.",
    ),
    _rule(
        r"closed the channel|report that (?:arrived damaged|is too large)", "report", "broke its report",
        "It disturbed its own reading: nothing of what it holds arrived whole.", _TELL_MAKER,
    ),
)  # fmt: skip

_IN_A_DAW = "it may well work in your DAW"

# Why pedalboard does not load a plugin that could be read, as a clause. The first that fits counts. The words are those
# of pedalboard, of the dynamic loader, and of the load checks.
_SYMBOL = r"(?:undefined symbol|symbol not found): (?P<it>[^\s,()]*[^\s,().])"
_NO_SYMBOL = "a library does not have the function {it}"
_LOAD_RULES = tuple(
    (re.compile(pattern, re.IGNORECASE), kind, clause)
    for pattern, kind, clause in (
        (r"crashed in pedalboard(?: \((?P<it>\w+)\))?", "crash", "it crashes there"),
        (r"was killed (?P<it>\d+) times", "killer", "this program was killed {it} times while it was being loaded"),
        (_SYMBOL, "symbol", _NO_SYMBOL),
        (
            r"(?P<it>[\w.+/-]+): cannot open shared object file", "library",
            "it needs the library {it}, which is not installed",
        ),
        (r"finds plugins of a bundle by name", "name", "an earlier plugin of its bundle has the same name"),
        (r"did not finish loading it: .*memory", "memory", "it takes too much memory there"),
        (r"did not finish loading it", "hang", "it does not finish"),
        (r"^skipped by you", "skipped", "you skipped it"),
        (r"unsupported plugin format or|without a reason|gave no answer|^$", "refused", "it does not say why"),
    )
)  # fmt: skip
_CHANNELS = re.compile(
    r"does not support \d+-channel.*expects (?P<inputs>\d+) input channels? and (?P<outputs>\d+) output channels?",
    re.IGNORECASE,
)
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")

_SIGNALS = {
    "SIGSEGV": "it reached into memory that is not its own",
    "SIGBUS": "it reached into memory that is not there",
    "SIGABRT": "it gave up by itself",
    "SIGILL": "it used an instruction that this processor does not know",
    "SIGFPE": "it divided by zero, or the like",
    "SIGKILL": "it was killed from outside",
    "SIGTRAP": "it stopped at a check of its own",
    "STATUS_ACCESS_VIOLATION": "it reached into memory that is not its own",
    "STATUS_ILLEGAL_INSTRUCTION": "it used an instruction that this processor does not know",
    "STATUS_INTEGER_DIVIDE_BY_ZERO": "it divided by zero",
    "STATUS_STACK_OVERFLOW": "it called itself without end",
    "STATUS_HEAP_CORRUPTION": "it wrote where it must not",
    "STATUS_STACK_BUFFER_OVERRUN": "it gave up by itself, or wrote where it must not",
}
_STAGES = {
    "launch": "before anything was asked of it",
    "factory": "while it was being opened",
    "load": "while the plugin was being created",
    "parameters": "while its parameters were being read",
}
_SHORT_STAGES = {
    "factory": "crashes when opened",
    "load": "crashes when created",
    "parameters": "crashes when read",
}
_WHILE = re.compile(r"\b(while .+?)\.?$")
_SKIPPED = re.compile(r"^skipped by you(?P<after> after [\d.]+ s)?", re.IGNORECASE)
_KILLER = re.compile(r"^this program was killed (?P<times>\d+) times", re.IGNORECASE)
_WITHIN = re.compile(r"within ([\d.]+ s)")
_MEGABYTES = re.compile(r"more than (\d+) MB")
_NO_DISPLAY = "There is no display here"
_NO_DISPLAY_INSIDE = "No display is reachable in the sandbox"

OUT_OF_SANDBOX = "If you trust its maker, try this one with the sandbox off."
"""What to do where the sandbox may be the reason of a failure."""
_LICENCE = re.compile(
    r"licen[cs]e|licensing|dongle|\bi-?lok\b|\be-?licenser\b|codemeter|activat(?:e|ion)|not authori[sz]ed|\btrial\b",
    re.IGNORECASE,
)

_LICENCE_PARTS = ("licen", "dongle", "lok", "codemeter", "activat", "authori", "trial")
"""One of these is in whatever _LICENCE finds; logs are long, and to look for a plain text is a hundred times faster."""


def diagnose(outcome: str, error: str = "", stage: str = "", signal: str = "", log: str = "") -> Diagnosis:
    """What a failure means. The arguments are the fields of a report or of a bundle in the catalogue.

    Texts of the plugin are cleaned. For the outcome `ok` every text is empty.
    """
    error = clean(error, 1000)
    if outcome == Outcome.OK:
        return Diagnosis("", "", "", "")
    if outcome == MISSING:
        return Diagnosis(
            "gone", "gone from the disk", "It is gone from the disk.",
            "Put it back and scan, or forget it; favourites, tags and notes are kept either way.",
        )  # fmt: skip
    if _NO_DISPLAY_INSIDE in error:
        why = "It wants a display, which plugins do not reach in the sandbox."
        return Diagnosis("sandbox", "wants a display", why, OUT_OF_SANDBOX)
    if _NO_DISPLAY in error:
        return Diagnosis(
            "display", "wants a display", "It wants a display, and the last scan ran where there was none.",
            "Scan from a desktop session, or under a virtual display such as xvfb-run.",
        )  # fmt: skip
    match outcome:
        case Outcome.CRASHED:
            return _crash(error, stage, signal, log)
        case Outcome.TIMEOUT:
            return _silence(error, stage, log)
        case Outcome.MEMORY:
            return _memory(error, stage)
        case Outcome.SKIPPED:
            return _skipped(error, stage)
    return _refusal(error, log)


def diagnose_load(error: str, log: str = "") -> Diagnosis:
    """Why pedalboard does not load a plugin that could be read. The arguments are its `load_error` and what it printed.

    `short` is a clause, `why` a sentence that says the same and names pedalboard.
    """
    error = clean(error, 1000)
    kind, short = _load_clause(error, log)
    why = f"pedalboard cannot load it: {short}; {_IN_A_DAW}."
    advice = "It is catalogued with all that it says of itself; Python cannot use it, and it cannot be measured."
    if kind in ("skipped", "hang", "memory"):
        advice = f"{advice} Try it again when there is time."
    return Diagnosis(kind, short, why, advice)


def _load_clause(error: str, log: str) -> tuple[str, str]:
    """What kind of failure it is, and the clause that says it."""
    if found := _CHANNELS.search(error):
        inputs, outputs = int(found["inputs"]), int(found["outputs"])
        return "channels", f"{_number(inputs)} channel{'s' * (inputs != 1)} in, {_number(outputs)} out"
    for pattern, kind, clause in _LOAD_RULES:
        if found := pattern.search(error):
            it = found.groupdict().get("it") or ""
            if kind == "crash" and it:
                return kind, f"{clause} ({it})"
            if kind == "refused" and (symbol := re.search(_SYMBOL, log)):  # pedalboard prints what the loader says
                return "symbol", _NO_SYMBOL.format(it=clean(symbol["it"]))
            return kind, clause.format(it=PurePosixPath(it).name if kind == "library" else it)
    return "refused", f"it says: {error.rstrip('.')}"


def _number(number: int) -> str:
    """A small number as a word."""
    return _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"


def _crash(error: str, stage: str, signal: str, log: str) -> Diagnosis:
    if killed := _KILLER.match(error):
        return Diagnosis(
            "killer", "ends this program",
            f"This program was killed {killed['times']} times in a row while it was reading it.",
            "It may reach outside its own process. Look for an update from its maker before you try it again.",
        )  # fmt: skip
    what = _SIGNALS.get(signal, "it was ended by a signal" if signal else "it ended its process instead of answering")
    why = f"It crashed {_when(error, stage)}: {what}{f' ({signal})' if signal else ''}."
    if _of_licences(log):
        return Diagnosis("licence", "crashes, licence?", why, _LICENCE_ADVICE)
    advice = f"Nothing else was harmed. {_TELL_MAKER}"
    if signal == "SIGILL":
        advice = "It was probably built for a newer processor: look for a version for older ones."
    elif "killed the process that watched it" in error.lower():
        advice = f"It attacks other processes. {_TELL_MAKER}"
    return Diagnosis("crash", _SHORT_STAGES.get(stage, "crashes"), why, advice)


def _silence(error: str, stage: str, log: str) -> Diagnosis:
    if _SKIPPED.match(error):  # as earlier versions worded it
        return _skipped(error, stage)
    when = _when(error, stage)
    within = _WITHIN.search(error)
    why = f"It did not answer{f' within {within[1]}' if within else ''}, {when}."
    if _of_licences(log):
        return Diagnosis("licence", "hangs, licence?", why, _LICENCE_ADVICE)
    return Diagnosis(
        "hang", "does not answer", why,
        "Most likely a window asks for a licence or an activation, where nobody can see it: open it once in a host and "
        "answer. If it is merely slow, raise scan.timeout_s.",
    )  # fmt: skip


def _skipped(error: str, stage: str) -> Diagnosis:
    found = _SKIPPED.match(error)
    after = (found["after"] or "") if found else ""
    return Diagnosis(
        "skipped", "skipped by you", f"You skipped it{after}, {_when(error, stage)}.",
        "Try it again when there is time. If it hangs every time, a window of it may be waiting for an answer: "
        "open it once in a host.",
    )  # fmt: skip


def _memory(error: str, stage: str) -> Diagnosis:
    when = _when(error, stage)
    if limit := _MEGABYTES.search(error):
        return Diagnosis(
            "memory", f"takes over {int(limit[1]):,} MB", f"It took more than {int(limit[1]):,} MB of memory, {when}.",
            "If it is a large sampler, raise scan.memory_limit_mb. Otherwise look for an update from its maker.",
        )  # fmt: skip
    return Diagnosis(
        "memory", "memory ran out", f"The machine ran out of memory, {when}.",
        "Close other programs, or probe fewer at a time (scan.workers), and scan again.",
    )  # fmt: skip


def _refusal(error: str, log: str) -> Diagnosis:
    for rule in _RULES:
        if found := rule.pattern.search(error):
            words = found.groupdict()
            if rule.kind == "library" and "it" in words:
                words["it"] = PurePosixPath(words["it"]).name
            if rule.kind in ("refused", "empty") and _of_licences(log):
                return Diagnosis("licence", "refuses, licence?", rule.why.format(**words), _LICENCE_ADVICE)
            return Diagnosis(rule.kind, *(text.format(**words) for text in (rule.short, rule.why, rule.advice)))
    if _of_licences(f"{error}\n{log}"):
        return Diagnosis("licence", "refuses, licence?", _quoted(error), _LICENCE_ADVICE)
    return Diagnosis("refused", "refuses to load", _quoted(error), _TELL_MAKER)


def _quoted(error: str) -> str:
    return (
        f"It cannot be loaded; it says: {error.rstrip('.')}." if error else "It cannot be loaded, and does not say why."
    )


def _of_licences(text: str) -> bool:
    """Whether a text speaks of licences."""
    folded = text.casefold()
    return any(part in folded for part in _LICENCE_PARTS) and _LICENCE.search(text) is not None


def _when(error: str, stage: str) -> str:
    """`while it was being opened`, as the error says it, for it may name the plugin."""
    found = _WHILE.search(error)
    return found[1] if found else _STAGES.get(stage, "while it was being read")
