"""Questions, menus and help shown over a screen."""

from __future__ import annotations
