"""What a command's argument means: ids, paths, class ids and names, as people paste and type them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.store import Store
from pluginary_tui.errors import NotFoundError
from pluginary_tui.lookup import find
from pluginary_tui.model import Bundle, Outcome, ProbedPlugin, Report

pytestmark = pytest.mark.short

TONIC, VERB, ONE, TWO = "vst3/sonic-charge/μtonic", "vst3/acme/verb", "vst3/acme/one", "vst3/acme/two"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("Tonic", "Verb", "My Shell", "Delay"):
        (tmp_path / f"{name}.vst3" / "Contents").mkdir(parents=True)
    (tmp_path / "link.vst3").symlink_to(tmp_path / "Verb.vst3")
    with Store.in_folder(tmp_path / "data") as store:
        scan(store, tmp_path / "Tonic.vst3", ProbedPlugin("µTonic", "Sonic Charge", uid="A" * 32))
        scan(store, tmp_path / "Verb.vst3", ProbedPlugin("Verb", "Acme", uid="B" * 32))
        shell = (ProbedPlugin("One", "Acme", uid="C" * 32), ProbedPlugin("Two", "Acme", uid="D" * 32))
        scan(store, tmp_path / "My Shell.vst3", *shell)
        scan(store, tmp_path / "Delay.vst3", ProbedPlugin("Delay", "Acme", uid="E" * 32))
        scan(store, Path("/x/Delay.vst3"), ProbedPlugin("Delay", "Zoo", uid="F" * 32))
        yield store


def scan(store: Store, path: Path, *found: ProbedPlugin) -> None:
    report = Report(Bundle(str(path), "vst3", path.stem, "1"), Outcome.OK, list(found))
    Journal(store).finish(report, [()] * len(found), quarantine=False)


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        (TONIC, TONIC), ("vst3/sonic-charge/\N{MICRO SIGN}tonic", TONIC),
        ("VST3/Sonic-Charge/\N{MICRO SIGN}Tonic", TONIC),
        ("{tmp}/Verb.vst3", VERB), ("{tmp}/Verb.vst3/", VERB), ("{tmp}/Verb.vst3/Contents/x.so", VERB),
        ("~/Verb.vst3", VERB), ("file://{tmp}/Verb.vst3", VERB), ("'{tmp}/Verb.vst3'", VERB), ("{tmp}/link.vst3", VERB),
        ("{tmp}/data/../Verb.vst3", VERB), ("Verb", VERB), ("verb", VERB), (" VERB ", VERB), ("acme verb", VERB),
        ("Verb.vst3", VERB), ("\N{MICRO SIGN}Tonic", TONIC), ("μtonic", TONIC), ("B" * 32, VERB), ("b" * 32, VERB),
        ("BBBBBBBB-BBBB-BBBB-BBBB-BBBBBBBBBBBB", VERB), ("{BBBBBBBB-BBBB-BBBB-BBBB-BBBBBBBBBBBB}", VERB), ("one", ONE),
        ("zoo delay", "vst3/zoo/delay"), ("/x/Delay.vst3", "vst3/zoo/delay"),
    ],
)  # fmt: skip
def test_the_one_that_is_meant(store: Store, tmp_path: Path, text: str, id_: str) -> None:
    assert find(store, text.replace("{tmp}", str(tmp_path)))[0].id == id_


def test_a_path_that_is_relative(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path / "data")
    assert find(store, "../Verb.vst3")[0].id == VERB
    monkeypatch.chdir(tmp_path)
    assert find(store, "link.vst3")[0].id == VERB


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ("Delay", "Delay fits 2 plugins; name one by its id: vst3/acme/delay, vst3/zoo/delay."),
        ("{tmp}/My Shell.vst3", f"fits 2 plugins; name one by its id: {ONE}, {TWO}."),
        ("vst3/acme/verbb", "did you mean vst3/acme/verb?"),
        ("vst3/sonic-charge/\N{MICRO SIGN}tonicc", f"did you mean {TONIC}?"),
        ("/x/Other.vst3", "There is no plugin /x/Other.vst3;"),
        ("", "There is no plugin ;"), ("/", "There is no plugin /;"), ("\udc80\x1b[2J", "There is no plugin ? [2J;"),
    ],
)  # fmt: skip
def test_what_fits_none_or_several_is_said(store: Store, tmp_path: Path, text: str, output: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        find(store, text.replace("{tmp}", str(tmp_path)))
    assert output in str(caught.value)
