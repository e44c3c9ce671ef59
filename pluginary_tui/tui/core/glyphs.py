"""The signs of the screens, in Unicode and in ASCII."""

from __future__ import annotations

from typing import NamedTuple


class Glyphs(NamedTuple):
    """Every sign is one cell wide, so that columns stay columns."""

    star: str = "★"
    mark: str = "●"
    cursor: str = "▌"
    here: str = "▸"
    ellipsis: str = "…"
    dot: str = "·"
    dash: str = "–"
    rule: str = "─"
    wall: str = "│"
    ok: str = "✓"
    failed: str = "✗"
    crashed: str = "☠"
    timeout: str = "◷"
    memory: str = "▣"
    skipped: str = "»"
    missing: str = "∅"
    scanning: str = "◐"
    paused: str = "‖"
    idle: str = "●"
    up: str = "↑"
    down: str = "↓"
    before: str = "‹"
    copies: str = "≈"
    warning: str = "!"

    def outcome(self, status: str) -> str:
        """The sign of a plugin's or a bundle's status."""
        return {
            "ok": self.ok,
            "failed": self.failed,
            "crashed": self.crashed,
            "timeout": self.timeout,
            "memory": self.memory,
            "skipped": self.skipped,
            "missing": self.missing,
        }.get(status, self.warning)


UNICODE = Glyphs()
ASCII = Glyphs(
    star="*",
    mark="+",
    cursor=">",
    here=">",
    ellipsis="~",
    dot="-",
    dash="-",
    rule="-",
    wall="|",
    ok="+",
    failed="x",
    crashed="X",
    timeout="T",
    memory="M",
    skipped="S",
    missing="0",
    scanning="o",
    paused="=",
    idle="o",
    up="^",
    down="v",
    before="<",
    copies="=",
)
