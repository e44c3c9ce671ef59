"""Monitors plugin output for NaN, infinity and denormals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pluginary_tui.sound.dsp.test_signals import BLOCK, Wave

Audio = NDArray[np.float32]
Process = Callable[[Audio, int], Audio]
"""Renders audio of shape (channels, samples) after a reset, in blocks of that many samples; returns the same shape."""

SMALLEST = float(np.finfo(np.float32).tiny)
"""Smallest normal 32-bit float; arithmetic with smaller (subnormal) ones is up to a hundred times slower."""

PASSING = 26_400
"""Subnormal samples per channel that one rendering may have. A tail that decays exponentially passes the subnormal
range (-750 to -890 dBFS) once, which takes at most 0.55 s of the three seconds that are rendered."""

RUNAWAY = 1e4
"""Amplitude (+80 dBFS) that no stable plugin reaches with the test signals."""


class NotFiniteError(ArithmeticError):
    """The output cannot be measured."""


@dataclass(slots=True)
class OutputMonitor:
    """Renders through `process` and counts invalid samples."""

    process: Process
    channels: int
    nans: int = 0
    infinities: int = 0
    subnormals: int = 0
    peak: float = 0.0
    audible: bool = False
    """Whether any output was above -100 dBFS."""
    may_run_away: bool = False
    """Whether too loud an output is no fault: a feedback that was turned up may grow without end."""
    on_stage: Callable[[str], None] = field(default=lambda stage: None)

    def __call__(self, wave: Wave, block: int = BLOCK, stage: str = "") -> Wave:
        """Render `wave` (samples, for every channel, or channels and samples); returns (channels, samples).

        Raises NotFiniteError, after counting.
        """
        self.on_stage(stage)
        each = wave.astype(np.float32)
        audio = np.ascontiguousarray(each if each.ndim == 2 else np.tile(each, (self.channels, 1)))
        return self.check(self.process(audio, block), audio.shape[1])

    def check(self, output: Audio, length: int) -> Wave:
        """Count invalid samples; returns the output cut or padded to `length` samples."""
        output = np.atleast_2d(output)
        self.nans += int(np.isnan(output).sum())
        self.infinities += int(np.isinf(output).sum())
        size = np.abs(output)
        small = int(((size > 0) & (size < SMALLEST)).sum())
        if small > PASSING * len(output):
            self.subnormals += small
        finite = size[np.isfinite(size)]
        self.peak = max(self.peak, float(finite.max(initial=0)))
        self.audible |= self.peak > 1e-5
        if len(finite) < size.size or self.peak > RUNAWAY:
            raise NotFiniteError
        y = output.astype(np.float64)
        return y if y.shape[1] == length else np.pad(y, ((0, 0), (0, max(0, length - y.shape[1]))))[:, :length]

    def evidence(self) -> str:
        """The invalid samples in words; empty where there were none."""
        seen = [
            f"{count:,} {name}"
            for count, name in (
                (self.nans, "samples that are NaN (no number)"),
                (self.infinities, "infinite samples"),
                (self.subnormals, "denormal samples (too small to compute with)"),
            )
            if count
        ]
        if self.peak > RUNAWAY and not self.may_run_away:
            seen.append(f"a peak of {20 * float(np.log10(self.peak)):+.0f} dBFS")
        return ", ".join(seen)
