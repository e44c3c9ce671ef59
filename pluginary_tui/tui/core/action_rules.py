"""When an action is possible: rules that take the context of the action and give "" or the reason why not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pluginary_tui.model import MISSING, NOT_SCANNED, Outcome, Plugin, can_load, may_load
from pluginary_tui.products import are_favourites, product_id, product_of, tags_of

if TYPE_CHECKING:
    from pluginary_tui.tui.core.action_contexts import (
        BackgroundContext,
        BrowseContext,
        DetailContext,
        DifferenceContext,
        HealthContext,
        HearContext,
        ItemsContext,
        NothingFoundContext,
        PresetsContext,
        ProjectsContext,
        ScanContext,
        UndoContext,
        WorkContext,
    )

NO_PLUGIN = "no plugin is listed"


def always(context: Any) -> str:
    """The rule of an action that is always possible."""
    return ""


def idle(context: WorkContext) -> str:
    return context.busy


def undo(context: UndoContext) -> str:
    return "" if context.can_undo else "there is nothing to undo"


def shows_updated_or_undo(context: ScanContext) -> str:
    return _change(context, "u") and undo(context)


def redo(context: UndoContext) -> str:
    return "" if context.can_redo else "nothing was undone"


def some(context: BrowseContext) -> str:
    return "" if context.targets() else NO_PLUGIN


def one(context: BrowseContext) -> str:
    return "" if context.plugin is not None else NO_PLUGIN


def readable(context: BrowseContext) -> str:
    return _readable(context.targets())


def one_readable(context: BrowseContext) -> str:
    return _readable(_under_cursor(context))


def one_loadable(context: BrowseContext) -> str:
    return _loadable(_under_cursor(context))


def has_path(context: BrowseContext) -> str:
    return _has_path(context.targets())


def on_disk(context: BrowseContext) -> str:
    return _on_disk(context.targets())


def one_on_disk(context: BrowseContext) -> str:
    plugins = _under_cursor(context)
    return _has_path(plugins) or _on_disk(plugins)


def _under_cursor(context: BrowseContext) -> Sequence[Plugin]:
    """The plugins of the row under the cursor; where there are no rows, the plugin that is shown."""
    here = getattr(context, "here", None)
    return here() if here else [context.plugin] if context.plugin else []


def _readable(plugins: Sequence[Plugin]) -> str:
    good = any(plugin.status == Outcome.OK for plugin in plugins)
    return "" if good else "it cannot be loaded" if plugins else NO_PLUGIN


def _loadable(plugins: Sequence[Plugin]) -> str:
    """As `_readable`, and pedalboard can load one of them."""
    good = any(plugin.status == Outcome.OK and can_load(plugin) for plugin in plugins)
    return _readable(plugins) or ("" if good else "pedalboard cannot load it")


def _has_path(plugins: Sequence[Plugin]) -> str:
    found = any(plugin.format != "builtin" for plugin in plugins)
    return "" if found else "it comes with pedalboard" if plugins else NO_PLUGIN


def _on_disk(plugins: Sequence[Plugin]) -> str:
    found = any(plugin.status != MISSING for plugin in plugins)
    return "" if found else "it is gone from the disk" if plugins else NO_PLUGIN


def measurable(context: BrowseContext) -> str:
    plugins = [*context.targets(), *_other_formats(context)]
    return context.busy or _loadable(plugins) or ("" if any(map(may_load, plugins)) else f"it {NOT_SCANNED}")


def _other_formats(context: BrowseContext) -> Sequence[Plugin]:
    """The plugins of the product under the cursor, of which one can be measured for all; none of what is marked."""
    formats = getattr(context, "formats", None)
    return formats() if formats and not context.marked() else []


def probeable(context: BrowseContext) -> str:
    return context.busy or on_disk(context)


def quarantinable(context: BrowseContext) -> str:
    return context.busy or has_path(context)


def has_marks(context: BrowseContext) -> str:
    return "" if context.marked() else "no plugin is marked"


def hides_some(context: NothingFoundContext) -> str:
    return "" if context.hidden else "no hidden plugin matches"


def has_parameter(context: NothingFoundContext) -> str:
    return "" if context.parameter_query else "no parameter is called so"


def has_history(context: BrowseContext) -> str:
    return "" if context.has_history else "no query was left yet"


def has_query(context: BrowseContext) -> str:
    return "" if context.query_text.strip() else "nothing is searched for"


def has_side_pane(context: BrowseContext) -> str:
    return "" if context.side_pane else "no pane is open beside the list"


def has_facets(context: BrowseContext) -> str:
    return "" if context.has_facets else "browse.facets in the settings is empty"


def offers_scan(context: BrowseContext) -> str:
    return "" if context.offers_scan else "no scan was interrupted"


def empty_because(context: BrowseContext) -> str:
    return "" if context.empty_because else "no single term excludes everything"


def not_typing(context: BrowseContext) -> str:
    return "typing goes on here" if context.typing else ""


def on_parameter(context: DetailContext) -> str:
    return "" if context.parameter is not None else "the cursor is on no parameter"


Words = tuple[str, str]
"""Label and note of an action in the action menu."""


def favourite_words(context: BrowseContext) -> Words:
    are = are_favourites(context.targets(), products=context.products)
    return "No favourite" if are else "Favourite", ""


def tag_words(context: BrowseContext) -> Words:
    plugins = context.targets()
    one = len(plugins) == 1 or (context.products and not context.marked())
    return "Tag", " ".join(f"#{tag}" for tag in tags_of(plugins)) if one else ""


def hide_words(context: BrowseContext) -> Words:
    return "Show again" if all(each.hidden for each in context.targets()) else "Hide", ""


def rescan_words(context: BrowseContext) -> Words:
    bad = all(each.status not in (Outcome.OK, MISSING) for each in context.targets())
    return "Try again" if bad else "Read again", ""


def quarantine_words(context: BrowseContext) -> Words:
    inside = all(each.quarantined for each in context.targets())
    return ("Out of quarantine", "") if inside else ("Into quarantine", "scans pass it over")


NOTHING_RUNS = "nothing runs"


def can_start(context: ScanContext) -> str:
    return context.busy if context.busy and context.state != "paused" else ""


def can_pause(context: ScanContext) -> str:
    return "" if context.busy and context.state in ("discovering", "running", "paused") else NOTHING_RUNS


def can_skip(context: ScanContext) -> str:
    return "" if context.busy and context.running else NOTHING_RUNS


def can_stop(context: ScanContext) -> str:
    return NOTHING_RUNS if not context.busy else "it is stopping" if context.state == "stopping" else ""


def can_ignore(context: ScanContext) -> str:
    return "" if context.can_ignore else "there is no bundle to ignore"


def can_measure(context: ScanContext) -> str:
    return context.busy or ("" if context.has_plugins else "there are no plugins yet")


def can_change_workers(context: ScanContext) -> str:
    return "" if context.scanning and context.state == "running" else "no scan runs"


def can_retry(context: ScanContext) -> str:
    if context.scanning:
        at_work = context.state in ("running", "paused")
        return "" if at_work and context.retryable else "nothing has failed in this scan"
    if context.kind == "measuring":
        return context.busy or ("" if context.retryable else "nothing was measured")
    return can_rescan(context)


def can_rescan(context: ScanContext) -> str:
    return context.busy or ("" if context.has_scanned else "nothing was scanned yet")


def can_discard(context: ScanContext) -> str:
    return context.busy or ("" if context.has_rest else "no scan was interrupted")


def has_log(context: ScanContext) -> str:
    return "" if context.has_log else "there is no log to read"


def shows_new(context: ScanContext) -> str:
    return _change(context, "n")


def shows_gone(context: ScanContext) -> str:
    return _change(context, "m")


def shows_failed(context: ScanContext) -> str:
    return _change(context, "f")


def _change(context: ScanContext, key: str) -> str:
    return "" if context.has_change(key) else "the scan brought none"


def chosen(context: HealthContext) -> str:
    return "" if context.chosen_group else "there is no failure here"


def can_retry_chosen(context: HealthContext) -> str:
    gone = "it is gone from the disk" if context.chosen_group == "gone" else ""
    return chosen(context) or gone or context.busy


def can_retry_all(context: HealthContext) -> str:
    if not context.bad_count:
        return "nothing has failed"
    if context.scanning:  # the scan that runs takes them in, as long as it reads bundles
        return context.busy if context.state in ("discovering", "stopping") else ""
    return context.busy


def can_ignore_chosen(context: HealthContext) -> str:
    return can_forget_chosen(context) or ("it comes with pedalboard" if context.chosen_built_in else "")


def can_forget_chosen(context: HealthContext) -> str:
    """Both are about a whole bundle."""
    return chosen(context) or ("its bundle could be read" if context.chosen_single else "")


def some_gone(context: HealthContext) -> str:
    return "" if context.gone_count else "nothing is gone from the disk"


def can_toggle(context: ItemsContext) -> str:
    return "" if context.fixed else "any text may stand here"


def can_add(context: ItemsContext) -> str:
    return "only these can be chosen" if context.fixed else ""


def can_edit(context: ItemsContext) -> str:
    return can_add(context) or ("the list is empty" if context.empty else "")


def can_move(context: ItemsContext) -> str:
    return "" if context.sortable else "there is nothing to order"


def reading_projects(context: ProjectsContext) -> str:
    return "" if context.reading_projects else "no projects are being read"


def not_reading_projects(context: ProjectsContext) -> str:
    return "projects are being read" if context.reading_projects else ""


def project_chosen(context: ProjectsContext) -> str:
    return "" if context.project_chosen else "no project is listed"


def has_stand_ins(context: ProjectsContext) -> str:
    if not context.project_chosen:
        return "no project is listed"
    return "" if context.stand_in_count else "nothing is missing that something could stand in for"


def nothing_in_background(context: BackgroundContext) -> str:
    return f"{context.background.doing} goes on" if context.background else ""


def something_in_background(context: BackgroundContext) -> str:
    return "" if context.background else "nothing is done in the background"


def differs(context: DifferenceContext) -> str:
    return "" if context.ids else "nothing that is here is new or has changed"


def has_presets(context: BrowseContext) -> str:
    plugins = context.here()
    if not plugins:
        return NO_PLUGIN
    some_preset = any(plugin.program_count or plugin.preset_count for plugin in plugins)
    return "" if some_preset else f"there are no presets for {plugins[0].name} among those that were read"


def has_projects(context: BrowseContext) -> str:
    plugins = context.here()
    if not plugins:
        return NO_PLUGIN
    return "" if any(plugin.used_in for plugin in plugins) else f"no project that was read uses {plugins[0].name}"


def can_join(context: BrowseContext) -> str:
    plugins = [*context.marked(), *context.here()]
    if len({product_of(plugin) for plugin in plugins}) > 1:
        return ""
    return "mark what belongs to it first" if plugins else NO_PLUGIN


def can_part(context: BrowseContext) -> str:
    plugins = context.formats()
    by_hand = any(plugin.product not in ("", product_id(plugin.vendor, plugin.name)) for plugin in plugins)
    if len(plugins) > 1 or by_hand:
        return ""
    return f"{plugins[0].name} is here in one format" if plugins else NO_PLUGIN


def preset_chosen(context: PresetsContext) -> str:
    return "" if context.preset_chosen else "no preset is listed"


def preset_loadable(context: PresetsContext) -> str:
    if not context.preset_chosen:
        return "no preset is listed"
    if not context.preset_path:
        return "pedalboard cannot load a program that the plugin holds"
    vst3 = context.preset_path.lower().endswith(".vstpreset")
    return "" if vst3 else "pedalboard loads .vstpreset files only"


def has_first(context: HearContext) -> str:
    return "" if context.part_count else "there is nothing to hear"


def has_second(context: HearContext) -> str:
    return "" if context.part_count > 1 else "it is one sound only"


def has_neighbours(context: HearContext) -> str:
    return "" if context.goes_on else "only the plugin under the cursor has neighbours"
