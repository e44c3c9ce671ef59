"""Paths of files as IRIs (RFC 8089), and back."""

from __future__ import annotations

import ntpath
import os
import re
import sys
from urllib.parse import quote, unquote

_WINDOWS = sys.platform == "win32"
_DRIVE = re.compile(r"/(?=[A-Za-z]:)")


def iri_of(path: str, *, windows: bool = _WINDOWS) -> str:
    r"""The IRI of an absolute path.

    >>> iri_of("/usr/lib/lv2/a b.lv2", windows=False)
    'file:///usr/lib/lv2/a%20b.lv2'
    >>> iri_of(r"C:\LV2\a b.lv2", windows=True), iri_of(r"\\server\share\a.lv2", windows=True)
    ('file:///C:/LV2/a%20b.lv2', 'file://server/share/a.lv2')
    """
    if not windows:
        return f"file://{quote(path)}"
    path = path.replace("\\", "/")
    return f"file:{'' if path.startswith('//') else '///'}{quote(path, safe='/:')}"


def path_of(iri: str, *, windows: bool = _WINDOWS) -> str:
    r"""The path that an IRI names, without `.` and `..`; empty where it names no file.

    >>> path_of("file:///usr/lib/lv2/a%20b.lv2/../x", windows=False)
    '/usr/lib/lv2/x'
    >>> path_of("file:///C:/LV2/a%20b.lv2", windows=True), path_of("file://server/share/a.lv2", windows=True)
    ('C:\\LV2\\a b.lv2', '\\\\server\\share\\a.lv2')
    """
    if iri[:7].casefold() != "file://":
        return ""
    path = unquote(iri[7:])
    if not windows:
        return os.path.normpath(path)
    return ntpath.normpath(_DRIVE.sub("", path, count=1) if path.startswith("/") else f"//{path}")
