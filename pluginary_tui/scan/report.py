"""From the messages of probes to a Report: every text is cleaned here, and nothing that a plugin sends is trusted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from pluginary_tui.formatting import plain_number
from pluginary_tui.isolation.jobs import JobEnded
from pluginary_tui.model import (
    BUS_MEDIA,
    CHOICE_LIMIT,
    HOST,
    NAME_LIMIT,
    UNREAD,
    Attempt,
    Bundle,
    Bus,
    Outcome,
    Parameter,
    ProbedPlugin,
    Report,
    attempt,
    clean,
    clean_log,
)
from pluginary_tui.scan.events import BundleProgress
from pluginary_tui.search.categories import guess, readable

TEXT_LIMIT = 64
"""Characters kept of a parameter's value as text."""

LOG_LIMIT = 64 << 10
"""Characters kept of what a bundle printed in all its probes together."""

ATTEMPT_LIMIT = 64
"""Different attempts of one kind that are kept of a plugin."""

BUS_LIMIT = 1_024
"""Connections kept of a plugin; the reader sends no more. The sum of their channels must fit SQLite's integers."""

UNNAMED = "(unnamed)"

PARAMETER_FIELDS = (
    "id",
    "title",
    "short title",
    "unit",
    "group",
    "default, normalized",
    "start value, normalized",
    "default as text",
    "text at 0",
    "text at 1",
    "start value as text",
    "step count",
    "flags",
    "texts of all steps",
)
"""What the readers send of each parameter, in this order. Flags are those of VST3 (`readers.vst3_interfaces`)."""

# Flags of a parameter, as in readers.vst3_interfaces and readers.vst3, which only a probe's own process imports.
_CAN_AUTOMATE, _READ_ONLY, _HIDDEN, _MAPPED = 1 << 0, 1 << 1, 1 << 4, 1 << 30
_PROGRAM_CHANGE, _BYPASS = 1 << 15, 1 << 16


_DOING = {
    "launch": "while its probe was starting",
    "factory": "while it was being opened",
    "load": "while the plugin was being created",
    "parameters": "while its parameters were being read",
}


@dataclass(slots=True)
class Cursor:
    """What one probe is doing at the moment."""

    stage: str = "factory"
    position: int | None = None
    """The plugin in hand, as a place among the bundle's classes; None between two."""
    name: str = ""
    """Of the plugin in hand, or of the last one."""


@dataclass(slots=True)
class ReportBuilder:
    """Gathers what the probes of one bundle found. `take` each message as it arrives, then `finish`."""

    bundle: Bundle
    classes: dict[int, ProbedPlugin] = field(default_factory=dict)
    """What the factory names, by position."""
    plugins: dict[int, ProbedPlugin] = field(default_factory=dict)
    """How each plugin ended that was tried, by position."""
    vendor: str = ""
    """Of the first plugin that names one."""
    elapsed_s: float = 0.0
    peak_mb: float = 0.0
    log: str = ""
    sandbox: str = ""
    attempts: dict[int | None, list[Attempt]] = field(default_factory=dict)
    """What was refused, by the position of the plugin in hand; None for what no plugin can be blamed for alone."""

    def refused(self, tried: Attempt, cursor: Cursor) -> None:
        """Note what was tried in the probe that `cursor` follows."""
        found = self.attempts.setdefault(cursor.position, [])
        if tried not in found and sum(each.kind == tried.kind for each in found) < ATTEMPT_LIMIT:
            found.append(tried)

    def take(self, message: dict[str, Any], cursor: Cursor) -> None:
        """Add one message of the probe that `cursor` follows. Others than the readers' are ignored."""
        position = _integer(message.get("position"))
        match message.get("stage"):
            case "factory":
                described = _dicts(message.get("plugins"))
                self.classes = {_integer(each.get("position")): _probed(each) for each in described}
                self.vendor = next((each.vendor for each in self.classes.values() if each.vendor), self.vendor)
                cursor.stage = "load"
                if len(self.classes) == 1:
                    ((cursor.position, only),) = self.classes.items()
                    cursor.name = only.name
            case "load" | "parameters" as stage:
                cursor.stage, cursor.position, cursor.name = stage, position, clean(message.get("name", ""))
            case "plugin":
                plugin = _probed(message)
                plugin.buses = [_bus(each) for each in _lists(message.get("buses"), 5)[:BUS_LIMIT]]
                plugin.programs = _names(message.get("programs"))
                plugin.needs = _names(message.get("needs"))
                plugin.parameters = [_parameter(each) for each in _lists(message.get("parameters"), 14)]
                plugin.loads = True if message.get("loads") is True else None
                if len(self.classes) > 1 and not plugin.name_in_file:
                    plugin.name_in_file = _in_file(message.get("name", ""))
                self.plugins[position] = plugin
                self.vendor = self.vendor or plugin.vendor
                cursor.stage, cursor.position = "load", None
            case "failed":
                stage = cursor.stage if cursor.position == position else "load"
                self.fail(position, Outcome.FAILED, f"{clean(message.get('error', ''), 1000).rstrip('.')}.", stage)
                cursor.stage, cursor.position = "load", None

    def fail(self, position: int, outcome: str, error: str, stage: str, signal: str = "", log: str = "") -> None:
        """Note how a single plugin ended."""
        known = self.classes.get(position) or ProbedPlugin(self.bundle.name, self.bundle.vendor)
        log = clean_log(log)[:LOG_LIMIT]
        self.plugins[position] = replace(known, status=outcome, error=error, stage=stage, signal=signal, log=log)

    def restore(self, message: dict[str, Any]) -> None:
        """Take a message that `kept` made, or one that a probe sent, from before an interruption."""
        for kind, what in message.pop("refused", ()):
            self.refused(attempt(kind, what), Cursor(position=_integer(message.get("position"))))
        if message.get("stage") == "ended":
            fields = [str(message.get(each, "")) for each in ("outcome", "error", "during", "signal", "log")]
            self.fail(_integer(message.get("position")), *fields)
        else:
            self.take(message, Cursor())

    def with_attempts(self, message: dict[str, Any]) -> dict[str, Any]:
        """The message of a plugin's end together with what it tried, for `restore`."""
        tried = self.attempts.get(_integer(message.get("position")), ())
        rest = {name: value for name, value in message.items() if name != "refused"}
        return rest | ({"refused": [[each.kind, each.what] for each in tried]} if tried else {})

    def kept(self, position: int) -> dict[str, Any]:
        """How a plugin ended that did not send a report of its own, for `restore`."""
        plugin = self.plugins[position]
        return {
            "stage": "ended",
            "position": position,
            "outcome": plugin.status,
            "error": plugin.error,
            "during": plugin.stage,
            "signal": plugin.signal,
            "log": plugin.log,
        }

    def add(self, ended: JobEnded) -> None:
        """Add up what a probe took and printed."""
        self.elapsed_s += ended.elapsed_s
        self.sandbox = ended.sandbox
        self.peak_mb = max(self.peak_mb, ended.peak_mb)
        if ended.log:
            self.log = f"{self.log}\n{clean_log(ended.log)}".strip("\n")[:LOG_LIMIT]

    def progress(self, cursor: Cursor) -> BundleProgress:
        """How far the bundle has come, and what the probe of `cursor` is doing."""
        found = self.classes or self.plugins
        name = cursor.name or (next(iter(found.values())).name if len(found) == 1 else self.bundle.name)
        return BundleProgress(
            path=self.bundle.path,
            stage=cursor.stage,
            name=name,
            vendor=self.vendor,
            done=len(self.plugins),
            expected=len(self.classes),
        )

    def finish(self) -> Report:
        """The report of a bundle whose factory could be read: its outcome is `ok` where any of its plugins is."""
        plugins = [self.plugins.get(at) or self._unread(at) for at in sorted({*self.classes, *self.plugins})]
        bad = [plugin for plugin in plugins if plugin.status not in (Outcome.OK, UNREAD)]
        report = self._report(Outcome.OK, plugins)
        report.stage = "done"
        if not plugins:
            report.outcome, report.stage = Outcome.FAILED, "factory"
            report.error = "It holds no effect and no instrument."
        elif len(bad) == len(plugins):
            first = bad[0]
            report.outcome, report.stage = Outcome(first.status), first.stage
            report.error, report.signal = first.error, first.signal
        return report

    def failed(self, ended: JobEnded, outcome: Outcome, cursor: Cursor) -> Report:
        """The report of a bundle that could not be opened, or whose only plugin ended its probe."""
        error = sentence(ended, outcome, cursor, len(self.classes))
        for at, known in self.classes.items():
            if at not in self.plugins:
                self.plugins[at] = replace(known, status=outcome, error=error, stage=cursor.stage)
        report = self._report(outcome, list(self.plugins.values()))
        report.stage, report.signal, report.error = cursor.stage, ended.signal, error
        return report

    def _report(self, outcome: Outcome, plugins: list[ProbedPlugin]) -> Report:
        for position, plugin in self.plugins.items():
            plugin.attempts = self.attempts.get(position, [])
        known = self.plugins.keys() if plugins else ()
        return Report(
            bundle=self.bundle,
            outcome=outcome,
            plugins=plugins,
            attempts=[each for at, tried in self.attempts.items() if at not in known for each in tried],
            sandbox=self.sandbox,
            log=self.log,
            elapsed_s=round(self.elapsed_s, 3),
            peak_mb=round(self.peak_mb, 1),
        )

    def _unread(self, position: int) -> ProbedPlugin:
        return replace(self.classes[position], status=UNREAD)


def sentence(ended: JobEnded, outcome: Outcome, cursor: Cursor, plugins: int = 1) -> str:
    """One line for a person: how a probe ended, and what it was doing. `plugins`: how many its bundle holds."""
    doing = _DOING.get(cursor.stage, "")
    if cursor.name and plugins > 1:
        doing = doing.replace("the plugin", cursor.name)
    words = clean(ended.error, 1000).rstrip(".")
    match outcome:
        case Outcome.CRASHED:
            plain = f"Crashed ({ended.signal})" if ended.signal else "Crashed"
            what = f"{words[:1].upper()}{words[1:]}" or plain
        case Outcome.TIMEOUT:
            what = words or "Did not answer"
        case Outcome.MEMORY:
            what = words or "Took too much memory"
        case Outcome.SKIPPED:
            what = words or "Skipped by you"
        case _:
            return f"{words or 'It cannot be loaded'}."
    return f"{what} {doing}."


def _dicts(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _lists(value: object, length: int) -> list[list[Any]]:
    if not isinstance(value, list):
        return []
    return [each for each in value if isinstance(each, list) and len(each) == length]


def _names(value: object) -> list[str]:
    return [clean(each) or UNNAMED for each in value] if isinstance(value, list) else []


def _probed(sent: dict[str, Any]) -> ProbedPlugin:
    return ProbedPlugin(
        name=clean(sent.get("name", "")) or UNNAMED,
        vendor=clean(sent.get("vendor", "")),
        version=clean(sent.get("version", ""), TEXT_LIMIT),
        category=clean(sent.get("category", "")),
        uid=clean(sent.get("uid", "")),
        kind="instrument" if sent.get("kind") == "instrument" else "effect",
        name_in_file=_in_file(sent.get("name_in_file", "")),
        label=clean(sent.get("label", "")),
        latency_samples=_integer(sent.get("latency_samples")),
        probe_ms=_integer(sent.get("probe_ms")),
    )


def _in_file(name: object) -> str:
    """A name as pedalboard finds the plugin by it: not made safe to show, but for the ends, which JUCE trims too."""
    return str(name)[:1024].encode("utf-8", "replace").decode().strip()


def _bus(sent: list[Any]) -> Bus:
    media, direction, name, channels, main = sent
    return Bus(
        name=clean(name),
        media=media if media in BUS_MEDIA else "audio",
        direction="output" if direction == "output" else "input",
        channels=_integer(channels),
        main=main is True,
    )


def _parameter(sent: list[Any]) -> Parameter:
    id_, name, short, unit, group, default_raw, start_raw, default, low, high, start, steps, flags, choices = sent
    flags, steps = _integer(flags), _integer(steps)
    return Parameter(
        name=_text(name, NAME_LIMIT) or UNNAMED,
        unit=_text(unit, TEXT_LIMIT),
        default=_value(default),
        minimum=_value(low),
        maximum=_value(high),
        default_raw=_raw(default_raw),
        steps=steps + 1 if steps else 0,
        kind=_kind(flags, steps),
        automatable=bool(flags & _CAN_AUTOMATE),
        id=_integer(id_) if isinstance(id_, int) else None,
        short_name=_text(short, TEXT_LIMIT),
        group=_text(group, NAME_LIMIT),
        initial=_value(start),
        initial_raw=_raw(start_raw),
        choices=tuple(_value(each) for each in choices[:CHOICE_LIMIT]) if isinstance(choices, list) else (),
        read_only=bool(flags & _READ_ONLY),
    )


def _text(text: object, limit: int) -> str:
    """As `clean`; what is short is kept, since the plugins of a shell name most of their parameters alike."""
    return _kept(text, limit) if isinstance(text, str) and len(text) <= limit else clean(text, limit)


_kept = lru_cache(maxsize=4096)(clean)


def _kind(flags: int, steps: int) -> str:
    if flags & (_MAPPED | _HIDDEN):
        return HOST
    if flags & _BYPASS:
        return "bypass"
    if flags & _PROGRAM_CHANGE:
        return "program"
    return "switch" if steps == 1 else "stepped" if steps else "continuous"


def _raw(value: object) -> float | None:
    """A number of moderate size; a larger one is no normalized value, and an integer may not even fit a float."""
    return float(value) if isinstance(value, int | float) and abs(value) < 2**53 else None


def _value(text: object) -> str:
    """A parameter's value as text. Here and not in the probe, whose memory is copied from its worker's when touched."""
    if not isinstance(text, str):
        return clean(text, TEXT_LIMIT)
    return _short(text) if len(text) <= TEXT_LIMIT else clean(text, TEXT_LIMIT)  # to read a million digits takes long


@lru_cache(maxsize=4096)
def _short(text: str) -> str:
    """Plugins share most of their values: 0, 1, 100."""
    return clean(plain_number(text), TEXT_LIMIT)


def _integer(value: object) -> int:
    """A whole number that SQLite can hold; 0 for anything else."""
    return int(value) if isinstance(value, int | float) and 0 <= value < 2**53 else 0


def categories(plugin: ProbedPlugin) -> tuple[str, ...]:
    """Readable categories; where the plugin names none, the guess that its name and parameters allow."""
    found = readable(plugin.category)
    if not found and (guessed := guess(plugin.name, [p.name for p in plugin.parameters], plugin.kind)):
        return (guessed,)
    return found
