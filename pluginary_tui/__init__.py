"""Every audio plugin on your machine, probed in isolation, at your fingertips."""

from __future__ import annotations

__version__ = "0.1.0"
