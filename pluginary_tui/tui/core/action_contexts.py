"""What the rules of actions ask of a screen or dialog. For type checkers: nothing imports it at run time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from pluginary_tui.model import Parameter, Plugin

if TYPE_CHECKING:
    from pluginary_tui.tui.core.background import Background


class WorkContext(Protocol):
    """A screen or an app that starts scans."""

    @property
    def busy(self) -> str:
        """Why neither a scan nor a measurement can start; empty where they can."""
        ...


class UndoContext(Protocol):
    """A screen with an undo key."""

    @property
    def can_undo(self) -> bool: ...
    @property
    def can_redo(self) -> bool: ...


class BrowseContext(WorkContext, UndoContext, Protocol):
    """What the rules of Browse ask."""

    @property
    def plugin(self) -> Plugin | None:
        """The plugin under the cursor of the visible list."""
        ...

    @property
    def products(self) -> bool:
        """Whether a row of the list stands for all plugins of a product."""
        ...

    def here(self) -> Sequence[Plugin]:
        """The plugins of the row under the cursor, the one that stands for them first; or none."""
        ...

    def formats(self) -> Sequence[Plugin]:
        """All plugins of the product under the cursor, whether the list shows products or not."""
        ...

    @property
    def query_text(self) -> str: ...
    @property
    def side_pane(self) -> str:
        """The pane that the keys for widths change; empty where there is none."""
        ...

    @property
    def has_history(self) -> bool:
        """Whether there are earlier queries."""
        ...

    @property
    def has_facets(self) -> bool:
        """Whether the settings name any facet."""
        ...

    @property
    def offers_scan(self) -> bool:
        """Whether the banner of an interrupted scan is shown."""
        ...

    @property
    def empty_because(self) -> bool:
        """Whether one term of the query excludes everything."""
        ...

    @property
    def typing(self) -> bool:
        """Whether a slash is a letter, or filters parameters, where the focus is."""
        ...

    def targets(self) -> Sequence[Plugin]:
        """The marked plugins, or those of the row under the cursor, or none."""
        ...

    def marked(self) -> Sequence[Plugin]:
        """The marked plugins, visible or not."""
        ...


class DetailContext(Protocol):
    """What the rules of the detail's text ask."""

    @property
    def parameter(self) -> Parameter | None:
        """The parameter under the cursor."""
        ...


class NothingFoundContext(Protocol):
    """What the rules of the card of an empty result ask."""

    @property
    def hidden(self) -> int:
        """Hidden plugins that match."""
        ...

    @property
    def parameter_query(self) -> str:
        """The query that looks for a parameter instead; empty where there is none."""
        ...


class ScanContext(WorkContext, UndoContext, Protocol):
    """What the rules of the Scan screen ask."""

    @property
    def scanning(self) -> bool: ...
    @property
    def state(self) -> str:
        """`Progress.state` of what runs or ran last."""
        ...

    @property
    def kind(self) -> str:
        """`Progress.kind`: `scanning` or `measuring`."""
        ...

    @property
    def running(self) -> int:
        """Probes or measurements that run now."""
        ...

    @property
    def retryable(self) -> int:
        """Bundles of this scan that failed or are in quarantine; measured plugins, where plugins were measured."""
        ...

    @property
    def has_plugins(self) -> bool: ...
    @property
    def has_scanned(self) -> bool: ...
    @property
    def has_rest(self) -> bool:
        """Whether an interrupted scan has something left to do."""
        ...

    @property
    def can_ignore(self) -> bool:
        """Whether a bundle is chosen, running or failed that can be ignored."""
        ...

    @property
    def has_log(self) -> bool: ...
    def has_change(self, key: str) -> bool:
        """Whether the scan that ended brought changes of the kind that this letter shows."""
        ...


class HealthContext(WorkContext, UndoContext, Protocol):
    """What the rules of the Health screen ask."""

    @property
    def chosen_group(self) -> str:
        """The group of the failure under the cursor; empty where there is none."""
        ...

    @property
    def chosen_built_in(self) -> bool: ...
    @property
    def chosen_single(self) -> bool:
        """Whether a single plugin failed, of a bundle that could be read."""
        ...

    @property
    def scanning(self) -> bool: ...
    @property
    def state(self) -> str: ...
    @property
    def bad_count(self) -> int:
        """Failures that a retry may mend."""
        ...

    @property
    def gone_count(self) -> int: ...


class ProjectsContext(Protocol):
    """What the rules of the Projects screen ask."""

    @property
    def reading_projects(self) -> bool: ...
    @property
    def project_chosen(self) -> bool: ...
    @property
    def stand_in_count(self) -> int:
        """Plugins that could stand in for what the project under the cursor misses."""
        ...


class BackgroundContext(Protocol):
    """What may do something in the background."""

    @property
    def background(self) -> Background | None:
        """What is done there."""
        ...


class PresetsContext(BackgroundContext, Protocol):
    """What the rules of the dialog with presets ask."""

    @property
    def preset_chosen(self) -> bool: ...
    @property
    def preset_path(self) -> str:
        """The file under the cursor; empty for a program."""
        ...


class RenderContext(BackgroundContext, Protocol):
    """What the rules of the dialog that renders ask."""


class DifferenceContext(Protocol):
    """What the rules of a comparison of two catalogues ask."""

    @property
    def ids(self) -> Sequence[str]:
        """Ids of the plugins of this catalogue that are new or have changed."""
        ...


class ItemsContext(Protocol):
    """What the rules of the dialog for a list setting ask."""

    @property
    def fixed(self) -> bool:
        """Whether the items are chosen among fixed texts."""
        ...

    @property
    def sortable(self) -> bool: ...
    @property
    def empty(self) -> bool: ...


class HearContext(Protocol):
    """What the rules of the dialog that plays ask."""

    @property
    def part_count(self) -> int:
        """Sounds that are played one after the other."""
        ...

    @property
    def goes_on(self) -> bool:
        """Whether the list's next plugin can be heard from here."""
        ...
