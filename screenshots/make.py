"""Write the pictures of the README: the real app on the real plugins of this machine.

    python screenshots/make.py [--into FOLDER] [NAME...]

Scans into a catalogue of its own, drives the app without a terminal, and writes NAME.svg and, where librsvg's
`rsvg-convert` is installed, NAME.png into FOLDER, or beside this file.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pluginary_tui.config import Settings
from pluginary_tui.scan.run import Options, Scan
from pluginary_tui.tui.app import PluginaryApp
from pluginary_tui.tui.core.session import Session

SETTINGS = replace(Settings(), scan=replace(Settings().scan, formats=("vst3", "builtin")))
"""With the same formats whatever else is installed where the pictures are made."""

HERE = Path(__file__).parent

# librsvg drops the spaces that a text begins with; moving the text to the right instead looks the same everywhere.
_LEADING_SPACE = re.compile(r'x="([\d.]+)" (y="[\d.]+") textLength="([\d.]+)"([^>]*)>((?:&#160;)+)')
CELL = 12.2


def _moved(match: re.Match[str]) -> str:
    x, y, length, rest, spaces = match.groups()
    by = CELL * spaces.count("&")
    return f'x="{float(x) + by:.1f}" {y} textLength="{max(float(length) - by, 0):.1f}"{rest}>'


@dataclass(slots=True)
class Picture:
    """One picture: the size of the terminal, the keys pressed in it, the theme."""

    size: tuple[int, int]
    act: Callable[..., Awaitable[None]]
    theme: str = ""
    scanned: bool = True


async def keys(pilot, *names: str) -> None:  # type: ignore[no-untyped-def]
    """Press keys, as a person would, with time to look."""
    for name in names:
        await pilot.press(name)
        await pilot.pause(0.05)
    await pilot.pause(0.5)


async def loaded(pilot) -> None:  # type: ignore[no-untyped-def]
    """Wait until the catalogue is on the screen."""
    for _ in range(100):
        await pilot.pause(0.1)
        if pilot.app.session.loaded:
            break
    await pilot.pause(0.5)


async def browse(pilot) -> None:  # type: ignore[no-untyped-def]
    await loaded(pilot)
    await keys(pilot, "slash", *"verb", "enter")


async def detail(pilot) -> None:  # type: ignore[no-untyped-def]
    await loaded(pilot)
    await keys(pilot, "slash", *"multicompx2", "enter", "enter")


async def scanning(pilot) -> None:  # type: ignore[no-untyped-def]
    await loaded(pilot)
    await keys(pilot, "2", "s")
    for _ in range(200):
        await pilot.pause(0.02)
        progress = pilot.app.session.progress
        if progress.done >= 9 and progress.running:
            break
    await pilot.pause(0.2)


async def health(pilot) -> None:  # type: ignore[no-untyped-def]
    await loaded(pilot)
    await keys(pilot, "3")
    await pilot.pause(1.5)


async def settings(pilot) -> None:  # type: ignore[no-untyped-def]
    await loaded(pilot)
    await keys(pilot, "4", "j", "j", "j", "j")


async def narrow(pilot) -> None:  # type: ignore[no-untyped-def]
    await loaded(pilot)
    await keys(pilot, "slash", *"dyn", "enter")


async def passport(pilot) -> None:  # type: ignore[no-untyped-def]
    """Really measure a few that are quick, and look at one of them."""
    await loaded(pilot)
    await keys(pilot, "slash", *"zamphono | zamcomp | clipping | invert", "enter", "M", "a")
    await ended(pilot)
    await keys(pilot, "C")
    for name in ("behaves", "cpu"):
        pilot.app.screen.list.cursor = pilot.app.screen.list.names.index(name)
        await keys(pilot, "space")
    await keys(pilot, "enter", "greater_than_sign")
    browse = pilot.app.screen
    browse.list.stand_on(next(plugin for plugin in browse.list.plugins if plugin.name == "ZamPhono"))
    await pilot.pause(1)
    pilot.app.clear_notifications()
    await pilot.pause(0.5)


async def ended(pilot) -> None:  # type: ignore[no-untyped-def]
    """Wait until what runs is over, and read."""
    while pilot.app.session.busy:
        await pilot.pause(0.2)
    await pilot.pause(3)


PICTURES = {
    "browse": Picture((140, 40), browse),
    "detail": Picture((140, 40), detail),
    "light": Picture((140, 40), browse, theme="textual-light"),
    "passport": Picture((160, 46), passport),
    "health": Picture((140, 40), health),
    "settings": Picture((140, 40), settings),
    "narrow": Picture((80, 24), narrow),
    "scan": Picture((140, 40), scanning, scanned=False),
}


def broken(folder: Path) -> Path:
    """A folder with bundles that cannot be loaded, so that Health has something to tell."""
    made = folder / "vst3"
    (made / "Half Installed.vst3" / "Contents").mkdir(parents=True)
    binary = made / "Old Friend.vst3" / "Contents" / "x86_64-linux" / "Old Friend.so"
    binary.parent.mkdir(parents=True)
    binary.write_bytes(Path("/bin/true").read_bytes()[:3000])
    (made / "Moved Away.vst3").symlink_to(made / "nowhere.vst3")
    return made


async def take(name: str, picture: Picture, folder: Path, into: Path) -> None:
    """Take one picture and write it."""
    settings = SETTINGS
    if picture.theme:
        settings = replace(settings, app=replace(settings.app, theme=picture.theme))
    data = folder / name
    if picture.scanned:  # a copy: what one picture types and chooses is none of the next one's
        shutil.copytree(folder / "scanned", data)
    session = Session(settings, data)
    app = PluginaryApp(session)
    try:
        async with app.run_test(size=picture.size) as pilot:
            await picture.act(pilot)
            svg = app.export_screenshot(title="Pluginary")
    finally:
        session.close()
    svg = _LEADING_SPACE.sub(_moved, svg)
    (into / f"{name}.svg").write_text(svg, encoding="utf-8")
    if converter := shutil.which("rsvg-convert"):
        subprocess.run([converter, "-z", "1.2", "-o", into / f"{name}.png", into / f"{name}.svg"], check=True)
    print(f"{name}: {picture.size[0]} x {picture.size[1]}")


def main(names: list[str], into: Path) -> None:
    """Take the pictures named, or all."""
    into.mkdir(parents=True, exist_ok=True)
    for name in [name for name in os.environ if name.startswith("PLUGINARY_TUI_")]:
        del os.environ[name]
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        os.environ["PLUGINARY_TUI_DATA_DIR"] = str(folder / "data")  # the sandbox reads nothing below it
        Scan(
            SETTINGS,
            folder / "scanned",
            Options(folders=(broken(folder),)),
        ).run(lambda event: None)
        for name in names or PICTURES:
            os.environ["PLUGINARY_TUI_CONFIG"] = str(folder / f"{name}.toml")
            asyncio.run(take(name, PICTURES[name], folder, into))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(PICTURES)}; all where none is named")
    parser.add_argument("--into", type=Path, default=HERE, metavar="FOLDER", help="write them there")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - PICTURES.keys():
        parser.error(f"there is no picture called {', '.join(sorted(unknown))}")
    main(chosen.names, chosen.into)
