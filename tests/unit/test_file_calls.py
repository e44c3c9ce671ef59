"""Every call of the package that opens, writes, moves or makes a file is in a module that does it safely, or named."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import pluginary_tui

ROOT = Path(pluginary_tui.__file__).parent

ALLOWED: dict[tuple[str, str], str] = {
    # (module, call): why that call may stand there. A module that ends with / stands for all in that folder.
    ("safe_open.py", "os.open"): "opens regular files only, without waiting, and through no link of another user",
    ("safe_open.py", "os.fdopen"): "the same",
    ("atomic_file.py", "os.open"): "makes files for this user only, never through a link; opens folders to sync them",
    ("atomic_file.py", "os.fdopen"): "the same",
    ("atomic_file.py", ".replace"): "moves a new file, which is whole, into place",
    ("atomic_file.py", ".mkdir"): "makes folders for this user only",
    ("atomic_file.py", ".chmod"): "gives the new file the rights of the one that it replaces",
    ("atomic_file.py", ".unlink"): "drops the new file where writing it failed",
    ("atomic_file.py", "shutil.copyfileobj"): "from one stream to another, both opened here",
    ("bounded_reading.py", "zipfile.ZipFile"): "reads a stream that is open, within bounds",
    ("bounded_reading.py", ".open"): "a member of that archive",
    # The catalogue.
    ("catalogue/sqlite_file.py", "sqlite3.connect"): "the one place that opens SQLite files",
    ("catalogue/database.py", ".read_text"): "a part of this package",
    ("catalogue/exchange/import_.py", ".read_text"): "a part of this package",
    ("catalogue/text_index.py", ".unlink"): "an index that is of no use and is made anew",
    ("catalogue/integrity/checksum.py", ".unlink"): "the checksum, before the catalogue changes",
    ("catalogue/integrity/backups.py", "tempfile.TemporaryDirectory"): "beside the catalogue, for this user only",
    ("catalogue/integrity/backups.py", "shutil.copyfileobj"): "from one stream to another, both opened safely",
    ("catalogue/integrity/backups.py", ".replace"): "moves files of the catalogue within its folder",
    ("catalogue/integrity/backups.py", ".unlink"): "drops old backups, and files beside a catalogue that is replaced",
    ("catalogue/integrity/backups.py", "os.link"): "a second name for the catalogue that is replaced: it needs no room",
    ("catalogue/integrity/repair.py", "tempfile.TemporaryDirectory"): "beside the catalogue, for this user only",
    ("catalogue/integrity/repair.py", ".replace"): "moves the new export, which is whole, into place",
    ("catalogue/integrity/repair.py", ".unlink"): "drops a copy in the temporary folder that cannot be used",
    ("scan/launch_log.py", ".unlink"): "the log of a scan that has ended",
    ("sound/kept_sounds.py", ".unlink"): "sounds of plugins that are gone, in a folder of its own",
    # What the system itself offers.
    ("cli/__init__.py", "os.open"): "/dev/null, for a stream that is closed",
    ("cli/__init__.py", "open"): "a descriptor that is open",
    ("cli/errors.py", "os.open"): "/dev/null, where nobody reads any more",
    ("isolation/linux/system.py", "os.open"): "/proc",
    ("isolation/linux/system.py", "open"): "/proc",
    ("scan/resources.py", "os.open"): "/proc and /sys",
    ("scan/launch_log.py", ".read_text"): "/proc",
    ("scan/readers/module.py", "open"): "/proc",
    ("sound/probe/jobs.py", ".read_text"): "/proc",
    # Processes of plugins, which are confined.
    (
        "isolation/linux/confine.py",
        "os.open",
    ): "what a job may read and write, before it is confined: its parent checked",
    ("isolation/linux/confine.py", "os.fdopen"): "a descriptor that is open",
    (
        "isolation/portable/job_main.py",
        "os.open",
    ): "what the job may read and write: its parent checked; the null device",
    ("isolation/portable/job_main.py", "os.fdopen"): "a descriptor that is open",
    ("isolation/portable/worker.py", "os.fdopen"): "a descriptor that is open",
    ("isolation/child.py", "os.open"): "the null device",
    ("render/job.py", "os.fdopen"): "a descriptor that is open",
    ("isolation/linux/sandbox/", "os.open"): "/proc, and folders for Landlock's rules",
    ("isolation/linux/sandbox/", "open"): "/proc",
    ("isolation/linux/sandbox/", "os.mkdir"): "the throw-away folder of plugins, for this user only",
    ("isolation/linux/sandbox/", "os.makedirs"): "inside that folder",
    ("isolation/linux/sandbox/", "os.symlink"): "inside that folder",
    ("isolation/linux/sandbox/", "os.unlink"): "inside that folder",
    ("isolation/linux/sandbox/", "os.rename"): "inside that folder",
    ("isolation/linux/sandbox/", "os.rmdir"): "inside that folder",
    ("isolation/linux/sandbox/", "tempfile.gettempdir"): "where that folder is made",
    ("isolation/linux/sandbox/", "tempfile.mkstemp"): "whether a plugin can write there",
    ("isolation/linux/sandbox/", "tempfile.TemporaryFile"): "whether a plugin can write there",
    ("isolation/linux/sandbox/", "os.chmod"): "inside that folder",
    ("scan/readers/module.py", "mmap.mmap"): "a file that was opened safely",
    ("scan/file_access.py", "mmap.mmap"): "a file that was opened safely, up to a limit",
    # What a person names.
    ("render/run.py", ".mkdir"): "the folder for the results, with the rights that the user's folders have",
    ("render/run.py", ".rmdir"): "the same, where nothing came of it",
    ("tidy/output.py", ".chmod"): "a script of the user's may be run",
    ("tui/core/desktop.py", "tempfile.TemporaryDirectory"): "for the editor, for this user only",
    # Nothing is opened.
    ("health.py", "tempfile.gettempdir"): "a path",
    ("health.py", "shutil.disk_usage"): "a figure",
    ("catalogue/database.py", "shutil.disk_usage"): "a figure",
    ("tui/core/desktop.py", "shutil.which"): "a path",
    ("sound/player/device.py", "shutil.which"): "a path",
    ("tui/browse/", ".open"): "a pane of the screen",
}

FUNCTIONS = {"open", "io.open", "codecs.open", "gzip.open", "bz2.open", "lzma.open", "mmap.mmap", "zipfile.ZipFile"}
FUNCTIONS |= {"sqlite3.connect", "tarfile.open", "gzip.GzipFile", "shelve.open", "dbm.open", "fileinput.input"}
OF_OS = {"open", "fdopen", "replace", "rename", "renames", "link", "symlink", "mkdir", "makedirs", "mkfifo", "mknod"}
OF_OS |= {"unlink", "remove", "rmdir", "removedirs", "truncate", "chmod", "chown", "lchown", "utime"}
MODULES: dict[str, set[str] | None] = {"os": OF_OS, "shutil": None, "tempfile": None}
"""Modules with functions that open or change files, and which; None: all."""
OF_PATHS = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "replace", "rename", "touch", "mkdir"}
OF_PATHS |= {"symlink_to", "hardlink_to", "unlink", "rmdir", "chmod", "lchmod"}
FINE = {"os.chown", "os.utime"}
"""Of files that atomic_file.py has just made."""


def file_calls(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """The calls that may open, write, move or make a file, in the form of ALLOWED, with their lines."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        module, _, last = name.rpartition(".")
        if name in FUNCTIONS:
            yield name, node.lineno
        elif module in MODULES:
            if last in (MODULES[module] or {last}):
                yield name, node.lineno
        elif isinstance(node.func, ast.Attribute) and last in OF_PATHS and _is_of_a_path(node, last):
            yield f".{last}", node.lineno


def _is_of_a_path(call: ast.Call, name: str) -> bool:
    """Whether it is not the `replace` of a text, which takes two texts, or of a time, which takes keywords."""
    return name != "replace" or (len(call.args) == 1 and not call.keywords)


def allowed(module: str, call: str) -> tuple[str, str] | None:
    """The row of the table that allows it."""
    for place in (module, *(f"{folder}/" for folder in map(str, Path(module).parents))):
        if (place, call) in ALLOWED:
            return place, call
    return None


def found() -> list[tuple[str, str, int]]:
    calls = []
    for path in sorted(ROOT.rglob("*.py")):
        module = path.relative_to(ROOT).as_posix()
        for call, line in file_calls(ast.parse(path.read_text("utf-8"))):
            if call not in FINE or module != "atomic_file.py":
                calls.append((module, call, line))
    return calls


def test_files_are_opened_and_written_in_few_places() -> None:
    other = [f"{module}:{line}: {call}" for module, call, line in found() if allowed(module, call) is None]
    assert other == [], "use safe_open, atomic_file, bounded_reading or sqlite_file, or say in the table why not"


def test_every_exception_is_needed() -> None:
    used = {allowed(module, call) for module, call, _ in found()}
    assert set(ALLOWED) - used == set()


def test_nothing_is_imported_under_another_name() -> None:
    """`from os import open as x` would pass the test above."""
    names = {name.rpartition(".")[0] for name in FUNCTIONS} | set(MODULES)
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module in names - {""}:
                assert not {alias.name for alias in node.names} & {"open", "replace", "rename", "connect", "mmap"}, path
            if isinstance(node, ast.Import):
                assert not [alias for alias in node.names if alias.name in names and alias.asname], path


@pytest.mark.parametrize(
    "source",
    [
        "open('x')", "os.open(x, 0)", "path.open('w')", "path.write_text('x')", "os.replace(a, b)", "path.replace(b)",
        "shutil.copy(a, b)", "tempfile.mktemp()", "sqlite3.connect(x)", "io.open(x)", "(folder / 'x').read_bytes()",
    ],
)  # fmt: skip
def test_the_test_finds_such_calls(source: str) -> None:
    assert len(list(file_calls(ast.parse(source)))) == 1


@pytest.mark.parametrize("source", ["text.replace('a', 'b')", "replace(settings, x=1)", "when.replace(hour=0)"])
def test_the_test_passes_what_is_no_file(source: str) -> None:
    assert not list(file_calls(ast.parse(source)))
