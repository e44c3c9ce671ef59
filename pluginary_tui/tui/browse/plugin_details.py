"""What the detail pane says of a plugin, as plain lines of marked-up pieces; no widget in sight."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pluginary_tui.catalogue.store import BundleInfo, PluginFailure
from pluginary_tui.formats import LABELS, LOADABLE
from pluginary_tui.formatting import ago, counted, day, file_size, with_unit
from pluginary_tui.home import shortened
from pluginary_tui.model import HOST, MISSING, Attempt, Bus, Outcome, Parameter, Plugin, can_load, clean
from pluginary_tui.plugin_text import (
    attempt_lines,
    bus_lines,
    connections,
    declared_default,
    features_line,
    host_parameters_line,
    own_range,
    programs_line,
    start_value,
    values_line,
)
from pluginary_tui.products import formats_of, noted, tags_of
from pluginary_tui.scan.snippet import not_for_pedalboard, snippet
from pluginary_tui.search import categories
from pluginary_tui.tui.core.glyphs import Glyphs
from pluginary_tui.tui.core.key_names import KeyOf, default_key
from pluginary_tui.tui.widgets.rich_lines import Line, Piece
from pluginary_tui.tui.widgets.virtual_list import fit, fit_name

if TYPE_CHECKING:
    from pluginary_tui.catalogue.passports import StoredPassport

CODE_NOTES = 3
"""Comments on parameters that are shown of a snippet; the copy has more."""

CURSOR_WIDTH = 1
"""Cells before a parameter, where the cursor is drawn."""

LOG_LINES = 40
"""Last lines shown of a probe's log."""


class ParameterLine(list[Piece]):
    """The line of a parameter, on which the cursor can stand."""

    def __init__(self, pieces: Iterable[Piece], parameter: Parameter) -> None:
        super().__init__(pieces)
        self.parameter = parameter


@dataclass(slots=True)
class PluginDetails:
    """Everything the pane needs to know of one plugin."""

    plugin: Plugin
    parameters: list[Parameter] = field(default_factory=list)
    bundle: BundleInfo | None = None
    copies: Sequence[Plugin] = ()
    log: str = ""
    kept: StoredPassport | None = None
    """What was measured of its sound."""
    programs: Sequence[str] = ()
    buses: Sequence[Bus] = ()
    attributes: Collection[str] = ()
    """Names of the parameters that pedalboard offers; empty where they are unknown."""
    failure: PluginFailure | None = None
    load_log: str = ""
    """What was printed while pedalboard did not load it."""
    attempts: Sequence[Attempt] = ()
    """What it tried and the sandbox refused."""
    key_of: KeyOf = default_key
    """Gives the key of an action, for texts that name one."""
    needs: Sequence[str] = ()
    """URIs of the features that its host must have."""
    product: Sequence[Plugin] = ()
    """The plugins of the product that is shown; empty where a plugin is."""
    formats: Sequence[Plugin] = ()
    """Every plugin of its product, itself too."""


def header_section(facts: PluginDetails, glyphs: Glyphs) -> Iterator[Line]:
    """Name, maker, what it is, and what the user wrote about it."""
    plugin, shown = facts.plugin, facts.product or [facts.plugin]
    yield [(plugin.name, "title"), (f"  {plugin.version}" if plugin.version else "", "quiet")]
    formats = ", ".join(LABELS.get(name, name) for name in formats_of(shown))
    what = [plugin.vendor, formats, plugin.kind, categories.shown(plugin)]
    yield [(f" {glyphs.dot} ".join(part for part in what if part), "text")]
    if own := _own_words(shown, glyphs):
        yield own
    for line in noted(shown).splitlines():
        yield [(line, "string")]


def _own_words(plugins: Sequence[Plugin], glyphs: Glyphs) -> Line:
    """Favourite, rating and tags of a plugin, or of a product: what one of its plugins has."""
    own: Line = []
    if any(plugin.favourite for plugin in plugins):
        own.append((f"{glyphs.star} favourite", "star"))
    if rating := max(plugin.rating for plugin in plugins):
        own.append((glyphs.star * rating, "star"))
    own += [(f"#{tag}", "keyword") for tag in tags_of(plugins)]
    if all(plugin.hidden for plugin in plugins):
        own.append(("hidden", "quiet"))
    return [piece for each in own for piece in (each, ("  ", "text"))][:-1]


def formats_section(facts: PluginDetails, glyphs: Glyphs) -> Iterator[Line]:
    """Every plugin of the product: its format and version, whether it works and where it is, what is only its own."""
    if not _in_several_formats(facts):
        return
    shown = facts.product or [facts.plugin]
    mine = _own_words(shown, glyphs), noted(shown)
    yield []
    where = "one by one" if facts.product else "as one row"
    yield [("FORMATS", "head"), (f"  {len(facts.formats)}   {facts.key_of('products')} shows them {where}", "quiet")]
    for plugin in facts.formats:
        here = glyphs.cursor if plugin.key == facts.plugin.key else " "
        works = plugin.status if plugin.status != Outcome.OK else loads_word(plugin)
        parts = [LABELS.get(plugin.format, plugin.format), plugin.version, works]
        look = "text" if plugin.status == Outcome.OK else "bad"
        yield [(f"{here:<2}", "label"), (f" {glyphs.dot} ".join(filter(None, parts)), look)]
        if plugin.name != facts.plugin.name or plugin.vendor != facts.plugin.vendor:
            yield [("  ", "label"), (f"{plugin.name} by {plugin.vendor}", "quiet")]
        if plugin.format != "builtin":
            yield [("  ", "label"), (shortened(plugin.path), "quiet")]
        if (own := _own_words([plugin], glyphs)) and own != mine[0]:
            yield [("  ", "label"), *own]
        if plugin.note and plugin.note != mine[1]:
            yield [("  ", "label"), (" ".join(plugin.note.split()), "string")]


def _in_several_formats(facts: PluginDetails) -> bool:
    return len({plugin.format for plugin in facts.formats}) > 1


def loads_word(plugin: Plugin) -> str:
    """Whether pedalboard loads it, in two or three words; empty where that is not known."""
    if plugin.format not in LOADABLE:
        return "not for pedalboard"
    return {True: "pedalboard loads it", False: "pedalboard does not load it", None: ""}[plugin.loads]


def failure_section(facts: PluginDetails, glyphs: Glyphs) -> Iterator[Line]:
    """Why it could not be read, and what to do."""
    from pluginary_tui.scan.diagnosis import diagnose

    plugin = facts.plugin
    if plugin.status == Outcome.OK:
        if plugin.quarantined:
            whole = facts.bundle is not None and facts.bundle.quarantined_at
            why = facts.bundle.error if facts.bundle and whole else plugin.error
            yield []
            yield [
                ("In quarantine", "bad"),
                (f"  {why.rstrip('.')}. Scans pass it over; {facts.key_of('quarantine')} takes it out.", "text"),
            ]
        return
    yield []
    reason = plugin.error or (facts.bundle.error if facts.bundle else "")
    yield [(f"{glyphs.outcome(plugin.status)} {plugin.status}", "bad"), (f"  {reason}" if reason else "", "text")]
    stage, signal = (facts.bundle.stage, facts.bundle.signal) if facts.bundle else ("", "")
    if facts.failure and facts.failure.stage:
        stage, signal = facts.failure.stage, facts.failure.signal
    diagnosis = diagnose(plugin.status, reason, stage, signal, facts.log)
    yield [(f"{diagnosis.why} {diagnosis.advice}", "text")]
    if plugin.status != MISSING:
        yield [(f"Press {facts.key_of('actions')} to try it again.", "quiet")]
    if plugin.quarantined:
        yield [("It is in quarantine: scans pass it over until it changes.", "quiet")]


def figures(facts: PluginDetails, glyphs: Glyphs) -> Iterator[Line]:
    """The small print: connections, programs, path, latency, class id, size, dates, copies."""
    plugin, bundle = facts.plugin, facts.bundle
    yield []
    if connected := connections(plugin, glyphs.dot):
        yield _fact("connects", connected)
    if any(not bus.main for bus in facts.buses):
        for line in bus_lines(facts.buses):
            yield _fact("", line)
    if facts.programs:
        yield _fact("programs", programs_line(facts.programs))
    if plugin.preset_count:
        files = counted(plugin.preset_count, "preset file")
        yield _fact("presets", f"{files}; {facts.key_of('plugin_presets')} lists them")
    if plugin.used_in:
        yield _fact("used in", f"{counted(plugin.used_in, 'project')}; {facts.key_of('plugin_projects')} lists them")
    if facts.needs:
        yield _fact("needs", features_line(facts.needs))
    if message := loading(plugin, facts.load_log):
        yield _fact("loading", message)
    for line in attempt_lines(facts.attempts):
        yield _fact("refused", line)
    if plugin.format != "builtin":
        yield _fact("path", plugin.path)
    if plugin.name_in_file:
        yield _fact("in file", clean(plugin.name_in_file))
    if plugin.status == Outcome.OK:
        latency = f"{plugin.latency_samples:,} samples" if plugin.latency_samples else "none"
        yield _fact("latency", latency)
    if plugin.uid:
        yield _fact("class id", plugin.uid)
    yield _fact("id", plugin.id)
    if bundle and bundle.size:
        changed = day(bundle.modified) if bundle.modified else ""
        yield _fact("size", file_size(bundle.size) + (f", changed {changed}" if changed else ""))
    if plugin.scanned_at:
        took = f" in {plugin.probe_ms:,} ms" if plugin.probe_ms else ""
        how = f", {bundle.sandbox}" if bundle and bundle.sandbox and plugin.format != "builtin" else ""
        yield _fact("read", ago(plugin.scanned_at) + took + how.replace(", off", ", sandbox off"))
    for other in () if _in_several_formats(facts) else facts.copies:
        if other.key != plugin.key:
            parts = [LABELS.get(other.format, other.format), other.version]
            parts += [other.status] if other.status != Outcome.OK else []
            yield _fact("copy", f"{glyphs.copies} {f' {glyphs.dot} '.join(filter(None, parts))}  {other.path}")


def code(facts: PluginDetails, glyphs: Glyphs) -> Iterator[Line]:
    """The snippet that loads it, coloured; nothing for a plugin that cannot be loaded."""
    if facts.plugin.status != Outcome.OK or not can_load(facts.plugin):
        return
    yield []
    yield [("SNIPPET", "head"), (f"  {facts.key_of('copy_snippet')} copies it", "quiet")]
    lines = [line for line in snippet(facts.plugin, facts.parameters, facts.attributes).splitlines() if line]
    notes = sum(line.startswith("#") for line in lines)
    shown = lines if notes <= CODE_NOTES + 1 else lines[: CODE_NOTES - notes]
    for line in shown:
        yield coloured(line)
    if len(shown) < len(lines):
        yield [(f"# {glyphs.ellipsis} {len(lines) - len(shown)} more lines like these in the copy", "quiet")]


def parameter_rows(facts: PluginDetails, wanted: str, width: int, glyphs: Glyphs) -> Iterator[Line]:
    """The table of parameters that hold `wanted`, fitted to `width` cells."""
    if facts.plugin.status != Outcome.OK:
        return
    yield []
    own = [p for p in facts.parameters if p.kind != HOST]
    host = host_parameters_line(facts.parameters)
    words = wanted.casefold().split()
    shown = [p for p in own if all(word in f"{p.name} {p.unit} {p.group}".casefold() for word in words)]
    if not own:
        yield [("PARAMETERS", "head"), ("  it has none", "quiet")]
        if host:
            yield [(host, "quiet")]
        return
    count = f"{len(shown):,} of {len(own):,}" if words else f"{len(own):,}"
    yield [("PARAMETERS", "head"), (f"  {count}   {facts.key_of('filter_parameters')} filters them", "quiet")]
    if not shown:
        yield [(f"No parameter is called '{wanted}'; {facts.key_of('back')} shows all.", "text")]
        return
    shown = [p for members in _by_group(shown).values() for p in members]
    rows = [(p.name, _start(p), own_range(p), steps(p)) for p in shown]
    need = [max((len(row[n]) for row in rows), default=0) for n in range(4)]
    steps_width = need[3] if width >= 48 else 0
    default = min(need[1], max(7, width // 4))
    room = width - CURSOR_WIDTH - default - 2 - (steps_width + 2 if steps_width else 0)
    range_width = min(need[2], max(8, room // 2 - 2))
    name_width = max(1, room - range_width - 2)
    # Groups of one member each, as some CLAP plugins have, are no more than another name for it.
    grouped = any(len(members) > 1 for name, members in _by_group(own).items() if name)
    group = ""
    for parameter, row in zip(shown, rows, strict=True):
        if grouped and parameter.group != group:
            group = parameter.group
            yield [("", "text"), (group, "label")]  # not first: what wraps would be indented by its width
        cells = [fit_name(row[0], min(name_width, max(need[0], 8)), glyphs.ellipsis)]
        cells.append(fit(row[1], default, glyphs.ellipsis, "right"))
        cells.append(fit(row[2], range_width, glyphs.ellipsis))
        line: Line = [
            (" " * CURSOR_WIDTH, "text"),
            (cells[0], "text"),
            ("  ", "text"),
            (cells[1], "number"),
            ("  ", "text"),
            (cells[2], "quiet"),
        ]
        if steps_width:
            line += [("  ", "text"), (fit(row[3], steps_width, glyphs.ellipsis), "quiet")]
        yield ParameterLine(line, parameter)
        if more := _more_of(parameter, glyphs):
            yield [("  ", "label"), (more, "quiet")]
    if host and not words:
        yield [(host, "quiet")]


def _start(parameter: Parameter) -> str:
    """The value that a parameter starts with; what only the plugin sets has none."""
    return "meter" if parameter.read_only else with_unit(start_value(parameter), parameter.unit)


def _by_group(parameters: Iterable[Parameter]) -> dict[str, list[Parameter]]:
    """The parameters by their groups: first those without one, then groups in the order in which they come."""
    groups: dict[str, list[Parameter]] = {"": []}
    for parameter in parameters:
        groups.setdefault(parameter.group, []).append(parameter)
    return groups


def _more_of(parameter: Parameter, glyphs: Glyphs) -> str:
    """What has no column of its own: a default that is not the start value, and values of a list."""
    declared = "" if parameter.read_only else declared_default(parameter)
    parts = [f"declares {with_unit(declared, parameter.unit)} as its default" if declared else ""]
    parts.append(values_line(parameter))
    return f" {glyphs.dot} ".join(filter(None, parts))


def loading(plugin: Plugin, log: str = "") -> str:
    """Whether pedalboard loads it, and why not; empty where that was not tried."""
    from pluginary_tui.scan.diagnosis import diagnose_load

    if plugin.loads is None:
        return not_for_pedalboard(plugin)
    return "pedalboard loads it" if plugin.loads else diagnose_load(plugin.load_error, log).why


def log_lines(facts: PluginDetails) -> Iterator[Line]:
    """The end of what the plugin printed while it was probed, and while pedalboard did not load it."""
    lines = [line for log in (facts.log, facts.load_log) for line in log.rstrip().splitlines()]
    if not lines:
        return
    yield []
    cut = f"  last {LOG_LINES} of {len(lines):,} lines" if len(lines) > LOG_LINES else ""
    yield [("LOG", "head"), (cut, "quiet")]
    for line in lines[-LOG_LINES:]:
        yield [(line, "quiet")]


def steps(parameter: Parameter) -> str:
    """How many values it can take, for those that do not glide."""
    if parameter.kind == "switch":
        return "switch"
    return f"{parameter.steps:,} steps" if parameter.steps > 1 else ""


_CODE = re.compile(
    r"""(?P<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|(?P<keyword>\b(?:from|import)\b)|(?P<quiet>#.*)"""
)


def coloured(line: str) -> Line:
    """One line of Python with its strings, keywords and comments told apart."""
    pieces: Line = []
    at = 0
    for found in _CODE.finditer(line):
        pieces += [(line[at : found.start()], "text"), (found[0], found.lastgroup or "text")]
        at = found.end()
    return [*pieces, (line[at:], "text")]


def _fact(name: str, value: str) -> Line:
    return [(f"{name:<9}", "label"), (shortened(value), "text")]


def all_lines(facts: PluginDetails, wanted: str, width: int, glyphs: Glyphs) -> Iterable[Line]:
    """The whole pane from top to bottom."""
    from pluginary_tui.tui.sound.passport_view import sound  # not on the way to a first frame

    yield from header_section(facts, glyphs)
    yield from failure_section(facts, glyphs)
    yield from formats_section(facts, glyphs)
    yield from sound(facts.plugin, facts.kept, width, glyphs, facts.key_of)
    yield from code(facts, glyphs)
    yield from figures(facts, glyphs)
    yield from parameter_rows(facts, wanted, width, glyphs)
    yield from log_lines(facts)
