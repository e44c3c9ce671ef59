"""Chains as text."""

from __future__ import annotations

import pytest

from pluginary_tui.api.expression import parse, settings
from pluginary_tui.errors import ExpressionError


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("zamverb", [("zamverb", {})]),
        ("vst3/a/b + vst3/c/d", [("vst3/a/b", {}), ("vst3/c/d", {})]),
        ("a[x=1]+ b", [("a", {"x": "1"}), ("b", {})]),
        ("Pro-C+ 2[ratio=4:1]", [("Pro-C", {}), ("2", {"ratio": "4:1"})]),
        ("A+B", [("A+B", {})]),
        ('"Chorus + Delay"[mix=50 %] + x', [("Chorus + Delay", {"mix": "50 %"}), ("x", {})]),
        ('x["a, b"="c, d" , e = f]', [("x", {"a, b": "c, d", "e": "f"})]),
        ("x[]", [("x", {})]),
    ],
)
def test_expressions(text: str, parts: list[tuple[str, dict[str, str]]]) -> None:
    assert parse(text) == parts


@pytest.mark.parametrize("text", ["", " ", "+", "a +", "a + + b", "a[", "a]", "a[x]", "a[=1]", "[x=1]", "a b[c=1] d"])
def test_what_cannot_be_read(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"Cannot read .*\.$"):
        parse(text)


def test_settings() -> None:
    assert settings("a=1, b=x y ,c=") == {"a": "1", "b": "x y", "c": ""}
