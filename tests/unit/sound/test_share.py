"""Passports for others: well-formed, complete, and safe with whatever a plugin calls itself."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pluginary_tui.catalogue.passports import StoredPassport
from pluginary_tui.errors import PluginaryError
from pluginary_tui.model import Plugin
from pluginary_tui.sound.passport import Curve, Figure, Knob, Passport, Setting, Verdict, from_json, to_json
from pluginary_tui.sound.share.drawing import picture, wrapped
from pluginary_tui.sound.share.facts import Shared
from pluginary_tui.sound.share.page import page
from pluginary_tui.sound.share.report import report
from pluginary_tui.sound.share.write import FORMS, write

HOSTILE = "<script>alert('x')</script>\" onload='x' & ]]> \x1b[31m \u202e \ufffe |`*"


def shared(name: str = "Fine Verb", **more: object) -> Shared:
    octaves = tuple(20.0 * 2**n for n in range(10))
    curves = {
        "response": Curve(octaves, tuple(-3.0 * n for n in range(10)), 0.9),
        "gain": Curve((-60.0, 0.0), (-60.0, -6.0), 0.9),
        "decay": Curve((0.0, 0.0), (0.0, -90.0), 0.5),
    }
    passport = Passport(
        seed=7,
        channels=2,
        settings=[
            Setting("default", {}, {"null": Figure(-8, 1.0)}, curves),
            Setting("setting 1", {name: name, "Size": "3 m"}, {}, {"response": curves["response"]}),
        ],
        costs={"cpu": Figure(4.0, 0.9), "load_ms": Figure(12.0, 0.5, name)},
        verdicts=[Verdict("moving", "It moves."), Verdict("state", f"It forgets {name}.")],
        behaves="reverb",
        because=name,
        sounds={"lush": name},
        knobs=[Knob(name, {"level": -3.0}, {"level": 6.0}, name, name)],
        made_with={"pluginary-tui": "9.9", "pedalboard": "0.9.26", "system": name},
        checks={"buffer sizes": name},
    )
    plugin = Plugin("vst3/x/fine", name, name, "vst3", (), "")
    plugin.version, plugin.uid = name, "ABCD"
    stored = StoredPassport("ok", 2, True, measured_at="2026-01-02T03:04:05", data=to_json(passport))
    return Shared.of(plugin, stored)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("name", ["Fine Verb", HOSTILE, "x" * 3000, "", "名前 ünïcode 🎛"])
def test_pictures_and_pages_are_whole_and_run_nothing(name: str) -> None:
    one = shared(name)
    root = ElementTree.fromstring(picture(one))
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {
        "svg", "title", "rect", "g", "text", "line", "polyline",
    }  # fmt: skip
    for element in root.iter():
        assert not any(key.startswith("on") or key.endswith("href") for key in element.attrib)
    answer = page(one)
    tags = Tags()
    tags.feed(answer)
    assert {tag for tag, _ in tags.seen}.isdisjoint({"script", "img", "iframe", "object", "link", "a", "form"})
    assert not any(key.startswith("on") or key in ("href", "src") for _, each in tags.seen for key in each)
    assert "default-src 'none'" in answer
    for text in (picture(one), answer, report(one)):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\ufffe" not in text or text == report(one)
        text.encode()


@pytest.mark.parametrize("form", list(FORMS))
def test_all_that_a_vendor_needs_is_there(form: str) -> None:
    text = FORMS[form](shared())
    for wanted in ("Fine Verb", "forgets its state", "It forgets Fine Verb.", "processor load", "4.00 %", "2026-01-02"):
        assert wanted in text, wanted
    for wanted in ("9.9", "0.9.26", "seed"):
        assert wanted in text, wanted
    if form != ".svg":
        for wanted in ("measure --full", "Size", "3 m", "buffer sizes", "48 kHz"):
            assert wanted in text, wanted


def test_faults_come_first_in_a_report() -> None:
    text = report(shared())
    assert text.index("forgets its state") < text.index("moves by itself") < text.index("How to repeat it")
    assert "\n<script" not in report(shared(HOSTILE))
    assert "\\<script\\>" in report(shared(HOSTILE))


def test_passports_of_older_versions_can_be_shared() -> None:
    old = from_json({"method": 1, "settings": [{"label": "default"}]})
    assert (old.made_with, old.checks) == ({}, {})
    one = shared()
    bare = Shared(one.plugin, one.stored, old)
    for make in FORMS.values():
        assert "not known" in make(bare)
    lies = from_json({"made_with": {"a": 5, "b\x1b[2J": "c\n"}, "checks": [1]})
    assert lies.checks == {}
    assert all("\x1b" not in key + value for key, value in lies.made_with.items())


def test_what_is_written_is_private_and_whole(tmp_path: Path) -> None:
    for form in FORMS:
        path = tmp_path / f"it{form}"
        write(shared(), path, form)
        assert path.read_text() == FORMS[form](shared())
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(PluginaryError, match="cannot be written"):
        write(shared(), tmp_path / "no folder" / "it.svg", ".svg")
    os.mkfifo(tmp_path / "fifo.svg")
    with pytest.raises(PluginaryError):
        write(shared(), tmp_path / "fifo.svg", ".svg")


@pytest.mark.skipif(shutil.which("rsvg-convert") is None, reason="needs Debian's librsvg2-bin")
def test_the_picture_can_be_drawn(tmp_path: Path) -> None:
    write(shared(HOSTILE), tmp_path / "it.svg", ".svg")
    subprocess.run(["rsvg-convert", tmp_path / "it.svg", "-o", tmp_path / "it.png"], check=True)
    assert (tmp_path / "it.png").stat().st_size > 5000


def test_lines_are_wrapped() -> None:
    assert list(wrapped("one two three four", 10)) == ["one two", "three four"]
    assert list(wrapped("x" * 25, 10)) == ["x" * 10, "x" * 10, "x" * 5]
    assert list(wrapped("", 10)) == []
