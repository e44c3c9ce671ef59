"""Actions on the sound of plugins: measuring, finding similar ones, comparing two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginary_tui.model import Outcome, Plugin, may_load
from pluginary_tui.products import measured_as
from pluginary_tui.sound.overview import MEASURED, UNMEASURABLE
from pluginary_tui.tui.core.user_data import plugin_label

if TYPE_CHECKING:
    from pluginary_tui.tui.browse.host import BrowseHost, Handlers


def _loadable(plugin: Plugin) -> bool:
    return plugin.status == Outcome.OK and may_load(plugin)


class SoundActions:
    """Measuring and comparing of the marked plugins, or of the one under the cursor."""

    def __init__(self, host: BrowseHost) -> None:
        self.host = host
        self._typed: dict[str, str] = {}
        """What the dialog that renders held when it was left last."""
        self.handlers: Handlers = {
            "alike": self.show_similar,
            "measure": self.choose_measurement,
            "compare": self.compare,
            "hear": self.hear,
            "hear_against": self.hear_against,
            "render": self.render,
        }

    def choose_measurement(self) -> None:
        """Ask what to measure: the targets, or all that was found."""
        from pluginary_tui.sound.run import measurable
        from pluginary_tui.tui.dialogs.menu import Choice, Menu

        host = self.host
        targets = measured_as(host.targets(), host.session.catalogue.plugins, measurable)
        chosen = host.one_each(targets, measurable)
        found = host.one_each(host.found(), measurable)
        states = host.session.catalogue.measured.states
        wrong = [plugin for plugin in found if plugin.id in states[UNMEASURABLE]]
        without = sum(plugin.id not in states[MEASURED] for plugin in found)
        passed = f"the {len(found) - without:,} that are measured are left alone" if without < len(found) else ""
        choices = [Choice("m", plugin_label(chosen), "chosen")]
        if {plugin.key for plugin in found} - {plugin.key for plugin in chosen}:
            all_found = f"All {len(found):,} found" if len(found) > 1 else f"{found[0].name}, which was found"
            choices += [
                Choice("a", all_found, "found", passed, "" if without else "all are measured"),
                Choice("f", f"{all_found}, anew", "anew", "measured or not"),
            ]
        choices += [
            Choice("r", "What went wrong before", "retry", why_not="" if wrong else "nothing did, of what was found"),
        ]

        def begin(what: str | None) -> None:
            if what == "chosen":  # plugins asked for by name are measured whatever is known of them
                host.services.measure(chosen, full=True, retry=True)
            elif what == "retry":
                host.services.measure(wrong, retry=True)
            elif what:
                host.services.measure(found, full=what == "anew")
            host.refresh_bindings()

        host.services.ask(Menu("Measure", choices, host.session.glyphs.ellipsis), begin)

    def show_similar(self) -> None:
        """List the plugins that are similar to one."""
        from pluginary_tui.tui.sound.similar_screen import SimilarScreen

        host, plugin = self.host, self.host.plugin
        if plugin is None:
            return

        def done(answer: tuple[str, Plugin] | None) -> None:
            if answer is None:
                return
            what, other = answer
            if what == "compare":
                self.show_comparison(plugin, other)
            else:
                host.go_to(other)

        host.services.ask(SimilarScreen(plugin), done)

    def compare(self) -> None:
        """Compare the plugin under the cursor with the marked one, two marked ones, or its other copy."""
        from pluginary_tui.sound.null_test import copies_of

        host = self.host
        plugin = next(iter(host.one_each(host.here(), _loadable)), None)
        if plugin is None:
            return
        marked = host.one_each(host.marked(), _loadable)
        others = [each for each in marked if each.key != plugin.key]
        if len(marked) == 2 and len(others) == 2:
            self.show_comparison(*marked)
        elif len(others) == 1:
            self.show_comparison(plugin, others[0])
        elif not others and (copies := copies_of(plugin, host.session.catalogue.plugins)):
            self.show_comparison(plugin, copies[0])
        else:
            mark, again = host.session.key_of("mark"), host.session.key_of("compare")
            host.notify(f"Mark one plugin with {mark}, go to another one and press {again} again.")

    def render(self) -> None:
        """Render a sound file through the plugin under the cursor."""
        from pluginary_tui.tui.browse.render_dialog import RenderDialog

        if plugin := next(iter(self.host.one_each(self.host.here(), _loadable)), None):
            self.host.services.ask(RenderDialog(plugin, self._typed))

    def show_comparison(self, one: Plugin, other: Plugin) -> None:
        """Show the curves and figures of two plugins together."""
        from pluginary_tui.tui.sound.compare_screen import CompareScreen

        self.host.services.ask(CompareScreen(one, other))

    def hear(self) -> None:
        """Play the plugin under the cursor; from there the ones above and below it."""
        from pluginary_tui.tui.sound.hear_screen import HearScreen

        def step(by: int) -> Plugin | None:
            self.host.list.action_move(by)
            return self._here() or self.host.plugin

        if plugin := self._here():
            self.host.services.ask(HearScreen([plugin], step))

    def hear_against(self) -> None:
        """Play the marked plugin and the one under the cursor, or two marked ones."""
        from pluginary_tui.tui.sound.hear_screen import HearScreen

        host, plugin = self.host, self._here()
        marked = host.one_each(host.marked(), _loadable)
        others = [each for each in marked if plugin is None or each.key != plugin.key]
        if len(marked) == 2 and len(others) == 2:
            host.services.ask(HearScreen(marked))
        elif plugin is not None and len(others) == 1:
            host.services.ask(HearScreen([others[0], plugin]))
        else:
            mark, again = host.session.key_of("mark"), host.session.key_of("hear_against")
            host.notify(f"Mark one plugin with {mark}, go to another one and press {again} again.")

    def _here(self) -> Plugin | None:
        """The plugin of the row under the cursor that pedalboard loads."""
        return next(iter(self.host.one_each(self.host.here(), _loadable)), None)
