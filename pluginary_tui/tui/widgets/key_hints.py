"""Keys and what they do, as they are written on cards and banners."""

from __future__ import annotations

from textual.content import Content


def key_lines(*entries: tuple[str, str]) -> Content:
    """One line for each key and what it does, the keys flush right."""
    width = max(len(key) for key, _ in entries)
    return Content("\n").join(
        Content.styled(f"{key:>{width}}", "bold $text-accent") + Content(f"  {label}") for key, label in entries
    )
