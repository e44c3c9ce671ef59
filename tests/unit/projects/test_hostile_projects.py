"""Files that are damaged, or made to harm: each costs itself and nothing else."""

from __future__ import annotations

import gzip
import io
import random
import tracemalloc
import zipfile
import zlib

import pytest

from pluginary_tui import bounded_reading
from pluginary_tui.bounded_reading import UnreadableFileError
from pluginary_tui.model import clean
from pluginary_tui.projects.facts import USE_LIMIT, ProjectFacts
from pluginary_tui.projects.read import read_project
from tests.support import project_files
from tests.support.project_files import FILES

MUTATIONS = 200
SAMPLES = {
    "a.rpp": lambda: (FILES / "reaper" / "vst3-track-and-take-fx.RPP").read_bytes(),
    "a.als": lambda: project_files.live_set(project_files.LIVE_VST3 + project_files.LIVE_AU),
    "b.als": lambda: gzip.decompress(project_files.live_set(project_files.LIVE_VST3 + project_files.LIVE_AU)),
    "a.dawproject": project_files.dawproject,
    "a.song": project_files.song,
    "a.ardour": lambda: (FILES / "ardour" / "session.ardour").read_bytes(),
    "a.flp": lambda: (FILES / "flp_preset" / "fruity-wrapper.fst").read_bytes(),
    "b.flp": lambda: (FILES / "flp" / "FL 20.8.4.flp").read_bytes()[:40_000],
    "a.bwproject": project_files.bitwig_project,
    "a.mmpz": lambda: (FILES / "lmms" / "logs.mmpz").read_bytes(),
    "a.mmp": lambda: zlib.decompress((FILES / "lmms" / "rave-story.mmpz").read_bytes()[4:])[:60_000],
    "a.qtr": lambda: project_files.QTRACTOR,
    "a.carxp": lambda: (FILES / "carla" / "EEEBox-carla.carxp").read_bytes(),
}


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The data with some of it changed, doubled, cut out or cut off."""
    result = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(result) + 1)
        length = min(chance.choice((1, 2, 4, 16, 300)), len(result) - at)
        match chance.randrange(5):
            case 0:
                result[at : at + length] = chance.randbytes(length)
            case 1:
                result[at : at + length] = b""
            case 2:
                result[at:at] = result[at : at + length] * chance.randint(1, 4)
            case 3:
                result[at : at + length] = bytes([chance.choice((0, 0x20, 0x3C, 0x7F, 0xFF))]) * length
            case 4 if len(result) > 64:
                del result[max(64, at) :]
    return bytes(result)


def read_or_refuse(data: bytes, name: str) -> ProjectFacts:
    facts = ProjectFacts()
    try:
        read_project(io.BytesIO(data), name, facts)
    except UnreadableFileError as error:
        assert len(str(error).splitlines()) == 1
    return facts


@pytest.mark.parametrize("name", SAMPLES)
def test_mutated_files_are_read_or_refused(name: str) -> None:
    data, chance = SAMPLES[name](), random.Random(name)
    for _ in range(MUTATIONS):
        for use in read_or_refuse(mutated(data, chance), name).uses:
            assert all(clean(text, 600) == text for text in (use.name, use.vendor, use.track, use.uid, use.file))


def refused(data: bytes, name: str) -> str:
    with pytest.raises(UnreadableFileError) as error:
        read_project(io.BytesIO(data), name, ProjectFacts())
    return str(error.value)


def test_a_gzip_bomb_is_refused_before_it_takes_memory() -> None:
    bomb = gzip.compress(b"<Ableton>" + b" " * (400 << 20))
    tracemalloc.start()
    assert "unpacks to more than" in refused(bomb, "x.als")
    assert tracemalloc.get_traced_memory()[1] < 200 << 20
    tracemalloc.stop()


def test_a_zlib_bomb_is_refused() -> None:
    bomb = b"\0\0\0\0" + zlib.compress(b"<lmms-project>" + b" " * (100 << 20))
    assert "unpacks to more than" in refused(bomb, "x.mmpz")


def test_a_zip_bomb_is_refused() -> None:
    for name, members in (
        ("x.dawproject", {"project_xml": b"<Project>" + b" " * (100 << 20)}),
        ("x.song", {"metainfo_xml": b"<a/>", "Devices__audiomixer_xml": b"<a>" + b" " * (100 << 20)}),
    ):
        assert "unpacks to more than" in refused(project_files.archive(**members), name)


def test_a_zip_that_lies_about_its_sizes_is_refused() -> None:
    data = bytearray(project_files.archive(project_xml=b"<Project>" + b"<Track/>" * 5000 + b"</Project>"))
    at = data.rindex(b"PK\x01\x02") + 24
    data[at : at + 4] = (10).to_bytes(4, "little")
    assert "damaged" in refused(bytes(data), "x.dawproject")


def test_many_members_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_reading, "MOST_MEMBERS", 10)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as zip_:
        for number in range(11):
            zip_.writestr(f"{number}", b"")
    assert "more than 10 files" in refused(stream.getvalue(), "x.song")


BILLION = b'<!DOCTYPE a [<!ENTITY l "lol"><!ENTITY m "&l;&l;&l;&l;&l;&l;&l;&l;&l;&l;">]>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY l SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("doctype", [BILLION, OUTSIDE])
@pytest.mark.parametrize("name", ["x.ardour", "x.qtr", "x.carxp", "x.mmp", "x.als", "x.dawproject"])
def test_entities_are_refused(name: str, doctype: bytes) -> None:
    root = {"x.ardour": b"Session", "x.qtr": b"session", "x.carxp": b"CARLA-PROJECT", "x.mmp": b"lmms-project"}
    element = root.get(name, b"Ableton")
    text = doctype + b"<" + element + b">&l;</" + element + b">"
    data = project_files.archive(project_xml=text) if name == "x.dawproject" else text
    assert "entities" in refused(data, name)


def test_xml_without_an_end_to_its_nesting_is_refused() -> None:
    assert "nested" in refused(b"<Session>" + b"<a>" * 100_000, "x.ardour")


def test_a_huge_project_of_lines_takes_little_memory() -> None:
    class Endless(io.RawIOBase):
        """500 MB of state behind a real beginning, made as it is read."""

        left = 500 << 20

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            count = min(len(buffer), self.left)
            buffer[:count] = (b"QUJD" * 31 + b"AAA\n") * (count // 128) + b"A" * (count % 128)
            self.left -= count
            return count

    facts = ProjectFacts()
    stream = io.BufferedReader(Endless(), 1 << 20)
    tracemalloc.start()
    with pytest.raises(UnreadableFileError):  # nothing in its beginning is REAPER's: the rest is not read
        read_project(stream, "x.rpp", facts)
    assert tracemalloc.get_traced_memory()[1] < 16 << 20
    tracemalloc.stop()


def test_more_plugins_than_anyone_uses_are_counted_and_not_kept() -> None:
    line = b'<VST "VST: A (B)" a.dll 0 "" 1449751649\n>\n'
    facts = read_or_refuse(line * (USE_LIMIT + 5), "x.rpp")
    assert (len(facts.uses), facts.total) == (USE_LIMIT, USE_LIMIT + 5)


def test_a_damaged_file_keeps_what_it_said_before() -> None:
    data = (FILES / "ardour" / "session.ardour").read_bytes()
    facts = read_or_refuse(data[: data.index(b'name="Keys"')], "x.ardour")
    assert len(facts.uses) >= 7


def test_a_set_that_was_cut_off_keeps_what_it_said_before() -> None:
    devices = project_files.LIVE_VST3 + project_files.LIVE_AU
    noise = random.Random(1).randbytes(200_000).hex()  # which does not pack away
    data = project_files.live_set(f"{devices}<Buffer>{noise}</Buffer>")
    facts = ProjectFacts()
    with pytest.raises(UnreadableFileError, match="ends too early"):
        read_project(io.BytesIO(data[: len(data) // 2]), "x.als", facts)
    assert [use.name for use in facts.uses] == ["ValhallaSupermassive", "FF Saturn"]


def test_texts_are_made_safe() -> None:
    line = '<VST "VST: \x1b[31mA\u202e (B\x07)" a.dll 0 "" 1449751649\n>\n'.encode()
    use = read_or_refuse(line, "x.rpp").uses[0]
    assert (use.name, use.vendor) == ("[31mA", "B")
