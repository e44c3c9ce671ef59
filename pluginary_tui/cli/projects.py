"""`projects`: which projects of DAWs use which plugins, and what of that is missing here."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pluginary_tui.cli.catalogue import open_store
from pluginary_tui.cli.errors import errors_in_one_line, say
from pluginary_tui.cli.output import INTERRUPTED, counted, echo, json_option, print_json, print_lines, table
from pluginary_tui.errors import NotFoundError
from pluginary_tui.formatting import moment
from pluginary_tui.home import typed_path
from pluginary_tui.model import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginary_tui.catalogue.projects import ProjectRow
    from pluginary_tui.catalogue.store import Store
    from pluginary_tui.projects.overview import ProjectOverview, UsedInProject


@click.group()
def projects() -> None:
    """Find which projects use which plugins, what of that is missing here and what could stand in.

    Projects of REAPER, Ableton Live, Bitwig Studio, Studio One, FL Studio, Ardour, LMMS, Qtractor and Carla, and
    DAWproject files. They are read and never changed.

    \b
    Examples:
      pluginary-tui projects scan ~/Music
      pluginary-tui projects list
      pluginary-tui projects show "My Song.als"
    """


@projects.command()
@click.argument("folders", metavar="[FOLDER]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--full", is_flag=True, help="Read unchanged projects again, too.")
@json_option("Print the summary as JSON.")
def scan(folders: tuple[Path, ...], full: bool, as_json: bool) -> None:
    """Read the projects in FOLDER, or in the folders of the setting projects.folders.

    A FOLDER may also be one project. What has not changed is left alone. Ctrl+C stops; the next one goes on from there
    (exit code 3).

    \b
    Examples:
      pluginary-tui projects scan
      pluginary-tui projects scan ~/Music/Projects /mnt/old
    """
    with errors_in_one_line():
        from pluginary_tui.config import data_dir, load
        from pluginary_tui.projects.scan import ProjectScan

        running = ProjectScan(load(), data_dir(), folders, full=full)
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda number, frame: running.stop())
        summary = running.run()
        for note in summary.notes:
            say(f"{clean(note, 500)}")
        if as_json:
            print_json(summary.as_dict())
        else:
            parts = [f"{counted(summary.found, 'project')} found", f"{summary.read} read"]
            parts += [f"{summary.unchanged} unchanged"] if summary.unchanged else []
            parts += [f"{summary.failed} could not be read"] if summary.failed else []
            parts += [f"{summary.removed} no longer there"] if summary.removed else []
            echo(f"{', '.join(parts)}  ({summary.elapsed_s:.1f} s)")
        if summary.stopped:
            say("stopped; scan again to go on from here.")
            raise SystemExit(INTERRUPTED)


@projects.command("list")
@json_option()
def list_(as_json: bool) -> None:
    """Print all projects: how many plugins each uses, and how many of them are missing here.

    \b
    Examples:
      pluginary-tui projects list
      pluginary-tui projects list --json
    """
    with errors_in_one_line(), open_store() as store:
        from pluginary_tui.projects.overview import ProjectOverview

        overview = ProjectOverview(store)
        counts = overview.counts()
        if as_json:
            documents = [_row_json(row, counts) for row in overview.rows]
            print_json({"total": len(documents), "projects": documents})
        elif not overview.rows:
            echo("No project has been read yet; 'pluginary-tui projects scan FOLDER' reads them.", err=True)
        else:
            header = ("project", "program", "plugins", "missing", "path")
            print_lines(table(header, (_row(row, counts) for row in overview.rows), right=frozenset({2, 3})))


def _row(row: ProjectRow, counts: dict[int, tuple[int, int]]) -> tuple[str, ...]:
    plugins, missing = counts.get(row.key, (0, 0))
    figures = (str(plugins), str(missing or "")) if row.outcome == "ok" or plugins else ("-", "")
    return clean(Path(row.path).name), row.program, *figures, clean(row.path, 1000)


def _row_json(row: ProjectRow, counts: dict[int, tuple[int, int]]) -> dict[str, Any]:
    plugins, missing = counts.get(row.key, (0, 0))
    return {
        "path": row.path,
        "program": row.program,
        "status": row.outcome,
        "error": row.error,
        "plugins": plugins,
        "missing": missing,
        "size": row.size,
        "modified_at": moment(row.modified),
        "read_at": row.read_at,
    }


@projects.command()
@click.argument("file", metavar="FILE")
@json_option()
def show(file: str, as_json: bool) -> None:
    """Print what one project uses, what of that is missing here, and what could stand in.

    FILE is its path, or its name where only one project has that name. A project that has not been read yet, or has
    changed, is read first.

    \b
    Examples:
      pluginary-tui projects show ~/Music/song.rpp
      pluginary-tui projects show song --json
    """
    with errors_in_one_line():
        path = typed_path(file)
        if os.path.isfile(path):  # False where pathlib raises
            _read_again(path)
        with open_store() as store:
            from pluginary_tui.projects.overview import ProjectOverview

            row = _find(store, file, path)
            overview = ProjectOverview(store)
            used = overview.plugins_of(row)
            if as_json:
                print_json(_document(overview, row, used))
            else:
                _print(overview, row, used)


def _read_again(path: Path) -> None:
    from pluginary_tui.config import data_dir, load
    from pluginary_tui.projects.scan import ProjectScan

    summary = ProjectScan(load(), data_dir(), [path]).run()
    if summary.notes:
        raise NotFoundError(clean(summary.notes[0], 500))


def _find(store: Store, file: str, path: Path) -> ProjectRow:
    """The project of this path or name. Raises NotFoundError."""
    from pluginary_tui.catalogue.projects import Projects

    known = Projects(store)
    text = clean(file, len(file) + 1)
    absolute = os.path.abspath(path).encode("utf-8", "replace").decode()  # SQLite refuses what is not UTF-8
    if row := known.find(absolute) or known.find(text):
        return row
    named = known.named(text)
    if len(named) == 1:
        return named[0]
    if named:
        paths = ", ".join(clean(row.path, 200) for row in named[:3])
        raise NotFoundError(f"{len(named)} projects are named {clean(text)}; give a path, such as one of {paths}.")
    raise NotFoundError(f"There is no project {clean(text)}; 'pluginary-tui projects list' prints those there are.")


def _document(overview: ProjectOverview, row: ProjectRow, used: list[UsedInProject]) -> dict[str, Any]:
    document = _row_json(row, overview.counts())
    document["plugins"] = [
        {
            "name": each.name,
            "vendor": each.vendor,
            "format": each.used.format,
            "uid": each.used.uid,
            "count": each.count,
            "bypassed": each.bypassed,
            "tracks": each.tracks,
            "id": each.match.plugin.id if each.match.plugin else None,
            "status": each.match.status,
            "matched_by": each.match.by,
            "instead": [stand_in.plugin.id for stand_in in each.instead],
            "because": [stand_in.because for stand_in in each.instead],
        }
        for each in used
    ]
    document["own_devices"] = [
        {"name": name, "count": count} for name, count in sorted(overview.own_devices(row).items())
    ]
    return document


def _print(overview: ProjectOverview, row: ProjectRow, used: list[UsedInProject]) -> None:
    echo(f"{clean(Path(row.path).name)}  {row.program}".rstrip())
    echo(f"  {clean(row.path, 1000)}")
    if row.error:
        echo(f"  {row.error}")
    if not used:
        echo("  It uses no plugins.")
    print_lines(f"  {line}" for line in _plugin_table(used))
    for each in used:
        if each.instead:
            echo()
            echo(f"  Instead of {each.name}:")
            for stand_in in each.instead:
                echo(f"    {stand_in.plugin.id}  ({stand_in.because})")
    if own := overview.own_devices(row):
        names = ", ".join(f"{name} x{count}" if count > 1 else name for name, count in sorted(own.items()))
        echo()
        echo(f"  Of the program itself: {names}")


def _plugin_table(used: list[UsedInProject]) -> Iterator[str]:
    if not used:
        return
    from pluginary_tui.projects.overview import status_words

    rows = [
        (each.name, each.vendor, each.used.format or "?", str(each.count), status_words(each), ", ".join(each.tracks))
        for each in used
    ]
    yield from table(("plugin", "vendor", "format", "times", "here", "tracks"), rows, right=frozenset({3}))
