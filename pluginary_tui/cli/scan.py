"""`scan` and `probe`: reading plugins without the full-screen app."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pluginary_tui.cli.errors import errors_in_one_line, fail, say
from pluginary_tui.cli.output import INTERRUPTED, echo, json_option, print_json, table
from pluginary_tui.formats import FORMAT_NAMES

if TYPE_CHECKING:
    from pluginary_tui.model import Report
    from pluginary_tui.scan.run import Scan

_MODES = click.Choice(["off", "guarded", "sealed"])
_FOLDER = click.Path(exists=True, path_type=Path)


@click.command()
@click.option("--folder", "folders", multiple=True, type=_FOLDER, help="Search this folder, too. May be repeated.")
@click.option("--only", multiple=True, type=_FOLDER, help="Search this folder instead of the platform's.")
@click.option(
    "--format", "wanted", multiple=True, type=click.Choice(FORMAT_NAMES), help="Look for this format. May be repeated."
)
@click.option("--full", is_flag=True, help="Probe bundles that have not changed, too.")
@click.option("--retry", is_flag=True, help="Try again what is in quarantine, and what pedalboard did not load.")
@click.option("--workers", type=click.IntRange(1, 64), help="Probes at a time.")
@click.option("--timeout", type=click.FloatRange(0.1, 3600), help="Seconds a plugin may stay silent while it loads.")
@click.option("--sandbox", type=_MODES, help="What plugins may reach while they are read (see the documents).")
@click.option("--no-load-check", is_flag=True, help="Only read; do not try which plugins pedalboard can load.")
@click.option("--no-builtin", is_flag=True, help="Leave out the effects that pedalboard itself ships.")
@json_option("Print the figures as JSON.")
def scan(
    folders: tuple[Path, ...],
    only: tuple[Path, ...],
    wanted: tuple[str, ...],
    full: bool,
    retry: bool,
    workers: int | None,
    timeout: float | None,
    sandbox: str | None,
    no_load_check: bool,
    no_builtin: bool,
    as_json: bool,
) -> None:
    """Find every plugin and read each in a process of its own, then try which of them pedalboard can load.

    Bundles that have not changed are not probed again, and an interrupted scan is taken up where it ended.
    Ctrl+C stops; the next scan goes on from there (exit code 3).

    \b
    Examples:
      pluginary-tui scan
      pluginary-tui scan --only ~/plugins --no-builtin
      pluginary-tui scan --retry --timeout 120
      pluginary-tui scan --sandbox off --only ~/plugins
    """
    with errors_in_one_line():
        from pluginary_tui import logs
        from pluginary_tui.config import data_dir, load
        from pluginary_tui.scan import run as scanning
        from pluginary_tui.sound.kept_sounds import prune_after_scan

        flags = {
            "scan.formats": wanted or None,
            "scan.workers": workers,
            "scan.timeout_s": timeout,
            "scan.sandbox": sandbox,
            "scan.builtin": False if no_builtin else None,
            "scan.load_check": False if no_load_check else None,
        }
        options = scanning.Options(
            folders=tuple(path.absolute() for path in folders),
            only=tuple(path.absolute() for path in only),
            full=full,
            retry=retry,
        )
        settings = load(flags)
        if settings.withheld:
            say(f"{settings.withheld}.")
        _say_if_there_is_none(sandbox)
        logs.start(data_dir(), settings.log.level)
        running = scanning.Scan(settings, data_dir(), options)
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda number, frame: running.stop())
        ended = _run_silently(running) if as_json else _run_with_table(running)
        prune_after_scan(data_dir(), running.summary.removed)
        if as_json:
            print_json(running.summary.as_dict())
        if ended[0] == "broken":
            fail(ended[1])
        if ended[0] == "stopped":
            if as_json:
                say("stopped; scan again to go on from here.")
            raise SystemExit(INTERRUPTED)


def _run_silently(running: Scan) -> tuple[str, str]:
    from pluginary_tui.scan.events import Event, ScanEnded

    ended = ("done", "")

    def emit(event: Event) -> None:
        nonlocal ended
        if isinstance(event, ScanEnded):
            ended = (event.how, event.message)

    running.run(emit)
    return ended


def _run_with_table(running: Scan) -> tuple[str, str]:
    from rich.console import Console

    from pluginary_tui.scan.display.console import TerminalReporter

    with TerminalReporter(Console()) as reporter:
        running.run(reporter.take)
    return reporter.progress.state, reporter.progress.message


def _say_if_there_is_none(sandbox: str | None) -> None:
    """Tell a person who asked for a sandbox that this system has none."""
    from pluginary_tui.isolation.backends import PORTABLE, default_method

    if sandbox not in (None, "off") and default_method() == PORTABLE:
        say("there is no sandbox on this system: plugins run in processes of their own, with your rights.")


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--timeout", type=click.FloatRange(0.1, 3600), help="Seconds it may stay silent while it loads.")
@click.option("--sandbox", type=_MODES, help="What it may reach while it is read.")
@json_option("Print the report as JSON.")
def probe(path: Path, timeout: float | None, sandbox: str | None, as_json: bool) -> None:
    """Load the bundle at PATH in a fresh process and print what is in it. The catalogue stays as it is.

    \b
    Example:
      pluginary-tui probe /usr/lib/vst3/ZamVerb.vst3
    """
    with errors_in_one_line():
        from pluginary_tui.config import load
        from pluginary_tui.scan.probe_job import probe_once

        _say_if_there_is_none(sandbox)
        report = probe_once(path.absolute(), load({"scan.timeout_s": timeout, "scan.sandbox": sandbox}))
        if as_json:
            from dataclasses import asdict

            print_json(asdict(report))
        else:
            _print_report(report)
        sys.exit(report.outcome.bad)


def _print_report(report: Report) -> None:
    from pluginary_tui.formatting import with_unit
    from pluginary_tui.model import HOST
    from pluginary_tui.plugin_text import bus_lines, host_parameters_line, own_range

    echo(f"{report.bundle.path}: {report.outcome}  ({report.elapsed_s:.2f} s)")
    if report.error:
        echo(report.error)
    for plugin in report.plugins:
        echo()
        echo(f"{plugin.name}  {plugin.vendor}  {plugin.version}  {plugin.category}  {plugin.uid}".rstrip())
        if plugin.error:
            echo(f"  {plugin.error}")
        for line in bus_lines(plugin.buses):
            echo(f"  {line}")
        own = [p for p in plugin.parameters if p.kind != HOST]
        rows = [(p.name, with_unit(p.initial or p.default, p.unit), own_range(p), p.kind) for p in own]
        if rows:
            for line in table(("parameter", "starts at", "range", "kind"), rows):
                echo(f"  {line}")
        if hidden := host_parameters_line(plugin.parameters):
            echo(f"  {hidden}")
    if report.log:
        echo()
        echo("It printed:")
        for line in report.log.splitlines():
            echo(f"  {line}")
