"""A report for a vendor: what is wrong, what was measured, and how to repeat it."""

from __future__ import annotations

from collections.abc import Iterator

from pluginary_tui.sound.passport import DEFAULT
from pluginary_tui.sound.passport_text import knob_lines
from pluginary_tui.sound.share.facts import Shared

SIGNALS = (
    "silence; an impulse; a logarithmic sweep from 8 Hz to 22 kHz at -30 dBFS; steps of 1 kHz from -60 to 0 dBFS;"
    " 0.3 s of white noise at -12 dBFS; 5 s of 1 kHz at -18 dBFS"
)


def steps(shared: Shared) -> Iterator[str]:
    """How to repeat a measurement, a line each."""
    versions = shared.passport.made_with
    pedalboard = versions.get("pedalboard", "")
    yield f"Install pluginary-tui{_exactly(versions.get('pluginary-tui', ''))} and pedalboard{_exactly(pedalboard)}."
    yield f"pluginary-tui scan, then: pluginary-tui measure --full --retry 'id:{shared.plugin.id}'"
    yield f"pluginary-tui show {shared.plugin.id} --report FILE writes this report anew."
    yield f"The settings come from seed {shared.passport.seed} and the parameters' names; they are listed below."
    yield f"What goes in: {SIGNALS}. All of it at 48 kHz, in buffers of 512 samples."


def _exactly(version: str) -> str:
    return f" {version}" if version else ""


def report(shared: Shared) -> str:
    """The report in Markdown, for an issue tracker or a mail."""
    return "\n".join(_lines(shared)) + "\n"


def _lines(shared: Shared) -> Iterator[str]:
    plugin, passport = shared.plugin, shared.passport
    yield f"# {_plain(shared.name)}"
    yield ""
    yield _plain(f"{shared.subtitle}, class id {plugin.uid}")
    yield ""
    faults = [(label, meaning) for label, meaning, fault in shared.verdicts() if fault]
    others = [(label, meaning) for label, meaning, fault in shared.verdicts() if not fault]
    yield "## What is wrong"
    yield ""
    yield from (f"- **{label}**: {_plain(meaning)}" for label, meaning in faults)
    if not faults:
        yield "Nothing was found."
    yield ""
    if others:
        yield "## What else was found"
        yield ""
        yield from (f"- **{label}**: {_plain(meaning)}" for label, meaning in others)
        yield ""
    if passport.checks:
        yield "## What was checked as hosts use it"
        yield ""
        yield from (f"- {name}: {_plain(message)}" for name, message in passport.checks.items())
        yield ""
    yield "## How to repeat it"
    yield ""
    yield from (f"{number}. {_plain(step)}" for number, step in enumerate(steps(shared), 1))
    yield ""
    yield from (f"- {name}: {_plain(value)}" for name, value in shared.made())
    yield ""
    yield "## Figures"
    yield ""
    yield "| figure | value | sure | is |"
    yield "|---|---|---|---|"
    for label, value, about, trust in shared.figures():
        yield f"| {label} | {_plain(value)} | {trust:.0%} | {about} |"
    yield ""
    if knobs := knob_lines(passport):
        yield "## What the parameters do"
        yield ""
        yield from (f"- {_plain(name)}: {_plain(text)}" for name, text in knobs)
        yield ""
    for setting in passport.settings:
        if setting.label != DEFAULT and setting.turned:
            yield f"## Setting {_plain(setting.label)}"
            yield ""
            yield from (f"- {_plain(name)} = {_plain(value)}" for name, value in setting.turned.items())
            yield ""


def _plain(text: str) -> str:
    """A foreign text that Markdown takes for nothing but text."""
    for sign in "\\`*_[]<>|#":
        text = text.replace(sign, f"\\{sign}")
    return text
