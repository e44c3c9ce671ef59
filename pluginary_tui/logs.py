"""The log: one JSON object per line in the data folder, rotated by size, never on the screen."""

from __future__ import annotations

import json
import logging
import os
from datetime import UTC, datetime
from pathlib import Path

from pluginary_tui.atomic_file import make_folder, own_file

FOLDER = "log"
FILE_NAME = "pluginary-tui.jsonl"

SIZE_LIMIT = 1_000_000
"""Largest size of the file in bytes; OLD_FILES older ones are kept beside it."""

OLD_FILES = 3

_ROOT = logging.getLogger("pluginary_tui")
_ROOT.addHandler(logging.NullHandler())  # without a handler, logging prints warnings to stderr
_STANDARD_FIELDS = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}


def logger(name: str) -> logging.Logger:
    """The logger of a module of this program; it discards everything until `start`."""
    return logging.getLogger(name)


def log_path(data_dir: Path) -> Path:
    """The log's file in a data folder."""
    return data_dir / FOLDER / FILE_NAME


def start(data_dir: Path, level: str) -> None:
    """Write the records of `pluginary_tui` from `level` (`debug`, `info`, `warning`, `error`) on into the log.

    A second call can only lower the level. Where the log cannot be written the program goes on without it.
    """
    from logging.handlers import RotatingFileHandler  # its import would delay commands that log nothing

    number = logging.getLevelNamesMapping()[level.upper()]
    path = log_path(data_dir)
    if _is_of_another_user(data_dir):
        return
    if any(Path(handler.baseFilename) == path.absolute() for handler in _file_handlers()):
        _ROOT.setLevel(min(number, _ROOT.level))
        return
    try:
        make_folder(path.parent)
        os.close(own_file(path, os.O_WRONLY))
        handler = RotatingFileHandler(
            path, maxBytes=SIZE_LIMIT, backupCount=OLD_FILES, encoding="utf-8", errors="replace"
        )
    except OSError:
        return
    logging.raiseExceptions = False  # a full disk must not make logging print into the screen
    handler.setFormatter(_JsonFormatter())
    _ROOT.addHandler(handler)
    _ROOT.setLevel(number)


def _is_of_another_user(data_dir: Path) -> bool:
    """Whether the catalogue there is one that this user may only read: its owner could not write into such a log."""
    catalogue = data_dir / "catalogue.db"
    try:
        return catalogue.stat().st_size > 0 and not os.access(catalogue, os.W_OK)
    except OSError:
        return False


def stop() -> None:
    """Close the log."""
    for handler in _file_handlers():
        _ROOT.removeHandler(handler)
        handler.close()
    _ROOT.setLevel(logging.NOTSET)


def _file_handlers() -> list[logging.FileHandler]:
    return [handler for handler in _ROOT.handlers if isinstance(handler, logging.FileHandler)]


class _JsonFormatter(logging.Formatter):
    """One JSON object for each record."""

    def format(self, record: logging.LogRecord) -> str:
        """`time` (ISO 8601, UTC), `level`, `name`, `message`, `pid`, then the fields given as `extra`."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "name": record.name,
            "message": record.getMessage(),
            "pid": record.process,
        }
        line |= {key: value for key, value in vars(record).items() if key not in _STANDARD_FIELDS}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)
