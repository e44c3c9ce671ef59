"""Record the session at the top of the README: the real app on the real plugins of this machine, as one moving SVG.

    python screenshots/record.py [--into FOLDER]

Scans into a catalogue of its own, drives the app without a terminal, and writes session.svg into FOLDER, or beside this
file. Each moment is what the app itself exports. Rows that do not change are kept once. The SVG moves by CSS alone;
where that is not understood, or motion is not wanted, it is a still of the first moment.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import make

from pluginary_tui.scan.run import Options, Scan
from pluginary_tui.tui.app import PluginaryApp
from pluginary_tui.tui.core.session import Session

SIZE = (110, 32)
ROW = 24.4
"""Height of a row in what Textual exports."""
TOP = 1.4

_RULE = re.compile(r"\.(terminal-\d+-r\d+) \{ ([^}]*) \}")
_RECT = re.compile(r'<rect fill="([^"]+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"[^>]*/>')
_TEXT = re.compile(
    r'<text class="(terminal-\d+-r\d+)" x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"[^>]*>(.*?)</text>'
)
_VIEW = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


@dataclass(slots=True)
class Recording:
    """The moments of a session, each as the keys of its rows."""

    seconds: list[float] = field(default_factory=list)
    moments: list[list[int]] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    """SVG of a row -> its number."""
    looks: dict[str, int] = field(default_factory=dict)
    """Body of a style rule -> the number of its class."""
    view: tuple[float, float] = (0.0, 0.0)

    def add(self, svg: str, seconds: float) -> None:
        """Add what the app exports as a moment that lasts so long."""
        svg = make._LEADING_SPACE.sub(make._moved, svg)
        width, height = _VIEW.search(svg).groups()  # type: ignore[union-attr]
        self.view = float(width), float(height)
        looks = {name: self.looks.setdefault(body, len(self.looks)) for name, body in _RULE.findall(svg)}
        body = svg[svg.rindex("</defs>") :]
        body = body[body.index('clip-path="url(') :]  # behind the window's frame, title and buttons
        rows: dict[int, list[str]] = {}
        for fill, left, right, y in _joined(body):
            shape = f'<rect x="{left:.1f}" y="{y:.1f}" width="{right - left:.1f}" height="24.65" fill="{fill}"/>'
            rows.setdefault(int((y - TOP) // ROW), []).append(shape)
        for name, x, y, length, text in _TEXT.findall(body):
            shape = f'<text class="c{looks[name]}" x="{x}" y="{y}" textLength="{length}">{text}</text>'
            rows.setdefault(int((float(y) - TOP) // ROW), []).append(shape)
        self.moments.append([self.rows.setdefault("".join(rows[n]), len(self.rows)) for n in sorted(rows)])
        self.seconds.append(seconds)

    def svg(self) -> str:
        """The whole recording."""
        width, height = self.view
        return "\n".join(
            (
                f'<svg viewBox="0 0 {width:g} {height:g}" xmlns="http://www.w3.org/2000/svg">',
                "<title>A session in Pluginary: finding a plugin, copying its snippet, seeing how it sounds</title>",
                "<style>",
                "text{font:20px 'Fira Code',Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre}",
                "rect{shape-rendering:crispEdges}",
                *(f".c{number}{{{body.replace('; ', ';')}}}" for body, number in self.looks.items()),
                *self._animation(),
                "</style>",
                "<defs>",
                *(f'<g id="l{number}">{row}</g>' for row, number in self.rows.items()),
                "</defs>",
                f'<rect x="1" y="1" width="{width - 2:g}" height="{height - 2:g}" rx="8" fill="#292929"/>',
                '<g transform="translate(26,22)"><circle r="7" fill="#ff5f57"/><circle cx="22" r="7" fill="#febc2e"/>',
                '<circle cx="44" r="7" fill="#28c840"/></g>',
                '<g transform="translate(9,41)">',
                *(self._moment(number) for number in range(len(self.moments))),
                "</g>",
                "</svg>",
                "",
            )
        )

    def _moment(self, number: int) -> str:
        rows = "".join(f'<use href="#l{row}"/>' for row in self.moments[number])
        return f'<g class="m" id="m{number}">{rows}</g>'

    def _animation(self) -> Iterator[str]:
        """Shows one moment after the other, again and again."""
        whole, begun = sum(self.seconds), 0.0
        yield ".m{visibility:hidden}#m0{visibility:visible}"
        yield "@media (prefers-reduced-motion:no-preference){"
        for number, seconds in enumerate(self.seconds):
            start, end = 100 * begun / whole, 100 * (begun + seconds) / whole
            before = "0%{visibility:hidden}" if number else ""
            after = f"{end:.2f}%{{visibility:hidden}}" if number < len(self.seconds) - 1 else ""
            yield f"@keyframes k{number}{{{before}{start:.2f}%{{visibility:visible}}{after}}}"
            yield f"#m{number}{{animation:k{number} {whole:.2f}s step-end infinite}}"
            begun += seconds
        yield "}"


def _joined(body: str) -> Iterator[tuple[str, float, float, float]]:
    """Colour, left, right and y of the backgrounds; neighbours of one colour are one."""
    held: tuple[str, float, float, float] | None = None
    for fill, x, y, width, _ in _RECT.findall(body):
        left, right, top = float(x), float(x) + float(width), float(y)
        if held and held[0] == fill and held[3] == top and abs(held[2] - left) < 0.1:
            held = fill, held[1], right, top
            continue
        if held:
            yield held
        held = fill, left, right, top
    if held:
        yield held


async def play(pilot, recording: Recording) -> None:  # type: ignore[no-untyped-def]
    """What is to be seen: open, type a query, move, copy the snippet, see the sound, and what is like it."""

    def snap(seconds: float) -> None:
        recording.add(pilot.app.export_screenshot(), seconds)

    await make.loaded(pilot)
    await make.keys(pilot, "slash", *"comp f:vst3,builtin", "enter", "M", "a")
    await make.ended(pilot)
    await make.keys(pilot, "slash", "ctrl+u", "enter", "g")
    pilot.app.clear_notifications()
    await pilot.pause(1)
    snap(1.6)
    await make.keys(pilot, "slash")
    snap(0.5)
    for letter in "zcom":
        await make.keys(pilot, letter)
        snap(0.25)
    await make.keys(pilot, "p")
    snap(1.2)
    await make.keys(pilot, "enter", "j")
    snap(0.9)
    await make.keys(pilot, "k", "y")
    snap(2.4)
    pilot.app.clear_notifications()
    await make.keys(pilot, "enter", "z")
    snap(3.2)
    await make.keys(pilot, "z", "escape", "m")
    await pilot.pause(2)
    snap(3.2)


def main(into: Path) -> None:
    """Scan, play, and write session.svg."""
    into.mkdir(parents=True, exist_ok=True)
    for name in [name for name in os.environ if name.startswith("PLUGINARY_TUI_")]:
        del os.environ[name]
    recording = Recording()
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        os.environ["PLUGINARY_TUI_DATA_DIR"] = str(folder)
        os.environ["PLUGINARY_TUI_CONFIG"] = str(folder / "config.toml")
        Scan(make.SETTINGS, folder / "data", Options()).run(lambda event: None)
        session = Session(make.SETTINGS, folder / "data")

        async def record() -> None:
            app = PluginaryApp(session)
            async with app.run_test(size=SIZE, notifications=True) as pilot:
                await play(pilot, recording)

        try:
            asyncio.run(record())
        finally:
            session.close()
    svg = recording.svg()
    (into / "session.svg").write_text(svg, encoding="utf-8")
    print(f"session: {len(recording.moments)} moments, {sum(recording.seconds):.1f} s, {len(svg.encode()):,} bytes")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--into", type=Path, default=make.HERE, metavar="FOLDER", help="write it there")
    main(parser.parse_args().into)
