"""What the Projects screen says of a project, as lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import NamedTuple

from pluginary_tui.catalogue.matching import HERE
from pluginary_tui.catalogue.projects import ProjectRow
from pluginary_tui.formats import LABELS
from pluginary_tui.formatting import counted
from pluginary_tui.model import clean
from pluginary_tui.projects.overview import UsedInProject, status_words
from pluginary_tui.tui.core.glyphs import Glyphs
from pluginary_tui.tui.core.key_names import KeyOf
from pluginary_tui.tui.widgets.rich_lines import Line

_FORMATS = {"vst2": "VST2", "dx": "DX", "dssi": "DSSI"} | LABELS


class ListedProject(NamedTuple):
    """A project with what the list shows of it."""

    row: ProjectRow
    plugins: int
    """Different plugins that it uses."""
    absent: int
    """Those of them that are not here as the project names them."""

    @property
    def name(self) -> str:
        return clean(PurePath(self.row.path).name)


def head_lines(projects: Sequence[ListedProject], reading: tuple[int, int] | None, key_of: KeyOf) -> list[Line]:
    """The lines above the list. `reading`: how many of how many files have been read, while that goes on."""
    if reading is not None:
        done, total = reading
        return [
            [(f" Reading projects: {done:,} of {total:,}", "keyword")],
            [(f" {key_of('projects_stop')} stops", "quiet")],
        ]
    absent = sum(project.absent > 0 for project in projects)
    bad = sum(project.row.outcome != "ok" for project in projects)
    line: Line = [(f" {counted(len(projects), 'project')}", "title")]
    if absent:
        line.append((f"   {absent:,} with plugins that are missing here", "bad"))
    if bad:
        line.append((f"   {bad:,} could not be read to the end", "quiet"))
    return [line]


def project_lines(
    project: ListedProject, used: Sequence[UsedInProject], own: dict[str, int], glyphs: Glyphs
) -> Iterator[Line]:
    """All that is known of one project: first what is missing, with what could stand in."""
    row = project.row
    yield [(project.name, "title")]
    yield [(row.program, "text")]
    yield [(clean(row.path, 1000), "quiet")]
    if row.error:
        yield []
        yield [(row.error, "bad")]
    absent = [each for each in used if each.match.status != HERE]
    if absent:
        yield []
        yield [("MISSING HERE", "head")]
        for each in absent:
            yield from _plugin_lines(each, glyphs)
            for stand_in in each.instead:
                format_ = _FORMATS.get(stand_in.plugin.format, stand_in.plugin.format)
                yield [
                    (f"    {glyphs.here} ", "keyword"),
                    (stand_in.plugin.name, "string"),
                    (f"  {stand_in.plugin.vendor}  {format_}  ({stand_in.because})", "quiet"),
                ]
            if not each.instead:
                yield [("    nothing here does the same, as far as its name tells", "quiet")]
    here = [each for each in used if each.match.status == HERE]
    if here:
        yield []
        yield [("HERE", "head")]
        for each in here:
            yield from _plugin_lines(each, glyphs)
    if own:
        yield []
        yield [("OF THE PROGRAM ITSELF", "head")]
        yield [(", ".join(f"{name} x{n}" if n > 1 else name for name, n in sorted(own.items())), "text")]
    if not used and not row.error:
        yield []
        yield [("It uses no plugins.", "quiet")]


def _plugin_lines(each: UsedInProject, glyphs: Glyphs) -> Iterator[Line]:
    here = each.match.status == HERE
    sign = glyphs.ok if here else glyphs.missing
    format_ = _FORMATS.get(each.used.format, each.used.format)
    times = f"  {each.count} times" if each.count > 1 else ""
    yield [
        (f"  {sign} ", "text" if here else "bad"),
        (each.name, "text"),
        (f"  {each.vendor}  {format_}{times}".replace("    ", "  "), "quiet"),
    ]
    words = status_words(each)
    details = [] if words in ("yes", "missing") else [words]
    if each.tracks:
        details.append(f"on {', '.join(each.tracks)}")
    if details:
        yield [("      " + "; ".join(details), "quiet")]


def plain(lines: Iterator[Line]) -> str:
    """Lines as text, to copy."""
    return "\n".join("".join(text for text, _ in line).rstrip() for line in lines) + "\n"
