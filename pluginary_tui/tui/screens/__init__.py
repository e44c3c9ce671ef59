"""One module per screen; each owns its behaviour."""

from __future__ import annotations
