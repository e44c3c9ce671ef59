"""What a shared passport says, whatever form it has."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pluginary_tui import __version__
from pluginary_tui.catalogue.passports import StoredPassport
from pluginary_tui.formats import LABELS
from pluginary_tui.model import Plugin, clean
from pluginary_tui.sound.metrics import BEHAVIOUR_LABELS, FAULTS, METRICS, VERDICT_LABELS, VERDICTS
from pluginary_tui.sound.passport import Passport, from_json
from pluginary_tui.sound.passport_text import number

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML may contain (XML 1.0, 2.2)."""


@dataclass(slots=True, frozen=True)
class Shared:
    """A measured plugin."""

    plugin: Plugin
    stored: StoredPassport
    passport: Passport

    @classmethod
    def of(cls, plugin: Plugin, stored: StoredPassport) -> Shared:
        """Of what the catalogue has; `stored` holds a passport."""
        return cls(plugin, stored, from_json(stored.data))

    @property
    def name(self) -> str:
        return clean(self.plugin.name)

    @property
    def subtitle(self) -> str:
        """Vendor, format and version."""
        plugin, measured = self.plugin, self.stored.format or self.plugin.format
        parts = (clean(plugin.vendor), LABELS.get(measured, measured), clean(plugin.version))
        return " · ".join(filter(None, parts))

    @property
    def behaves(self) -> str:
        passport = self.passport
        return f"behaves like: {BEHAVIOUR_LABELS[passport.behaves]} ({passport.because})" if passport.behaves else ""

    def verdicts(self) -> Iterator[tuple[str, str, bool]]:
        """Label, meaning with evidence, and whether it is a fault; faults first."""
        for verdict in sorted(self.passport.verdicts, key=lambda each: each.name not in FAULTS):
            meaning = f"It {VERDICTS[verdict.name]}. {verdict.evidence}"
            yield VERDICT_LABELS[verdict.name], meaning, verdict.name in FAULTS

    def figures(self, *, notes: bool = True) -> Iterator[tuple[str, str, str, float]]:
        """Label, value with unit (and its condition), what it is, and trust."""
        for name, metric in METRICS.items():
            if figure := self.passport.figures.get(name):
                shown = figure if notes else replace(figure, note="")
                yield metric.label, number(name, shown), metric.about, figure.trust

    def made(self) -> Iterator[tuple[str, str]]:
        """How it was measured: name and value."""
        passport, stored = self.passport, self.stored
        with_ = passport.made_with
        yield "measured", stored.measured_at[:10] + ("" if stored.current else ", before the plugin changed")
        yield "Pluginary TUI", with_.get("pluginary-tui", "") or f"{__version__} or older"
        yield "pedalboard", with_.get("pedalboard", "not known")
        yield "system", with_.get("system", "not known")
        yield "method", str(passport.method)
        yield "seed", str(passport.seed)
        yield "signal", f"48 kHz, buffers of 512 samples, {passport.channels} channels"

    def footer(self) -> str:
        return ", ".join(f"{name} {value}" for name, value in self.made() if name != "signal")


def escaped(text: str) -> str:
    """A foreign text for HTML and SVG, inside of elements and of attributes."""
    return html.escape(_NOT_XML.sub(" ", clean(text, 2000)))
