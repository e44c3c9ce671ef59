"""The front door: click commands, thin, nothing heavy imported before it is needed."""

from __future__ import annotations

from pluginary_tui.cli.commands import main as main
