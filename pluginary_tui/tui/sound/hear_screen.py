"""Plays what a plugin sounds like, and draws it while it plays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static
from textual.worker import get_current_worker

from pluginary_tui.catalogue.store import Store
from pluginary_tui.errors import PluginaryError
from pluginary_tui.home import typed_path
from pluginary_tui.model import Plugin, clean
from pluginary_tui.sound.hearing import heard
from pluginary_tui.sound.player.playing import Playing, joined
from pluginary_tui.sound.recording import Recording
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.sound.waveform import Waveform
from pluginary_tui.tui.widgets.base_screen import BaseDialog
from pluginary_tui.tui.widgets.rich_lines import Line
from pluginary_tui.tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from pluginary_tui.tui.core.action_contexts import HearContext

FRAMES_PER_S = 15

HEIGHT = 7
"""Most lines of the picture."""

WORDS = 7
"""Lines above and below it."""

OTHERS = WORDS + 6
"""Lines of the window that the picture cannot have."""


class Part(NamedTuple):
    """A sound of those that are played one after the other."""

    name: str
    samples: bytes
    """16 bits, stereo."""


class HearScreen(BaseDialog[None]):
    """Plays one plugin after the sound without it, or two plugins one after the other.

    What plays ends with the dialog, however that is left: the process that plays is killed.
    """

    CSS = """
    HearScreen { align: center middle; background: $background 60%; }
    HearScreen .dialog { width: 100; max-width: 100%; height: auto; padding: 0 1; }
    HearScreen TextView { height: auto; max-height: 100%; scrollbar-size: 0 0; background: $surface; }
    """
    ACTION_GROUP = "hear"
    BINDINGS: ClassVar[list[BindingType]] = bindings("hear")

    def __init__(self, plugins: Sequence[Plugin], step: Callable[[int], Plugin | None] | None = None) -> None:
        """`step` moves to the plugin so many rows further down and gives it."""
        super().__init__()
        self.plugins = list(plugins)
        self._step = step
        self.text = TextView()
        self.text.can_focus = False  # its keys scroll
        self.playing: Playing | None = None
        self.parts: list[Part] = []
        self._setting = ""
        self._height = HEIGHT
        self._chosen: Sequence[int] = ()
        self._says = ""
        """What stands in the place of the picture, or below it."""
        self._drawn: Waveform | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content("Hear")
            yield self.text
            yield Static(self._hint(), markup=False, classes="dialog-hint")

    def _hint(self) -> str:
        key_of = self.session.key_of
        words = {
            "hear_again": "stops and plays again",
            "hear_file": "takes a sound file of yours",
            "hear_back": "leaves",
        }
        one = f"{key_of('hear_first')} and {key_of('hear_second')} play one of the two"
        others = f"{key_of('hear_next')} and {key_of('hear_previous')} go to the next plugin"
        message = [f"{key_of(id_)} {does}" for id_, does in words.items()]
        return ", ".join([message[0], one, *([others] if self._step else []), *message[1:]]) + "."

    def on_mount(self) -> None:
        self._size_up()
        self.set_interval(1 / FRAMES_PER_S, self._tick)
        self._load()

    def on_unmount(self) -> None:
        self._stop()

    def _size_up(self) -> None:
        self._height = min(HEIGHT, max(1, self.app.size.height - OTHERS))
        self.text.styles.height = self._height + WORDS

    def on_resize(self) -> None:
        self._size_up()
        self._drawn = None
        self.call_after_refresh(self._draw)

    # The context of the actions

    def action_context(self) -> HearContext:
        return self

    @property
    def part_count(self) -> int:
        return len(self.parts)

    @property
    def goes_on(self) -> bool:
        return self._step is not None

    # What is heard

    def _load(self) -> None:
        """Get the sounds, aside: a plugin that was not measured is loaded for that."""
        self._stop()
        self.playing, self.parts, self._drawn, self._setting = None, [], None, ""
        self._say("Loading it to hear it")
        self.run_worker(partial(self._record, tuple(self.plugins)), thread=True, exclusive=True)

    def _record(self, plugins: Sequence[Plugin]) -> None:
        worker, session = get_current_worker(), self.session
        found: list[Recording] = []

        def cancelled() -> bool:
            return worker.is_cancelled or not self.is_attached

        try:
            with Store(session.store.path) as store:
                for plugin in plugins:
                    source = session.hear_source
                    recording = heard(store, session.data_dir, plugin, session.settings, source, cancelled)
                    if recording is None or cancelled():
                        return
                    found.append(recording)
        except PluginaryError as error:
            if not cancelled():
                self.app.call_from_thread(self._say, str(error))
            return
        self.app.call_from_thread(self._take, plugins, found)

    def _take(self, plugins: Sequence[Plugin], recordings: Sequence[Recording]) -> None:
        if not self.is_attached or tuple(plugins) != tuple(self.plugins):
            return
        first = recordings[0]
        self.parts = [
            Part(clean(plugin.name), joined(each.channels, each.wet))
            for plugin, each in zip(plugins, recordings, strict=True)
        ]
        if first.dry and len(plugins) == 1:
            source = self.session.hear_source
            name = clean(source.name) if source else "without it"
            self.parts.insert(0, Part(name, joined(first.channels, first.dry)))
        self._setting = first.setting if len(plugins) == 1 else ""
        self.refresh_bindings()
        self._play(range(len(self.parts)))

    def _play(self, chosen: Sequence[int]) -> None:
        self._stop()
        self._drawn = None
        self._chosen = chosen
        try:
            parts = [(2, self.parts[number].samples) for number in chosen]
            self.playing = Playing(parts, self.session.settings.sound.player)
        except OSError as error:
            self._say(f"Nothing can be heard: {error.strerror or error}.")
            return
        self._say("")

    def _stop(self) -> None:
        if self.playing is not None:
            self.playing.stop()

    def _tick(self) -> None:
        playing = self.playing
        if playing is None or playing.ended:
            return
        if not playing.poll() and playing.error:
            self._says = playing.error
        self._draw()

    # What is shown

    def _say(self, words: str) -> None:
        if self.is_attached:
            self._says = words
            self._draw()

    def _draw(self) -> None:
        width = self.text.scrollable_content_region.width
        if width > 0:
            self.text.show(self._lines(width), keep=True)

    def _lines(self, width: int) -> Iterator[Line]:
        names = " and ".join(clean(plugin.name) for plugin in self.plugins)
        yield [(names, "title"), ("  " + ", ".join(filter(None, {clean(p.vendor) for p in self.plugins})), "quiet")]
        yield []
        playing = self.playing
        if playing is not None and self.parts:
            if self._drawn is None:
                self._drawn = Waveform(playing.parts, width, self._height)
            yield from self._drawn.lines(playing.position, self.session.glyphs.wall.isascii())
            titles = [self.parts[number].name for number in self._chosen]
            yield self._drawn.titles(titles, width, self.session.glyphs.ellipsis)
        yield []
        if self._says:
            yield [(self._says, "bad" if playing is not None and playing.error else "text")]
        elif playing is not None:
            yield self._state(playing)

    def _state(self, playing: Playing) -> Line:
        through = f", through {playing.through}" if playing.through else ""
        state = f"{playing.position:.1f} of {playing.seconds:.1f} s{through}, equally loud"
        if self._setting:
            state += f"; idle as loaded, so in the setting {self._setting}"
        return [(state, "quiet")]

    # What the keys do

    def action_again(self) -> None:
        """Stop what plays; where nothing plays, play everything."""
        if self.playing is not None and self.playing.poll():
            self._stop()
            self._draw()
        elif self.parts:
            self._play(range(len(self.parts)))

    def action_part(self, number: int) -> None:
        self._play([number])

    def action_step(self, by: int) -> None:
        if self._step is not None and (plugin := self._step(by)) is not None and plugin.key != self.plugins[0].key:
            self.plugins = [plugin]
            self._load()

    def action_file(self) -> None:
        """Ask for a sound file; an empty line takes the app's own phrase again."""
        from pluginary_tui.tui.dialogs import completion
        from pluginary_tui.tui.dialogs.prompt import Prompt

        def wrong(text: str) -> str:
            path = typed_path(text.strip()).absolute() if text.strip() else None
            return "" if path is None or path.is_file() else f"There is no file {path}."

        def done(text: str | None) -> None:
            if text is not None:
                source: Path | None = typed_path(text.strip()).absolute() if text.strip() else None
                self.session.hear_source = source
                self._load()

        self._stop()
        hint = "Its first ten seconds are heard; an empty line takes the own sound again. Enter plays"
        dialog = Prompt(
            "A sound file of yours",
            hint,
            str(self.session.hear_source or ""),
            partial(completion.paths, folders_only=False),
            self.session.glyphs.ellipsis,
            check=wrong,
        )
        self.services.ask(dialog, done)

    def action_back(self) -> None:
        self._stop()
        self.dismiss(None)
