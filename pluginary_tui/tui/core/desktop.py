"""Programs of the desktop: clipboard, file manager, the person's editor."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

from pluginary_tui.atomic_file import write_whole
from pluginary_tui.errors import PluginaryError
from pluginary_tui.safe_open import read_bytes

NOTE_BYTES = 1_000_000
"""Most bytes of a text that comes back from an editor."""

COPY_TIMEOUT_S = 5
"""After this long a clipboard program will never take the text."""


def clipboard_command(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> list[str] | None:
    """The program that puts its input into the desktop's clipboard; None where there is none."""
    commands: list[list[str]] = []
    if platform == "darwin":
        commands.append(["pbcopy"])
    if platform == "win32":
        commands.append(["clip"])
    if environ.get("WAYLAND_DISPLAY"):
        commands.append(["wl-copy"])
    if environ.get("DISPLAY"):
        commands += [["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "--input"]]
    return next((command for command in commands if shutil.which(command[0], path=environ.get("PATH"))), None)


def copy(text: str) -> threading.Thread | None:
    """Put a text into the desktop's clipboard, in the returned thread; None where no program can.

    For terminals that do not pass on the escape sequence (OSC 52) that every terminal app copies with.
    """
    command = clipboard_command()
    if command is None:
        return None
    raw = text.encode("utf-16" if command == ["clip"] else "utf-8", "replace")  # clip reads UTF-16 with its mark

    def put() -> None:
        # xclip stays, holding the clipboard: its output must not be waited for, so it goes nowhere.
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            nowhere = subprocess.DEVNULL
            subprocess.run(command, input=raw, stdout=nowhere, stderr=nowhere, timeout=COPY_TIMEOUT_S, check=False)

    thread = threading.Thread(target=put, name="clipboard", daemon=True)
    thread.start()
    return thread


def show_in_folder(
    path: Path, otherwise: str, environ: Mapping[str, str] = os.environ, platform: str = sys.platform
) -> None:
    """Open the folder that holds `path` in the desktop's file manager, which outlives the app.

    Raises PluginaryError, one sentence, where the path is gone or there is no desktop to open it on; the
    sentence ends with `otherwise`, which says what to do.
    """
    if not os.path.lexists(path):
        raise PluginaryError(f"{path} is gone from the disk; scan again.")
    if platform == "darwin":
        command = ["open", "-R", str(path)]
    elif platform == "win32":
        command = ["explorer", f"/select,{path}"]
    else:
        command = ["xdg-open", str(path.parent)]
    # Without a display xdg-open would start a text browser, on this very terminal.
    seen = platform in ("darwin", "win32") or environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    if not seen or shutil.which(command[0], path=environ.get("PATH")) is None:
        raise PluginaryError(f"There is no desktop to open {path.parent} on; {otherwise}.")
    try:
        nowhere = subprocess.DEVNULL
        process = subprocess.Popen(command, start_new_session=True, stdin=nowhere, stdout=nowhere, stderr=nowhere)
    except OSError as error:
        raise PluginaryError(f"Cannot start {command[0]}: {error.strerror}; {otherwise}.") from error
    threading.Thread(target=process.wait, name="folder", daemon=True).start()  # so that no zombie stays


def editor_command(environ: Mapping[str, str] = os.environ) -> list[str] | None:
    """The person's editor as $VISUAL or $EDITOR words it; None where neither does, or it is not installed."""
    import shlex

    for name in ("VISUAL", "EDITOR"):
        try:
            command = shlex.split(environ.get(name, ""), posix=sys.platform != "win32")
        except ValueError:
            continue
        if command and shutil.which(command[0], path=environ.get("PATH")):
            return command
    return None


def edited(text: str, command: list[str]) -> str:
    """The text after the person has edited it with `command`, which has the terminal meanwhile.

    Raises PluginaryError, one sentence, where the editor cannot be started, fails, or leaves no text behind.
    """
    with tempfile.TemporaryDirectory(prefix="pluginary-") as folder:
        path = Path(folder, "note.txt")
        try:
            write_whole(path, text.encode("utf-8", "replace"))
            code = subprocess.run([*command, str(path)], check=False).returncode
            if code:
                raise PluginaryError(f"{command[0]} ended with code {code}; the note stays as it was.")
            return read_bytes(path, NOTE_BYTES).decode("utf-8", "replace")
        except OSError as error:
            raise PluginaryError(
                f"Cannot edit with {command[0]}: {error.strerror}; the note stays as it was."
            ) from None
