"""What is sent to a terminal leaves it as Textual's compositor has the screen, with fast painting and without."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import ClassVar

import pyte
import pytest
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.geometry import Region
from textual.pilot import Pilot
from textual.screen import ModalScreen, Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from pluginary_tui.tui.widgets import compositor
from pluginary_tui.tui.widgets.compositor import IncrementalCompositor

pytestmark = pytest.mark.short

WIDTH, HEIGHT = 60, 20
STYLES = (
    Style.parse("#c0c0c0 on #202020"),
    Style.parse("bold #ffcc00 on #202020"),
    Style.parse("italic #c0c0c0 on #404040"),
    Style.parse("underline #00ff00 on #404040"),
)


@pytest.fixture(autouse=True)
def never_given_up() -> Iterator[None]:
    """A frame that raised in one test switches fast painting off for that test only."""
    yield
    IncrementalCompositor.given_up = False


@pytest.fixture(params=[True, False], ids=["fast", "textual"])
def fast(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Draws by the IncrementalCompositor, or by Textual alone."""
    monkeypatch.setattr(Overlapping, "fast", request.param)
    return bool(request.param)


@pytest.fixture(autouse=True)
def colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that shows all of them."""
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)


class Noise(Widget):
    """Lines of any words in any style, the same until they are stirred."""

    def __init__(self, seed: int, *, id: str) -> None:
        super().__init__(id=id)
        self.seed = seed

    def render_line(self, y: int) -> Strip:
        dice, segments, left = random.Random(f"{self.seed} {y}"), [], self.size.width
        while left > 0:
            text = dice.choice(("a", "bcd", "  ", "é", "Пр", "x" * 9))[: left if left < 2 else None]
            segments.append(Segment(text, dice.choice(STYLES)))
            left -= Segment(text).cell_length
        return Strip(segments).adjust_cell_length(self.size.width, STYLES[0])


class Dialog(ModalScreen[None]):
    CSS = "Dialog { align: center middle; } #box { width: 20; height: 6; }"

    def compose(self) -> ComposeResult:
        yield Noise(99, id="box")


class Overlapping(Screen[None]):
    """Widgets beside, within and in front of each other."""

    fast = True
    CSS = """
    Overlapping { layers: below above; }
    #top { height: 3; border: round red; }
    #scroll { width: 40; height: 12; }
    #scroll Noise { height: 9; }
    #front { layer: above; width: 15; height: 5; offset: 30 4; }
    #hidden { height: 2; display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        if self.fast:
            assert compositor.install(self)

    def compose(self) -> ComposeResult:
        yield Noise(1, id="top")
        yield Noise(2, id="hidden")
        with VerticalScroll(id="scroll"), Vertical():
            yield Noise(3, id="upper")
            yield Noise(4, id="lower")
        yield Static("plain", id="plain")
        yield Noise(5, id="front")


class Painted(App[None]):
    """Hands what would go to a terminal to an emulator."""

    MODES: ClassVar[dict[str, str | Callable[[], Screen[None]]]] = {"one": Overlapping, "other": Screen}
    DEFAULT_MODE = "one"

    def __init__(self) -> None:
        super().__init__()
        self.terminal = pyte.Screen(WIDTH, HEIGHT)
        self._stream = pyte.Stream(self.terminal)
        self.sent = 0

    def _display(self, screen, renderable) -> None:  # type: ignore[no-untyped-def] # as Textual has it
        if renderable is not None:
            text = renderable.render_segments(self.console)
            self.sent += len(text)
            self._stream.feed(text)
        super()._display(screen, renderable)


def shown(app: App[None]) -> list[list[tuple[object, ...]]]:
    """The cells of the terminal: text, colours, bold, italic, underlined."""
    assert isinstance(app, Painted)
    rows = [[app.terminal.buffer[y][x] for x in range(WIDTH)] for y in range(HEIGHT)]
    return [[(c.data, c.fg, c.bg, c.bold, c.italics, c.underscore) for c in row] for row in rows]


def wanted(app: App[None]) -> list[list[tuple[object, ...]]]:
    """The same cells as Textual has them."""
    return [list(_cells(strip)) for strip in app.screen._compositor.render_strips()]


async def settled(pilot: Pilot[None]) -> None:
    """Wait, though not for ever, until what has changed by then (a notice that goes by itself) is painted."""
    for _ in range(50):
        await pilot.pause()
        if shown(pilot.app) == wanted(pilot.app):
            return
        await pilot.pause(0.02)


def _cells(strip: Strip) -> Iterator[tuple[object, ...]]:
    for text, style, _ in strip:
        style = style or Style.null()
        colours = [c.get_truecolor().hex[1:] if c else "default" for c in (style.color, style.bgcolor)]
        for letter in text:
            cell = (*colours, bool(style.bold), bool(style.italic), bool(style.underline))
            yield letter, *cell
            if Segment(letter).cell_length == 2:
                yield "", *cell


@pytest.mark.parametrize("seed", range(3))
async def test_terminal_shows_what_the_compositor_holds_whatever_happens(seed: int, fast: bool) -> None:
    dice, app = random.Random(seed), Painted()
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        await pilot.pause()
        assert shown(app) == wanted(app)
        base = app.screen
        for _ in range(30):
            noise = dice.choice(list(base.query(Noise)))
            match dice.randrange(9):
                case 0 | 1:
                    noise.seed += 10
                    noise.refresh()
                case 2:
                    noise.seed += 10
                    noise.refresh(Region(0, 0, 100, 2), Region(3, 4, 5, 9))  # nothing else of it is painted anew
                    await pilot.pause()
                    noise.refresh()
                case 3:
                    noise.display = not noise.display
                case 4:
                    base.query_one("#front").styles.offset = (dice.randrange(50), dice.randrange(18))
                case 5:
                    base.query_one("#scroll").scroll_to(y=dice.randrange(8), animate=False)
                case 6:
                    base.query_one("#plain", Static).update(dice.choice(("one", "two\nlines", "x" * 50)))
                case 7:
                    app.notify("a notice" * dice.randrange(1, 9), timeout=0.05)
                case 8:
                    app.push_screen(Dialog())
                    await pilot.pause()
                    noise.seed += 10  # behind the dialog
                    noise.refresh()
                    await pilot.pause()
                    app.pop_screen()
            await settled(pilot)
            assert shown(app) == wanted(app)


async def test_screen_that_comes_back_is_painted_whole(fast: bool) -> None:
    app = Painted()
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        for _ in range(2):
            app.screen.query_one("#top").refresh()
            await settled(pilot)
            await app.switch_mode("other")
            await settled(pilot)
            assert shown(app) == wanted(app)
            await app.switch_mode("one")
            await settled(pilot)
            assert shown(app) == wanted(app)


async def test_letter_that_is_half_hidden_is_a_space_and_its_neighbours_stay(fast: bool) -> None:
    app = Painted()
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        app.screen.query_one("#front").styles.offset = (31, 0)
        app.screen.query_one("#plain", Static).update("漢" * 30)
        app.screen.query_one("#plain", Static).styles.dock = "top"
        await settled(pilot)
        assert shown(app) == wanted(app)
        row = "".join(str(cell[0]) for cell in shown(app)[0])
        assert row.startswith("漢" * 15 + " ") and row.endswith("漢" * 7)


async def test_what_looks_as_before_is_not_sent_again() -> None:
    app = Painted()
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        await pilot.pause()
        noise = app.screen.query_one("#top", Noise)
        noise.refresh()
        await pilot.pause()  # from now on it is known what the terminal shows there
        before = app.sent
        noise.refresh()
        await pilot.pause()
        assert app.sent - before < WIDTH
        noise.seed += 1
        noise.refresh()
        await pilot.pause()
        assert app.sent - before > WIDTH


def test_a_private_name_that_is_missing_leaves_the_screen_to_textual(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(compositor.NEEDED, Screen, ("_a_name_that_textual_dropped",))
    screen = Screen[None]()
    assert not compositor.install(screen)
    assert not isinstance(screen._compositor, IncrementalCompositor)
    assert "_a_name_that_textual_dropped" in caplog.text


@pytest.mark.parametrize("broken", ["_dirty_spans", "render"])
async def test_a_frame_that_raises_gives_fast_painting_up_and_the_screen_goes_on(
    broken: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*arguments: object) -> None:
        raise AttributeError("no such name any more")

    app = Painted()
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        await settled(pilot)
        if broken == "render":
            monkeypatch.setattr(compositor, "_change", fail)
        else:
            monkeypatch.setattr(IncrementalCompositor, broken, fail)
        for noise in app.screen.query(Noise):
            noise.seed += 1
            noise.refresh()
        await settled(pilot)
        assert IncrementalCompositor.given_up
        assert "Textual draws from now on" in caplog.text
        assert shown(app) == wanted(app)
        app.screen.query_one("#plain", Static).update("goes on")
        await settled(pilot)
        assert shown(app) == wanted(app)
