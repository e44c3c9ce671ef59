"""Search: one query language and one ranking for the commands and the app."""

from __future__ import annotations
