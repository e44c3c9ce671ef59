"""Projects: what each project uses, what of that is missing here, and what could stand in."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static
from textual.worker import get_current_worker

from pluginary_tui.catalogue.store import Store
from pluginary_tui.errors import PluginaryError
from pluginary_tui.formatting import counted
from pluginary_tui.home import typed_path
from pluginary_tui.projects.overview import ProjectOverview, UsedInProject
from pluginary_tui.projects.scan import ProjectProgress, ProjectScan, ProjectSummary
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.projects.project_list import ProjectList
from pluginary_tui.tui.projects.project_text import ListedProject, head_lines, plain, project_lines
from pluginary_tui.tui.widgets.header import HeaderLines
from pluginary_tui.tui.widgets.key_hints import key_lines
from pluginary_tui.tui.widgets.list_screen import ListScreen
from pluginary_tui.tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from pluginary_tui.tui.core.action_contexts import ProjectsContext

MOST_IN_A_QUERY = 40
"""Ids of plugins that are put into one query."""


class ProjectsScreen(ListScreen):
    """The projects, and the one under the cursor."""

    PREFIX = "projects"
    ACTION_GROUP = "projects"
    BINDINGS: ClassVar[list[BindingType]] = bindings("projects")

    class Loaded(Message):
        """The projects were read from the catalogue."""

        def __init__(self, overview: ProjectOverview, projects: Sequence[ListedProject]) -> None:
            super().__init__()
            self.overview, self.projects = overview, projects

    class Described(Message):
        """What one project uses was read from the catalogue."""

        def __init__(self, project: ListedProject, used: list[UsedInProject], own: dict[str, int]) -> None:
            super().__init__()
            self.project, self.used, self.own = project, used, own

    class Progress(Message):
        """Some more files were read."""

        def __init__(self, progress: ProjectProgress) -> None:
            super().__init__()
            self.progress = progress

    class Ended(Message):
        """Reading files has ended; with an error where it could not go on."""

        def __init__(self, summary: ProjectSummary, error: str = "") -> None:
            super().__init__()
            self.summary, self.error = summary, error

    def __init__(self) -> None:
        super().__init__()
        self._overview: ProjectOverview | None = None
        self._scan: ProjectScan | None = None
        self._reading: tuple[int, int] | None = None
        self.used: list[UsedInProject] = []
        """What the project under the cursor uses, once it is known."""
        self._own: dict[str, int] = {}
        self._wanted = ""
        """Path of the project that the cursor has still to go to."""

    def make_list(self) -> ProjectList:
        return ProjectList(self.session.glyphs, id="projects-list")

    def make_card(self) -> Static:
        return Static("", markup=False, id="projects-none", classes="card")

    @property
    def list(self) -> ProjectList:
        return self.query_one(ProjectList)

    def go_to(self, path: str) -> None:
        """Put the cursor on this project, as soon as the projects are there."""
        self._wanted = path
        self._find_wanted()

    def _find_wanted(self) -> None:
        rows = {project.row.path: row for row, project in enumerate(self.list.projects)}
        if self._wanted in rows:
            self.list.cursor = rows[self._wanted]
            self._wanted = ""

    def on_unmount(self) -> None:
        if self._scan is not None:
            self._scan.stop()

    # Reading the catalogue

    def load(self) -> None:
        worker = get_current_worker()
        with Store(self.session.store.path) as store:
            overview = ProjectOverview(store, list(self.session.catalogue.plugins) or None)
            counts = overview.counts()
            overview.used, overview.matches  # noqa: B018 - read while the file is open
            listed = [ListedProject(row, *counts.get(row.key, (0, 0))) for row in overview.rows]
        listed.sort(key=lambda project: (not project.absent, project.name.casefold(), project.row.path))
        if not worker.is_cancelled:
            self.post_message(self.Loaded(overview, listed))

    def on_projects_screen_loaded(self, message: Loaded) -> None:
        self._overview = message.overview
        self.query_one("#projects-none", Static).update(self._card())
        self.list.show(message.projects)
        self._find_wanted()
        self._show_head()
        self.show_there(bool(message.projects))

    def _card(self) -> Content:
        title = Content.styled("No project has been read yet", "bold")
        text = (
            "\n\nPluginary can read the projects of your DAWs and\nsay which plugins each uses, what of that is\n"
            "missing here, and what could stand in.\n"
            "Projects are read and never changed.\n\n"
        )
        has_folders = bool(self.session.settings.projects.folders)
        keys = [("projects_scan", "read the projects in your folders")] if has_folders else []
        keys += [("projects_add_folder", "add a folder with projects"), ("browse", "look at the plugins")]
        return title + Content(text) + key_lines(*((self.session.key_of(id_), words) for id_, words in keys))

    def _show_head(self) -> None:
        lines = head_lines(self.list.projects, self._reading, self.session.key_of)
        self.query_one(HeaderLines).show(lines, self.session.glyphs)

    @on(ProjectList.Moved)
    def _on_moved(self) -> None:
        self.used, self._own = [], {}
        project = self.list.chosen
        self.query_one(TextView).show(())
        if project is not None and self._overview is not None:
            overview = self._overview
            self.run_worker(lambda: self._describe(overview, project), thread=True, group="describe", exclusive=True)
        self.refresh_bindings()

    def _describe(self, overview: ProjectOverview, project: ListedProject) -> None:
        worker = get_current_worker()
        with Store(self.session.store.path) as store:
            here = overview.with_store(store)
            used, own = here.plugins_of(project.row), here.own_devices(project.row)
        if not worker.is_cancelled:
            self.post_message(self.Described(project, used, own))

    def on_projects_screen_described(self, message: Described) -> None:
        if self.list.chosen == message.project:
            self.used, self._own = message.used, message.own
            lines = project_lines(message.project, message.used, message.own, self.session.glyphs)
            self.query_one(TextView).show(lines)
            self.refresh_bindings()

    # The context of the actions

    def action_context(self) -> ProjectsContext:
        return self

    @property
    def reading_projects(self) -> bool:
        return self._scan is not None

    @property
    def project_chosen(self) -> bool:
        return self.list.chosen is not None

    @property
    def stand_in_count(self) -> int:
        return sum(len(each.instead) for each in self.used)

    # Actions

    def action_scan(self) -> None:
        """Read what is new or has changed in the folders of the settings."""
        if not self.session.settings.projects.folders:
            self.action_add_folder()
            return
        self._scan = ProjectScan(self.session.settings, self.session.data_dir)
        self._reading = (0, 0)
        self._show_head()
        self.run_worker(self._read, thread=True, group="read", exclusive=True)
        self.refresh_bindings()

    def _read(self) -> None:
        scan = self._scan
        if scan is None:
            return
        try:
            summary, error = scan.run(self._progressed), ""
        except PluginaryError as problem:
            summary, error = scan.summary, str(problem)
        except BaseException:
            self.post_message(self.Ended(scan.summary))  # or the screen would wait for ever
            raise
        self.post_message(self.Ended(summary, error))

    def _progressed(self, progress: ProjectProgress) -> None:
        self.post_message(self.Progress(progress))

    def on_projects_screen_progress(self, message: Progress) -> None:
        if self._scan is not None:
            self._reading = message.progress.done, message.progress.total
            self._show_head()

    def on_projects_screen_ended(self, message: Ended) -> None:
        summary = message.summary
        self._scan = self._reading = None
        for note in summary.notes:
            self.notify(note, severity="warning")
        if message.error:
            self.notify(message.error, severity="error")
        else:
            parts = [f"{counted(summary.read, 'project')} read", f"{summary.unchanged:,} unchanged"]
            parts += [f"{summary.failed:,} could not be read"] if summary.failed else []
            parts += [f"{summary.removed:,} no longer there"] if summary.removed else []
            self.notify(f"{', '.join(parts)}.", severity="warning" if summary.failed else "information")
        self.session.reload()
        self.reload()
        self._show_head()
        self.refresh_bindings()

    def action_stop(self) -> None:
        if self._scan is not None:
            self._scan.stop()

    def action_add_folder(self) -> None:
        """Ask for one more folder with projects, keep it, and read it."""
        from pluginary_tui.tui.dialogs.completion import paths
        from pluginary_tui.tui.dialogs.file_prompt import wrong_folder
        from pluginary_tui.tui.dialogs.prompt import Prompt

        hint = "It is searched with all folders in it, from now on. Enter reads the projects"
        ellipsis = self.session.glyphs.ellipsis
        dialog = Prompt("Add a folder with projects", hint, f"~{os.sep}", paths, ellipsis, check=wrong_folder)
        self.services.ask(dialog, self.services.guarded(self._add_folder))

    def _add_folder(self, text: str | None) -> None:
        if not text:
            return
        folder = typed_path(text.strip()).absolute()
        folders = self.session.settings.projects.folders
        if str(folder) not in folders:
            sentence = f"folder {folder} added"
            self.services.change_setting("projects.folders", (*folders, str(folder)), sentence, hold=True, quiet=True)
        self.action_scan()

    def action_browse(self) -> None:
        """Show in Browse what the project uses of what is here."""
        ids = [each.match.plugin.id for each in self.used if each.match.plugin is not None]
        self._open_ids(ids, "Nothing that this project uses is here.")

    def action_stand_ins(self) -> None:
        """Show in Browse what could stand in for what is missing."""
        ids = [stand_in.plugin.id for each in self.used for stand_in in each.instead]
        self._open_ids(ids, "Nothing could stand in.")

    def _open_ids(self, ids: Sequence[str], none: str) -> None:
        if not ids:
            self.notify(none, severity="warning")
            return
        chosen = list(dict.fromkeys(ids))[:MOST_IN_A_QUERY]
        self.services.open_query("id=" + ",".join(f'"{id_}"' for id_ in chosen))

    def action_copy(self) -> None:
        """Copy all that is known of the project."""
        if project := self.list.chosen:
            text = plain(project_lines(project, self.used, self._own, self.session.glyphs))
            self.app.copy_to_clipboard(text)
            self.notify(f"Copied what {project.name} uses to the clipboard.")
