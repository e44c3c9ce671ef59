"""Edits one value of a TOML text and leaves every other byte unchanged; also finds the lines of its keys.

tomlkit 0.15 does not do: it gives no line numbers, mixes line ends in CRLF files, writes new keys after the comments
of the next section, and breaks an array with comments whose last item has no comma.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

# Lexical rules of TOML 1.0 (https://toml.io/en/v1.0.0). tomllib has parsed the text before, so it is valid, and the
# patterns only have to find the ends of tokens.
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:\\.|[^"\\])*"|'[^']*'""")
_STRING = re.compile(
    r'''"""(?:\\.|[^\\])*?""""{0,2}|\'\'\'.*?\'\'\''{0,2}|"(?:\\.|[^"\\])*"|'[^']*\'''',
    re.DOTALL,
)
_ATOM = re.compile(r"[^,\]}#\r\n]+")
_BLANK = re.compile(r"[ \t]*")
_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")

Path = tuple[str, ...]


class Span(NamedTuple):
    """One key with its value, one item of an array, or one `[header]`; offsets into the text."""

    path: Path
    """Its full path; that of an array item ends with its index."""
    kind: Literal["header", "line", "member"]
    """A `line` is on lines of its own, a `member` within brackets."""
    base: Path
    """Path of the header or brackets that contain it; its key gives the rest of its path."""
    start: int
    last_key: tuple[int, int]
    """Offsets of the last part of its key (empty for an item)."""
    value: tuple[int, int]


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.spans: list[Span] = []

    def document(self) -> list[Span]:
        base: Path = ()
        while self.skip(_GAP) < len(self.text):
            if self.text[self.at] == "[":
                base = self.header()
            else:
                self.pair(base, "line")
        return self.spans

    def skip(self, what: re.Pattern[str]) -> int:
        found = what.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.at

    def header(self) -> Path:
        start = self.at
        self.at += 2 if self.text.startswith("[[", start) else 1
        path, last = self.key()
        self.at = self.text.index("]", self.at) + (2 if self.text.startswith("[[", start) else 1)
        self.spans.append(Span(path, "header", (), start, last, (self.at, self.at)))
        return path

    def key(self) -> tuple[Path, tuple[int, int]]:
        parts = []
        while True:
            start = self.skip(_BLANK)
            end = self.skip(_KEY)
            parts.append(_plain(self.text[start:end]))
            if self.skip(_BLANK) >= len(self.text) or self.text[self.at] != ".":
                return tuple(parts), (start, end)
            self.at += 1

    def pair(self, base: Path, kind: Literal["line", "member"]) -> None:
        start = self.at
        path, last = self.key()
        self.at += 1  # the equals sign
        place = len(self.spans)
        value = self.value(base + path)
        self.spans.insert(place, Span(base + path, kind, base, start, last, value))

    def value(self, path: Path) -> tuple[int, int]:
        start = self.skip(_BLANK)
        opening = self.text[start]
        if opening in "[{":
            self.at += 1
            number = 0
            while self.text[self.skip(_GAP)] not in "]}":
                if opening == "{":
                    self.pair(path, "member")
                else:
                    item, place = self.at, len(self.spans)
                    value = self.value((*path, str(number)))
                    span = Span((*path, str(number)), "member", path, item, (item, item), value)
                    self.spans.insert(place, span)
                number += 1
                if self.text[self.skip(_GAP)] == ",":
                    self.at += 1
            self.at += 1
        elif opening in "\"'":
            self.skip(_STRING)
        else:
            atom = _ATOM.match(self.text, start)
            self.at = start + len(atom[0].rstrip()) if atom else start
        return start, self.at


def scan(text: str) -> list[Span]:
    """Every header, key and array item of `text`, which has to be valid TOML, in order."""
    return _Scanner(text).document()


def lines(text: str) -> dict[Path, int]:
    """The line (from 1) of the first occurrence of each path of `text`."""
    found: dict[Path, int] = {}
    line, before = 1, 0
    for span in scan(text):
        line += text.count("\n", before, span.start)
        before = span.start
        for depth in range(1, len(span.path) + 1):
            found.setdefault(span.path[:depth], line)
    return found


def rename(text: str, old: Path, new: str) -> str:
    """Replace the last part of the key `old` by `new` (which needs no quotes), wherever it occurs."""
    for span in reversed(scan(text)):
        if span.path == old and span.last_key[0] != span.last_key[1]:
            text = _splice(text, span.last_key, new)
    return text


def remove(text: str, path: Path) -> str:
    """`text` without the key at `path` and all below it; headers and comments on other lines stay."""
    while True:
        spans = [span for span in scan(text) if span.path[: len(path)] == path and span.kind != "header"]
        if not spans:
            return text
        text = _without(text, scan(text), spans[0])


def prune(text: str, path: Path) -> str:
    """`text` without the header of the table at `path`, where nothing is below it: no key, no comment, no table."""
    spans = scan(text)
    header = next((span for span in spans if span.kind == "header" and span.path == path), None)
    if header is None or any(span.path[: len(path)] == path for span in spans if span is not header):
        return text
    start, end = _line_start(text, header.start), len(text)
    end = min((_line_start(text, span.start) for span in spans if span.start > header.start), default=end)
    if text[start:end].strip() != text[header.start : header.value[1]]:
        return text  # comments
    newline = _newline(text)
    if end == len(text) and text[:start].endswith(newline * 2):  # the blank line before it
        start -= len(newline)
    return _splice(text, (start, end), "")


def assign(text: str, path: Path, value: Any) -> str:
    """`text` with `value` (no table) at `path`: replaced in place, or added to its section.

    Raises ValueError where that would lose comments.
    """
    spans = scan(text)
    for span in spans:
        if span.path == path and span.kind != "header":
            if isinstance(value, list) and text[span.value[0]] == "[":
                return _relist(text, span, spans, value)
            return _splice(text, span.value, render(value, _newline(text)))
    return _add(text, spans, path, value)


def _add(text: str, spans: Sequence[Span], path: Path, value: Any) -> str:
    newline = _newline(text)
    rendered = render(value, newline)
    brackets = {span.path: span for span in spans if span.kind != "header" and text[span.value[0]] == "{"}
    for depth in range(len(path) - 1, 0, -1):
        if path[:depth] in brackets:
            return _append(text, spans, brackets[path[:depth]], f"{_dotted(path[depth:])} = {rendered}")
    if len(path) == 1:
        return f"{_dotted(path)} = {rendered}{newline}{text}"
    after = base = None
    for span in spans:
        if span.kind == "header" and span.path == path[:-1]:
            after, base = span, span.path
        elif span.kind == "line" and span.path[:-1] == path[:-1]:  # a key of the same table
            after, base = span, span.base
    if after is not None and base is not None:
        end = _line_end(text, after.value[1])
        before = text[:end] if text[:end].endswith("\n") else text[:end] + newline
        return f"{before}{_dotted(path[len(base) :])} = {rendered}{newline}{text[end:]}"
    if text and not text.endswith("\n"):
        text += newline
    gap = newline if text else ""
    return f"{text}{gap}[{_dotted(path[:-1])}]{newline}{_dotted(path[-1:])} = {rendered}{newline}"


def _relist(text: str, span: Span, spans: Sequence[Span], new: list[Any]) -> str:
    """Edit an array in place: items are cut out or appended, the others keep their comments."""
    old = [(_value(text[slice(*item.value)]), item) for item in _members(spans, span)]
    kept = [value for value, _ in old if value in new]
    if new[: len(kept)] != kept:  # another order: rewrite it
        ends = [span.value[0], *(end for _, item in old for end in item.value), span.value[1]]
        if any("#" in text[start:end] for start, end in zip(ends[::2], ends[1::2], strict=True)):
            raise ValueError("the list holds comments, which belong to its present order")
        return _splice(text, span.value, render(new, _newline(text)))
    for value, item in reversed(old):
        if value not in new:
            text = _without(text, scan(text), item)
    for value in new[len(kept) :]:
        spans = scan(text)
        array = next(each for each in spans if each.path == span.path and each.kind != "header")
        text = _append(text, spans, array, render(value, _newline(text)))
    return text


def _append(text: str, spans: Sequence[Span], brackets: Span, member: str) -> str:
    """Append a member before the closing bracket, on a line of its own if the last member has one."""
    start, end = brackets.value
    members = _members(spans, brackets)
    if not members:
        if "#" in text[start:end]:
            return _splice(text, (start + 1, start + 1), f"{_newline(text)}    {member},")
        return _splice(text, (start, end), f"{{ {member} }}" if text[start] == "{" else f"[{member}]")
    last = members[-1]
    comma = _comma(text, last.value[1])
    line_end = _line_end(text, comma)
    indent = text[_line_start(text, last.start) : last.start]
    if indent.strip() or line_end >= end:
        return _splice(text, (last.value[1], last.value[1]), f", {member}")
    text = _splice(text, (line_end, line_end), f"{indent}{member},{_newline(text)}")
    return text if comma > last.value[1] else _splice(text, (comma, comma), ",")


def _without(text: str, spans: Sequence[Span], span: Span) -> str:
    """`text` without one key or item, and without its line where nothing else is on it."""
    line = (_line_start(text, span.start), _line_end(text, span.value[1]))
    if span.kind == "line":
        return _splice(text, line, "")
    comma = _comma(text, span.value[1])
    after = text[comma : line[1]].strip()
    if not text[line[0] : span.start].strip() and comma <= line[1] and (not after or after.startswith("#")):
        return _splice(text, line, "")
    siblings = [each for each in spans if each.base == span.base and each.kind == "member"]
    place = siblings.index(span)
    if place + 1 < len(siblings):
        cut = (span.start, siblings[place + 1].start)
    elif place:
        cut = (siblings[place - 1].value[1], span.value[1])
    else:
        cut = (span.start, comma)
    if "#" in text[cut[0] : span.start] + text[span.value[1] : cut[1]]:
        raise ValueError("there are comments between the items")
    return _splice(text, cut, "")


def _members(spans: Sequence[Span], brackets: Span) -> list[Span]:
    return [span for span in spans if span.kind == "member" and span.base == brackets.path]


def _comma(text: str, at: int) -> int:
    """End of the comma after a member that ends at `at`; `at` itself where there is none."""
    gap = _GAP.match(text, at)
    end = gap.end() if gap else at
    return end + 1 if text[end : end + 1] == "," else at


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _splice(text: str, span: tuple[int, int], new: str) -> str:
    return text[: span[0]] + new + text[span[1] :]


def _plain(key: str) -> str:
    """A key's part without its quotes."""
    return next(iter(tomllib.loads(f"{key} = 0"))) if key[:1] in ("'", '"') else key


def _value(text: str) -> Any:
    return tomllib.loads(f"value = {text}")["value"]


def _dotted(path: Path) -> str:
    import tomli_w  # needed for writing only

    return ".".join(tomli_w.dumps({part: 0}).rpartition(" = ")[0] for part in path)


def render(value: Any, newline: str = "\n") -> str:
    """`value` as tomli_w writes it; a list that fits stays on one line."""
    import tomli_w

    if isinstance(value, list):
        line = f"[{', '.join(render(item, newline) for item in value)}]"
        if len(line) <= 100:
            return line
    return tomli_w.dumps({"v": value}).removeprefix("v = ").removesuffix("\n").replace("\n", newline)
