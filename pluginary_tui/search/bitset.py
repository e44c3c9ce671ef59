"""Sets of rows as big integers: bit r stands for row r."""

from __future__ import annotations

import re
from array import array
from collections.abc import Collection, Hashable, Iterable, Iterator
from itertools import compress
from typing import TypeVar

_Key = TypeVar("_Key", bound=Hashable)

_TO_DIGIT = bytes([48]) + bytes([49]) * 255
_FROM_DIGIT = bytes(int(i == 49) for i in range(256))
_MANY = 64
"""From one row in this many on, a byte for each row is faster than setting bits."""
_NONZERO = re.compile(b"[^\0]")
_BIT = bytes(1 << (i & 7) for i in range(8))
_IN_BYTE = tuple(tuple(i for i in range(8) if byte >> i & 1) for byte in range(256))


def of_rows(rows: Collection[int], size: int) -> int:
    """The set of some rows below `size`."""
    if len(rows) * _MANY > size:
        flags = bytearray(size)
        for row in rows:
            flags[row] = 1
        return of_flags(flags)
    packed = bytearray((size >> 3) + 1)
    bit = _BIT
    for row in rows:
        packed[row >> 3] |= bit[row & 7]
    return int.from_bytes(packed, "little")


def of_flags(flags: Iterable[int]) -> int:
    """The set of rows whose flag (one for each row) is not 0."""
    return int(bytes(flags).translate(_TO_DIGIT)[::-1] or b"0", 2)


def mask(bits: int, size: int) -> bytes:
    """One byte for each of `size` rows, 1 for those in the set."""
    return f"{bits:0{size}b}".encode()[::-1].translate(_FROM_DIGIT) if size else b""


def rows(bits: int) -> Iterator[int]:
    """The rows of a set, ascending."""
    size = bits.bit_length()
    if bits.bit_count() << 3 > size:
        yield from compress(range(size), mask(bits, size))
        return
    packed = bits.to_bytes((size >> 3) + 1, "little")
    for match in _NONZERO.finditer(packed):
        at = match.start()
        for bit in _IN_BYTE[packed[at]]:
            yield (at << 3) + bit


def union(sets: Iterable[int]) -> int:
    """The union of some sets."""
    found = 0
    for one in sets:
        found |= one
    return found


def grouped(values: Iterable[_Key]) -> dict[_Key, array[int]]:
    """The distinct values of a column, each with its rows."""
    found: dict[_Key, array[int]] = {}
    for row, value in enumerate(values):
        rows = found.get(value)
        if rows is None:
            rows = found[value] = array("I")
        rows.append(row)
    return found
