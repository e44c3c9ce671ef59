"""The isolation room: run a job in a process of its own, with a deadline, a memory limit, a log and an outcome."""

from __future__ import annotations
