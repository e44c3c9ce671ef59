"""From a probe's messages to a Report: everything is cleaned here, nothing that a plugin says is trusted."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pluginary_tui.isolation.jobs import JobEnded
from pluginary_tui.model import Bundle, Outcome, Parameter, ProbedPlugin, Report, clean, clean_log
from pluginary_tui.scan.events import BundleProgress
from pluginary_tui.search.categories import guess, readable

TEXT_LIMIT = 64
"""Characters kept of a parameter's value as text."""

UNNAMED = "(unnamed)"

_NUMBER = re.compile(r"([+-]?\d+)\.(\d+)")

_DOING = {
    "launch": "while its probe was starting",
    "factory": "while it was being opened",
    "load": "while the plugin was being created",
    "parameters": "while its parameters were being read",
}


@dataclass(slots=True)
class ReportBuilder:
    """Gathers what one probe says. `take` each message as it arrives, then `finish`."""

    bundle: Bundle
    stage: str = "factory"
    """What the probe is doing."""
    name: str = ""
    """The plugin that it is doing it to."""
    classes: list[ProbedPlugin] = field(default_factory=list)
    """As the factory told, in this try or, where this one leaves it alone, in the one before."""
    walks: bool = True
    """Whether this try reads the factory. Where none has, nobody can tell opening from creating."""
    plugins: list[ProbedPlugin] = field(default_factory=list)
    """As loaded."""

    def take(self, message: dict[str, Any]) -> None:
        """Fold one message in. A message of any other shape than the probe's own is passed over."""
        match message.get("stage"):
            case "factory":
                self.classes = [_found(each) for each in _dicts(message.get("plugins"))]
                self.stage = "load"
            case "load" | "parameters" as stage:
                opening = stage == "load" and not self.walks and not self.classes and not self.plugins
                self.stage, self.name = "factory" if opening else stage, clean(message.get("name", ""))
            case "plugin":
                plugin = _found(message)
                plugin.parameters = [_parameter(each) for each in _dicts(message.get("parameters"))]
                self._complete(plugin)
                self.plugins.append(plugin)
                self.stage, self.name = "load", ""

    def _complete(self, plugin: ProbedPlugin) -> None:
        """Take the class id from the factory's word, where an earlier try had it and this one left it alone."""
        taken = {p.uid for p in self.plugins}
        same = [c for c in self.classes if c.name == plugin.name and c.uid not in taken]
        if same and plugin.uid not in {c.uid for c in same}:
            plugin.uid, plugin.category = same[0].uid, same[0].category or plugin.category

    @property
    def vendor(self) -> str:
        return next((p.vendor for p in (*self.plugins, *self.classes) if p.vendor), "")

    @property
    def title(self) -> str:
        """The plugin in hand, or the bundle's only one, or the bundle."""
        names = [p.name for p in (*self.classes, *self.plugins)]
        return self.name or (names[0] if len(set(names)) == 1 else self.bundle.name)

    def progress(self) -> BundleProgress:
        """How far it has come."""
        return BundleProgress(
            path=self.bundle.path,
            stage=self.stage,
            name=self.title,
            vendor=self.vendor,
            done=len(self.plugins),
            expected=len(self.classes),
        )

    def finish(self, ended: JobEnded, outcome: Outcome) -> Report:
        """The whole report."""
        report = Report(
            bundle=self.bundle,
            outcome=outcome,
            stage="done" if outcome is Outcome.OK else self.stage,
            signal=ended.signal if outcome is not Outcome.OK else "",  # what came after a whole report does not count
            log=clean_log(ended.log),
            elapsed_s=round(ended.elapsed_s, 3),
            peak_mb=round(ended.peak_mb, 1),
        )
        if outcome is Outcome.OK and not self.plugins:
            report.outcome, report.stage = Outcome.FAILED, "factory"
            report.error = "It holds no effect and no instrument."
        elif outcome is not Outcome.OK:
            report.error = self._sentence(ended, outcome)
        report.plugins = self.plugins + self._undelivered(report)
        return report

    def _undelivered(self, report: Report) -> list[ProbedPlugin]:
        """The classes that the factory named but that were never loaded, with the reason."""
        left = {(p.uid, p.name): p for p in self.classes}
        for plugin in self.plugins:
            left.pop((plugin.uid, plugin.name), None)
        for plugin in left.values():
            plugin.status = report.outcome if report.outcome.bad else Outcome.FAILED
            plugin.error = report.error or "pedalboard did not offer it."
            plugin.probe_ms = round(report.elapsed_s * 1000)
        return list(left.values())

    def _sentence(self, ended: JobEnded, outcome: Outcome) -> str:
        doing = _DOING.get(self.stage, "")
        if self.name and len(self.classes) > 1:
            doing = doing.replace("the plugin", self.name)
        said = clean(ended.error, 1000).rstrip(".")
        match outcome:
            case Outcome.CRASHED:
                plain = f"Crashed ({ended.signal})" if ended.signal else "Crashed"
                what = f"{said[:1].upper()}{said[1:]}" or plain
            case Outcome.TIMEOUT:
                what = said or "Did not answer"
            case Outcome.MEMORY:
                what = said or "Took too much memory"
            case _:
                return f"{said or 'It cannot be loaded'}."
        return f"{what} {doing}."


def _dicts(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _found(said: dict[str, Any]) -> ProbedPlugin:
    return ProbedPlugin(
        name=clean(said.get("name", "")) or UNNAMED,
        vendor=clean(said.get("vendor", "")),
        version=clean(said.get("version", ""), TEXT_LIMIT),
        category=clean(said.get("category", "")),
        uid=clean(said.get("uid", "")),
        kind="instrument" if said.get("kind") == "instrument" else "effect",
        name_in_file=str(said.get("name_in_file", ""))[:1024].encode("utf-8", "replace").decode(),
        latency_samples=_integer(said.get("latency_samples")),
        probe_ms=_integer(said.get("probe_ms")),
    )


def _parameter(said: dict[str, Any]) -> Parameter:
    raw = said.get("default_raw")
    kind = said.get("kind")
    return Parameter(
        name=clean(said.get("name", "")) or UNNAMED,
        unit=clean(said.get("unit", ""), TEXT_LIMIT),
        default=_value(said.get("default", "")),
        minimum=_value(said.get("minimum", "")),
        maximum=_value(said.get("maximum", "")),
        default_raw=float(raw) if isinstance(raw, int | float) and math.isfinite(raw) else None,
        steps=_integer(said.get("steps")),
        kind=kind if kind in ("stepped", "switch", "host") else "continuous",
        automatable=said.get("automatable") is not False,
    )


def _value(said: object) -> str:
    """A parameter's value as text. Not in the probe: what it computes, it computes on memory that is its worker's."""
    if not isinstance(said, str):
        return clean(said, TEXT_LIMIT)
    return _short(said) if len(said) <= TEXT_LIMIT else clean(said, TEXT_LIMIT)  # to read a million digits takes long


@lru_cache(maxsize=4096)
def _short(said: str) -> str:
    """Plugins share most of their values: 0, 1, 100."""
    return clean(plain_number(said), TEXT_LIMIT)


def plain_number(text: str) -> str:
    """A text that is one decimal number without what says nothing: zeros at the end, and digits beyond the sixth,
    which a float of 32 bits does not hold. Any other text as it is.

    >>> plain_number("-30.000000"), plain_number("9.999999"), plain_number("1.0 dB")
    ('-30', '10', '1.0 dB')
    """
    text = text.strip()
    match = _NUMBER.fullmatch(text) if "." in text else None
    if match is None:
        return text
    places = max(0, 6 - len(match[1].lstrip("+-0")))
    number = f"{float(text):.{min(places, len(match[2]))}f}"
    number = number.rstrip("0").rstrip(".") if "." in number else number
    return "0" if number == "-0" else number


def _integer(value: object) -> int:
    """A whole number that SQLite can hold; 0 for anything else."""
    return int(value) if isinstance(value, int | float) and math.isfinite(value) and 0 <= value < 2**53 else 0


def categories(plugin: ProbedPlugin) -> tuple[str, ...]:
    """Readable categories; where the plugin names none, the guess that its name and parameters allow."""
    found = readable(plugin.category)
    if not found and (guessed := guess(plugin.name, [p.name for p in plugin.parameters], plugin.kind)):
        return (guessed,)
    return found
