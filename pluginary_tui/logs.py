"""The log: one JSON object a line in the data folder, turned over by size, never on the screen."""

from __future__ import annotations

import contextlib
import json
import logging
from datetime import UTC, datetime
from pathlib import Path

FOLDER = "log"
FILE_NAME = "pluginary-tui.jsonl"

SIZE_LIMIT = 1_000_000
"""Bytes of one file; OLD_FILES fuller ones are kept beside it."""

OLD_FILES = 3

_ROOT = logging.getLogger("pluginary_tui")
_ROOT.addHandler(logging.NullHandler())  # or warnings would go to stderr where no log was started
_USUAL = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}


def logger(name: str) -> logging.Logger:
    """The logger of a module of this program, which is silent until `start`."""
    return logging.getLogger(name)


def log_path(data_dir: Path) -> Path:
    return data_dir / FOLDER / FILE_NAME


def start(data_dir: Path, level: str) -> None:
    """Keep what is logged in `pluginary_tui` from `level` (`debug`, `info`, `warning`, `error`) on.

    A second start only lets more through. Where the log cannot be written the program goes on without.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    path = log_path(data_dir)
    if any(isinstance(handler, _File) and Path(handler.baseFilename) == path.absolute() for handler in _ROOT.handlers):
        _ROOT.setLevel(min(number, _ROOT.level))
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = _File(path)
    except OSError:
        return
    handler.setFormatter(_Line())
    _ROOT.addHandler(handler)
    _ROOT.setLevel(number)


def stop() -> None:
    """Close the log."""
    for handler in [handler for handler in _ROOT.handlers if isinstance(handler, _File)]:
        _ROOT.removeHandler(handler)
        handler.close()
    _ROOT.setLevel(logging.NOTSET)


class _File(logging.FileHandler):
    """Appends whole lines, so that several processes may write to one file. (`logging.handlers` has one that turns
    over as well, and takes as long to import as the rest of the program.)
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, encoding="utf-8", errors="replace")

    def emit(self, record: logging.LogRecord) -> None:
        if self.stream is not None and self.stream.tell() > SIZE_LIMIT:
            self.stream.close()
            self._turn_over()
            self.stream = self._open()
        super().emit(record)

    def _turn_over(self) -> None:
        path = Path(self.baseFilename)
        with contextlib.suppress(OSError):
            if path.stat().st_size > SIZE_LIMIT:  # or another process has done it already
                for number in range(OLD_FILES, 0, -1):
                    newer = path.with_name(f"{path.name}.{number - 1}") if number > 1 else path
                    if newer.exists():
                        newer.replace(path.with_name(f"{path.name}.{number}"))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - its name in the standard library
        """A full disk is no reason to write into the screen."""


class _Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """`time` (ISO 8601, UTC), `level`, `name`, `message`, `pid`, then whatever was given as `extra`."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "name": record.name,
            "message": record.getMessage(),
            "pid": record.process,
        }
        line |= {key: value for key, value in vars(record).items() if key not in _USUAL}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)
