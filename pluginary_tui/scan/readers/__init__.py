"""One module per way to read a bundle. Each runs only in a process of its own."""

from __future__ import annotations
