"""The actions of the Browse screen and of its panes; `action_table.GROUPS` has them among all others."""

from __future__ import annotations

from collections.abc import Mapping

from pluginary_tui.tui.core import action_rules as rules
from pluginary_tui.tui.core.action import Group
from pluginary_tui.tui.core.action import action as _a
from pluginary_tui.tui.core.action import quiet as _quiet

BROWSE_GROUPS: Mapping[str, Group] = {
    "browse": Group(
        "Browse",
        (
            _a(
                "copy_snippet",
                "y",
                "do('copy_snippet')",
                "Copy snippet",
                rules.readable,
                words=lambda context: ("Copy the snippet", ""),
                on_marked=True,
            ),
            _a("copy", "c", "do('copy')", "Copy", rules.some, on_marked=True),
            _a("copy_path", "p", "do('copy_path')", "Copy the path", rules.has_path, bound=False, on_marked=True),
            _quiet("export", "e", "do('export')", "Export", rules.some, about="as JSON, CSV or TOML", on_marked=True),
            _quiet("open_folder", "O", "do('open_folder')", "Open its folder", rules.one_on_disk, single=True),
            _a(
                "alike",
                "m",
                "do('alike')",
                "Like this",
                rules.one_readable,
                about="what sounds like it, and what is better",
                single=True,
            ),
            _quiet(
                "measure",
                "M",
                "do('measure')",
                "Measure",
                rules.measurable,
                about="its sound and its cost",
                on_marked=True,
            ),
            _quiet(
                "compare",
                "equals_sign",
                "do('compare')",
                "Compare",
                rules.one_loadable,
                display="=",
                about="with the marked one",
                single=True,
            ),
            _a(
                "favourite",
                "f",
                "do('favourite')",
                "Favourite",
                rules.some,
                words=rules.favourite_words,
                on_marked=True,
            ),
            _a("tag", "t", "do('tag')", "Tag", rules.some, words=rules.tag_words, on_marked=True),
            _a("actions", "a", "do('actions')", "Actions", rules.some),
            _quiet("hide", "H", "do('hide')", "Hide", rules.some, words=rules.hide_words, on_marked=True),
            _quiet("note", "n", "do('note')", "Note", rules.one, single=True),
            _quiet("edit_note", "N", "do('edit_note')", "Note in your editor", rules.one, single=True),
            _quiet("rate", "asterisk", "do('rate')", "Rate", rules.some, on_marked=True),
            _quiet(
                "rescan", "R", "do('rescan')", "Read again", rules.probeable, words=rules.rescan_words, on_marked=True
            ),
            _quiet(
                "quarantine",
                "Q",
                "do('quarantine')",
                "Quarantine",
                rules.quarantinable,
                words=rules.quarantine_words,
                on_marked=True,
            ),
            _quiet(
                "plugin_presets",
                "P",
                "do('presets')",
                "Presets",
                rules.has_presets,
                about="programs that it holds, and files for it",
                single=True,
            ),
            _quiet(
                "plugin_projects",
                "J",
                "do('projects')",
                "Its projects",
                rules.has_projects,
                about="the projects that use it",
                single=True,
            ),
            _quiet("undo", "u", "undo", "Undo", rules.undo),
            _quiet("redo", "U", "redo", "Redo", rules.redo),
            _a("sort", "o", "do('sort')", "Order", rules.one),
            _a("queries", "s", "do('queries')", "Saved queries"),
            _quiet("save_query", "S,ctrl+s", "do('save_query')", "Save this query", rules.has_query),
            _quiet("history", "ctrl+r", "do('history')", "Earlier queries", rules.has_history),
            _quiet("show_marked", "V", "do('show_marked')", "Show what is marked", rules.has_marks),
            _quiet(
                "only_working", "w", "do('only_working')", "Only what works", about="Leave out what could not be read"
            ),
            _quiet("zoom", "z", "do('zoom')", "Zoom the pane", about="One pane on the whole screen, and back"),
            _quiet("columns", "C", "do('columns')", "Columns", rules.one),
            _quiet("facets_pane", "F", "do('facets_pane')", "Facets on or off", rules.has_facets),
            _quiet("detail_pane", "D", "do('detail_pane')", "Detail on or off"),
            _quiet("narrower", "less_than_sign", "do('narrower')", "Make the pane narrower", rules.has_side_pane),
            _quiet("wider", "greater_than_sign", "do('wider')", "Make the pane wider", rules.has_side_pane),
            # With priority, so that letters of one burst behind the slash go to the query line and not to the list.
            _a("search", "slash", "search", "Search", rules.not_typing, priority=True, silent=True),
            _quiet("next_pane", "tab", "pane(1)", "Next pane"),
            _quiet("previous_pane", "shift+tab", "pane(-1)", "Pane before"),
            _quiet("pane_left", "h,left", "pane(-1)", "Pane to the left"),
            _quiet("pane_right", "l,right", "pane(1)", "Pane to the right"),
            _quiet("back", "escape", "back", "Back"),
            _quiet("drop_blamed", "ctrl+x", "drop_blamed", "Drop what excludes all", rules.empty_because, silent=True),
            _a("resume_scan", "r", "resume_scan", "Resume the scan", rules.offers_scan, silent=True),
            _a("discard_scan", "d", "discard_scan", "Discard the scan", rules.offers_scan, silent=True),
        ),
    ),
    "list": Group(
        "List",
        (
            _a("open", "enter,l,right", "open", "Open", display="enter"),
            _a("search", "slash", "screen.search", "Search"),
            _a("mark", "space", "mark", "Mark"),
            _quiet("mark_range", "v", "mark_range", "Mark up to here"),
            _quiet("mark_all", "A", "mark_all", "Mark all found"),
            _quiet("jump", "semicolon", "jump", "Jump to a row", about="Letters on the rows; one goes there"),
            _quiet("columns_right", "shift+right,right_parenthesis", "sideways(1)", "Columns further right"),
            _quiet("columns_left", "shift+left,left_parenthesis", "sideways(-1)", "Columns further left"),
        ),
    ),
    "facets": Group(
        "Facets",
        (
            _a("facet_choose", "enter,space", "choose", "Filter by this", display="enter"),
            _a("search", "slash", "screen.search", "Search"),
            _a("facet_exclude", "minus,x", "choose(True)", "Without this", display="-"),
            _quiet("facet_next", "right_square_bracket,l,right", "group(1)", "Next group"),
            _quiet("facet_previous", "left_square_bracket,h,left", "group(-1)", "Group before"),
            _a("back", "escape", "screen.back", "Back to the list"),
        ),
    ),
    "detail": Group("Detail", (_a("filter_parameters", "slash", "filter", "Filter parameters"),)),
    "detail_text": Group(
        "Detail",
        (
            _a(
                "copy_parameter",
                "y",
                "copy",
                "Copy its line",
                rules.on_parameter,
                about="the Python that sets this parameter",
                silent=True,
            ),
            _a(
                "parameter_values",
                "enter",
                "values",
                "Values",
                rules.on_parameter,
                display="enter",
                about="all values of a parameter",
            ),
            _quiet("next_section", "right_square_bracket", "section(1)", "Next section"),
            _quiet("previous_section", "left_square_bracket", "section(-1)", "Section before"),
        ),
    ),
    "query": Group(
        "Query line",
        (
            _a("query_leave", "enter", "screen.leave_query", "To the list"),
            _a("query_older", "up", "screen.older_query", "Earlier query"),
            _quiet("query_newer", "down", "screen.newer_query", "Later query, or to the list"),
            _quiet("query_row_down", "ctrl+n", "screen.move_rows(1)", "Down in the list"),
            _quiet("query_row_up", "ctrl+p", "screen.move_rows(-1)", "Up in the list"),
            _quiet("query_page_down", "pagedown", "screen.page_rows(1)", "A page down in the list"),
            _quiet("query_page_up", "pageup", "screen.page_rows(-1)", "A page up in the list"),
            _quiet("query_back", "escape", "screen.leave_query", "Back"),
            _a("query_complete", "tab", "complete", "Complete"),
            _quiet("query_save", "ctrl+s", "screen.do('save_query')", "Save this query"),
            _quiet("query_drop", "ctrl+x", "screen.drop_blamed", "Drop what excludes all"),
        ),
    ),
    "first_run": Group(
        "",
        (
            _a("first_scan", "s", "scan(False)", "Scan now"),
            _a("first_folder", "a", "add_folder", "Add a folder"),
            _a("first_builtin", "b", "scan(True)", "Look at the built-in effects"),
        ),
    ),
    "nothing_found": Group(
        "",
        (
            _a("drop_blamed", "ctrl+x", "screen.drop_blamed", "Drop what excludes all"),
            _a("show_hidden", "i", "show_hidden", "Show hidden ones", rules.hides_some, silent=True),
            _a("by_parameter", "p", "by_parameter", "Find it as a parameter", rules.has_parameter, silent=True),
            _a("search", "slash", "screen.search", "Search"),
            _a("back", "escape", "screen.back", "Back"),
        ),
    ),
    "columns": Group(
        "",
        (
            _a("column_turn", "space", "turn", "Show or leave out"),
            _a("column_right", "J,shift+down", "carry(1)", "Further right"),
            _a("column_left", "K,shift+up", "carry(-1)", "Further left"),
        ),
    ),
    "column_picker": Group(
        "",
        (
            _a("columns_keep", "enter", "keep", "Keep"),
            _a("columns_cancel", "escape", "cancel", "Cancel"),
        ),
    ),
    "rows": Group(
        "",
        (
            _quiet("down", "down,j", "move(1)", "Down"),
            _quiet("up", "up,k", "move(-1)", "Up"),
            _quiet("page_down", "pagedown,ctrl+f", "page(1)", "A page down"),
            _quiet("page_up", "pageup,ctrl+b", "page(-1)", "A page up"),
            _quiet("half_page_down", "ctrl+d", "page(0.5)", "Half a page down"),
            _quiet("half_page_up", "ctrl+u", "page(-0.5)", "Half a page up"),
            _quiet("first", "home,g", "edge(-1)", "To the first"),
            _quiet("last", "end,G", "edge(1)", "To the last"),
        ),
    ),
    "text": Group("Text", (_a("back", "escape", "screen.back", "Back", display="esc"),)),
}
