"""`config`: the settings file, the values in effect, and their errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from pluginary_tui.cli.errors import errors_in_one_line, fail, say
from pluginary_tui.cli.output import echo, json_option, print_json, print_path, table


@click.group()
def config() -> None:
    """Show, check and begin the settings.

    \b
    Examples:
      pluginary-tui config init
      pluginary-tui config show
      pluginary-tui config trust
      $EDITOR "$(pluginary-tui config path)"
    """


@config.command()
def path() -> None:
    """Print where the settings file is, whether or not it exists.

    \b
    Example:
      pluginary-tui config path
    """
    with errors_in_one_line():
        from pluginary_tui.config import config_path

        print_path(config_path())


@config.command()
@json_option()
def show(as_json: bool) -> None:
    """Print every setting with its value and where that came from.

    \b
    Examples:
      pluginary-tui config show
      pluginary-tui config show --json
    """
    with errors_in_one_line():
        from pluginary_tui.config import SETTINGS, load

        settings = load()
        if as_json:
            print_json(
                {
                    name: {
                        "value": settings[name],
                        "origin": settings.origin(name).kind,
                        "place": settings.origin(name).place,
                        "line": settings.origin(name).line,
                    }
                    for name in SETTINGS
                }
            )
        else:
            rows = [(name, _as_text(settings[name]), str(settings.origin(name))) for name in SETTINGS]
            for line in table(("setting", "value", "from"), rows):
                echo(line)
        for hint in settings.hints:
            say(f"{hint}")


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@config.command()
def init() -> None:
    """Write a settings file with every setting, its documentation and its default.

    A file that is there is never touched.

    \b
    Example:
      pluginary-tui config init
    """
    with errors_in_one_line():
        from pluginary_tui.config import config_path
        from pluginary_tui.config.write import init

        init(config_path())
        print_path(config_path())


def _wrong_keys() -> list[str]:
    """What is wrong with app.keys. The actions are known to the app alone, so it is imported only for keys."""
    from pluginary_tui.config import load

    if not (keys := load().app.keys):
        return []
    from pluginary_tui.tui.core.key_check import problems

    return problems(keys)


@config.command()
@json_option()
def check(as_json: bool) -> None:
    """Name all that is wrong in the settings files and variables; exit code 1 where anything is.

    \b
    Example:
      pluginary-tui config check
    """
    with errors_in_one_line():
        from pluginary_tui.config import problems

        wrong, hints = problems()
        if not wrong:  # else the keys are not known
            wrong = _wrong_keys()
        if as_json:
            print_json({"ok": not wrong, "problems": wrong, "hints": hints})
        else:
            for line in (*wrong, *hints):
                echo(line)
            if not wrong and not hints:
                echo("All settings are right.")
        if wrong:
            fail(f"{len(wrong)} setting{'s' * (len(wrong) > 1)} cannot be used.")


_PROJECT_FILE = click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))


@config.command()
@_PROJECT_FILE
def trust(file: Path | None) -> None:
    """Let a project's .pluginary-tui.toml choose which code is run: its folders, what to ignore, and keys.

    Without FILE it is the one in this folder or the nearest above. Look at it first. It is trusted as it is now: after
    a change those settings do not count until you trust it again.

    \b
    Examples:
      pluginary-tui config trust
      pluginary-tui config trust ~/session/.pluginary-tui.toml
    """
    with errors_in_one_line():
        from pluginary_tui.config import files
        from pluginary_tui.config.load import code_settings
        from pluginary_tui.config.trust import trust as allow

        path = _project(file)
        text = files.read(path)
        data = files.parse(files.migrate(text.removeprefix(files.BOM), path), path)
        if files.foreign(path):
            fail(f"{files.tidy(path)} belongs to another user and is not used; copy it to have one of your own.")
        allow(path, text)
        echo(f"Trusted as it is now: {path}")
        for name in code_settings(data):
            section, key = name.split(".")
            echo(f"  {name} = {_as_text(data[section][key])}")


@config.command()
@_PROJECT_FILE
def untrust(file: Path | None) -> None:
    """Take back what 'config trust' allowed; FILE as there.

    \b
    Example:
      pluginary-tui config untrust
    """
    with errors_in_one_line():
        from pluginary_tui.config.trust import untrust as forbid

        path = _project(file)
        echo(f"No longer trusted: {path}" if forbid(path) else f"It was not trusted: {path}")


def _project(file: Path | None) -> Path:
    """The project file that is meant; fails where there is none."""
    from pluginary_tui.config import PROJECT_FILE, files

    path = file.absolute() if file else files.project_path(files.working_folder())
    if path is None:
        fail(f"There is no {PROJECT_FILE} in this folder or above; name the file.")
    return path
