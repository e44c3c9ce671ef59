"""Paths of the settings files; reading, parsing and migrating them with errors that name file and line."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pluginary_tui.config.table import ENV_PREFIX, FORMAT, PROJECT_FILE
from pluginary_tui.config.wording import shown
from pluginary_tui.errors import SettingsError
from pluginary_tui.home import shortened
from pluginary_tui.model import clean
from pluginary_tui.safe_open import open_regular

SIZE_LIMIT = 256 * 1024
"""Largest settings file in bytes."""

RENAMED: tuple[dict[str, str], ...] = ({"scan.timeout": "timeout_s", "scan.paths": "folders"},)
"""For each version, the settings (old name -> new key) that the next version renamed."""

BOM = "\ufeff"
"""Byte order mark that some editors write; TOML does not allow it."""

_TOML_HINTS = {
    "Invalid value": "texts need quotes, lists a closing bracket",
    "Expected newline": "one setting on each line, texts in quotes",
    "Unescaped '\\'": "put texts with a backslash in single quotes",
    "Invalid hex value": "put texts with a backslash in single quotes",
    "Cannot overwrite": "it is set twice; remove one",
    "Cannot declare": "the section is there twice; join the two",
}


def config_path(environ: Mapping[str, str] = os.environ) -> Path:
    """The user's settings file, whether or not it exists: PLUGINARY_TUI_CONFIG, or `config.toml` in the platform's
    folder for settings.
    """
    named = environ.get(f"{ENV_PREFIX}CONFIG")
    if named:
        return Path(os.path.expanduser(named)).absolute()
    import platformdirs

    try:
        folder = platformdirs.user_config_path("pluginary-tui", appauthor=False)
    except RuntimeError:  # no HOME, and no entry in the password file: a container's user
        folder = Path()
    return (folder if folder.is_absolute() else data_dir(environ)) / "config.toml"


def data_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of the catalogue, whether or not it exists: PLUGINARY_TUI_DATA_DIR, or the platform's own.

    Raises SettingsError for a user without a home folder who names none.
    """
    named = environ.get(f"{ENV_PREFIX}DATA_DIR")
    if named:
        return Path(os.path.expanduser(named)).absolute()
    import platformdirs

    try:
        folder = platformdirs.user_data_path("pluginary-tui", appauthor=False)
    except RuntimeError:
        folder = Path()
    if not folder.is_absolute():
        raise SettingsError(f"This user has no home folder; name one with HOME, or set {ENV_PREFIX}DATA_DIR.")
    return folder


def working_folder() -> Path:
    """The folder that this program was started in; the root where that one has been deleted."""
    try:
        return Path.cwd()
    except OSError:
        return Path(os.sep)


def project_path(cwd: Path) -> Path | None:
    """The project file in `cwd` or the nearest folder above it."""
    for folder in (cwd, *cwd.parents):
        if os.path.isfile(path := folder / PROJECT_FILE):  # returns False where pathlib raises
            return path
    return None


def foreign(path: Path) -> bool:
    """Whether `path`, or a link that it is, belongs to another user, who could choose what this user's scans load.

    Root is trusted.
    """
    if not hasattr(os, "getuid"):
        return False
    return any(uid not in (0, os.getuid()) for uid in (path.lstat().st_uid, path.stat().st_uid))


def tidy(path: Path) -> str:
    """A path for messages: ~ for the home folder, cleaned."""
    return clean(shortened(str(path)), 300)


def read(path: Path) -> str:
    """The text of a settings file, with its line endings and byte order mark. Raises SettingsError."""
    try:
        with open_regular(path) as file:
            raw = file.read(SIZE_LIMIT + 1)
    except IsADirectoryError:
        raise SettingsError(f"{tidy(path)}: is a folder, not a settings file; move it or name another file") from None
    except OSError as error:
        raise SettingsError(f"{tidy(path)}: cannot be read ({error.strerror}); check its permissions") from None
    if len(raw) > SIZE_LIMIT:
        raise SettingsError(f"{tidy(path)}: is over {SIZE_LIMIT // 1024} KB, so no settings file; name another one")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{tidy(path)}:{line}: is not UTF-8 text; save the file as UTF-8") from None


def parse(text: str, path: Path) -> dict[str, Any]:
    """The data of a settings file's text. Raises SettingsError with file and line where it is no TOML."""
    import tomllib  # not needed without a settings file

    try:
        return tomllib.loads(text)
    except RecursionError:
        raise SettingsError(f"{tidy(path)}: is nested too deeply; no setting needs that") from None
    except ValueError as error:
        reason, _, place = str(error).rpartition(" (at ")
        found = re.match(r"line (\d+)", place)
        line = int(found[1]) if found else text.count("\n") + (not text.endswith("\n"))
        advice = next((hint for start, hint in _TOML_HINTS.items() if reason.startswith(start)), "correct that line")
        raise SettingsError(f"{tidy(path)}:{line}: not valid TOML: {clean(reason or error, 120)}; {advice}") from None


def version(data: Mapping[str, Any], where: str) -> int:
    """The version of a file (0 where it gives none). Raises SettingsError for an unknown one."""
    found = data.get("version", 0)
    if isinstance(found, bool) or not isinstance(found, int) or found < 0:
        raise SettingsError(f"{where}: version must be a whole number, not {shown(found)}; write version = {FORMAT}")
    if found > FORMAT:
        raise SettingsError(
            f"{where}: written for a newer Pluginary TUI (version {shown(found)}; this one reads up to {FORMAT}); "
            f"update Pluginary TUI, or name another file with {ENV_PREFIX}CONFIG"
        )
    return found


def migrate(text: str, path: Path) -> str:
    """`text` with the present names of the settings, without moving lines or changing its version.

    Raises SettingsError where it is no TOML, has an unknown version, or sets both an old and its new name.
    """
    from pluginary_tui.config.document import lines, rename

    data = parse(text, path)
    places = lines(text)
    for names in RENAMED[version(data, f"{tidy(path)}:{places.get(('version',), 1)}") :]:
        for old, new in names.items():
            section, key = old.split(".")
            body = data.get(section)
            if not isinstance(body, dict) or key not in body:
                continue
            if new in body:
                raise SettingsError(
                    f"{tidy(path)}:{places[section, key]}: {old} is now called {section}.{new}, "
                    f"and both are set; remove {old}"
                )
            text = rename(text, (section, key), new)
    return text
