"""A job that sends which modules its process has; it imports none itself."""

from __future__ import annotations

import sys
from typing import Any


def run(payload: dict[str, Any], send: Any) -> None:
    """Send `{"loaded": [...]}`: those of `payload["names"]` that are imported."""
    send({"loaded": [name for name in payload["names"] if name in sys.modules]})
