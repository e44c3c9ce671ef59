"""What is to be rendered: which file becomes which, and what is refused before anything is made."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pluginary_tui.errors import ExpressionError
from pluginary_tui.model import Parameter, Plugin
from pluginary_tui.render import plan
from pluginary_tui.render.plan import RenderError


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("a.wav", "b.wav", "c.mp3", "takes/d.flac", "takes/deep/e.wav", "x[1].wav", "b.flac"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(b"x")
    return tmp_path


def made(*sources: str, out: str) -> dict[str, str]:
    here = Path.cwd()
    pairs = plan.pairs(sources, out)
    return {str(each.source.relative_to(here)): str(each.target.relative_to(here)) for each in pairs}


@pytest.mark.usefixtures("here")
def test_files_and_what_they_become() -> None:
    assert made("a.wav", out="z.flac") == {"a.wav": "z.flac"}
    assert made("a.wav", out="takes") == {"a.wav": "takes/a.wav"}
    assert made("a.wav", out="new/") == {"a.wav": "new/a.wav"}
    assert made("?.wav", out="new") == {"a.wav": "new/a.wav", "b.wav": "new/b.wav"}
    assert made("a.wav", "c.mp3", out="takes/*-wet.wav") == {"a.wav": "takes/a-wet.wav", "c.mp3": "takes/c-wet.wav"}
    assert made("**/*.wav", out="new").keys() == {"a.wav", "b.wav", "takes/deep/e.wav", "x[1].wav"}
    assert made("x[1].wav", out="y.wav") == {"x[1].wav": "y.wav"}, "the name of a file is no pattern"
    assert made("a.wav", "*.wav", out="new").keys() == {"a.wav", "b.wav", "x[1].wav"}, "each once"


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("sources", "out", "says"),
    [
        (["no.wav"], "o.wav", "There is no file"),
        (["*.aiff"], "new", "No file matches"),
        (["takes"], "o.wav", "cannot be read: Is a directory"),
        (["a.wav"], "a.wav", "would replace"),
        (["a.wav", "b.wav"], ".", "would replace"),
        (["a.wav"], "link.wav", "would replace"),
        (["a.wav"], "hard.wav", "would replace"),
        (["a.wav"], "o.xyz", ".xyz files are unknown"),
        (["a.wav"], "o", "a file without an ending"),
        (["?.wav"], "o.wav", "is one file"),
        (["?.wav"], "no/where/", "There is no folder"),
        (["a.wav"], "b.wav/o.wav", "There is no folder"),
        (["b.wav", "b.flac"], "new/*.ogg", "would both become"),
        (["pipe.wav"], "o.wav", "it is no regular file"),
    ],
)
def test_what_is_refused(sources: list[str], out: str, says: str) -> None:
    Path("link.wav").symlink_to("a.wav")
    Path("hard.wav").hardlink_to("a.wav")
    os.mkfifo("pipe.wav")
    before = sorted(Path.cwd().rglob("*"))
    with pytest.raises(RenderError) as refused:
        plan.pairs(sources, out)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
    assert sorted(Path.cwd().rglob("*")) == before


def plugin(name: str = "Verb", **facts: object) -> Plugin:
    found = Plugin(f"vst3/acme/{name.lower()}", name, format="vst3", path=os.devnull)
    for key, value in facts.items():
        setattr(found, key, value)
    return found


def test_plugins_in_a_row() -> None:
    verb, comp = plugin(), plugin("Comp", loads=False)
    known = {"verb": [verb], "comp": [comp, plugin("Comp", loads=True)]}
    found = plan.steps('comp[ratio=4, "a, b"=on] + verb', known.__getitem__)
    assert [(each.plugin.name, dict(each.values)) for each in found] == [
        ("Comp", {"ratio": "4", "a, b": "on"}),
        ("Verb", {}),
    ]
    assert found[0].plugin.loads, "the copy that loads is taken"


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"format": "lv2"}, "pedalboard loads VST3"),
        ({"kind": "instrument"}, "is an instrument"),
        ({"path": "/nowhere/Verb.vst3"}, "is not at /nowhere/Verb.vst3 any more"),
    ],
)
def test_plugins_that_take_no_file(facts: dict[str, object], says: str) -> None:
    with pytest.raises(RenderError, match=says):
        plan.steps("verb", lambda name: [plugin(**facts)])
    with pytest.raises(ExpressionError, match="Cannot read"):
        plan.steps("verb[", lambda name: [plugin(**facts)])


def test_presets(tmp_path: Path) -> None:
    step = plan.Step(plugin())
    program = Parameter("Program", kind="program")
    file = tmp_path / "Hall.vstpreset"
    file.write_bytes(b"VST3")
    (tmp_path / "Hall.fxp").write_bytes(b"CcnK")
    assert plan.with_preset(step, "Room", ["Room"], {}, [program]).program == {"Program": "Room"}
    assert plan.with_preset(step, "Hall", [], {"Hall": str(file)}, []).preset == file
    assert plan.with_preset(step, str(file), [], {}, []).preset == file
    with pytest.raises(RenderError, match=r"no preset Roam; it has Room, Hall\.$"):
        plan.with_preset(step, "Roam", ["Room"], {"Hall": str(file)}, [program])
    with pytest.raises(RenderError, match="no preset Room; it has none that can be chosen"):
        plan.with_preset(step, "Room", ["Room"], {}, [])
    with pytest.raises(RenderError, match="cannot be loaded into Verb"):
        plan.with_preset(step, str(tmp_path / "Hall.fxp"), [], {}, [])


@pytest.mark.parametrize("ignored", [False, True])
def test_names_that_differ_in_case(here: Path, ignored: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "IGNORES_CASE", ignored)
    Path("A.wav").write_bytes(b"x")
    if not ignored:
        assert len(plan.pairs(["a.wav", "A.wav"], "new/")) == 2
        return
    with pytest.raises(RenderError, match="would both become"):
        plan.pairs(["a.wav", "A.wav"], "new/")
