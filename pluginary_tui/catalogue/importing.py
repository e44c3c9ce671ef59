"""Taking plugins in from a file: read whole, compared with what is here, then all of it or nothing."""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path, PurePath, PureWindowsPath
from typing import Any

from pluginary_tui.catalogue import formats, pluginary
from pluginary_tui.catalogue.journal import _identity
from pluginary_tui.catalogue.lock import scan_lock
from pluginary_tui.catalogue.records import Incoming, check
from pluginary_tui.catalogue.store import Store
from pluginary_tui.errors import CatalogueError

IMPORTED = "imported"
"""The stage of a bundle that no probe of this machine has read yet."""
