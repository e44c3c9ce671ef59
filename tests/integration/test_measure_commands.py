"""What was measured, on the command line: in queries, in completion, and copies that are nulled."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import Settings
from pluginary_tui.scan.run import Options, Scan
from pluginary_tui.sound.run import Measuring

PROGRAM = [sys.executable, "-m", "pluginary_tui"]


def run(*words: str, code: int = 0, **env: str) -> str:
    done = subprocess.run(
        [*PROGRAM, *words], capture_output=True, text=True, timeout=120, check=False, env={**os.environ, **env}
    )
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stdout if code == 0 else done.stderr


def listed(*query: str) -> list[str]:
    return [plugin["name"] for plugin in json.loads(run("list", *query, "--json"))["plugins"]]


def completed(line: str) -> set[str]:
    """What fish is offered for the last word of a line."""
    word = line.rpartition(" ")[2]
    answer = run(_PLUGINARY_TUI_COMPLETE="fish_complete", COMP_WORDS=line, COMP_CWORD=word)
    return {offer.partition(",")[2].partition("\t")[0] for offer in answer.splitlines()}


def scan(data_dir: Path, folder: Path, *, builtin: bool) -> Settings:
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings()
    settings = replace(settings, scan=replace(settings.scan, builtin=builtin))
    Scan(settings, data_dir, Options(only=(folder,))).run(lambda event: None)
    return settings


def test_queries_name_what_was_measured(data_dir: Path, tmp_path: Path) -> None:
    settings = scan(data_dir, tmp_path / "nothing", builtin=True)
    assert listed("cpu<50") == [], "nothing is measured yet, and that is no mistake"
    with Store.in_folder(data_dir) as store:
        plugins = [p for p in store.plugins() if p.name in ("Compressor", "Clipping", "LadderFilter", "Convolution")]
    assert Measuring(settings, data_dir, plugins).run(lambda event: None).ok == 3
    assert listed("cpu>0 sort:name") == ["Clipping", "Compressor", "LadderFilter"]
    assert listed("is:identity") == ["Compressor"]
    assert listed("is:unstable latency=0") == ["LadderFilter"]
    assert listed("null>-200 thd<1 behaves:distortion") == ["Clipping"]
    assert listed("behaves:compressor,distortion sort:behaves") == ["Compressor", "Clipping"]
    assert listed("is:unmeasurable") == ["Convolution"]
    assert listed("is:measured -is:identity -is:unstable") == ["Clipping"]
    assert "did you mean is:unstable" in run("list", "is:unstabel", code=2)
    assert completed("pluginary-tui list is:un") == {
        "is:unstable",
        "is:unrepeatable",
        "is:unmeasurable",
        "is:unused",
        "is:unmeasured",
        "is:unrated",
        "is:untagged",
    }
    assert completed("pluginary-tui measure dec") == {"decay:"}
    assert completed("pluginary-tui list behaves:c") == {"behaves:compressor"}


@pytest.mark.usefixtures("zam")
def test_copies_are_nulled(some_zam: Path, data_dir: Path) -> None:
    for bundle in some_zam.iterdir():
        if bundle.stem not in ("ZamEQ2", "ZamGate"):
            shutil.rmtree(bundle)
    shutil.copytree(some_zam / "ZamEQ2.vst3", some_zam / "older" / "ZamEQ2.vst3")
    scan(data_dir, some_zam, builtin=False)
    answer = json.loads(run("similar", "--copies", "vst3/damien-zammit/zameq2", "--json"))
    (copy,) = answer["copies"]
    assert {answer["path"], copy["path"]} == {str(some_zam / place / "ZamEQ2.vst3") for place in ("", "older")}
    assert copy["verdict"] == "same"
    assert [null["setting"] for null in copy["nulls"]] == ["default", *(f"setting {n}" for n in range(1, 5))]
    assert all(null["db"] < -90 for null in copy["nulls"])
    assert "same" in run("similar", "--copies", "vst3/damien-zammit/zameq2")
    assert json.loads(run("similar", "--copies", "vst3/damien-zammit/zamgate", "--json"))["copies"] == []
