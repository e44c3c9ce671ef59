"""Which project files the user trusts: those whose very content was looked at and allowed with `config trust`."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from pluginary_tui.atomic_file import make_folder, replacing
from pluginary_tui.config.files import data_dir, tidy
from pluginary_tui.errors import SettingsError
from pluginary_tui.safe_open import read_bytes

FILE_NAME = "trusted.json"
"""In the data folder: real paths of project files, and the SHA-256 of what each held when it was allowed."""

SIZE_LIMIT = 1_000_000


def is_trusted(path: Path, text: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the project file at `path` was allowed with exactly this text."""
    return _known(environ).get(_key(path)) == _digest(text)


def trust(path: Path, text: str, environ: Mapping[str, str] = os.environ) -> None:
    """Allow the project file at `path` as long as it holds this text. Raises SettingsError."""
    _write(_known(environ) | {_key(path): _digest(text)}, environ)


def untrust(path: Path, environ: Mapping[str, str] = os.environ) -> bool:
    """Take that back. Returns whether the file was allowed at all, with this text or another one."""
    known = _known(environ)
    was = known.pop(_key(path), None) is not None
    if was:
        _write(known, environ)
    return was


def _key(path: Path) -> str:
    return os.fsencode(os.path.realpath(path)).decode("utf-8", "backslashreplace")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _known(environ: Mapping[str, str]) -> dict[str, str]:
    """All that is allowed; nothing where the file is missing or is not as this module writes it."""
    try:
        document = json.loads(read_bytes(data_dir(environ) / FILE_NAME, SIZE_LIMIT))
    except (OSError, ValueError, RecursionError, SettingsError):
        return {}
    if not isinstance(document, dict):
        return {}
    return {path: digest for path, digest in document.items() if isinstance(digest, str)}


def _write(known: Mapping[str, str], environ: Mapping[str, str]) -> None:
    path = data_dir(environ) / FILE_NAME
    try:
        make_folder(path.parent)
        with replacing(path) as stream:
            json.dump(known, stream, indent=1)
            stream.write("\n")
    except OSError as error:
        raise SettingsError(f"Cannot write {tidy(path)}: {error.strerror or error}.") from None
