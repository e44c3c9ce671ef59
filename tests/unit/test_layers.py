"""The shape of the package: no circles among imports, lazy ones and those for type checkers too, no towers of classes,
no file that is two, and few checks that are silenced.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pluginary_tui

ROOT = Path(pluginary_tui.__file__).parent
DEEPEST = 4
MOST_LINES = 449
MOST_SILENCED = 24


def modules() -> dict[str, ast.Module]:
    """Every module of the package by its name."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = [ROOT.name, *path.relative_to(ROOT).with_suffix("").parts]
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text("utf-8"))
    return found


def imports(tree: ast.Module, known: set[str]) -> Iterator[str]:
    """The modules of the package that a module imports anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module in known:
            assert node.level == 0, "relative imports would have to be resolved here"
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield name if name in known else str(node.module)


def circles(graph: dict[str, set[str]]) -> list[str]:
    """Modules that import each other, each circle once, as `a -> b -> a`."""
    done: set[str] = set()
    found = []

    def walk(name: str, path: list[str]) -> None:
        if name in path:
            found.append(" -> ".join([*path[path.index(name) :], name]))
            return
        if name in done:
            return
        for other in sorted(graph[name]):
            walk(other, [*path, name])
        done.add(name)

    for name in graph:
        walk(name, [])
    return found


def test_a_circle_is_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == ["b -> c -> b"]
    assert circles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    trees = modules()
    graph = {name: {*imports(tree, set(trees))} - {name} for name, tree in trees.items()}
    assert sum(map(len, graph.values())) > len(graph), "the imports were not found"
    assert circles(graph) == []


def test_no_class_is_more_than_four_deep_within_the_package() -> None:
    bases: dict[str, set[str]] = {}
    for tree in modules().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                names = [base.value if isinstance(base, ast.Subscript) else base for base in node.bases]
                bases.setdefault(node.name, set()).update(ast.unparse(name).split(".")[-1] for name in names)

    def depth(name: str) -> int:
        return 1 + max((depth(base) for base in bases[name] if base in bases and base != name), default=0)

    assert depth("BrowseScreen") > 1, "the bases were not found"
    assert {name: depth(name) for name in bases if depth(name) > DEEPEST} == {}


def test_core_is_free_of_widgets() -> None:
    for name, tree in modules().items():
        if name.startswith("pluginary_tui.tui.core."):
            used = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
            assert not {each for each in used if each.startswith(("textual.widget", "textual.containers"))}, name


def test_no_file_is_long() -> None:
    lines = {path.name: path.read_text("utf-8").count("\n") for path in ROOT.rglob("*.py")}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def test_few_checks_are_silenced() -> None:
    silenced = re.compile(r"#\s*(noqa|type:\s*ignore|fmt:\s*(skip|off))")
    found = [
        line for path in ROOT.rglob("*.py") for line in path.read_text("utf-8").splitlines() if silenced.search(line)
    ]
    assert 0 < len(found) <= MOST_SILENCED, found
