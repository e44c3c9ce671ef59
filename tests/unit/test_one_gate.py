"""Foreign text passes one gate: no other way to the screen, the terminal, a table or the log is in the package."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

import pluginary_tui

ROOT = Path(pluginary_tui.__file__).parent

CALLS: dict[str, tuple[str, ...]] = {
    # What prints, and the modules that may, each of which cleans what it prints or runs in a process of its own.
    "print": (),
    "click.echo": (),
    "click.secho": (),
    "click.style": (),
    "sys.stdout.write": ("cli/output.py",),
    "sys.stdout.writelines": ("cli/output.py",),
    "sys.stdout.buffer.write": ("cli/output.py",),
    "sys.stderr.write": ("cli/errors.py", "scan/readers/sequence.py"),  # a reader's stderr is the bundle's log
    "sys.stderr.writelines": (),
    "console.print": (),
    "self._console.print": ("scan/display/console.py",),
    "Console": ("cli/scan.py",),
    # Markup: nothing is ever read as such.
    "Text.from_markup": (),
    "Text.from_ansi": (),
    "Content.from_markup": (),
    "Content.from_text": (),
    # The terminal itself.
    "self._driver.write": ("tui/app.py",),
    # Tables and the log.
    "csv.writer": ("catalogue/exchange/file_formats.py",),
    "csv.DictWriter": (),
    "logging.basicConfig": (),
    "logging.StreamHandler": (),
    "logging.FileHandler": (),
    "RotatingFileHandler": ("logs.py",),
}


@cache
def parsed() -> list[tuple[str, ast.Module]]:
    return [(path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))) for path in ROOT.rglob("*.py")]


def modules() -> Iterator[tuple[str, ast.Module]]:
    yield from parsed()


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def test_no_other_way_out() -> None:
    found = [
        f"{name}:{node.lineno}: {call}"
        for name, tree in modules()
        for call, node in calls(tree)
        if call in CALLS and name not in CALLS[call]
    ]
    assert found == [], "print with cli.output's echo, print_lines, print_json or cli.errors' say and fail"


def test_every_exception_to_that_is_needed() -> None:
    used = {(call, name) for name, tree in modules() for call, _ in calls(tree)}
    needed = {(call, name) for call, names in CALLS.items() for name in names}
    assert needed - used == set()


@pytest.mark.parametrize("class_", ["Static", "Label", "ResultCount", "Button"])
def test_widgets_read_no_markup(class_: str) -> None:
    """Every one says `markup=False`: what it is given later may be a text of a plugin."""
    found = []
    for name, tree in modules():
        for call, node in calls(tree):
            if call != class_:
                continue
            off = any(word.arg == "markup" and ast.unparse(word.value) == "False" for word in node.keywords)
            if not off:
                found.append(f"{name}:{node.lineno}")
    assert found == []


def _is_content(value: ast.expr) -> bool:
    text = ast.unparse(value)
    return any(word in text for word in ("Content", "Text(", "Text.")) or not isinstance(
        value, ast.Constant | ast.JoinedStr
    )


def test_titles_of_boxes_are_no_markup() -> None:
    found = [
        f"{name}:{node.lineno}"
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Attribute) and target.attr.startswith("border_") for target in node.targets)
        and not _is_content(node.value)
    ]
    assert found == []


def test_log_records_are_json() -> None:
    """Messages are built by the formatter, which escapes: no module gives logging one of its own."""
    found = [
        f"{name}:{node.lineno}" for name, tree in modules() for call, node in calls(tree) if call == "logging.Formatter"
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    ["print('x')", "import click\nclick.echo(name)", "import sys\nsys.stderr.write(name)", "Text.from_markup(name)"],
)
def test_the_test_finds_such_ways(source: str) -> None:
    check: Callable[[str], bool] = lambda call: call in CALLS and "new.py" not in CALLS[call]  # noqa: E731
    assert any(check(call) for call, _ in calls(ast.parse(source)))
