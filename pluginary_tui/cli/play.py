"""`play` and `sounds`: hearing plugins, and what is kept for that."""

from __future__ import annotations

import signal
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pluginary_tui.cli.catalogue import open_store
from pluginary_tui.cli.errors import errors_in_one_line, fail
from pluginary_tui.cli.output import counted, echo, json_option, print_json
from pluginary_tui.cli.shell_completion import ids
from pluginary_tui.lookup import find

if TYPE_CHECKING:
    from pluginary_tui.catalogue.store import Store
    from pluginary_tui.model import Plugin
    from pluginary_tui.sound.recording import Recording

COLUMNS = 30
"""Columns of a second in the picture of a sound."""

_BARS = " ▁▂▃▄▅▆▇█"


@click.command()
@click.argument("id_", metavar="ID", shell_complete=ids)
@click.option("--against", metavar="ID", shell_complete=ids, help="Then this one, instead of the sound without any.")
@click.option(
    "--source",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A sound file of yours: its first ten seconds go through the plugin.",
)
@click.option("--only", type=click.Choice(("dry", "wet")), help="Only the sound without the plugin, or only with it.")
@json_option("Print what was played as JSON.")
def play(id_: str, against: str | None, source: Path | None, only: str | None, as_json: bool) -> None:
    """Play a sound without the plugin ID and with it, both equally loud.

    What measuring has kept is played; where nothing is kept, the plugin is loaded and recorded as it is then. An
    instrument plays some notes. Ctrl+C stops at once.

    \b
    Examples:
      pluginary-tui play zamverb
      pluginary-tui play zamcomp --against zamgate
      pluginary-tui play zamtube --source guitar.wav --only wet
    """
    with errors_in_one_line():
        from pluginary_tui.config import load
        from pluginary_tui.model import clean, may_load
        from pluginary_tui.sound.player.playing import Playing

        with open_store() as store:
            plugins = [_loadable(find(store, each, prefer=may_load)) for each in (id_, *([against] if against else []))]
            recordings = [_recording(store, plugin, source) for plugin in plugins]
        first = recordings[0]
        parts = [(clean(p.name), r.channels, r.wet) for p, r in zip(plugins, recordings, strict=True)]
        if first.dry and not against:
            parts.insert(0, ("without it", first.channels, first.dry))
        if only:
            parts = parts[:1] if only == "dry" and first.dry and not against else parts[-1:]
        playing = Playing([part[1:] for part in parts], load().sound.player)
        for number in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
            signal.signal(number, partial(_stop, playing))
        if not as_json:
            _print_parts(parts, first)
        playing.wait()
        if playing.error:
            fail(playing.error)
        if as_json:
            played = [{"name": name, "seconds": round(len(x) / (96_000 * n), 3)} for name, n, x in parts]
            print_json({"id": plugins[0].id, "parts": played, "through": playing.through, "setting": first.setting})
        else:
            echo(f"Played through {playing.through}.")


def _loadable(copies: list[Plugin]) -> Plugin:
    from pluginary_tui.model import may_load

    return next((copy for copy in copies if may_load(copy)), copies[0])


def _stop(playing: object, number: int, frame: object) -> None:
    from pluginary_tui.sound.player.playing import Playing

    assert isinstance(playing, Playing)
    playing.stop()
    raise SystemExit(128 + number)


def _recording(store: Store, plugin: Plugin, source: Path | None) -> Recording:
    from pluginary_tui.config import data_dir, load
    from pluginary_tui.sound.hearing import heard

    recorded = heard(store, data_dir(), plugin, load(), source)
    assert recorded is not None  # nothing cancels it
    return recorded


def _print_parts(parts: list[tuple[str, int, bytes]], first: Recording) -> None:
    from pluginary_tui.sound.recording import RATE, peaks

    if first.setting:
        echo(f"It does nothing as it is when loaded; this is the setting {first.setting} of its passport.")
    width = max(len(name) for name, _, _ in parts)
    plain = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    for name, channels, samples in parts:
        seconds = len(samples) / (2 * channels * RATE)
        line = "".join(
            _BARS[min(8, round(8 * peak**0.5))] if not plain else ".:|#"[min(3, int(4 * peak**0.5))]
            for peak in peaks(samples, max(1, min(120, int(seconds * COLUMNS))))
        )
        echo(f"{name:<{width}}  {seconds:4.1f} s  {line}")


@click.command()
@click.option("--drop", type=click.Choice(("gone", "all")), help="Drop those of plugins that are gone, or all.")
@json_option()
def sounds(drop: str | None, as_json: bool) -> None:
    """Print how many sounds measuring has kept, and how much room they take.

    Those of plugins that are gone are dropped by themselves with the next scan or measuring; what was dropped comes
    back by measuring. The setting sound.keep turns keeping off.

    \b
    Examples:
      pluginary-tui sounds
      pluginary-tui sounds --drop all
    """
    with errors_in_one_line():
        from pluginary_tui.config import data_dir
        from pluginary_tui.formatting import file_size
        from pluginary_tui.sound.kept_sounds import KeptSounds, Size

        kept, dropped = KeptSounds(data_dir()), Size(0, 0)
        if drop:
            with open_store() as store:
                dropped = kept.prune(store.plugins() if drop == "gone" else ())
        left = kept.size()
        if as_json:
            print_json(
                {
                    "folder": str(kept.folder),
                    "sounds": left.files,
                    "bytes": left.size,
                    "dropped": dropped.files,
                    "dropped_bytes": dropped.size,
                }
            )
            return
        if drop:
            echo(f"{counted(dropped.files, 'sound')} dropped, {file_size(dropped.size)}.")
        echo(f"{counted(left.files, 'sound')} kept, {file_size(left.size)}, in {kept.folder}.")
