"""Every action of the app, once: a row for each, by the class of nodes that it belongs to."""

from __future__ import annotations

from collections.abc import Mapping

from pluginary_tui.tui.core import action_rules as rules
from pluginary_tui.tui.core.action import Group
from pluginary_tui.tui.core.action import action as _a
from pluginary_tui.tui.core.action import quiet as _quiet
from pluginary_tui.tui.core.browse_action_table import BROWSE_GROUPS
from pluginary_tui.tui.core.dialog_action_table import DIALOG_GROUPS

GROUPS: Mapping[str, Group] = {
    "app": Group(
        "Everywhere",
        (
            _quiet("browse", "1", "show('browse')", "Browse"),
            _quiet("scan", "2", "show('scan')", "Scan"),
            _quiet("health", "3", "show('health')", "Health"),
            _quiet("settings", "4", "show('settings')", "Settings"),
            _quiet("projects", "ctrl+o", "show('projects')", "Projects"),
            _a("keys", "question_mark,f1", "keys", "Keys", display="?"),
            _a("palette", "ctrl+p,colon", "command_palette", "Everything", display="^p"),
            _quiet("quit", "q,ctrl+q", "quit", "Quit"),
            _quiet(
                "suspend", "ctrl+z", "suspend_process", "Suspend", rules.idle, about="Back to the shell; fg returns"
            ),
            _quiet("how_to_quit", "ctrl+c", "how_to_quit", "How to quit"),
        ),
    ),
    "commands": Group(
        "Commands",
        (
            _a(
                "measure_all",
                "",
                "measure_all(False)",
                "Measure everything",
                rules.idle,
                about="the sound of all that is not measured yet",
            ),
            _a(
                "measure_failed",
                "",
                "measure_all(True)",
                "Measure what went wrong again",
                rules.idle,
                about="and all that is not measured yet",
            ),
            _a("scan_now", "", "scan('')", "Scan", rules.idle, about="find new and changed plugins"),
            _a("scan_all", "", "scan('full')", "Scan everything again", rules.idle, about="unchanged plugins too"),
            _a(
                "scan_failed",
                "",
                "scan('retry')",
                "Scan what failed again",
                rules.idle,
                about="plugins in quarantine too",
            ),
            _a(
                "read_presets",
                "",
                "read_presets",
                "Read presets",
                rules.nothing_in_background,
                about="files that are new or have changed; after a scan it is done by itself",
            ),
            _a(
                "stop_background",
                "",
                "stop_background",
                "Stop what runs in the background",
                rules.something_in_background,
                about="reading presets, or rendering; what is done is kept",
            ),
            _a("add_folder", "", "add_folder", "Add a folder", about="search one more folder for plugins"),
            _a("tidy", "", "tidy", "Tidy", about="what is installed twice, cannot be read or was never used"),
            _a(
                "compare_catalogue",
                "",
                "compare_catalogue",
                "Compare with then or there",
                about="this machine at an earlier date, or an export of another one",
            ),
            _a("theme", "", "theme", "Theme", about="move through the list to see each"),
        ),
    ),
    **BROWSE_GROUPS,
    "scan": Group(
        "Scan",
        (
            _a("scan_start", "s", "start", "Start", rules.can_start, about="Scan for what has changed, or resume"),
            _a(
                "scan_pause", "space", "pause", "Pause / go on", rules.can_pause, about="Begin no more probes, or go on"
            ),
            _a(
                "scan_skip",
                "x",
                "skip",
                "Skip",
                rules.can_skip,
                about="Stop reading the one under the cursor, or the longest running",
            ),
            _a(
                "scan_ignore",
                "i",
                "ignore",
                "Ignore",
                rules.can_ignore,
                about="Never read the bundle, or its folder, any more",
            ),
            _a("scan_stop", "S", "stop", "Stop", rules.can_stop, about="End the scan now; it can be resumed"),
            _a(
                "scan_discard",
                "d",
                "discard",
                "Discard rest",
                rules.can_discard,
                about="Forget what a scan had still to do",
            ),
            _a(
                "scan_measure",
                "M",
                "measure",
                "Measure",
                rules.can_measure,
                about="Measure what is not measured yet, or go on with it",
            ),
            _a(
                "scan_retry",
                "r",
                "retry",
                "Retry failed",
                rules.can_retry,
                about="Read what is in quarantine once more",
            ),
            _a("scan_log", "enter", "log", "Log", rules.has_log, about="All that the bundle printed"),
            _a("scan_back", "escape", "back", "Back", display="esc"),
            _a(
                "scan_more_workers",
                "plus,equals_sign",
                "workers(1)",
                "Workers",
                rules.can_change_workers,
                display="+/-",
            ),
            _quiet("scan_fewer_workers", "minus", "workers(-1)", "Fewer workers", rules.can_change_workers),
            _a("scan_full", "F", "full", "Scan all again", rules.can_rescan, about="Read what has not changed, too"),
            _a(
                "scan_add_folder",
                "a",
                "add_folder",
                "Add folder",
                rules.idle,
                about="Search one more folder from now on",
            ),
            _quiet("scan_show_new", "n", "show_change('n')", "Show the new ones", rules.shows_new),
            _quiet(
                "scan_show_updated",
                "u",
                "show_change('u')",
                "Show the updated ones, or undo",
                rules.shows_updated_or_undo,
            ),
            _quiet("scan_redo", "U", "redo", "Redo", rules.redo),
            _quiet("scan_show_gone", "m", "show_change('m')", "Show the ones that are gone", rules.shows_gone),
            _quiet("scan_show_failed", "f", "show_change('f')", "Show the failed ones", rules.shows_failed),
        ),
    ),
    "scan_table": Group(
        "",
        (
            _quiet("scan_down", "down,j", "move(1)", "Down"),
            _quiet("scan_up", "up,k", "move(-1)", "Up"),
            _quiet("scan_page_down", "pagedown,ctrl+d", "page(1)", "A page down"),
            _quiet("scan_page_up", "pageup,ctrl+u", "page(-1)", "A page up"),
            _quiet("scan_follow", "home,g", "follow", "Follow the newest"),
            _quiet("scan_last", "end,G", "last", "To the oldest"),
        ),
    ),
    "log": Group(
        "",
        (
            _a("log_close", "escape,enter,q", "dismiss", "Back", display="esc"),
            _quiet("log_down", "down,j", "move(1)", "Down"),
            _quiet("log_up", "up,k", "move(-1)", "Up"),
            _a("log_top", "home,g", "edge(-1)", "Top", display="g"),
            _a("log_end", "end,G", "edge(1)", "End", display="G"),
        ),
    ),
    "health": Group(
        "Health",
        (
            _a(
                "health_retry",
                "r",
                "retry",
                "Try again",
                rules.can_retry_chosen,
                about="Try this one once more, and no other",
            ),
            _a(
                "health_retry_all",
                "R",
                "retry_all",
                "Try all again",
                rules.can_retry_all,
                about="Read all of them once more",
            ),
            _a(
                "health_retry_free",
                "x",
                "retry_free",
                "Sandbox off",
                rules.can_retry_chosen,
                about="Try this one once more with the sandbox off",
            ),
            _a(
                "health_ignore",
                "i",
                "ignore",
                "Ignore",
                rules.can_ignore_chosen,
                about="Never touch it; a second time takes it back",
            ),
            _a(
                "health_forget",
                "d",
                "forget",
                "Forget",
                rules.can_forget_chosen,
                about="Drop what is known of it from the catalogue",
            ),
            _quiet("health_forget_gone", "D", "forget_gone", "Forget all that are gone", rules.some_gone),
            _a("health_undo", "u", "undo", "Undo", rules.undo, about="Take back the last change"),
            _a("health_copy", "y", "copy", "Copy", rules.chosen, about="Copy reason and log, to send to somebody"),
            _quiet("health_redo", "U", "redo", "Redo", rules.redo),
            _quiet("health_browse", "o", "browse", "Show in Browse", rules.chosen),
            _a("health_tidy", "t", "tidy", "Tidy", about="What may not be needed, and how much room it takes"),
            _quiet(
                "health_compare",
                "c",
                "compare",
                "Compare with then or there",
                about="This machine at an earlier date, or an export of another one",
            ),
            _quiet("health_back_up", "b", "back_up", "Back up", about="Copy the catalogue aside now"),
            _quiet("health_scan", "s", "scan", "Scan", rules.idle),
            _quiet("next_pane", "tab", "app.focus_next", "Next pane"),
            _quiet("previous_pane", "shift+tab", "app.focus_previous", "Pane before"),
            _quiet("health_list", "h,left", "back", "To the list"),
            _quiet("back", "escape", "back", "Back", display="esc"),
        ),
    ),
    "projects": Group(
        "Projects",
        (
            _a(
                "projects_scan",
                "s",
                "scan",
                "Read projects",
                rules.not_reading_projects,
                about="Read what is new or has changed in the folders of the settings",
            ),
            _quiet("projects_stop", "x", "stop", "Stop reading", rules.reading_projects),
            _a(
                "projects_browse",
                "o",
                "browse",
                "Show in Browse",
                rules.project_chosen,
                about="What it uses of what is here",
            ),
            _a(
                "projects_stand_ins",
                "i",
                "stand_ins",
                "Stand-ins in Browse",
                rules.has_stand_ins,
                about="What could stand in for what is missing",
            ),
            _a("projects_copy", "y", "copy", "Copy", rules.project_chosen, about="Copy what it uses as text"),
            _quiet("projects_add_folder", "a", "add_folder", "Add a folder", rules.not_reading_projects),
            _quiet("next_pane", "tab", "app.focus_next", "Next pane"),
            _quiet("previous_pane", "shift+tab", "app.focus_previous", "Pane before"),
            _quiet("projects_back", "h,left", "back", "To the list"),
            _quiet("back", "escape", "back", "Back", display="esc"),
        ),
    ),
    "project_list": Group("Projects", (_a("project_open", "enter,l,right", "open", "Read", display="enter"),)),
    "tidy": Group(
        "Tidy",
        (
            _a("tidy_write", "w", "write", "Write", about="A list, or a script that moves the bundles aside"),
            _a("tidy_show", "enter,o", "show", "Show in Browse", display="enter"),
            _a("tidy_back", "escape,q", "leave", "Back", display="esc"),
        ),
    ),
    "difference": Group(
        "Comparison",
        (
            _a("difference_show", "o", "show", "Show in Browse", rules.differs, about="What is here of it"),
            _a("difference_copy", "y", "copy", "Copy", about="All of it as text"),
            _a("difference_back", "escape,q", "back", "Back", display="esc"),
        ),
    ),
    "tidy_list": Group(
        "",
        (
            _a("tidy_mark", "space", "mark", "Mark"),
            _a("tidy_mark_kind", "A", "mark_kind", "Mark all of a kind"),
        ),
    ),
    "failures": Group("Failures", (_a("health_open", "enter,l,right", "open", "Read", display="enter"),)),
    "settings": Group(
        "Settings",
        (
            _a("settings_undo", "u", "undo", "Undo", rules.undo),
            _quiet("settings_redo", "U", "redo", "Redo", rules.redo),
            _quiet("next_pane", "tab", "app.focus_next", "Next pane"),
            _quiet("previous_pane", "shift+tab", "app.focus_previous", "Pane before"),
            _a("back", "escape", "back", "Back", display="esc"),
        ),
    ),
    "setting_list": Group(
        "List",
        (
            _a("settings_change", "enter,space", "change", "Change", display="enter"),
            _a("settings_reset", "r,backspace,delete", "put_back", "Default", display="r"),
        ),
    ),
    **DIALOG_GROUPS,
}
"""By the name that a class gives as ACTION_GROUP. Rows with one id in several groups share their key in `app.keys`."""

ACTION_MENU = (
    *("favourite", "tag", "rate", "note", "edit_note", "hide", "copy_snippet", "copy_path", "export", "open_folder"),
    *("hear", "alike", "compare", "measure", "render_file", "share", "plugin_presets", "plugin_projects"),
    *("join", "part", "rescan", "quarantine", "undo"),
)
"""Ids of the action menu of Browse, from top to bottom."""
