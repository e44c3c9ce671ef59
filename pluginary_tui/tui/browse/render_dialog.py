"""A sound file through the plugin under the cursor: which file, where to, with which values; and how far it is."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from pluginary_tui.errors import PluginaryError
from pluginary_tui.home import typed_path
from pluginary_tui.model import Plugin, clean
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.dialogs import completion
from pluginary_tui.tui.dialogs.menu import Confirm
from pluginary_tui.tui.dialogs.prompt import in_a_row
from pluginary_tui.tui.widgets.base_screen import BaseDialog
from pluginary_tui.tui.widgets.line_input import LineInput

if TYPE_CHECKING:
    from pluginary_tui.render.plan import Pair, Step
    from pluginary_tui.render.run import Result
    from pluginary_tui.tui.core.action_contexts import RenderContext
    from pluginary_tui.tui.core.background import Background, Progressed

_LINES = (
    ("source", "Sound file", "the file, or a pattern: ~/takes/*.wav"),
    ("target", "Write to", "a file or a folder; empty: beside it"),
    ("values", "Values", "ratio=4, threshold=-20; empty: as it starts"),
    ("preset", "Preset", "a name, or a .vstpreset file; empty: none"),
    ("tail", "Tail", "seconds that it goes on at the end; empty: none"),
)
"""Id, label and placeholder of each line."""
LONGEST_TAIL_S = 3600.0


class RenderLine(LineInput):
    """One line of the dialog."""

    ACTION_GROUP = "render_line"
    BINDINGS: ClassVar[list[BindingType]] = bindings("render_line")

    def action_complete(self) -> None:
        """Put the next completion in; without one, go to the next line."""
        if isinstance(self.screen, RenderDialog):
            self.screen.complete()

    def action_line(self, by: int) -> None:
        """Go to another line."""
        if isinstance(self.screen, RenderDialog):
            self.screen.go(by)


class RenderDialog(BaseDialog[None]):
    """Asks what to render, does it in the background, and shows how far it is."""

    CSS = """
    RenderDialog {
        .dialog { width: 90; max-width: 100%; height: auto; }
        .line { height: 1; layout: horizontal; }
        .line Static { width: 12; color: $text-muted; }
        .line RenderLine { width: 1fr; }
        #offers { height: 1; color: $text-muted; }
        #problem { height: auto; min-height: 1; color: $text-warning; }
    }
    """
    ACTION_GROUP = "render"
    BINDINGS: ClassVar[list[BindingType]] = bindings("render")

    def __init__(self, plugin: Plugin, typed: dict[str, str]) -> None:
        """`typed` is what the lines hold at first; what they hold in the end is put into it."""
        super().__init__()
        self.plugin, self.typed = plugin, typed
        self._stopped = threading.Event()
        self._offers: list[str] = []
        self._taken = -1

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(f"Render through {self.plugin.name}")
            for id_, label, placeholder in _LINES:
                with Vertical(classes="line"):
                    yield Static(label, markup=False)
                    yield RenderLine(self.typed.get(id_, ""), placeholder=placeholder, id=id_, compact=True)
            yield Static("", markup=False, id="offers")
            yield Static("", markup=False, id="problem")
            yield Static("", markup=False, classes="dialog-hint", id="hint")

    def on_mount(self) -> None:
        self.services.scan_changed.subscribe(self, lambda session: self._show())
        self.query_one("#source", RenderLine).focus()
        self._show()

    def on_unmount(self) -> None:
        self._stopped.set()

    # The context of the actions

    def action_context(self) -> RenderContext:
        return self

    @property
    def background(self) -> Background | None:
        return self.session.background

    # The lines

    def _line(self, id_: str) -> str:
        return self.query_one(f"#{id_}", RenderLine).value.strip()

    def go(self, by: int) -> None:
        """Put the cursor into another line."""
        lines = list(self.query(RenderLine))
        at = next((number for number, line in enumerate(lines) if line.has_focus), 0)
        lines[(at + by) % len(lines)].focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if isinstance(event.widget, RenderLine):
            self._look(event.widget)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        taken = self._offers[self._taken] if 0 <= self._taken < len(self._offers) else None
        if isinstance(event.input, RenderLine) and event.input.has_focus and event.value != taken:
            self._look(event.input)
            self._say("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_render()

    def _look(self, line: RenderLine) -> None:
        self._offers, self._taken = [], -1
        self.run_worker(partial(self._find, line.id or "", line.value), exclusive=True, group="offers")

    async def _find(self, id_: str, text: str) -> None:
        if id_ in ("source", "target"):
            self._offers = await asyncio.to_thread(completion.paths, text, folders_only=False)
        elif id_ == "values":
            self._offers = self._parameters(text)
        elif id_ == "preset":
            begun = text.casefold()
            self._offers = [name for name in self._preset_names() if name.casefold().startswith(begun) and name != text]
        self._show_offers()

    def _parameters(self, text: str) -> list[str]:
        """The line with its last name gone on with."""
        front, comma, begun = text.rpartition(",")
        begun = begun.strip().casefold()
        store, key = self.session.store, self.plugin.key
        names = [p.name for p in store.parameters(key) if p.kind not in ("host", "program") and not p.read_only]
        if "=" in begun:
            return []
        return [f"{front}{comma}{' ' * bool(comma)}{name}=" for name in names if name.casefold().startswith(begun)]

    def _preset_names(self) -> list[str]:
        from pluginary_tui.catalogue.presets import Presets

        found = Presets(self.session.store).of_plugin(self.plugin.id)
        return [each.name for each in found if not each.path or each.path.lower().endswith(".vstpreset")]

    def complete(self) -> None:
        """Put the next completion into the line; where there is none, go to the next line."""
        if not self._offers:
            self.go(1)
            return
        line = next(line for line in self.query(RenderLine) if line.has_focus)
        self._taken = (self._taken + 1) % len(self._offers)
        only = len(self._offers) == 1
        line.value = self._offers[self._taken]
        line.cursor_position = len(line.value)
        if only:  # with nothing to choose from, complete further
            self._look(line)
        self._show_offers()

    def _show_offers(self) -> None:
        place = self.query_one("#offers", Static)
        key, ellipsis = self.session.key_of("render_complete"), self.session.glyphs.ellipsis
        offers = in_a_row(self._offers, self._taken, place.size.width - len(f"{key}  "), ellipsis)
        place.update(Content.assemble((key, "bold $text-accent"), f"  {offers}") if offers else Content(""))

    def _say(self, problem: str) -> None:
        self.query_one("#problem", Static).update(Content(problem))

    def _show(self) -> None:
        key_of, work = self.session.key_of, self.background
        if work:
            share = f" {work.done} %" if work.total == 100 else ""
            text = f"{work.doing}{share}; {key_of('render_close')} stops it"
        else:
            text = f"{key_of('render_start')} renders, {key_of('render_close')} leaves"
        self.query_one("#hint", Static).update(Content(text))
        self.refresh_bindings()

    # Actions

    def action_close(self) -> None:
        """Stop what is being rendered; where nothing is, leave."""
        if self.background is not None and not self._stopped.is_set():
            self._stopped.set()
            self.background.stop()
        else:
            self.dismiss(None)

    def action_render(self) -> None:
        """Render what the lines say, or say what is wrong with them."""
        if self.background is not None:
            return
        self.typed.update({id_: self._line(id_) for id_, *_ in _LINES})
        try:
            step, pairs, tail_s = self._wanted()
        except PluginaryError as error:
            self._say(str(error))
            return
        there = [pair.target for pair in pairs if os.path.lexists(pair.target)]
        if not there:
            self._start(step, pairs, tail_s)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._start(step, pairs, tail_s)

        question = (
            f"{there[0]} is there already." if len(there) == 1 else f"{len(there)} of the files are there already."
        )
        dialog = Confirm("Render", clean(question, 1000), "write over it", "leave it", self.session.key_of)
        self.services.ask(dialog, answered)

    def _wanted(self) -> tuple[Step, list[Pair], float]:
        """What the lines say. Raises PluginaryError, one sentence."""
        from pluginary_tui.api.expression import settings
        from pluginary_tui.catalogue.presets import Presets
        from pluginary_tui.render import plan

        store, plugin = self.session.store, self.plugin
        if not self._line("source"):
            raise plan.RenderError("Name the sound file that is to be rendered.")
        source = os.fspath(typed_path(self._line("source")).absolute())
        target = self._line("target")
        out = (
            os.fspath(typed_path(target).absolute()) + os.sep * target.endswith(os.sep)
            if target
            else beside(source, plugin)
        )
        try:
            tail_s = float(self._line("tail") or 0)
        except ValueError:
            tail_s = -1.0
        if not 0 <= tail_s <= LONGEST_TAIL_S:
            raise plan.RenderError(f"The tail is a number of seconds, at most {LONGEST_TAIL_S:.0f}.")
        (step,) = plan.steps("plugin", lambda name: store.copies(plugin.id))
        step = replace(step, values=settings(self._line("values")))
        if preset := self._line("preset"):
            files = {each.name: each.path for each in Presets(store).of_plugin(plugin.id) if each.path}
            programs, parameters = store.programs(step.plugin.key), store.parameters(step.plugin.key)
            wanted = preset if preset in files or preset in programs else os.fspath(typed_path(preset))
            step = plan.with_preset(step, wanted, programs, files, parameters)
        return step, plan.pairs([source], out), tail_s

    def _start(self, step: Step, pairs: Sequence[Pair], tail_s: float) -> None:
        self._stopped = stopped = threading.Event()
        settings_ = self.session.settings

        def run(progressed: Progressed) -> list[Result]:
            from pluginary_tui.render.run import render

            return list(
                render(
                    pairs,
                    [step],
                    settings_,
                    tail_s=tail_s,
                    stopped=stopped.is_set,
                    progress=lambda share: progressed(round(100 * share), 100),
                )
            )

        self._say("")
        if self.services.in_background("rendering", run, stopped.set, self._ended(len(pairs))):
            self.session.store.used(self.plugin.id)
        self._show()

    def _ended(self, wanted: int) -> Callable[[list[Result] | None, BaseException | None], None]:
        def ended(results: list[Result] | None, error: BaseException | None) -> None:
            if error is not None:
                self.services.report(error)
                self._tell(str(error) if isinstance(error, PluginaryError) else "")
                return
            made = [result for result in results or () if not result.error]
            wrong = [result.error for result in results or () if result.error]
            if wrong:
                self._tell(wrong[0])
            elif len(made) < wanted:
                self._tell("Stopped; no file was made." if not made else f"Stopped; {len(made)} of {wanted} were made.")
            else:
                self.app.notify(files_rendered(made), timeout=10)
                if self.is_attached:
                    self.dismiss(None)

        return ended

    def _tell(self, problem: str) -> None:
        """Say it in the dialog; where that was left, in a toast."""
        if self.is_attached:
            self._say(problem)
            self._show()
        elif problem:
            self.app.notify(problem, severity="warning")


def beside(source: str, plugin: Plugin) -> str:
    """Where a file is written if nothing else is said: beside the source, with the plugin's name behind its own."""
    path = Path(source)
    name = (
        "".join(letter if letter.isalnum() or letter in " -_." else "-" for letter in plugin.name[:80]).strip(" .")
        or "new"
    )
    ending = path.suffix if path.suffix.lower() in (".wav", ".aif", ".aiff", ".flac") else ".wav"
    stem = "*" if any(sign in path.name for sign in "*?[") else path.stem
    return os.fspath(path.with_name(f"{stem} {name or 'new'}{ending}"))


def files_rendered(results: Sequence[Any]) -> str:
    """What was made, in a sentence or two."""
    from pluginary_tui.render.run import in_words

    if len(results) > 1:
        return f"{len(results)} files rendered into {clean(str(results[0].pair.target.parent), 300)}."
    notes = "".join(f" {note}." for note in results[0].notes)
    return f"Rendered {in_words(results[0])}.{notes}"
