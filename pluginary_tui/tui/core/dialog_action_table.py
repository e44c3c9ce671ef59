"""The actions of the dialogs; `action_table.GROUPS` has them among all others."""

from __future__ import annotations

from collections.abc import Mapping

from pluginary_tui.tui.core import action_rules as rules
from pluginary_tui.tui.core.action import Group
from pluginary_tui.tui.core.action import action as _a
from pluginary_tui.tui.core.action import quiet as _quiet

DIALOG_GROUPS: Mapping[str, Group] = {
    "edit_value": Group("", (_a("cancel", "escape", "cancel", "Cancel"),)),
    "edit_items": Group(
        "",
        (
            _a("items_keep", "enter", "keep", "Keep"),
            _a("items_toggle", "space", "switch", "In or out", rules.can_toggle),
            _a("items_add", "a", "add", "Add", rules.can_add),
            _a("items_edit", "e", "edit", "Change", rules.can_edit),
            _a("items_remove", "d,delete,backspace", "remove", "Remove", rules.can_edit, display="d"),
            _a("items_down", "J,shift+down", "shift(1)", "Further down", rules.can_move, display="J"),
            _a("items_up", "K,shift+up", "shift(-1)", "Further up", rules.can_move, display="K"),
            _a("cancel", "escape", "cancel", "Cancel"),
        ),
    ),
    "confirm": Group(
        "",
        (
            _a("yes", "y", "answer(True)", "Yes"),
            _quiet("confirm_default", "enter", "default", "Yes, where nothing is overwritten or dropped"),
            _a("no", "n,escape", "answer(False)", "No"),
        ),
    ),
    "menu": Group(
        "",
        (
            _a("menu_choose", "enter", "choose", "Choose"),
            _a("menu_cancel", "escape", "cancel", "Cancel"),
        ),
    ),
    "presets": Group(
        "Presets",
        (
            _a("preset_copy", "enter,y", "copy", "Copy", rules.preset_loadable, display="enter"),
            _a("preset_favourite", "f", "favourite", "Favourite", rules.preset_chosen),
            _a("preset_tag", "t", "tag", "Tag", rules.preset_chosen, about="words of your own, to find it by"),
            _a("preset_read", "s", "read", "Read presets", rules.nothing_in_background, about="new and changed files"),
            _a(
                "preset_check",
                "c",
                "check",
                "Try to load",
                rules.nothing_in_background,
                about="whether pedalboard takes each file that was not tried yet",
            ),
            _a("preset_stop", "x", "stop", "Stop", rules.something_in_background),
            _a("preset_filter", "slash", "filter", "Search"),
            _a("preset_close", "escape", "close", "Back", display="esc"),
        ),
    ),
    "render": Group(
        "Render",
        (
            _a("render_start", "enter", "render", "Render", rules.nothing_in_background),
            _a("render_close", "escape", "close", "Stop, or leave", display="esc"),
        ),
    ),
    "render_line": Group(
        "",
        (
            _quiet("render_complete", "tab", "complete", "Complete, or next line"),
            _quiet("render_next", "down", "line(1)", "Next line"),
            _quiet("render_previous", "up,shift+tab", "line(-1)", "Line before"),
        ),
    ),
    "picker": Group(
        "",
        (
            _a("pick", "enter", "choose", "Choose"),
            _quiet("pick_down", "down,ctrl+n", "move(1)", "Down"),
            _quiet("pick_up", "up,ctrl+p", "move(-1)", "Up"),
            _quiet("pick_page_down", "pagedown", "page(1)", "A page down"),
            _quiet("pick_page_up", "pageup", "page(-1)", "A page up"),
            _a("cancel", "escape", "cancel", "Cancel"),
        ),
    ),
    "prompt": Group("", (_a("cancel", "escape", "cancel", "Cancel"),)),
    "prompt_line": Group("", (_quiet("ask_complete", "tab", "complete", "Complete"),)),
    "key_help": Group(
        "",
        (
            _a("keys_words", "w,tab", "words", "Words", display="w", about="What the words on the screens mean"),
            _a("keys_back", "escape,question_mark,q", "dismiss", "Back", display="esc"),
        ),
    ),
    "similar": Group(
        "",
        (
            _a("alike_go", "enter", "choose('go')", "Go there"),
            _a("alike_compare", "equals_sign,c", "choose('compare')", "Compare", display="="),
            _a("alike_back", "escape,m,q", "cancel", "Back", display="esc"),
        ),
    ),
    "hear": Group(
        "",
        (
            _a("hear_again", "space,b", "again", "Stop, or play again", display="space"),
            _a("hear_first", "left,h", "part(0)", "The first alone", rules.has_first),
            _a("hear_second", "right,l", "part(1)", "The second alone", rules.has_second),
            _a("hear_next", "down,j", "step(1)", "The next plugin", rules.has_neighbours),
            _a("hear_previous", "up,k", "step(-1)", "The plugin before", rules.has_neighbours),
            _a("hear_file", "o", "file", "A file of yours", about="What goes into effects, until you quit"),
            _a("hear_back", "escape,q", "back", "Back", display="esc"),
        ),
    ),
    "compare": Group(
        "",
        (
            _a("compare_null", "n", "null", "Subtract one from the other"),
            _a("compare_measure", "M", "measure", "Measure both"),
            _a("compare_setting", "s", "setting", "Next setting"),
            _a("compare_swap", "x", "swap", "Change places"),
            _a("compare_back", "escape,equals_sign,q", "back", "Back", display="esc"),
        ),
    ),
}
"""As `action_table.GROUPS`."""
