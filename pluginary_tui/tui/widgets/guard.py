"""Keeps the app alive: exceptions of handlers, timers and workers are reported and do not end it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from textual.dom import DOMNode
from textual.events import Compose, Load, Mount
from textual.screen import Screen
from textual.worker import Worker, WorkerState, WorkType

from pluginary_tui.logs import logger
from pluginary_tui.tui.core import actions
from pluginary_tui.tui.core.services import Services, services_of
from pluginary_tui.tui.core.session import Session

if TYPE_CHECKING:
    from textual.app import App
    from textual.message import Message
    from textual.timer import Timer, TimerCallback


def is_closing(app: App[Any]) -> bool:
    """Whether the app is ending: its screens may have been taken down."""
    return app._exit or app._closing or app._closed


class _Once:
    """Work of a thread that is dropped as it begins.

    A worker and its task keep each other until the next garbage collection. The work would keep what it was given as
    long, such as a whole catalogue that was replaced meanwhile.
    """

    def __init__(self, work: Callable[[], Any]) -> None:
        self._work: Callable[[], Any] | None = work

    def __call__(self) -> Any:
        work, self._work = self._work, None
        return work() if work is not None else None


class Guarded(DOMNode):
    """A node with actions of the table. List it last among the bases: Textual reads DEFAULT_CSS of the first only."""

    ACTION_GROUP: ClassVar[str] = ""
    """The group of core.actions whose rows are the actions of this class."""

    @property
    def services(self) -> Services:
        return services_of(self.app)

    @property
    def session(self) -> Session:
        return self.services.session

    # Actions

    def action_context(self) -> object:
        """What the rules of this class's actions ask."""
        return self

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """The reason why an action is not possible now; empty where it is."""
        row = actions.find(self.ACTION_GROUP, action, parameters)
        return row.rule(self.action_context()) if row else ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer no key that would do nothing."""
        try:
            return not self.why_not(action, parameters)
        except Exception as error:
            if not self.is_incomplete:
                self.services.report(error)
            return False

    # Exceptions. Textual ends the message loop of a node, and with it the app, at the first one that leaves a handler.

    async def _on_message(self, message: Message) -> None:
        try:
            await super()._on_message(message)
        except Exception as error:
            if self._is_leaving:
                logger(__name__).debug("while it was being closed", exc_info=error)
            elif isinstance(message, (Compose, Load, Mount)):  # without these there is no screen to go on with
                raise
            else:
                self.services.report(error)

    @property
    def is_incomplete(self) -> bool:
        """Whether a part of it may be missing: it is being closed, or a key of a burst came before it was made."""
        return self._is_leaving or not self._mounted_event.is_set()

    @property
    def _is_leaving(self) -> bool:
        """Whether this node or the app is being closed: what it looks for is not there any more, or not yet."""
        app = self.app
        if isinstance(self, Screen) and self not in app.screen_stack:
            return True
        return self._closing or self._closed or self._pruning or is_closing(app)

    def set_timer(
        self, delay: float, callback: TimerCallback | None = None, *, name: str | None = None, pause: bool = False
    ) -> Timer:
        return super().set_timer(delay, self._guarded(callback), name=name, pause=pause)

    def set_interval(
        self,
        interval: float,
        callback: TimerCallback | None = None,
        *,
        name: str | None = None,
        repeat: int = 0,
        pause: bool = False,
    ) -> Timer:
        return super().set_interval(interval, self._guarded(callback), name=name, repeat=repeat, pause=pause)

    def _guarded(self, callback: TimerCallback | None) -> TimerCallback | None:
        """Leaves Textual's own timers alone: they draw, and an error there would come back with each frame."""
        if callback is None or getattr(callback, "__module__", "").startswith("textual."):
            return callback
        return self.services.guarded(callback)

    def run_worker(
        self,
        work: WorkType[Any],
        name: str | None = "",
        group: str = "default",
        description: str = "",
        exit_on_error: bool = False,
        start: bool = True,
        exclusive: bool = False,
        thread: bool = False,
    ) -> Worker[Any]:
        """As Textual's, but an exception of the work is reported and does not end the app.

        Whatever `exit_on_error` says: the decorator `work` always says True.
        """
        if thread and callable(work):
            work = _Once(work)
        return super().run_worker(work, name, group, description, False, start, exclusive, thread)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR and event.worker.error is not None and not self._is_leaving:
            self.services.report(event.worker.error)
