"""Reads a JSON document of any length entry by entry."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import IO, Any

CHUNK = 1 << 16
"""Least number of characters read at a time."""

VALUE_LIMIT = 64_000_000
"""Most characters of one entry, a plugin with all its parameters."""

_SPACE = re.compile(r"[ \t\r\n]*")
_INSIDE = "plugins"


class BrokenJSONError(ValueError):
    """Invalid JSON; `str()` says what is wrong and where (line and column)."""


def entries(stream: IO[str]) -> Iterator[tuple[str, Any]]:
    """The items of an array (with an empty key) or the members of an object.

    A member `plugins` of the outer object that is a container yields None and then its entries. Raises BrokenJSONError
    for invalid JSON, after yielding the entries before it.
    """
    reader = _Reader(stream)
    yield from reader.container(descend=True)
    if reader.peek():
        raise reader.broken("there is something behind the end")


def _no_constant(name: str) -> Any:
    raise ValueError(f"there is {name}, which is no number of JSON's")


def _lower_first(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


class _Reader:
    """Parser with a buffer of the characters that were read and not consumed."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream
        self.text = ""
        self.at = 0
        self.ended = False
        self.line, self.column = 1, 1
        """Line and column of the buffer's first character."""
        self.decoder = json.JSONDecoder(parse_constant=_no_constant)

    def container(self, *, descend: bool) -> Iterator[tuple[str, Any]]:
        opening = self.peek()
        if opening not in ("{", "["):
            raise self.broken("expected { or [")
        closing = "}" if opening == "{" else "]"
        self.at += 1
        if self.peek() == closing:
            self.at += 1
            return
        while True:
            key = self._key() if opening == "{" else ""
            if descend and key == _INSIDE and self.peek() in ("{", "["):
                yield key, None
                yield from self.container(descend=False)
            else:
                yield key, self.value()
            after = self.peek()
            if after not in (",", closing):
                raise self.broken(f"expected a comma or {closing}")
            self.at += 1
            if after == closing:
                return

    def _key(self) -> str:
        if self.peek() != '"':
            raise self.broken("expected a name in double quotes")
        key: str = self.value()
        if self.peek() != ":":
            raise self.broken("expected a colon")
        self.at += 1
        return key

    def value(self) -> Any:
        """The complete value that begins here."""
        self.peek()
        while True:
            began = self.at
            try:
                value, end = self.decoder.raw_decode(self.text, began)
            except json.JSONDecodeError as error:
                if len(self.text) - began > VALUE_LIMIT:
                    raise self.broken(f"an entry is longer than {VALUE_LIMIT // 10**6} million characters") from None
                if not self._more():
                    raise self.broken(_lower_first(error.msg), self.at + error.pos - began) from None
            except RecursionError:
                raise self.broken("it is nested too deeply") from None
            except ValueError as error:  # a number with thousands of digits, or NaN
                raise self.broken(_lower_first(str(error).partition(";")[0])) from None
            else:
                # A number at the end of the buffer may continue: 1 may be the start of 1e+5.
                if len(self.text) - end > 2 or not self._more():
                    self.at += end - began
                    return value

    def peek(self) -> str:
        """The next character that is no white space; empty at the end."""
        while True:
            space = _SPACE.match(self.text, self.at)
            self.at = space.end() if space else self.at
            if self.at < len(self.text):
                return self.text[self.at]
            if not self._more():
                return ""

    def _more(self) -> bool:
        if self.ended:
            return False
        self.line, self.column = self._place(self.at)
        left = self.text[self.at :]
        read = self.stream.read(max(CHUNK, len(left)))  # doubled, so that a long value is not decoded many times
        self.text, self.at = left + read, 0
        self.ended = not read
        return not self.ended

    def _place(self, at: int) -> tuple[int, int]:
        lines = self.text.count("\n", 0, at)
        if not lines:
            return self.line, self.column + at
        return self.line + lines, at - self.text.rfind("\n", 0, at)

    def broken(self, what: str, at: int | None = None) -> BrokenJSONError:
        line, column = self._place(self.at if at is None else at)
        return BrokenJSONError(f"line {line}, column {column}: {what}")
