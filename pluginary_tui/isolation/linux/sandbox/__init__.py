"""Confinement of the processes that run plugins (Linux): Landlock and seccomp, entered before a plugin is mapped."""

from __future__ import annotations
