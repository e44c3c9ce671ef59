"""Writes a shared passport in the form that a file's ending asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from pluginary_tui.atomic_file import write_whole
from pluginary_tui.errors import PluginaryError
from pluginary_tui.model import clean
from pluginary_tui.sound.share.drawing import picture
from pluginary_tui.sound.share.facts import Shared
from pluginary_tui.sound.share.page import page
from pluginary_tui.sound.share.report import report

FORMS: Mapping[str, Callable[[Shared], str]] = {".svg": picture, ".html": page, ".md": report}
"""By the ending of a file's name."""


def write(shared: Shared, path: Path, form: str) -> None:
    """Write it to `path`, in one of FORMS. Raises PluginaryError, one sentence."""
    try:
        write_whole(path, FORMS[form](shared).encode("utf-8", "replace"))
    except OSError as error:
        raise PluginaryError(f"{clean(str(path))} cannot be written: {error.strerror or error}.") from None
