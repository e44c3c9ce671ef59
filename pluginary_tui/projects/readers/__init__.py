"""Readers of project files, one module for each program. They run in a process of their own."""

from __future__ import annotations
