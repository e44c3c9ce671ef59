"""Run jobs in processes of their own, each with a deadline, a memory limit, a log and an outcome."""

from __future__ import annotations
