"""What a CLAP may ask of its host while it is read: who we are, which thread this is, and to be listened to."""

from __future__ import annotations

import ctypes
import threading
from ctypes import c_bool, c_char_p, c_int32, c_uint32, c_void_p
from typing import Any

from pluginary_tui.scan.readers import clap_interfaces as clap
from pluginary_tui.scan.readers.sequence import note
from pluginary_tui.scan.readers.vst3_interfaces import callback

NAME = b"Pluginary TUI"
_LOG_LINES = 1_000
_wanted = threading.Event()
_printed = 0


def _table(*functions: Any) -> ctypes.Array[Any]:
    """The functions of an extension, as a table that stays where it is."""
    return (c_void_p * len(functions))(*(ctypes.cast(function, c_void_p).value for function in functions))


@callback(None, c_void_p, c_int32, c_char_p)
def _log(host: int, severity: int, text: bytes | None) -> None:
    global _printed
    _printed += 1
    if text and _printed <= _LOG_LINES:
        note(text.decode("utf-8", "replace"))


@callback(c_bool, c_void_p)
def _is_main_thread(host: int) -> bool:
    return threading.current_thread() is threading.main_thread()


@callback(c_bool, c_void_p)
def _no(host: int) -> bool:
    return False


@callback(None, c_void_p)
def _nothing(host: int) -> None:
    return


@callback(None, c_void_p, c_uint32)
def _nothing_with_flags(host: int, flags: int) -> None:
    return


@callback(None, c_void_p, c_uint32, c_uint32)
def _nothing_with_two(host: int, id_: int, flags: int) -> None:
    return


@callback(c_bool, c_void_p, c_uint32)
def _no_flag(host: int, flag: int) -> bool:
    return False


@callback(c_uint32, c_void_p)
def _all_dialects(host: int) -> int:
    return 0b111


@callback(None, c_void_p)
def _request_callback(host: int) -> None:
    _wanted.set()


EXTENSIONS = {
    b"clap.log": _table(_log),
    b"clap.thread-check": _table(_is_main_thread, _no),
    b"clap.params": _table(_nothing_with_flags, _nothing_with_two, _nothing),
    b"clap.audio-ports": _table(_no_flag, _nothing_with_flags),
    b"clap.note-ports": _table(_all_dialects, _nothing_with_flags),
    b"clap.latency": _table(_nothing),
    b"clap.tail": _table(_nothing),
    b"clap.state": _table(_nothing),
}


@callback(c_void_p, c_void_p, c_char_p)
def _get_extension(host: int, name: bytes | None) -> int | None:
    table = EXTENSIONS.get(name or b"")
    return None if table is None else ctypes.addressof(table)


HOST = clap.Host(clap.VERSION, None, NAME, NAME, b"", b"1", _get_extension, _nothing, _nothing, _request_callback)


def callback_wanted() -> bool:
    """Whether a plugin has requested a call of its `on_main_thread` since the last call of this."""
    wanted = _wanted.is_set()
    _wanted.clear()
    return wanted
