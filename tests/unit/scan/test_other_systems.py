"""Rules of Windows and macOS, on bytes and trees as they are there. None of this has been run on those systems."""

from __future__ import annotations

import plistlib
import struct
from pathlib import Path

import pyoxigraph
import pytest

from pluginary_tui.config.values import expand_text
from pluginary_tui.file_iri import iri_of, path_of
from pluginary_tui.isolation.verdict import Findings, judge, was_killed
from pluginary_tui.outcome import Outcome
from pluginary_tui.scan.diagnosis import diagnose
from pluginary_tui.scan.discover import discover
from pluginary_tui.scan.mac_bundle import audio_unit, executable, held_back, read_plist
from pluginary_tui.scan.readers.binary_kinds import BinaryKind, kind_of, why_not
from pluginary_tui.scan.readers.module import ModuleError, module_path

pytestmark = pytest.mark.short

X86_64, ARM64 = 0x01000007, 0x0100000C


def mach_o(processor: int) -> bytes:
    return b"\xcf\xfa\xed\xfe" + struct.pack("<I", processor) + bytes(24)


def universal(*processors: int) -> bytes:
    entries = b"".join(struct.pack(">5I", processor, 3, 0x4000, 100, 14) for processor in processors)
    return b"\xca\xfe\xba\xbe" + struct.pack(">I", len(processors)) + entries


def pe(machine: int) -> bytes:
    return b"MZ" + bytes(58) + struct.pack("<I", 0x80) + bytes(64) + b"PE\0\0" + struct.pack("<H", machine) + bytes(18)


def elf(machine: int) -> bytes:
    return b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", 3, machine) + bytes(44)


KINDS = [
    (mach_o(ARM64), "Darwin", ("arm64",)),
    (universal(X86_64, ARM64), "Darwin", ("x86_64", "arm64")),
    (universal(7, X86_64), "Darwin", ("x86", "x86_64")),
    (b"\xfe\xed\xfa\xce" + struct.pack(">I", 18), "Darwin", ("PowerPC",)),
    (pe(0x8664), "Windows", ("x86_64",)),
    (pe(0x14C), "Windows", ("x86",)),
    (pe(0xAA64), "Windows", ("arm64",)),
    (elf(62), "Linux", ("x86_64",)),
    (elf(999), "Linux", ("processor 999",)),
]


@pytest.mark.parametrize(("header", "system", "processors"), KINDS)
def test_what_a_binary_is_for(header: bytes, system: str, processors: tuple[str, ...]) -> None:
    assert kind_of(header) == BinaryKind(system, processors)
    for size in range(len(header)):  # cut short anywhere, it raises nothing
        kind_of(header[:size])


@pytest.mark.parametrize(
    "header",
    [b"", b"#!/bin/sh", b"MZ" + bytes(80), b"\xca\xfe\xba\xbe\x00\x00\x00\x34", b"\xca\xfe\xba\xbe\x7f\xff\xff\xff"],
    ids=["nothing", "a script", "a program of DOS", "a class of Java", "a wild count"],
)
def test_what_is_no_binary(header: bytes) -> None:
    assert kind_of(header) is None
    assert why_not(header, "Darwin", "arm64") == ""


def test_this_program_is_of_a_kind_that_loads_here() -> None:
    import platform
    import sys

    header = Path(sys.executable).read_bytes()[:4096]
    assert why_not(header, platform.system(), platform.machine()) == ""


@pytest.mark.parametrize(
    ("header", "system", "machine", "why"),
    [
        (universal(X86_64, ARM64), "Darwin", "arm64", ""),
        (universal(X86_64, ARM64), "Darwin", "x86_64", ""),
        (mach_o(X86_64), "Darwin", "arm64", "The binary is for x86_64, not for this machine"),
        (universal(7, 18), "Darwin", "arm64", "The binary is for x86 and PowerPC, not for this machine"),
        (pe(0x8664), "Windows", "AMD64", ""),
        (pe(0x14C), "Windows", "AMD64", "The binary is for x86, not for this machine"),
        (pe(0xAA64), "Windows", "ARM64", ""),
        (elf(183), "Linux", "aarch64", ""),
        (pe(0x8664), "Darwin", "x86_64", "The binary is for Windows, not for this machine"),
        (mach_o(ARM64), "Windows", "ARM64", "The binary is for macOS, not for this machine"),
    ],
)
def test_why_a_binary_is_not_loaded(header: bytes, system: str, machine: str, why: str) -> None:
    assert why_not(header, system, machine) == why
    if why:
        assert diagnose(Outcome.FAILED, f"{why}.").kind == "machine"


# Which file of a bundle it is.


def put(path: Path, data: bytes = b"") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_the_binary_of_a_bundle_of_macos_is_what_its_list_names(tmp_path: Path) -> None:
    bundle = tmp_path / "Renamed.vst3"
    binary = put(bundle / "Contents" / "MacOS" / "Original")
    put(bundle / "Contents" / "MacOS" / "Another")
    put(bundle / "Contents" / "Info.plist", plistlib.dumps({"CFBundleExecutable": "Original"}))
    assert module_path(str(bundle), "Darwin", "arm64") == str(binary)
    put(bundle / "Contents" / "Info.plist", plistlib.dumps({"CFBundleExecutable": "../../../elsewhere"}))
    named = put(bundle / "Contents" / "MacOS" / "Renamed")
    assert module_path(str(bundle), "Darwin", "arm64") == str(named)


@pytest.mark.parametrize(("machine", "folder"), [("AMD64", "x86_64-win"), ("ARM64", "arm64-win"), ("x86", "x86-win")])
def test_the_binary_of_a_bundle_of_windows(tmp_path: Path, machine: str, folder: str) -> None:
    bundle = tmp_path / "Synth.vst3"
    binary = put(bundle / "Contents" / folder / "Synth.vst3")
    assert module_path(str(bundle), "Windows", machine) == str(binary)
    with pytest.raises(ModuleError, match=f"it holds {folder}"):
        module_path(str(bundle), "Linux", "x86_64")


def test_a_binary_for_both_kinds_of_process_on_arm(tmp_path: Path) -> None:
    bundle = tmp_path / "Synth.vst3"
    both = put(bundle / "Contents" / "arm64x-win" / "Synth.vst3")
    assert module_path(str(bundle), "Windows", "ARM64") == str(both)
    own = put(bundle / "Contents" / "arm64-win" / "Synth.vst3")
    assert module_path(str(bundle), "Windows", "ARM64") == str(own)


def test_a_single_file_of_windows_is_a_plugin_and_its_own_binary(tmp_path: Path) -> None:
    single = put(tmp_path / "Synth.VST3", pe(0x8664))
    (found,) = discover([tmp_path], system="Windows", builtin=False).bundles
    assert (found.path, found.name, found.format, found.error) == (str(single), "Synth", "vst3", "")
    assert module_path(str(single), "Windows", "AMD64") == str(single)


def test_a_folder_as_on_a_mac(tmp_path: Path) -> None:
    """What archives and the Finder leave beside bundles is no plugin."""
    plist = {"CFBundleExecutable": "Verb", "AudioComponents": [{"name": "Acme: Verb", "type": "aufx"}]}
    for name in ("Components/Verb.component", "VST3/Verb.vst3"):
        put(tmp_path / name / "Contents" / "MacOS" / "Verb", universal(X86_64, ARM64))
        put(tmp_path / name / "Contents" / "Info.plist", plistlib.dumps(plist))
        put(tmp_path / name / "Contents" / "_CodeSignature" / "CodeResources")
    put(tmp_path / "VST3" / "._Verb.vst3")
    put(tmp_path / "VST3" / ".DS_Store")
    put(tmp_path / "VST3" / "__MACOSX" / "Verb.vst3" / "Contents" / "MacOS" / "Verb")
    found = discover([tmp_path], system="Darwin", builtin=False).bundles
    assert [(each.name, each.format, each.vendor, each.kind) for each in found] == [
        ("Verb", "au", "Acme", "effect"),
        ("Verb", "vst3", "", ""),
    ]


# The list of a bundle, and what holds a download back.


@pytest.mark.parametrize("data", [b"", b"<plist", b"bplist00garbage", plistlib.dumps([1]), b"<plist>" * 5000])
def test_a_broken_list_says_nothing(data: bytes) -> None:
    assert read_plist(data) == {}
    assert executable({}) == ""
    assert audio_unit({}) is None


@pytest.mark.parametrize("value", [None, 1, "", "../x", "/bin/sh", "a/b"])
def test_a_binary_is_named_and_not_led_to(value: object) -> None:
    assert executable({"CFBundleExecutable": value}) == ""


@pytest.mark.parametrize(
    ("value", "by"),
    [
        (b"0081;5f3a2b1c;Safari;0C5F0D5E-1111-2222-3333-444455556666", "Safari"),
        (b"0083;5f3a2b1c;Google Chrome;", "Google Chrome"),
        (b"0001;00000000;;", ""),
        (b"0081", ""),
        (b"00c1;5f3a2b1c;Safari;0C5F", None),
        (b"", None),
        (b"what;is;this", None),
        (b"\xff\xfe;;", None),
    ],
)
def test_what_holds_a_download_back(value: bytes, by: str | None) -> None:
    found = held_back(value)
    assert (found.by if found else None) == by


def test_what_is_held_back_has_its_advice() -> None:
    found = diagnose(Outcome.FAILED, "macOS holds it back: Safari has downloaded it, and nobody let it through.")
    assert (found.kind, found.why.startswith("macOS holds it back: Safari")) == ("signature", True)


# How processes end on Windows.


@pytest.mark.parametrize(
    ("code", "signal", "error"),
    [
        (0xC0000005, "STATUS_ACCESS_VIOLATION", "crashed (STATUS_ACCESS_VIOLATION)"),
        (0xC0001234, "status 0xC0001234", "crashed (status 0xC0001234)"),
        (-9, "SIGKILL", "was killed (SIGKILL)"),
        (3, "", "exited with status 3 before reporting"),
    ],
)
def test_how_a_process_ended(code: int, signal: str, error: str) -> None:
    answer = judge(Findings(1.0, 0, cause="gone", begun=True, exit_code=code))
    assert (answer["outcome"], answer["signal"], answer["error"]) == (Outcome.CRASHED, signal, error)
    assert answer["exit_code"] == (None if signal else code)


def test_a_fault_of_windows_is_told_in_words() -> None:
    found = diagnose(Outcome.CRASHED, "Crashed (STATUS_ACCESS_VIOLATION).", "load", "STATUS_ACCESS_VIOLATION")
    assert "memory that is not its own" in found.why


@pytest.mark.parametrize(
    ("code", "platform", "killed"),
    [(-9, "linux", True), (1, "linux", False), (1, "win32", True), (0, "win32", False), (0, "darwin", False)],
)
def test_whether_a_worker_was_killed(code: int, platform: str, killed: bool) -> None:
    assert was_killed(code, platform) is killed


# Variables in settings.


def test_variables_as_windows_writes_them() -> None:
    environ = {"APPDATA": r"C:\Users\me\AppData", "ProgramFiles(x86)": r"C:\Program Files (x86)"}
    text = r"%APPDATA%\vst;%ProgramFiles(x86)%\vst;%NONE%\$APPDATA;100%"
    expected = r"C:\Users\me\AppData\vst;C:\Program Files (x86)\vst;%NONE%\C:\Users\me\AppData;100%"
    assert expand_text(text, environ, windows=True) == expected
    assert expand_text("%APPDATA%", environ, windows=False) == "%APPDATA%"


# Files as IRIs, which LV2 bundles name each other's parts by.


@pytest.mark.parametrize(
    ("folder", "windows"),
    [
        ("/usr/lib/lv2/a #1.lv2/", False),
        ("/home/me/\N{LATIN SMALL LETTER U WITH DIAERESIS}.lv2/", False),
        ("C:\\Program Files\\Common Files\\LV2\\a #1.lv2\\", True),
        ("\\\\server\\share\\LV2\\\N{LATIN SMALL LETTER U WITH DIAERESIS}.lv2\\", True),
    ],
)
def test_what_a_bundle_names_is_found_in_it(folder: str, windows: bool) -> None:
    base = iri_of(f"{folder}manifest.ttl", windows=windows)
    ((subject, _, _, _),) = pyoxigraph.parse(b"<dsp.ttl> a <urn:x> .", pyoxigraph.RdfFormat.TURTLE, base_iri=base)
    assert path_of(str(subject.value), windows=windows) == f"{folder}dsp.ttl"
    assert path_of("http://example.org/dsp.ttl", windows=windows) == ""
