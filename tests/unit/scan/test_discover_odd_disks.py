"""Discovery where the disk is not as it should be: closed folders, links to anywhere, what others left behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pluginary_tui.scan.discover import Discovery, discover, other_folders, standard_folders
from pluginary_tui.scan.file_access import named_like_its_binary
from pluginary_tui.scan.walk import DEPTH_LIMIT
from tests.unit.scan.test_discover import bundle

pytestmark = [pytest.mark.short, pytest.mark.skipif(os.name == "nt", reason="links and modes of POSIX")]

NOBODY = 65534


def found_in(*folders: Path, **options: object) -> Discovery:
    return discover(folders, system="Linux", builtin=False, **options)  # type: ignore[arg-type]


def names(*folders: Path) -> list[str]:
    return [found.name for found in found_in(*folders).bundles]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@contextlib.contextmanager
def not_as_root() -> Iterator[None]:
    """Modes mean nothing to root."""
    if os.geteuid():
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_link_into_a_closed_folder_ends_nothing(open_folder: Path) -> None:
    bundle(open_folder / "plug", "A.vst3")
    (open_folder / "closed" / "inner").mkdir(parents=True)
    (open_folder / "plug" / "link").symlink_to(open_folder / "closed" / "inner")
    (open_folder / "closed").chmod(0)
    with not_as_root():
        found = found_in(open_folder / "plug")
    (open_folder / "closed").chmod(0o755)
    assert [each.name for each in found.bundles] == ["A"]
    assert len(found.notes) == 1
    assert "link: Permission denied" in found.notes[0]


@pytest.mark.parametrize("name", ["link", "Link.vst3"])
def test_a_link_with_a_name_too_long_ends_nothing(tmp_path: Path, name: str) -> None:
    bundle(tmp_path, "A.vst3")
    (tmp_path / name).symlink_to("x" * 300)
    found = found_in(tmp_path)
    assert "A" in [each.name for each in found.bundles if not each.error]
    assert any("too long" in text for text in [*found.notes, *(each.error for each in found.bundles)])


def test_a_closed_folder_is_noted_and_one_in_the_way_of_the_folder_too(open_folder: Path) -> None:
    bundle(open_folder / "a" / "b", "A.vst3")
    (open_folder / "a").chmod(0)
    with not_as_root():
        for folder in (open_folder, open_folder / "a" / "b", open_folder / "a" / "b" / "A.vst3"):
            found = found_in(folder)
            assert (found.bundles, len(found.notes), len(found.unreachable)) == ([], 1, 1)
    (open_folder / "a").chmod(0o755)


def test_notes_do_not_grow_without_end(open_folder: Path) -> None:
    for number in range(120):
        (open_folder / f"closed {number}").mkdir(mode=0)
    with not_as_root():
        notes = found_in(open_folder).notes
    assert len(notes) < 60
    assert notes[-1] == "70 more entries could not be looked at."


@pytest.mark.parametrize("target", ["/proc", "/proc/self/fd", "/dev", "/sys/class"])
@pytest.mark.parametrize("name", ["link", "Link.vst3"])
def test_links_into_the_systems_folders_are_not_followed(tmp_path: Path, name: str, target: str) -> None:
    if not Path(target).exists():
        pytest.skip("not on this system")
    (tmp_path / name).symlink_to(target)
    found = found_in(tmp_path)
    assert found.bundles == []
    assert "Not followed" in found.notes[0]


def test_a_link_up_is_not_followed(tmp_path: Path) -> None:
    bundle(tmp_path, "Beside.vst3")
    bundle(tmp_path / "plug", "A.vst3")
    (tmp_path / "plug" / "up").symlink_to(tmp_path)
    (tmp_path / "plug" / "Up.vst3").symlink_to(tmp_path)
    (tmp_path / "plug" / "top").symlink_to("/")
    found = found_in(tmp_path / "plug")
    assert [each.name for each in found.bundles] == ["A"]
    assert len(found.notes) == 3


def test_links_around_in_a_circle_are_followed_once(tmp_path: Path) -> None:
    bundle(tmp_path / "plug" / "x", "A.vst3")
    bundle(tmp_path / "other", "B.vst3")
    (tmp_path / "plug" / "to").symlink_to(tmp_path / "other")
    (tmp_path / "plug" / "again").symlink_to(tmp_path / "other")
    (tmp_path / "other" / "back").symlink_to(tmp_path / "plug" / "x")
    assert names(tmp_path / "plug") == ["B", "A"], "A under its own path, after again/B"


def test_folders_nested_deeper_than_python_can_call(tmp_path: Path) -> None:
    bundle(tmp_path, "A.vst3")
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    try:
        found = found_in(tmp_path)
    finally:
        subprocess.run(["rm", "-rf", tmp_path / "d"], check=True)  # shutil cannot
    assert [each.name for each in found.bundles] == ["A"]
    assert f"{DEPTH_LIMIT} folders" in found.notes[0]


def test_what_desktops_and_archivers_leave_behind_is_passed_over(tmp_path: Path) -> None:
    bundle(tmp_path, "A.vst3")
    (tmp_path / "._A.vst3").write_bytes(b"\x00\x05\x16\x07")
    for folder in (
        "__MACOSX", ".Trash-1000/files", "share/Trash/files", ".snapshots/1", "$RECYCLE.BIN", ".zfs/snapshot/x",
        "@eaDir", "#recycle", ".Trashes/501",
    ):  # fmt: skip
        bundle(tmp_path / folder, "Old.vst3")
    assert names(tmp_path) == ["A"]
    assert names(tmp_path / "__MACOSX") == ["Old"], "who names it wants it"


def test_a_folder_called_like_the_bundle_in_it_is_looked_into(tmp_path: Path) -> None:
    inner = bundle(tmp_path / "ZamGate.vst3", "ZamGate.vst3")
    bundle(tmp_path / "Pack.vst3" / "linux", "B.vst3")
    (tmp_path / "Empty.vst3").mkdir()
    found = found_in(tmp_path)
    assert [each.name for each in found.bundles] == ["Empty", "B", "ZamGate"]
    assert found.holders == {str(tmp_path / "ZamGate.vst3"), str(tmp_path / "Pack.vst3")}
    assert [each.path for each in found_in(tmp_path / "ZamGate.vst3").bundles] == [str(inner)]


def fingerprint(path: Path) -> str:
    (found,) = found_in(path).bundles
    return found.fingerprint


def same_times(folder: Path) -> None:
    for each in folder.rglob("*"):
        os.utime(each, (1, 1))


def test_a_link_that_leads_elsewhere_is_a_change(tmp_path: Path) -> None:
    for version in ("1", "2"):
        bundle(tmp_path / "store" / version, "Nix.vst3")
    same_times(tmp_path / "store")
    link = tmp_path / "plug" / "Nix.vst3"
    link.parent.mkdir()
    seen = []
    for version in ("1", "2"):
        link.unlink(missing_ok=True)
        link.symlink_to(tmp_path / "store" / version / "Nix.vst3")
        seen.append(fingerprint(link))
    assert seen[0] != seen[1]


def test_the_profile_above_it_and_the_binary_in_it_may_be_the_link(tmp_path: Path) -> None:
    made = [bundle(tmp_path / f"generation-{version}" / "lib", "Nix.vst3") for version in (1, 2)]
    same_times(tmp_path)
    profile, binary, seen = tmp_path / "profile", tmp_path / "own" / "X.vst3" / "Contents" / "x.so", []
    binary.parent.mkdir(parents=True)
    for generation in made:
        for link, target in ((profile, generation.parent.parent), (binary, next(generation.rglob("*.so")))):
            link.unlink(missing_ok=True)
            link.symlink_to(target)
        seen.append((fingerprint(profile / "lib" / "Nix.vst3"), fingerprint(binary.parent.parent)))
    assert seen[0][0] != seen[1][0]
    assert seen[0][1] != seen[1][1]


def test_linked_folders_inside_count_and_count_once(tmp_path: Path) -> None:
    kept = tmp_path / "stow" / "x86_64-linux"
    kept.mkdir(parents=True)
    (kept / "A.so").write_bytes(b"12345")
    contents = tmp_path / "plug" / "A.vst3" / "Contents"
    contents.mkdir(parents=True)
    (contents / "x86_64-linux").symlink_to(kept)
    (contents / "again").symlink_to(kept)
    (contents / "round").symlink_to(contents)
    (contents / "all").symlink_to("/")
    (contents / "system").symlink_to("/proc")
    before = fingerprint(tmp_path / "plug")
    assert found_in(tmp_path / "plug").bundles[0].size == 5
    os.utime(kept / "A.so", (9, 9))
    assert fingerprint(tmp_path / "plug") != before


def test_a_bridge_to_a_windows_plugin_that_is_gone_says_so(tmp_path: Path) -> None:
    made = bundle(tmp_path, "Bridge.vst3")
    windows = tmp_path / "wine" / "Bridge.vst3"
    (made / "Contents" / "x86_64-win").mkdir()
    (made / "Contents" / "x86_64-win" / "Bridge.vst3").symlink_to(windows)
    (found,) = found_in(tmp_path).bundles
    assert found.error == f"It is a bridge to {windows}, where nothing is."
    windows.parent.mkdir()
    windows.write_bytes(b"MZ")
    assert found_in(made).bundles[0].error == ""


@pytest.mark.parametrize("pattern", ["~*", "~", "~nobody-of-this-name/*", "[", "a\0b"])
def test_no_pattern_ends_a_search(tmp_path: Path, pattern: str) -> None:
    bundle(tmp_path, "A.vst3")
    bundle(tmp_path, "~Old.vst3")
    found = [each.name for each in found_in(tmp_path, ignore=[pattern]).bundles]
    assert found == (["A"] if pattern == "~*" else ["A", "~Old"])


def test_a_variable_may_name_the_home_folder_and_other_variables() -> None:
    env = {"VST3_PATH": "~/plug:$EXTRA/x:${EXTRA}/y:~:: /z", "EXTRA": "/extra"}
    found = standard_folders("Linux", env, Path("/home/me"))
    texts = [str(folder) for folder in found][-5:]
    assert texts == ["/home/me/plug", "/extra/x", "/extra/y", "/home/me", "/z"]


def test_without_a_home_folder_there_are_the_systems() -> None:
    assert str(standard_folders("Linux", {}, None)[0]) == "/usr/lib/vst3"


def test_folders_that_are_there_and_not_searched(tmp_path: Path) -> None:
    (tmp_path / ".nix-profile" / "lib" / "vst3").mkdir(parents=True)
    assert tmp_path / ".nix-profile" / "lib" / "vst3" in other_folders(tmp_path)
    assert all(folder.is_absolute() for folder in other_folders(None))


def test_a_folder_that_starts_from_a_working_folder_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    found = found_in(Path("plug"))
    assert found.bundles == []
    assert "is gone" in found.notes[0]


def test_a_pipe_in_the_place_of_a_files_text_blocks_nobody(tmp_path: Path) -> None:
    made = bundle(tmp_path, "Unit.component")
    os.mkfifo(made / "Contents" / "Info.plist")
    (found,) = discover([tmp_path], system="Darwin", builtin=False).bundles
    assert found.name == "Unit"


def test_a_link_of_another_name_gives_the_path_that_hosts_can_load(tmp_path: Path) -> None:
    made = bundle(tmp_path, "ZamVerb.vst3")
    for name in ("MyVerb.vst3", "sub/ZamVerb.vst3"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).symlink_to(made)
    assert named_like_its_binary(str(tmp_path / "MyVerb.vst3")) == str(made)
    assert named_like_its_binary(str(tmp_path / "sub" / "ZamVerb.vst3")) == str(tmp_path / "sub" / "ZamVerb.vst3")
