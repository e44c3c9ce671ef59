"""One longer piece of work beside scans and measurements: preset files that are read, sound files that are rendered."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from pluginary_tui.errors import PluginaryError

Progressed = Callable[[int, int], None]
"""Takes how many of how many are done."""


class Background:
    """Runs in a thread of its own. The app asks eight times a second how far it is (`AppServices.tick_background`)."""

    def __init__(
        self,
        doing: str,
        run: Callable[[Progressed], Any],
        stop: Callable[[], None],
        ended: Callable[[Any, BaseException | None], None],
    ) -> None:
        """`doing` is what the first line says. `run` does it, and `stop` ends it soon, from any thread. `ended` is
        called in the app's thread with what `run` returned, or with what it raised.
        """
        self.doing, self.stop, self._run, self._ended = doing, stop, run, ended
        self.done, self.total = 0, 0
        self._result: Any = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="background", daemon=True)
        self._thread.start()

    @property
    def finished(self) -> bool:
        """Whether the thread has ended."""
        return not self._thread.is_alive()

    def deliver(self) -> None:
        """Hand over what came of it."""
        self._ended(self._result, self._error)

    def close(self) -> None:
        """Stop it and wait for it: nothing that it started is left running."""
        self.stop()
        self._thread.join()

    def _work(self) -> None:
        try:
            self._result = self._run(self._progressed)
        except PluginaryError as error:
            self._error = error
        except BaseException as error:
            logging.getLogger(__name__).exception("%s broke", self.doing)
            self._error = error

    def _progressed(self, done: int, total: int) -> None:
        self.done, self.total = done, total
