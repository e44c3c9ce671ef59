"""Where the benchmarks work: a folder of their own, programs run in it, bundles and catalogues made for them."""

from __future__ import annotations

import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Bundle, Outcome, Parameter, ProbedPlugin, Report
from pluginary_tui.scan.discover import discover

ROOT = Path(__file__).parents[2]
ZAM = Path("/usr/lib/vst3")
"""Where Debian's zam-plugins puts its 17 VST3s."""
HEAVY = ("ZamVerb", "ZamHeadX2")
"""Those that take their time; the others load within milliseconds."""

Command = Sequence[str | Path]
Entered = TypeVar("Entered")

# The peak of the process itself: what the system says of a child that has ended also counts the child's children,
# and what the parent held when it forked.
_REPORT_PEAK = """
import atexit, sys
target = sys.argv[1]
def report():
    with open("/proc/self/status") as file:
        peak = next(line.split()[1] for line in file if line.startswith("VmHWM"))
    with open(target, "w") as file:
        file.write(peak)
atexit.register(report)
sys.argv = ["pluginary-tui", *sys.argv[2:]]
from pluginary_tui.cli import main
main()
"""


class Place(AbstractContextManager["Place"]):
    """A folder that goes in the end. What is made in it is made once and shared by the contests."""

    def __init__(self, *, processor: bool = False) -> None:
        """`processor`: times are those of the processor, of a process and all that it started, instead of the clock's.
        They hardly change with what else the machine does, and miss what is spent waiting.
        """
        self.processor = processor
        self.folder = Path(tempfile.mkdtemp(prefix="pluginary-benchmarks-"))
        self._made: dict[str, Path] = {}
        self._entered = ExitStack()
        # Compiled modules are kept, as on a user's machine, whatever the caller's shell thinks of them.
        dropped = ("PYTHONDONTWRITEBYTECODE", "VST3_PATH", "LD_LIBRARY_PATH", "COVERAGE_PROCESS_START")
        self.env = {
            name: value
            for name, value in os.environ.items()
            if name not in dropped and not name.startswith("PLUGINARY_TUI_")
        } | {
            "PYTHONPYCACHEPREFIX": str(self.folder / "pyc"),
            "PYTHONPATH": str(ROOT),
            "PLUGINARY_TUI_CONFIG": str(self.folder / "config.toml"),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
        }
        (self.folder / "config.toml").touch()

    def __enter__(self) -> Self:
        empty = self.folder / "empty"
        empty.mkdir()
        for words in (["scan", "--only", empty], ["list"], ["list", "--json"]):  # compiles all modules
            self.run(self.ours(*words), data=self.folder / "none")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._entered.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def enter(self, context: AbstractContextManager[Entered]) -> Entered:
        """Enter a context that is left when the benchmarks end."""
        return self._entered.enter_context(context)

    def made(self, name: str, make: Callable[[Path], object]) -> Path:
        """The path called `name`, made by `make` when it is first asked for."""
        if name not in self._made:
            path = self.folder / name
            make(path)
            self._made[name] = path
        return self._made[name]

    def fresh(self, name: str) -> Path:
        """A path where nothing is."""
        path = self.folder / name
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        return path

    # Running

    @staticmethod
    def ours(*words: str | Path) -> Command:
        return [sys.executable, "-m", "pluginary_tui", *words]

    def clock(self) -> float:
        """A moment, in seconds, of whichever time this place goes by."""
        if not self.processor:
            return time.perf_counter()
        spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return sum(usage.ru_utime + usage.ru_stime for usage in spent)

    def run(self, command: Command, *, data: Path | None = None, env: dict[str, str] | None = None) -> float:
        """Seconds that a command takes from start to end; RuntimeError, with what it said, where it fails."""
        data = data or self.folder / "data"
        environment = self.env_of(data) | (env or {})
        with (self.folder / "said").open("w+") as output, (self.folder / "printed").open("w") as printed:
            began = time.perf_counter()
            done = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=printed, stderr=output, env=environment)
            _, status, usage = os.wait4(done.pid, 0)
            took = time.perf_counter() - began
            done.returncode = os.waitstatus_to_exitcode(status)
            if done.returncode:
                output.seek(0)
                raise RuntimeError(
                    f"{' '.join(map(str, command))}: exit code {done.returncode}: {output.read()[-2000:]}"
                )
        return usage.ru_utime + usage.ru_stime if self.processor else took

    def env_of(self, data: Path) -> dict[str, str]:
        """The environment of our program with this data folder."""
        return self.env | {"PLUGINARY_TUI_DATA_DIR": str(data)}

    def inside(self, code: str, *words: str | Path, data: Path | None = None) -> float:
        """What Python code in a fresh process prints last: the seconds of what matters of it, by its `clock`."""
        clock = f"from time import {'process_time' if self.processor else 'perf_counter'} as clock\n"
        self.run([sys.executable, "-c", clock + code, *words], data=data)
        return float((self.folder / "printed").read_text().split()[-1])

    def peak_mb(self, *words: str | Path, data: Path | None = None) -> float:
        """The most memory that our command's own process held, without those that it started, MB."""
        answer = self.fresh("peak")
        self.run([sys.executable, "-c", _REPORT_PEAK, answer, *words], data=data)
        return int(answer.read_text()) / 1024

    # Bundles

    def copies(self, count: int) -> Path:
        """A folder with this many copies of the light real plugins, each under another name."""
        return self.made(f"copies-{count}", partial(_copy, count, shutil.copyfile))

    def links(self, count: int) -> Path:
        """As `copies`, with the binaries linked to one another: for what only looks at the disk."""
        return self.made(f"links-{count}", partial(_copy, count, os.link))

    # Catalogues

    def catalogue(self, plugins: int, parameters: int) -> Path:
        """A data folder with a catalogue of so many plugins, each with so many parameters."""
        return self.made(f"catalogue-{plugins}-{parameters}", partial(_fill, plugins, parameters))

    def scanned(self, bundles: Path) -> Path:
        """A data folder whose catalogue knows these bundles as they are: a scan finds nothing to do."""
        return self.made(f"scanned-{bundles.name}", partial(_know, bundles))


def zam_is_here() -> bool:
    return (ZAM / "ZamVerb.vst3").exists()


def _copy(count: int, put: Callable[[Path, Path], object], folder: Path) -> None:
    light = [
        path for path in sorted(ZAM.glob("*.vst3")) if path.stem not in HEAVY and path.stem.startswith(("Zam", "ZaM"))
    ]
    first: dict[str, Path] = {}
    for number in range(count):
        source = light[number % len(light)]
        binary = next(source.rglob("*.so"))
        name = f"{source.stem}_{number}"
        target = folder / f"{name}.vst3" / binary.relative_to(source).with_name(f"{name}.so")
        target.parent.mkdir(parents=True)
        if source.stem in first:
            put(first[source.stem], target)
        else:
            shutil.copyfile(binary, target)
            first[source.stem] = target


def _know(bundles: Path, data: Path) -> None:
    with Store.in_folder(data) as store:
        journal = Journal(store)
        found = discover([bundles], system=platform.system(), builtin=False).bundles
        journal.begin(found)
        for bundle in found:
            plugin = ProbedPlugin(bundle.name, "Acme", "1.0", "Fx", f"{hash(bundle.name) & 2**128 - 1:032X}")
            journal.finish(Report(bundle, Outcome.OK, [plugin], stage="done"), [()], quarantine=False)
        journal.end({})


def reports(plugins: int, parameters: int) -> Iterator[Report]:
    """What probes of so many bundles, a plugin in each, might tell; names repeat as they do in the real world."""
    units = ("dB", "Hz", "ms", "%", "")
    for n in range(plugins):
        yield Report(
            Bundle(f"/plugins/Plugin {n}.vst3", "vst3", f"Plugin {n}", f"{n}-1-1", 1_000_000 + n, 1.7e9 + n),
            Outcome.OK,
            [
                ProbedPlugin(
                    f"Plugin {n}",
                    f"Vendor {n % 400}",
                    f"1.{n % 10}.0",
                    "Fx|Reverb" if n % 3 else "Fx|Dynamics",
                    f"{n:032X}",
                    latency_samples=n % 64,
                    parameters=[
                        Parameter(
                            f"Parameter {(n * 7 + p) % 20_000}", units[p % 5], f"{p}.5", "0", "100", p / (p + 1), p % 3
                        )
                        for p in range(parameters)
                    ],
                    probe_ms=20,
                )
            ],
            stage="done",
            elapsed_s=0.02,
            peak_mb=40.0,
        )


def _fill(plugins: int, parameters: int, data: Path) -> None:
    with Store.in_folder(data) as store, closing(store.db.cursor()) as cursor:
        cursor.execute("PRAGMA synchronous = OFF")
        journal = Journal(store)
        for report in reports(plugins, parameters):
            journal.finish(report, [("Reverb",)], quarantine=False)
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
