"""What the screens share that draws nothing."""

from __future__ import annotations
