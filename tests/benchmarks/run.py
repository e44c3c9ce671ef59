"""Every benchmark in one table: python tests/benchmarks/run.py [--short] [--json FILE] [--only NAME...] [--check]."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from tests.benchmarks.suite import main

    sys.exit(main())
