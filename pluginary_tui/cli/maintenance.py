"""`doctor`, `repair`, `backup` and `restore`: checks and maintenance of the catalogue."""

from __future__ import annotations

from pathlib import Path

import click

from pluginary_tui.cli.errors import errors_in_one_line, fail
from pluginary_tui.cli.output import echo, json_option, print_json, print_path

_MARKS = {"ok": "ok", "notice": "note", "problem": "BAD"}


@click.command()
@json_option()
@click.option(
    "--report", type=click.Path(path_type=Path), help="Write all of it to this file, to attach to a bug report."
)
def doctor(as_json: bool, report: Path | None) -> None:
    """Check the interpreter, pedalboard, the plugin folders, the catalogue, the disk and the backups.

    Says what to do for each finding. The exit code is 0 where there is no problem; what is only worth knowing
    (plugins in quarantine, a scan that can be resumed) is no problem. The report does not name your home folder.

    \b
    Examples:
      pluginary-tui doctor
      pluginary-tui doctor --report report.txt
    """
    with errors_in_one_line():
        from pluginary_tui import health
        from pluginary_tui.config import data_dir

        found = []
        for finding in health.findings(data_dir()):
            found.append(finding)
            if not as_json:
                echo(f"{_MARKS[finding.state]:<5} {finding.name}: {finding.message}")
                if finding.advice:
                    echo(f"      {finding.advice}")
        bad = sum(finding.state == "problem" for finding in found)
        if as_json:
            print_json({"ok": not bad, "findings": [finding.as_json() for finding in found], "last_scan": _figures()})
        if report is not None:
            _write(report, health.report(data_dir(), found))
            echo(f"Wrote {report}.", err=True)
        if bad:
            fail(f"{bad} problem{'s' * (bad > 1)} found; what to do stands with each.")


def _figures() -> dict[str, object]:
    from pluginary_tui import health
    from pluginary_tui.catalogue.database import FILE_NAME
    from pluginary_tui.catalogue.store import Store
    from pluginary_tui.config import data_dir

    path = data_dir() / FILE_NAME
    from pluginary_tui.catalogue.integrity import check

    if not path.exists() or check.damage(path):
        return {}
    with Store(path) as store:
        return health.figures(store)


def _write(path: Path, text: str) -> None:
    from pluginary_tui.atomic_file import replacing

    try:
        with replacing(path) as stream:
            stream.write(text)
    except OSError as error:
        fail(f"Cannot write {path}: {error.strerror}; name another file.")


@click.command()
def repair() -> None:
    """Check the catalogue thoroughly and mend it where it is damaged.

    The damaged file is kept aside. The newest backup, what can still be read, and what you wrote (favourites, tags,
    notes) are put together; the next scan completes it. A sound catalogue stays as it is.

    \b
    Example:
      pluginary-tui repair
    """
    with errors_in_one_line():
        from pluginary_tui.catalogue.database import FILE_NAME
        from pluginary_tui.catalogue.integrity import backups
        from pluginary_tui.catalogue.integrity.repair import repair
        from pluginary_tui.config import data_dir

        result = repair(data_dir() / FILE_NAME, thorough=True)
        if result is None:
            backups.renew_export(data_dir() / FILE_NAME)
        echo(result.sentence() if result else "The catalogue is sound; nothing had to be repaired.")


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE where it is there.")
def backup(file: Path | None, force: bool) -> None:
    """Copy the catalogue to FILE; without one, to the backups that are kept by themselves.

    A backup is also made after every scan, one for each day; [backup] keep says how many days.

    \b
    Examples:
      pluginary-tui backup
      pluginary-tui backup ~/plugins-before-the-update.db
    """
    with errors_in_one_line():
        from pluginary_tui.catalogue.database import FILE_NAME
        from pluginary_tui.catalogue.integrity import backups
        from pluginary_tui.catalogue.store import Store
        from pluginary_tui.config import data_dir, load

        path = data_dir() / FILE_NAME
        if not path.exists():
            fail("Nothing is catalogued yet; run 'pluginary-tui scan'.")
        if file is not None and file.exists() and not force:
            fail(f"{file} is there already; name another file, or add --force to replace it.")
        keep = load().backup.keep
        Store.in_folder(data_dir()).close()  # repairs a damaged catalogue, which must not become a backup
        if file is None:
            print_path(backups.rotate_backups(path, keep))
        else:
            backups.back_up(path, file)
            print_path(file)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def restore(file: Path) -> None:
    """Make the backup FILE the catalogue. The present one is kept aside.

    Favourites, tags and notes are those of FILE, too.

    \b
    Example:
      pluginary-tui restore ~/plugins-before-the-update.db
    """
    with errors_in_one_line():
        from pluginary_tui.catalogue.database import FILE_NAME
        from pluginary_tui.catalogue.integrity import backups
        from pluginary_tui.config import data_dir

        kept = backups.restore(data_dir() / FILE_NAME, file)
        echo(f"Restored {file}." + (f" The catalogue that was there is kept as {kept}." if kept else ""))
