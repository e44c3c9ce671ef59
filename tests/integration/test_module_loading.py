"""Which file of a bundle is opened, with which libraries, and what is said where it cannot be."""

from __future__ import annotations

import platform
import shutil
from pathlib import Path

import pytest

from pluginary_tui.model import Outcome, Report
from pluginary_tui.scan.probe import LIBRARIES
from pluginary_tui.scan.probe_job import probe_once
from pluginary_tui.scan.readers.module import ModuleError, module_path
from pluginary_tui.scan.run import Options as ScanOptions
from pluginary_tui.scan.run import Scan
from tests.plugins.build import build, compiler, good
from tests.plugins.module import ARCHITECTURE, Options, binary, configured, library, linked
from tests.support.scans import settings

pytestmark = pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler")

BESIDE = "-Wl,-rpath,$ORIGIN"
FUNCTION = "int zoo_only_here(void);\n__attribute__((constructor)) static void call(void) { zoo_only_here(); }\n"
VARIABLE = (
    "extern int zoo_only_here;\nint copy;\n"
    "__attribute__((constructor)) static void look(void) { copy = zoo_only_here; }\n"
)
DEFINED = {FUNCTION: "int zoo_only_here(void) { return 1; }\n", VARIABLE: "int zoo_only_here = 1;\n"}


def probed(bundle: Path) -> Report:
    return probe_once(bundle, settings())


def is_read(report: Report, name: str) -> None:
    assert (report.outcome, report.stage, report.error) == (Outcome.OK, "done", "")
    (plugin,) = report.plugins
    assert (plugin.name, plugin.status, len(plugin.parameters)) == (name, Outcome.OK, 4)


def with_library(folder: Path, soname: str, source: str) -> Path:
    """A bundle whose module calls what only the library beside it has."""
    bundle = folder / "Helped.vst3"
    beside = library(binary(bundle).with_name(soname), DEFINED[source])
    code = linked(source, "-Wl,--no-as-needed", beside, BESIDE)
    binary(bundle).write_bytes(configured(Options(title="Helped"), code=code))
    return bundle


def test_a_symbol_that_is_never_called_may_be_missing(folder: Path) -> None:
    is_read(probed(build("lazy_symbol", folder)), "lazy_symbol")


def test_a_variable_that_is_missing_is_named(folder: Path) -> None:
    report = probed(build("missing_variable", folder))
    assert report.outcome is Outcome.FAILED and report.stage == "factory"
    assert "undefined symbol: zoo_variable_no_library_has" in report.error


def test_all_missing_libraries_are_named(folder: Path) -> None:
    report = probed(build("needs_library", folder))
    assert report.outcome is Outcome.FAILED and report.stage == "factory"
    assert "libzoo_absent.so.1, libzoo_gone.so.2: cannot open shared object file" in report.error


def test_a_library_that_a_library_misses_is_named(folder: Path) -> None:
    """The module's own libraries are all there."""
    bundle = with_library(folder, "libzoo_helper.so.3", FUNCTION)
    deeper = library(binary(bundle).with_name("libzoo_deeper.so.4"), "int zoo_deeper = 1;\n")
    beside = binary(bundle).with_name("libzoo_helper.so.3")
    library(beside, DEFINED[FUNCTION], "-Wl,--no-as-needed", deeper, BESIDE)
    is_read(probed(bundle), "Helped")
    deeper.unlink()
    report = probed(bundle)
    assert report.outcome is Outcome.FAILED
    assert "libzoo_deeper.so.4: cannot open shared object file" in report.error


def test_a_renamed_bundle_is_read(folder: Path) -> None:
    bundle = good(folder, "Before")
    is_read(probed(bundle.rename(folder / "After.vst3")), "Before")


def test_a_renamed_bundle_with_a_library_beside_its_module_is_read(folder: Path) -> None:
    bundle = with_library(folder, "libaaa.so", FUNCTION)
    is_read(probed(bundle.rename(folder / "Z renamed.vst3")), "Helped")


@pytest.mark.parametrize("source", [FUNCTION, VARIABLE], ids=["function", "variable"])
def test_a_library_beside_the_module_is_found(folder: Path, source: str) -> None:
    is_read(probed(with_library(folder, "libzoo_helper.so.3", source)), "Helped")


def test_a_library_beside_the_module_is_found_through_a_link(folder: Path, tmp_path: Path) -> None:
    """$ORIGIN is where the module really lies, also where the bundle is a link of another name."""
    bundle = with_library(tmp_path / "elsewhere", "libzoo_helper.so.3", FUNCTION)
    folder.mkdir()
    (folder / "Linked.vst3").symlink_to(bundle)
    is_read(probed(folder / "Linked.vst3"), "Helped")
    (folder / "Deep").symlink_to(folder / "Linked.vst3")
    (folder / "Twice.vst3").symlink_to("Deep")
    is_read(probed(folder / "Twice.vst3"), "Helped")


def test_a_module_that_is_a_link_to_a_file_elsewhere_is_read(folder: Path, tmp_path: Path) -> None:
    bundle = good(folder, "Here")
    moved = shutil.move(binary(bundle), tmp_path / "module.so")
    binary(bundle).symlink_to(moved)
    is_read(probed(bundle), "Here")


@pytest.mark.parametrize("soname", LIBRARIES)
@pytest.mark.parametrize("source", [FUNCTION, VARIABLE], ids=["function", "variable"])
def test_a_library_that_is_loaded_already_does_not_stand_in_the_way(folder: Path, soname: str, source: str) -> None:
    """It brings its own version of one that the workers hold; the loader takes what is there by that name."""
    is_read(probed(with_library(folder, soname, source)), "Helped")


def test_pedalboard_is_tried_without_libraries_that_it_does_not_load_itself(folder: Path, data_dir: Path) -> None:
    with_library(folder, "libfreetype.so.6", FUNCTION)
    summary = Scan(settings(load_check=True), data_dir, ScanOptions(only=(folder,))).run(lambda event: None)
    assert (summary.ok, summary.loads, summary.loads_not) == (1, 1, 0)


def test_a_bundle_for_other_machines_names_them(folder: Path) -> None:
    bundle = good(folder, "Other")
    inside = bundle / "Contents"
    (inside / ARCHITECTURE).rename(inside / "riscv128-linux")
    (inside / "Resources").mkdir()
    with pytest.raises(ModuleError, match=r"No binary for this machine \(.+-linux\); it holds riscv128-linux$"):
        module_path(str(bundle), platform.system(), platform.machine())
    assert probed(bundle).outcome is Outcome.FAILED
