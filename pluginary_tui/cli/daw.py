"""`daw`: favourites, hidden plugins and tags for the files of digital audio workstations."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pluginary_tui.cli.catalogue import open_store
from pluginary_tui.cli.errors import errors_in_one_line
from pluginary_tui.cli.output import counted, echo, json_option, print_json
from pluginary_tui.daw.registry import WORKSTATIONS, Workstation
from pluginary_tui.home import home_folder

if TYPE_CHECKING:
    from pluginary_tui.daw.plan import Plan


@click.group()
def daw() -> None:
    """Give a workstation (Ardour, REAPER) your favourites, hidden plugins and tags."""


def _command(name: str, workstation: Workstation) -> click.Command:
    @click.command(name, help=workstation.HELP)
    @click.option(
        "--folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Where its settings are."
    )
    @click.option("--apply", is_flag=True, help="Write; without it, only what would change is shown.")
    @json_option("Print what changes as JSON.")
    def command(folder: Path | None, apply: bool, as_json: bool) -> None:
        with errors_in_one_line(), open_store() as store:
            place = folder or workstation.find_folder(platform.system(), home_folder() or Path(os.sep), os.environ)
            plan = workstation.plan(store.plugins(), place)
            changed = [change for change in plan.changes if change.changed]
            backups = {change.path: change.apply() for change in changed} if apply else {}
            if as_json:
                print_json(_document(plan, backups, applied=apply))
            else:
                _print_plan(workstation.NAME, plan, backups, applied=apply)

    return command


for _name, _workstation in WORKSTATIONS.items():
    daw.add_command(_command(_name, _workstation))


def _document(plan: Plan, backups: dict[Path, Path | None], *, applied: bool) -> dict[str, object]:
    files = [
        {
            "path": str(change.path),
            "lines": change.lines(),
            "backup": str(backup) if (backup := backups.get(change.path)) else None,
        }
        for change in plan.changes
        if change.changed
    ]
    left_out = [{"id": id_, "because": why} for id_, why in plan.left_out]
    return {"applied": applied, "plugins": plan.plugins, "files": files, "left_out": left_out}


def _print_plan(name: str, plan: Plan, backups: dict[Path, Path | None], *, applied: bool) -> None:
    changed = [change for change in plan.changes if change.changed]
    for change in changed:
        echo(f"{change.path}:")
        for line in change.lines():
            echo(f"  {line}")
        if backup := backups.get(change.path):
            echo(f"  (as it was: {backup})")
    for id_, why in plan.left_out:
        echo(f"left out: {id_}: {why}", err=True)
    if not changed:
        echo(f"{name} has nothing to learn: {counted(plan.plugins, 'plugin')} with a mark or a tag, all known to it.")
    elif not applied:
        echo(f"Nothing is written yet; close {name} and add --apply.")
