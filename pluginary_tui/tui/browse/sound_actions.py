"""What can be done with the sound of plugins: measure it, find what is alike, compare; a base of Browse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from pluginary_tui.model import Outcome, Plugin
from pluginary_tui.sound.overview import MEASURED, UNMEASURABLE
from pluginary_tui.tui.browse.export_actions import HandingScreen
from pluginary_tui.tui.core.user_data import plugin_label


class ListeningScreen(HandingScreen):
    """Measuring and comparing. A subclass says which plugins are meant, and how to go to one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "alike", "Like this", id="alike"),
        Binding("M", "measure", "Measure", show=False, id="measure"),
        Binding("equals_sign", "compare", "Compare", show=False, id="compare", key_display="="),
    ]

    # What a subclass says

    def found(self) -> Sequence[Plugin]:
        """All that the list shows."""
        raise NotImplementedError

    def go_to(self, plugin: Plugin) -> None:
        """Put the cursor on this plugin, with another query where that is needed."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that would do nothing are not there."""
        if action in ("alike", "compare", "measure"):
            loads = action == "alike" or (self.plugin is not None and self.plugin.loads is not False)
            return self.plugin is not None and self.plugin.status == Outcome.OK and loads
        return True

    # Measuring

    def action_measure(self) -> None:
        """Ask what to measure: what is under the cursor or marked, or all that was found."""
        from pluginary_tui.tui.dialogs.menu import Choice, Menu

        if self.session.busy:
            self.notify(self.session.busy, severity="warning", markup=False)
            return
        from pluginary_tui.sound.run import measurable

        chosen = list(filter(measurable, self.targets()))
        found = list(filter(measurable, self.found()))
        states = self.session.catalogue.measured.states
        wrong = [plugin for plugin in found if plugin.id in states[UNMEASURABLE]]
        without = sum(plugin.id not in states[MEASURED] for plugin in found)
        passed = f"the {len(found) - without:,} with a passport are left alone" if without < len(found) else ""
        choices = [
            Choice(
                "m",
                plugin_label(chosen or self.targets()),
                "chosen",
                why_not="" if chosen else "pedalboard cannot load it",
            ),
            Choice("a", f"All {len(found):,} found", "found", passed, "" if without else "all have a passport"),
            Choice("f", f"All {len(found):,} found anew", "anew", "with a passport or not"),
            Choice("r", "What went wrong before", "retry", why_not="" if wrong else "nothing did, of what was found"),
        ]

        def begin(what: str | None) -> None:
            if what == "chosen":  # what was asked for by name is measured, whatever is known of it
                self.shell.measure(chosen, full=True, retry=True)
            elif what == "retry":
                self.shell.measure(wrong, retry=True)
            elif what:
                self.shell.measure(found, full=what == "anew")
            self.refresh_bindings()

        self.app.push_screen(Menu("Measure", choices, self.session.glyphs.ellipsis), begin)

    # Comparing

    def action_alike(self) -> None:
        """Show what is like the plugin under the cursor."""
        from pluginary_tui.tui.sound.similar_screen import AlikeScreen

        plugin = self.plugin
        if plugin is None:
            return

        def done(answer: tuple[str, Plugin] | None) -> None:
            if answer is None:
                return
            what, other = answer
            if what == "compare":
                self.compare(plugin, other)
            else:
                self.go_to(other)

        self.app.push_screen(AlikeScreen(plugin, self.session), done)

    def action_compare(self) -> None:
        """Compare the plugin under the cursor with the marked one, two marked ones, or its other copy."""
        from pluginary_tui.sound.null_test import copies_of

        plugin = self.plugin
        if plugin is None:
            return
        marked = [each for each in self.marked() if each.status == Outcome.OK and each.loads is not False]
        others = [each for each in marked if each.key != plugin.key]
        if len(marked) == 2 and len(others) == 2:
            self.compare(*marked)
        elif len(others) == 1:
            self.compare(plugin, others[0])
        elif not others and (copies := copies_of(plugin, self.session.catalogue.plugins)):
            self.compare(plugin, copies[0])
        else:
            self.notify("Mark one plugin with space, go to another one and press = again.", markup=False)

    def marked(self) -> Sequence[Plugin]:
        """The marked plugins, whether they are in sight or not."""
        raise NotImplementedError

    def compare(self, one: Plugin, other: Plugin) -> None:
        """Show two plugins over one another."""
        from pluginary_tui.tui.sound.compare_screen import CompareScreen

        self.app.push_screen(CompareScreen(one, other, self.session))
