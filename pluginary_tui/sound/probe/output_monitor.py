"""Watching over everything that a plugin gives: numbers that are none, and numbers that are too small."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pluginary_tui.sound.dsp.test_signals import BLOCK, Wave

Audio = NDArray[np.float32]
Process = Callable[[Audio, int], Audio]
"""Renders channels of samples from a fresh start, so many samples at a time; gives as many of both."""

SMALLEST = float(np.finfo(np.float32).tiny)
"""Below this a float of 32 bits is subnormal: many processors then take a hundred times as long."""

PASSING = 26_400
"""Subnormal samples a channel that one rendering may have. What dies away evenly passes through them once: from
-750 to -890 dBFS, which within the three seconds that are rendered takes 0.55 s at most."""

RUNAWAY = 1e4
"""+80 dBFS: no plugin that is well gives that for what it gets here."""


class NotFiniteError(ArithmeticError):
    """What came out cannot be measured."""


@dataclass(slots=True)
class OutputMonitor:
    """Renders, and counts what should not be there."""

    process: Process
    channels: int
    nans: int = 0
    infinities: int = 0
    subnormals: int = 0
    peak: float = 0.0
    heard: bool = False
    """Whether anything at all came out (above -100 dBFS)."""
    tell: Callable[[str], None] = field(default=lambda stage: None)

    def __call__(self, wave: Wave, block: int = BLOCK, stage: str = "") -> Wave:
        """Every channel gets `wave`; gives channels of samples. Raises NotFiniteError, after counting."""
        self.tell(stage)
        given = np.ascontiguousarray(np.tile(wave.astype(np.float32), (self.channels, 1)))
        return self.check(self.process(given, block), given.shape[1])

    def check(self, got: Audio, length: int) -> Wave:
        """Count, and make what came out as long as what went in."""
        got = np.atleast_2d(got)
        self.nans += int(np.isnan(got).sum())
        self.infinities += int(np.isinf(got).sum())
        size = np.abs(got)
        small = int(((size > 0) & (size < SMALLEST)).sum())
        if small > PASSING * len(got):
            self.subnormals += small
        finite = size[np.isfinite(size)]
        self.peak = max(self.peak, float(finite.max(initial=0)))
        self.heard |= self.peak > 1e-5
        if len(finite) < size.size or self.peak > RUNAWAY:
            raise NotFiniteError
        y = got.astype(np.float64)
        return y if y.shape[1] == length else np.pad(y, ((0, 0), (0, max(0, length - y.shape[1]))))[:, :length]

    def evidence(self) -> str:
        """What was seen that should not be there; empty where nothing was."""
        seen = [
            f"{count:,} {name}"
            for count, name in (
                (self.nans, "samples that are no number"),
                (self.infinities, "infinite samples"),
                (self.subnormals, "subnormal samples"),
            )
            if count
        ]
        if self.peak > RUNAWAY:
            seen.append(f"a peak of {20 * float(np.log10(self.peak)):+.0f} dBFS")
        return ", ".join(seen)
