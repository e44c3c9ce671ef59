"""`render`: sound files through plugins."""

from __future__ import annotations

import signal
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from pluginary_tui.cli.catalogue import open_store
from pluginary_tui.cli.errors import errors_in_one_line, fail, say
from pluginary_tui.cli.output import echo, json_option, print_json
from pluginary_tui.cli.shell_completion import ids
from pluginary_tui.lookup import find

if TYPE_CHECKING:
    from pluginary_tui.catalogue.store import Store
    from pluginary_tui.render.plan import Step
    from pluginary_tui.render.run import Result

NAMED = 3
"""Files that an error names where several have the same."""


def _words(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files for the first two words, then ids of plugins; files where no id fits, since several may be rendered."""
    typed = context.params.get(parameter.name or "") or ()
    found = ids(context, parameter, incomplete) if len(typed) >= 2 else []
    return found or [CompletionItem(incomplete, type="file")]


@click.command()
@click.argument("words", nargs=-1, metavar="IN... OUT ID", shell_complete=_words)
@click.option("--set", "values", metavar="NAME=VALUE", multiple=True, help="Set a parameter; may be repeated.")
@click.option("--preset", metavar="P", help="Load a .vstpreset file, or a preset of the plugin by its name.")
@click.option(
    "--tail", type=click.FloatRange(0, 3600), default=0.0, metavar="S", help="Go on for S seconds at the end."
)
@json_option("Print what was made as JSON.")
def render(words: tuple[str, ...], values: tuple[str, ...], preset: str | None, tail: float, as_json: bool) -> None:
    """Render the sound file IN through the plugin ID into the new file OUT.

    IN is any file that pedalboard reads, or a pattern in quotes; OUT is then a folder, or a name with * for that of
    each file. The ending of OUT says its format. Several plugins in a row are "ID + ID", with values in brackets.
    Values are as `show` prints them.

    \b
    Examples:
      pluginary-tui render voice.wav wet.wav vst3/damien-zammit/zamverb --set wet=30 --tail 3
      pluginary-tui render 'takes/*.wav' out/ 'zamcomp[ratio=4] + zamverb'
      pluginary-tui render 'takes/*.wav' 'out/*.flac' zameq2
    """
    *sources, out, expression = _three(words)
    settings = dict(map(_value, values))
    if tail != tail:
        fail("nan is no number of seconds; write --tail 2.5.", 2)
    with errors_in_one_line():
        from pluginary_tui.config import load
        from pluginary_tui.model import may_load
        from pluginary_tui.render import plan, run

        with open_store() as store:
            steps = _set_up(store, plan.steps(expression, partial(find, store, prefer=may_load)), settings, preset)
        pairs = plan.pairs(sources, out)
        stopped: list[int] = []
        for name in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
            signal.signal(name, lambda number, frame: stopped.append(number))
        results: list[Result] = []
        with _Progress() as progress:
            for result in run.render(
                pairs, steps, load(), tail_s=tail, progress=progress.show, stopped=lambda: bool(stopped)
            ):
                results.append(result)
        results.sort(key=lambda result: pairs.index(result.pair))
        made = [result for result in results if not result.error]
        if as_json:
            print_json({"files": [_document(result) for result in results]})
        else:
            for result in made:
                _print(result)
        if stopped:
            fail(f"stopped; {len(made)} of {len(pairs)} files were made." if len(pairs) > 1 else "stopped.")
        if len(made) < len(pairs):
            _say_errors(results, len(pairs))
            raise SystemExit(1)


def _three(words: tuple[str, ...]) -> list[str]:
    """The files and the expression, whose parts a shell may have split at the blanks around a plus."""
    left = list(words)
    while len(left) > 3 and (left[-2] == "+" or left[-2].endswith(" +")):
        behind = left.pop()
        plus = left.pop()
        left.append(f"{left.pop()} {plus} {behind}" if plus == "+" else f"{plus} {behind}")
    if len(left) < 3:
        raise click.UsageError("Name a file to read, a file to write and a plugin.", click.get_current_context())
    return left


def _set_up(store: Store, steps: list[Step], values: dict[str, str], preset: str | None) -> list[Step]:
    """The steps with what the options say."""
    from dataclasses import replace

    if not values and preset is None:
        return steps
    if len(steps) > 1:
        fail("--set and --preset are for one plugin; in a row, write ID[NAME=VALUE] + ID.", 2)
    step = steps[0]
    if values:
        step = replace(step, values={**step.values, **values})
    if preset is not None:
        from pluginary_tui.catalogue.presets import Presets
        from pluginary_tui.render.plan import with_preset

        plugin = step.plugin
        files = {each.name: each.path for each in Presets(store).of_plugins([plugin.id]) if each.path}
        step = with_preset(step, preset, store.programs(plugin.key), files, store.parameters(plugin.key))
    return [step]


def _value(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        fail(f"Cannot read {text!r}; write --set NAME=VALUE.", 2)
    return name.strip(), value.strip()


def _print(result: Result) -> None:
    from pluginary_tui.render.run import in_words

    echo(in_words(result))
    for note in result.notes:
        echo(f"  {note}")


def _document(result: Result) -> dict[str, Any]:
    return {
        "in": str(result.pair.source),
        "out": str(result.pair.target),
        "error": result.error,
        "seconds": result.seconds,
        "channels": result.channels,
        "sample_rate": result.sample_rate,
        "peak_db": result.peak_db,
        "latency_samples": result.latency_samples,
        "notes": result.notes,
    }


def _say_errors(results: list[Result], total: int) -> None:
    """One line for each error, with the files that have it where there are several."""
    errors: dict[str, list[str]] = {}
    for result in results:
        if result.error:
            errors.setdefault(result.error, []).append(result.pair.source.name)
    for error, names in errors.items():
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        say(f"{', '.join(names[:NAMED])}{more}: {error}" if total > 1 else error)


class _Progress:
    """A bar on stderr where that is a terminal."""

    def __init__(self) -> None:
        self._bar: Any = click.progressbar(length=1000, label="Rendering", file=sys.stderr)
        self._shown = sys.stderr.isatty()

    def __enter__(self) -> _Progress:
        if self._shown:
            self._bar.__enter__()
        return self

    def __exit__(self, *details: Any) -> None:
        if self._shown:
            self._bar.__exit__(*details)

    def show(self, share: float) -> None:
        """Show which share of all is done, 0 to 1."""
        if self._shown:
            self._bar.update(max(0, round(1000 * share) - self._bar.pos))
