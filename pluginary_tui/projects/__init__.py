"""Projects of DAWs: which plugins each uses, what of that is missing here, and what could stand in for it."""

from __future__ import annotations
