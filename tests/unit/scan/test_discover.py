"""Discovery by every platform's rules, on trees made here."""

from __future__ import annotations

import os
import plistlib
from pathlib import Path

import pytest

from pluginary_tui.scan.discover import BUILTIN_PATH, discover, standard_folders

pytestmark = pytest.mark.short

LINUX = [
    folder
    for name in ("vst3", "clap", "lv2", "ladspa")
    for folder in (
        f"/home/me/.{name}",
        f"/usr/lib/{name}",
        f"/usr/lib64/{name}",
        f"/usr/local/lib/{name}",
        f"/usr/local/lib64/{name}",
    )
]


def bundle(folder: Path, name: str, content: bytes = b"binary") -> Path:
    binary = folder / name / "Contents" / "x86_64-linux" / f"{Path(name).stem}.so"
    binary.parent.mkdir(parents=True)
    binary.write_bytes(content)
    return folder / name


def names(folder: Path, **options: object) -> list[str]:
    options = {"system": "Linux", "builtin": False} | options
    return [found.name for found in discover([folder], **options).bundles]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("system", "env", "expected"),
    [
        (
            "Linux",
            {"VST3_PATH": "/a:/b", "LADSPA_PATH": "~/more"},
            [*LINUX, "/a", "/b", "/home/me/more"],
        ),
        (
            "Darwin",
            {},
            [
                "/home/me/Library/Audio/Plug-Ins/VST3",
                "/Library/Audio/Plug-Ins/VST3",
                "/Network/Library/Audio/Plug-Ins/VST3",
                "/home/me/Library/Audio/Plug-Ins/Components",
                "/Library/Audio/Plug-Ins/Components",
                "/Network/Library/Audio/Plug-Ins/Components",
                "/home/me/Library/Audio/Plug-Ins/CLAP",
                "/Library/Audio/Plug-Ins/CLAP",
                "/home/me/Library/Audio/Plug-Ins/LV2",
                "/home/me/.lv2",
                "/usr/local/lib/lv2",
                "/Library/Audio/Plug-Ins/LV2",
                "/home/me/Library/Audio/Plug-Ins/LADSPA",
                "/Library/Audio/Plug-Ins/LADSPA",
            ],
        ),
        (
            "Windows",
            {"LOCALAPPDATA": "C:/Users/me/AppData/Local", "COMMONPROGRAMFILES": "C:/Common", "VST3_PATH": "D:/x;E:/y"},
            [
                "C:/Users/me/AppData/Local/Programs/Common/VST3",
                "C:/Common/VST3",
                "C:/Users/me/AppData/Local/Programs/Common/CLAP",
                "C:/Common/CLAP",
                "C:/Common/LV2",
                "D:/x",
                "E:/y",
            ],
        ),
        ("Plan9", {"VST3_PATH": "/a"}, ["/a"]),
    ],
)
def test_the_official_folders(system: str, env: dict[str, str], expected: list[str]) -> None:
    assert [folder.as_posix() for folder in standard_folders(system, env, Path("/home/me"))] == expected


def test_bundles_are_found_in_subfolders_and_not_inside_bundles(tmp_path: Path) -> None:
    bundle(tmp_path, "A.vst3")
    bundle(tmp_path / "Vendor" / "Deep", "B.VST3")
    bundle(tmp_path / "A.vst3", "Inner.vst3")
    (tmp_path / "single.vst3").write_bytes(b"a file, as on Windows")
    (tmp_path / "notes.txt").write_text("no plugin")
    assert names(tmp_path) == ["A", "B", "single"]


def test_components_are_bundles_on_macos_only(tmp_path: Path) -> None:
    bundle(tmp_path, "Unit.component")
    assert names(tmp_path, system="Darwin") == ["Unit"]
    assert names(tmp_path, system="Linux") == []


def test_info_plist_tells_an_audio_units_name_vendor_and_kind(tmp_path: Path) -> None:
    made = bundle(tmp_path, "Unit.component")
    plist = {"AudioComponents": [{"name": "Acme: Big \x1bSynth", "type": "aumu"}]}
    (made / "Contents" / "Info.plist").write_bytes(plistlib.dumps(plist, fmt=plistlib.FMT_BINARY))
    (found,) = discover([tmp_path], system="Darwin", builtin=False).bundles
    assert (found.name, found.vendor, found.kind, found.format) == ("Big Synth", "Acme", "instrument", "au")


@pytest.mark.parametrize("content", [b"", b"<plist", b"<plist><dict></plist>", b"bplist00garbage"])
def test_a_broken_info_plist_leaves_the_files_name(tmp_path: Path, content: bytes) -> None:
    made = bundle(tmp_path, "Unit.component")
    (made / "Contents" / "Info.plist").write_bytes(content)
    assert names(tmp_path, system="Darwin") == ["Unit"]


def test_links_loops_and_overlapping_folders_count_once(tmp_path: Path) -> None:
    real = bundle(tmp_path / "real", "A.vst3")
    (tmp_path / "alias").mkdir()
    (tmp_path / "alias" / "A.vst3").symlink_to(real)
    (tmp_path / "alias" / "up").symlink_to(tmp_path)
    folders = [tmp_path, tmp_path / "alias", tmp_path / "real", tmp_path / "real" / "A.vst3"]
    found = discover(folders, system="Linux", builtin=False).bundles
    assert [item.path for item in found] == [str(real)]


def test_a_bundle_that_only_a_link_reaches_is_found_under_the_link(tmp_path: Path) -> None:
    real = bundle(tmp_path / "elsewhere", "A.vst3")
    (tmp_path / "vst3").mkdir()
    (tmp_path / "vst3" / "Link.vst3").symlink_to(real)
    assert names(tmp_path / "vst3") == ["Link"]


def test_dangling_links_and_link_loops_are_bundles_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "Gone.vst3").symlink_to(tmp_path / "nothing")
    (tmp_path / "Loop.vst3").symlink_to(tmp_path / "Loop.vst3")
    gone, loop = discover([tmp_path], system="Linux", builtin=False).bundles
    assert gone.error == f"Cannot be read: a dangling link to {tmp_path / 'nothing'}."
    assert loop.error == "Cannot be read: a link that leads to itself."


def test_a_name_that_is_not_utf8_is_a_bundle_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.vst3")).mkdir()
    (found,) = discover([tmp_path], system="Linux", builtin=False).bundles
    assert "not UTF-8" in found.error
    found.path.encode("utf-8")


def test_a_missing_folder_is_no_error(tmp_path: Path) -> None:
    result = discover([tmp_path / "nowhere"], system="Linux", builtin=False)
    assert (result.bundles, result.notes) == ([], [])


@pytest.mark.parametrize("pattern", ["*Waves*", "{folder}/Waves", "{folder}/Waves/", "W*.vst3"])
def test_ignore_passes_over_folders_and_bundles(tmp_path: Path, pattern: str) -> None:
    bundle(tmp_path, "Keep.vst3")
    bundle(tmp_path / "Waves", "WaveShell.vst3")
    assert names(tmp_path, ignore=[pattern.format(folder=tmp_path)]) == ["Keep"]


def test_the_fingerprint_sees_a_change_deep_inside_and_nothing_else(tmp_path: Path) -> None:
    made = bundle(tmp_path, "A.vst3")
    binary = next(made.rglob("*.so"))

    def fingerprint() -> str:
        return discover([tmp_path], system="Linux", builtin=False).bundles[0].fingerprint

    first = fingerprint()
    assert fingerprint() == first
    os.utime(binary, ns=(1, binary.stat().st_mtime_ns + 1))
    touched = fingerprint()
    assert touched != first
    (made / "Contents" / "old").write_bytes(b"")
    os.utime(made / "Contents" / "old", ns=(1, 1))
    assert fingerprint() != touched


def test_size_and_date_are_those_of_everything_inside(tmp_path: Path) -> None:
    made = bundle(tmp_path, "A.vst3", b"12345")
    (made / "Contents" / "Resources").mkdir()
    (made / "Contents" / "Resources" / "big").write_bytes(b"x" * 1000)
    os.utime(made / "Contents" / "Resources" / "big", (0, 4_000_000_000))
    (found,) = discover([tmp_path], system="Linux", builtin=False).bundles
    assert (found.size, found.modified) == (1005, 4_000_000_000)


def test_pedalboards_own_effects_are_a_bundle_everywhere(tmp_path: Path) -> None:
    for system in ("Linux", "Darwin", "Windows"):
        (found,) = discover([tmp_path], system=system).bundles
        assert (found.path, found.format) == (BUILTIN_PATH, "builtin")
        assert found.fingerprint.startswith("pedalboard ")
