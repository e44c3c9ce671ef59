"""What runs in a process of its own while a plugin is measured."""

from __future__ import annotations
