"""Reading compressed and XML files without letting them take more than they may."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO
from xml.parsers import expat


class UnreadableFileError(Exception):
    """The file is not what its name says, or damaged. The text is the end of a sentence: "it is ..."."""


CHUNK = 1 << 18
MOST_UNPACKED = 1 << 30
"""Bytes that a compressed file may unpack to. Real sets of Ableton Live unpack to 200 MiB at most."""
MOST_PACKING = 300
"""Times that a file may be larger unpacked than packed, beyond the first MiB: real ones unpack to 10 to 60 times."""
MOST_MEMBERS = 100_000
"""Files in a ZIP archive."""
MOST_DEPTH = 512
"""Elements inside one another."""


def chunks(stream: BinaryIO) -> Iterator[bytes]:
    """The stream in pieces of CHUNK bytes."""
    while data := stream.read(CHUNK):
        yield data


def inflated(stream: BinaryIO, *, gzip: bool) -> Iterator[bytes]:
    """What a gzip (or zlib) stream unpacks to, in pieces; of several gzip members, all.

    Raises UnreadableFileError for damage, and where it unpacks to more than MOST_UNPACKED or by a suspicious factor.
    """
    bits = zlib.MAX_WBITS | (16 if gzip else 0)
    inflater, packed, unpacked, begun = zlib.decompressobj(bits), 0, 0, False
    try:
        for data in chunks(stream):
            packed += len(data)
            while data:
                piece = inflater.decompress(data, CHUNK)
                begun = True
                unpacked += len(piece)
                if unpacked > MOST_UNPACKED or unpacked > (1 << 20) + MOST_PACKING * packed:
                    raise UnreadableFileError(f"it unpacks to more than {unpacked >> 20} MB")
                if piece:
                    yield piece
                data = inflater.unconsumed_tail
                if inflater.eof:
                    data = inflater.unused_data
                    if not data.startswith(b"\x1f\x8b") or not gzip:
                        return
                    inflater = zlib.decompressobj(bits)
    except zlib.error as error:
        raise UnreadableFileError("its compressed data are damaged") from error
    if not begun or not inflater.eof:
        raise UnreadableFileError("it ends too early")


class Archive:
    """A ZIP archive whose members are read within bounds. Raises UnreadableFileError where it is none."""

    def __init__(self, stream: BinaryIO) -> None:
        try:
            self._zip = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, OverflowError) as error:
            raise UnreadableFileError("it is not a ZIP archive, or damaged") from error
        if len(self._zip.filelist) > MOST_MEMBERS:
            raise UnreadableFileError(f"it holds more than {MOST_MEMBERS:,} files")
        self._names = {info.filename.replace("\\", "/").casefold(): info for info in self._zip.filelist}

    def __contains__(self, name: str) -> bool:
        return name.casefold() in self._names

    def names(self, beginning: str, ending: str) -> list[str]:
        """Names of the members that begin and end so, in the archive's order."""
        return [name for name in self._names if name.startswith(beginning) and name.endswith(ending)]

    def member(self, name: str) -> Iterator[bytes]:
        """The content of a member in pieces.

        Raises UnreadableFileError where it is missing, damaged or too large.
        """
        info = self._names.get(name.casefold())
        if info is None:
            raise UnreadableFileError(f"it has no {name}")
        unpacked = 0
        try:
            with self._zip.open(info) as stream:
                while data := stream.read(CHUNK):
                    unpacked += len(data)
                    if unpacked > MOST_UNPACKED or unpacked > (1 << 20) + MOST_PACKING * info.compress_size:
                        raise UnreadableFileError(f"its {name} unpacks to more than {unpacked >> 20} MB")
                    yield data
        except UnreadableFileError:
            raise
        except (
            zipfile.BadZipFile,
            zlib.error,
            OSError,
            EOFError,
            RuntimeError,
            ValueError,
            NotImplementedError,
        ) as error:
            raise UnreadableFileError(f"its {name} is damaged") from error

    def read(self, name: str, most: int) -> bytes:
        """The first `most` bytes of a member."""
        found = bytearray()
        for data in self.member(name):
            found += data
            if len(found) >= most:
                break
        return bytes(found[:most])


Attributes = dict[str, str]


def parse_xml(
    pieces: Iterator[bytes],
    start: Callable[[str, Attributes], object],
    end: Callable[[str], object],
    text: Callable[[str], object] | None = None,
) -> None:
    """Parse XML as it comes, ignoring namespaces; prefixes stay part of the names.

    Entities of the document's own are refused: no program writes any into a project, and they are how a small file
    becomes a large one. Raises UnreadableFileError for what is not well formed.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = 0

    def start_element(name: str, attributes: Attributes) -> None:
        nonlocal depth
        depth += 1
        if depth > MOST_DEPTH:
            raise UnreadableFileError("its XML is nested too deeply")
        start(name, attributes)

    def end_element(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(name)

    def refuse(*_: object) -> int:
        raise UnreadableFileError("its XML declares entities, which no project does")

    parser.StartElementHandler = start_element
    parser.EndElementHandler = end_element
    if text is not None:
        parser.CharacterDataHandler = text
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # an encoding that Python does not know
        where = f" in line {error.lineno:,}" if isinstance(error, expat.ExpatError) else ""
        raise UnreadableFileError(f"its XML is damaged{where}") from error


_VERSION = re.compile(r"\d[\w.]*")


def version_of(text: str) -> str:
    """The first version number in a text; empty where there is none.

    >>> version_of("Studio One/7.2.3.108761")
    '7.2.3.108761'
    """
    found = _VERSION.search(text)
    return found.group() if found else ""
