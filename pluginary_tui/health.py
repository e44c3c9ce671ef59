"""Checks of the machine, the settings and the catalogue, each with advice; and a report to attach to a bug."""

from __future__ import annotations

import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from pluginary_tui import __version__, config, logs
from pluginary_tui.catalogue.database import FILE_NAME, now
from pluginary_tui.catalogue.integrity import check, checksum, user_export
from pluginary_tui.catalogue.journal import IMPORTED, Journal
from pluginary_tui.catalogue.orphans import orphans
from pluginary_tui.catalogue.store import Store
from pluginary_tui.errors import PluginaryError
from pluginary_tui.home import home_folder
from pluginary_tui.home import without_home as without_home
from pluginary_tui.isolation.backends import PORTABLE, default_method
from pluginary_tui.isolation.jobs import Job, JobEnded, MessageReceived
from pluginary_tui.isolation.pool import Pool
from pluginary_tui.model import clean
from pluginary_tui.safe_open import read_end
from pluginary_tui.scan.discover import discover, other_folders, standard_folders
from pluginary_tui.scan.file_access import is_within

FREE_PROBLEM_MB, FREE_NOTICE_MB = 100, 1000
"""Free space on the catalogue's disk below which it is a problem, and below which a notice."""

SLOWEST = 5
"""Number of slowest bundles that are named."""

LOG_LINES, LOG_BYTES = 200, 400_000
"""Lines of the log that go into a report."""

PACKAGES = ("pedalboard", "textual", "rich", "click", "rapidfuzz", "platformdirs", "tomli-w")

# Runs in a process of its own: pedalboard is never imported here.
_HOOK_CODE = """
from pluginary_tui.scan.readers import pedalboard_loading
import pedalboard, pedalboard_native
print("there" if hasattr(pedalboard_native.ExternalPlugin, pedalboard_loading.SWEEP) else "moved", flush=True)
import os
os._exit(0)
"""
_HOOK_TIMEOUT_S = 60

_LAYERS = {
    "Landlock": ("plugins read and write only what is theirs", "plugins can read what you can read"),
    "seccomp": ("no network, no programs, no other processes", "plugins can reach the network and other programs"),
    "notification": ("what plugins try is known", "what plugins try is not known"),
}
"""Layers of the sandbox: what each does, and what follows where it is missing."""
_LAYER_ADVICE = "A newer kernel has it (Landlock 5.13, notification 5.0); in a container, allow these system calls."

State = Literal["ok", "notice", "problem"]


@dataclass(slots=True, frozen=True)
class Finding:
    """The result of one check."""

    name: str
    state: State
    """`ok`, `notice` (it works: plugins in quarantine, a scan to resume, no backup yet) or `problem`."""
    message: str
    advice: str = ""
    """What to do; empty where nothing is necessary."""

    def as_json(self) -> dict[str, str]:
        """The keys that scripts know; `said` is the message."""
        return {"name": self.name, "state": self.state, "said": self.message, "advice": self.advice}


def findings(data_dir: Path, environ: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Run all checks, one after the other; nothing is changed.

    The catalogue is compared with its checksum and its indexes, which takes seconds for large ones. Must not be called
    in a process that has it open.
    """
    yield _interpreter()
    yield _pedalboard()
    problems, hints = config.problems(environ=environ)
    yield from (
        Finding("settings", "problem", message, "Correct it; the settings are not read until then.")
        for message in problems
    )
    yield from (Finding("settings", "notice", message) for message in hints)
    if not problems:
        yield from [] if hints else [Finding("settings", "ok", str(config.config_path(environ)))]
    folders = config.Settings().scan.folders if problems else config.load(environ=environ).scan.folders
    yield from _folders(folders, environ)
    yield from _sandbox("guarded" if problems else config.load(environ=environ).scan.sandbox, data_dir)
    yield _disk(data_dir)
    path = data_dir / FILE_NAME
    if not path.exists() and not check.damage(path):
        yield Finding("catalogue", "notice", "there is none yet", "Run 'pluginary-tui scan'.")
        return
    yield from _not_writable(path)
    try:
        if why := check.damage(path, thorough=True):
            yield Finding("catalogue", "problem", f"{path} is damaged: {why}", "Run 'pluginary-tui repair'.")
        else:
            yield from _catalogue(path)
    except PluginaryError as error:
        yield Finding("catalogue", "problem", str(error))
    yield from _backups(data_dir)


def _interpreter() -> Finding:
    text = f"Python {platform.python_version()}, {platform.system()} {platform.release()} {platform.machine()}"
    return Finding("interpreter", "ok", text)


def _pedalboard() -> Finding:
    advice = "Install it again: pip install --force-reinstall pedalboard."
    try:
        version = metadata.version("pedalboard")
        done = subprocess.run(
            [sys.executable, "-P", "-c", _HOOK_CODE],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_HOOK_TIMEOUT_S,
            check=False,
        )
    except metadata.PackageNotFoundError:
        return Finding("pedalboard", "problem", "it is not installed", "Install it: pip install pedalboard.")
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding("pedalboard", "problem", f"{version} cannot be loaded ({clean(error)})", advice)
    if done.stdout.strip() == "there":
        return Finding("pedalboard", "ok", f"{version}, with the hook that makes probes quick")
    if done.stdout.strip() == "moved":
        text = f"{version} no longer has the hook that makes probes quick; some plugins will take minutes"
        return Finding("pedalboard", "problem", text, "Update pluginary-tui, or install an older pedalboard.")
    why = clean(done.stderr.strip().rpartition("\n")[2]) or f"exit code {done.returncode}"
    return Finding("pedalboard", "problem", f"{version} cannot be loaded ({why})", advice)


def _folders(configured: tuple[str, ...], environ: Mapping[str, str]) -> Iterator[Finding]:
    there = 0
    for folder in standard_folders(platform.system(), environ, home_folder()):
        if os.path.lexists(folder):
            there += 1
            yield _folder(folder, "Allow reading it, or leave it out with 'ignore' in [scan].")
    searched = [*standard_folders(platform.system(), environ, home_folder()), *map(Path, configured)]
    found = discover(searched, system=platform.system(), builtin=False)
    closed = {str(folder) for folder in searched}
    for note in found.notes:
        if not any(path in closed and path in note for path in found.unreachable):  # these are reported below
            yield Finding("folder", "notice", note)
    for folder in other_folders(home_folder()):
        if not any(is_within(os.path.realpath(folder), os.path.realpath(each)) for each in searched):
            text = f"{folder} is there and is not searched"
            yield Finding("folder", "notice", text, "Name it in 'folders' of [scan] if there are plugins of yours.")
    for text in configured:
        if os.path.lexists(text):
            there += 1
            yield _folder(Path(text), "Allow reading it, or take it out of 'folders' in [scan].")
        else:
            yield Finding(
                "folder", "problem", f"{text} is not there", "Create it, or take it out of 'folders' in [scan]."
            )
    if not there:
        yield Finding(
            "folder",
            "notice",
            "this machine has none of the usual plugin folders",
            "Name yours in 'folders' of [scan].",
        )


def _folder(folder: Path, advice: str) -> Finding:
    try:
        with os.scandir(folder) as entries:
            count = sum(1 for _ in entries)
    except OSError as error:
        return Finding("folder", "problem", f"{folder} cannot be read: {error.strerror}", advice)
    return Finding("folder", "ok", f"{folder} ({count} entr{'y' if count == 1 else 'ies'})")


def _sandbox(mode: str, data_dir: Path) -> Iterator[Finding]:
    """The layers that confine plugins, and whether they hold."""
    if default_method() == PORTABLE:
        yield Finding("sandbox", "notice", "there is none here: plugins run in a process of their own with your rights")
        return
    if mode == "off":
        advice = "Take 'sandbox' out of [scan] to confine them."
        yield Finding("sandbox", "notice", "switched off: plugins run with your rights", advice)
        return
    from pluginary_tui.isolation.linux.sandbox.confinement import offered

    held, how = _try_sandbox(mode, data_dir)
    lacking = how.partition(" without ")[2].split(" and ")
    for layer, (there, missing) in _LAYERS.items():
        if how == "off" or layer in lacking:
            yield Finding("sandbox", "notice", f"{layer} is missing, so {missing}", _LAYER_ADVICE)
        else:
            version = f" {offered().landlock}" if layer == "Landlock" else ""
            yield Finding("sandbox", "ok", f"{layer}{version}: {there}")
    yield held


def _try_sandbox(mode: str, data_dir: Path) -> tuple[Finding, str]:
    """Try from inside what plugins are not to do; the result, and how the job was confined."""
    folder = tempfile.gettempdir()
    job = Job("check", "pluginary_tui.isolation.linux.sandbox.self_check:run", {"folder": folder}, _HOOK_TIMEOUT_S)
    passed: list[str] | None = None
    own = True
    with Pool(1, sandbox=mode, private=(str(data_dir),)) as pool:
        pool.submit(job)
        while True:
            for event in pool.events(1.0):
                if isinstance(event, MessageReceived):
                    passed, own = [str(each) for each in event.message["passed"]], event.message["own"]
                elif isinstance(event, JobEnded):
                    if passed is None:
                        text = f"could not be tried: {event.error}"
                        return Finding("sandbox", "problem", text, "Report this, please."), event.sandbox
                    if not own and "Landlock" not in event.sandbox:
                        text = f"{mode}, tried just now: plugins cannot write to the folder that is thrown away"
                        return Finding("sandbox", "problem", text, "Report this, please."), event.sandbox
                    if passed:
                        text = f"{mode}, tried just now: it does not hold back {', '.join(passed)}"
                        return Finding("sandbox", "notice", text, _LAYER_ADVICE), event.sandbox
                    text = f"{mode}, tried just now: no network, programs or signals, nothing read or written outside"
                    return Finding("sandbox", "ok", text), event.sandbox


def _disk(data_dir: Path) -> Finding:
    place = next(folder for folder in (data_dir, *data_dir.parents) if folder.exists())
    try:
        free_mb = shutil.disk_usage(place).free // 1_000_000
    except OSError as error:
        return Finding("disk", "problem", f"{place}: {error.strerror}", "Set PLUGINARY_TUI_DATA_DIR to another folder.")
    text = f"{free_mb:,} MB free at {data_dir}"
    if not os.access(place, os.W_OK):
        advice = "Change its permissions, or set PLUGINARY_TUI_DATA_DIR to another folder."
        return Finding("disk", "problem", f"{place} cannot be written to", advice)
    if free_mb < FREE_NOTICE_MB:
        return Finding("disk", "problem" if free_mb < FREE_PROBLEM_MB else "notice", text, "Make room.")
    return Finding("disk", "ok", text)


def _not_writable(path: Path) -> Iterator[Finding]:
    """Files of the catalogue that this user cannot write to: a scan as root, or by another user, leaves such."""
    files = [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm")), *path.parent.glob("*.json")]
    files += [*path.parent.glob("*.log"), path.parent]
    closed = [each for each in files if each.exists() and not os.access(each, os.W_OK)]
    if not closed:
        return
    root = hasattr(os, "getuid") and any(each.stat().st_uid != os.getuid() for each in closed)
    folder = shlex.quote(str(path.parent))
    command = f"sudo chown -R $(id -u):$(id -g) {folder}" if root else f"chmod -R u+rwX {folder}"
    names = ", ".join(each.name for each in closed)
    yield Finding(
        "catalogue",
        "problem",
        f"{names} in {path.parent} cannot be written to by this user",
        f"Run '{command}', or set PLUGINARY_TUI_DATA_DIR to another folder.",
    )


def _catalogue(path: Path) -> Iterator[Finding]:
    with Store(path) as store:
        bundles, plugins = store.bundles(), store.plugins()
        size_mb = store.size() / 1e6
        text = f"{len(plugins)} plugins in {len(bundles)} bundles, {size_mb:.1f} MB, all checks passed"
        yield Finding("catalogue", "ok", text)
        missing = sum(info.missing and info.stage != IMPORTED for info in bundles)
        if missing:
            yield Finding(
                "catalogue", "notice", f"{missing} bundles are no longer on the disk; 'is:missing' lists them"
            )
        imported = sum(info.missing and info.stage == IMPORTED for info in bundles)
        if imported:
            text = f"{imported} bundles came with an import and are not on this machine; 'is:missing' lists them"
            yield Finding("catalogue", "notice", text)
        quarantined = store.quarantine()
        if quarantined:
            yield Finding(
                "quarantine",
                "notice",
                f"{len(quarantined)} bundles are not read by themselves any more; 'is:quarantined' lists them",
                "Update or remove them, or try them again with 'pluginary-tui scan --retry'.",
            )
        alone = store.quarantined_plugins()
        if alone:
            yield Finding(
                "quarantine",
                "notice",
                f"{len(alone)} single plugins are not read by themselves any more; 'is:quarantined' lists them",
                "Update or remove them, or try them again with 'pluginary-tui scan --retry'.",
            )
        not_loaded = len(store.unloadable_plugins())
        if not_loaded:
            text = f"{not_loaded} plugins were read and cannot be loaded by pedalboard; '-is:loadable' lists them"
            yield Finding("loading", "ok", text)
        interrupted = Journal(store).interrupted()
        if interrupted:
            text = f"the one of {interrupted.started_at} was interrupted with {interrupted.left} to do"
            yield Finding("scan", "notice", text, "Run 'pluginary-tui scan'; it goes on from there.")
        yield Finding("scan", "ok", _summary(figures(store)))
        export = path.with_name(user_export.FILE_NAME)
        written = user_export.collect(store.db)
        if lost := len(orphans(store)):
            text = f"what you wrote about {lost} plugin{'s' * (lost > 1)} belongs to none that is here; nothing is lost"
            advice = "'pluginary-tui orphans' lists it; give it to a plugin with 'orphans give', or drop it."
            yield Finding("user data", "notice", text, advice)
    if user_export.load(export) == written or not any(written.values()):
        yield Finding("user data", "ok", "what you wrote is kept a second time")
    else:
        yield Finding(
            "user data",
            "problem",
            f"{export} is not what the catalogue holds",
            "Run 'pluginary-tui repair' to renew it.",
        )


def _backups(data_dir: Path) -> Iterator[Finding]:
    kept = check.list_backups(data_dir)
    bad = [each for each in kept if checksum.verify(each, thorough=True) is checksum.State.DAMAGED]
    yield from (Finding("backups", "problem", f"{each} is damaged", "Delete it.") for each in bad)
    good = [each for each in kept if each not in bad]
    if good:
        yield Finding("backups", "ok", f"{len(good)}, the newest {good[0]}")
    else:
        yield Finding("backups", "notice", "there is no good one yet", "Run 'pluginary-tui backup'.")


def figures(store: Store) -> dict[str, Any]:
    """Times and counts of the last complete scan, `rate_per_s` (bundles), and `slowest`, the bundles with the longest
    probes of any scan. Empty where nothing was scanned yet.
    """
    last = Journal(store).last_scan()
    if last is None:
        return {}
    elapsed = float(last.get("elapsed_s", 0))
    rate = round(last.get("scanned", 0) / elapsed, 2) if elapsed else 0.0
    slowest = store.slowest_bundles(SLOWEST)
    return last | {
        "rate_per_s": rate,
        "slowest": [{"path": i.path, "elapsed_ms": i.elapsed_ms, "outcome": i.outcome} for i in slowest],
    }


def _summary(last: Mapping[str, Any]) -> str:
    if not last:
        return "none was completed yet"
    bad = ", ".join(f"{last[how]} {how}" for how in ("failed", "crashed", "timeout", "memory") if last.get(how))
    return (
        f"the last one, {last['finished_at']}: {last.get('scanned', 0)} of {last.get('found', 0)} bundles read in"
        f" {last.get('elapsed_s', 0)} s ({last['rate_per_s']} a second){', ' + bad if bad else ''}"
    )


# The report


def report(data_dir: Path, found: list[Finding], environ: Mapping[str, str] = os.environ) -> str:
    """The findings, settings, figures, failures and log as one text, without the name of the home folder."""
    parts = [
        f"Pluginary TUI {__version__}, {now()}",
        *(f"{name} {_installed(name)}" for name in PACKAGES),
        "\nFindings\n" + "\n".join(json.dumps(finding.as_json(), ensure_ascii=False) for finding in found),
        "\nSettings\n" + "\n".join(_settings(environ)),
    ]
    if any(finding.name == "catalogue" and finding.state == "ok" for finding in found):
        with Store(data_dir / FILE_NAME) as store:
            parts.append("\nLast scan\n" + json.dumps(figures(store), indent=1, ensure_ascii=False))
            parts.append("\nBundles that failed")
            for info in store.failed_bundles():
                parts.append(f"{info.path}: {info.outcome} {info.signal} ({info.stage}) {info.error}")
                parts += [f"    {line}" for line in store.log(info.path).splitlines()[-20:]]
            parts.append("\nSingle plugins that failed")
            for plugin in store.failed_plugins():
                how = store.plugin_failure(plugin.key)
                parts.append(f"{plugin.path}: {plugin.name}: {plugin.status} {how.signal} ({how.stage}) {plugin.error}")
                parts += [f"    {line}" for line in store.plugin_log(plugin.key)[0].splitlines()[-20:]]
            parts.append("\nPlugins that pedalboard does not load")
            parts += [f"{plugin.path}: {plugin.name}: {plugin.load_error}" for plugin in store.unloadable_plugins()]
    try:
        lines = read_end(logs.log_path(data_dir), LOG_BYTES).decode("utf-8", "replace").splitlines()[-LOG_LINES:]
    except OSError:
        lines = ["(none)"]
    parts.append("\nLog\n" + "\n".join(lines))
    return without_home("\n".join(parts), home_folder()) + "\n"


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "is not installed"


def _settings(environ: Mapping[str, str]) -> Iterator[str]:
    try:
        settings = config.load(environ=environ)
    except PluginaryError as error:
        yield str(error)
        return
    for name in config.SETTINGS:
        if settings.origin(name).kind != "default":
            yield f"{name} = {settings[name]!r} ({settings.origin(name)})"
