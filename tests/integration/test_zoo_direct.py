"""The zoo's kinds for a probe without pedalboard, measured with the zoo's own small host."""

from __future__ import annotations

import random
import signal
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from tests.plugins.build import KINDS, build, compiler, copies, random_plugin
from tests.plugins.kind import Kind
from tests.plugins.module import binary, module, program

pytestmark = pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler")

# The zoo's host does not swap bytes, and ends texts where their field does.
READ_OTHERWISE = {"swapped_parameter_texts", "endless_names"}
ENDS = {"dies_in_terminate": -signal.SIGSEGV}
GOOD = [name for name, kind in KINDS.items() if kind.direct and kind.outcome == "ok"]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("reader") / "reader"
    path.write_bytes(program("reader"))
    path.chmod(0o755)
    return path


def read(
    reader: Path, bundle: Path, index: int = 0, timeout_s: float = 20.0
) -> tuple[int | None, dict[str, list[str]]]:
    """The reader's exit status (None: still running) and what it printed, by the first word of each line."""
    status: int | None
    try:
        ended = subprocess.run([reader, binary(bundle), str(index)], capture_output=True, timeout=timeout_s)
        status, output = ended.returncode, ended.stdout
    except subprocess.TimeoutExpired as expired:
        status, output = None, expired.stdout or b""
    lines: dict[str, list[str]] = defaultdict(list)
    for line in output.decode("utf-8", "replace").splitlines():
        word, _, rest = line.partition(" ")
        lines[word].append(rest)
    return status, lines


def group(id_: str, units: dict[str, list[str]]) -> str:
    """The names of a unit and of those around it, without the root, which is 0."""
    names: list[str] = []
    while id_ in units and id_ != "0" and len(names) < 9:
        id_, *name = units[id_]
        names = [*name, *names]
    return " / ".join(names)


def facts(lines: dict[str, list[str]]) -> dict[str, object]:
    """What was read, by the names that `Kind.facts` uses."""
    parameters = [line.split(maxsplit=5) for line in lines["parameter"]]
    units = {fields[0]: fields[1:] for fields in (line.split(maxsplit=2) for line in lines["unit"])}
    inputs = [tuple(map(int, line.split())) for line in lines["audio_in"]]
    return {
        "parameter_count": len(parameters),
        "names": tuple(fields[5] for fields in parameters),
        "values": tuple(float(fields[2]) for fields in parameters),
        "groups": tuple(group(fields[4], units) for fields in parameters),
        "audio_inputs": sum(channels for channels, kind in inputs if kind == 0),
        "audio_outputs": sum(int(line.split()[0]) for line in lines["audio_out"]),
        "sidechain_inputs": sum(channels for channels, kind in inputs if kind == 1),
        "midi_input": bool(lines["events_in"]),
        "midi_output": bool(lines["events_out"]),
        "program_count": len(lines["program"]),
        "programs": tuple(line.strip() for line in lines["program"][:3]),
    }


def check(kind: Kind, lines: dict[str, list[str]]) -> None:
    assert lines["end"] == [""], lines
    found = facts(lines)
    assert {key: found[key] for key in kind.facts} == dict(kind.facts)
    assert len(lines["text"]) == 2 * (len(lines["parameter"]) + len(lines["hidden"]))


@pytest.mark.parametrize("name", GOOD)
def test_a_good_kind_is_what_it_says(name: str, reader: Path, tmp_path: Path) -> None:
    kind = KINDS[name]
    hangs = name == "hangs_in_terminate"
    status, lines = read(reader, build(name, tmp_path), timeout_s=1.0 if hangs else 20.0)
    assert status == (None if hangs else ENDS.get(name, 0)), lines
    check(kind, lines)
    assert lines["mapped"] == ([] if lines["controller"] else ["2080" if name == "mapped_controllers" else "0"])


def test_each_of_the_shell_ends_as_the_table_says(reader: Path, tmp_path: Path) -> None:
    kind = KINDS["shell_of_40"]
    bundle = build(kind.name, tmp_path)
    for index in range(kind.plugins):
        ending = kind.each.get(index)
        status, lines = read(reader, bundle, index, 1.0 if ending and ending.outcome == "timeout" else 20.0)
        assert lines["name"] == [f"shell_of_40 {index + 1:03}"]
        if ending is None:
            assert status == 0
            check(kind, lines)
        else:
            expected = {"timeout": None, "crashed": -getattr(signal, ending.signal, 0)}
            assert status == expected[ending.outcome] and not lines["end"]


@pytest.mark.parametrize("name", [name for name in GOOD if KINDS[name].plugins == 1 and not KINDS[name].make])
def test_a_copy_in_a_shell_is_the_same(name: str, reader: Path, tmp_path: Path) -> None:
    if name == "hangs_in_terminate":
        pytest.skip("it hangs")
    alone, shell = copies(name, tmp_path)
    one, other = read(reader, alone), read(reader, shell, 2)
    assert one == other
    assert one[1]["name"] == [name] or name in READ_OTHERWISE
    assert read(reader, shell, 0)[1]["name"] != one[1]["name"] or name in READ_OTHERWISE


def test_the_new_modules_compile_without_a_warning() -> None:
    for variant in ("two_absent", "variable", "random"):
        assert module(variant).startswith(b"\x7fELF")


@pytest.mark.parametrize("seed", range(60))
def test_random_answers_end_no_process(seed: int, reader: Path, tmp_path: Path) -> None:
    """Whatever the bytes are, it lies and does not die: it is read, refuses, or has no plugin of that index."""
    chosen = random.Random(seed)
    bundle = random_plugin(tmp_path, chosen.randbytes(chosen.choice((1, 3, 50, 500, 9000))))
    assert binary(bundle).stat().st_size == len(module("random"))
    assert read(reader, bundle)[0] in (0, 1, 2, 3)


def test_random_answers_are_those_of_their_bytes(reader: Path, tmp_path: Path) -> None:
    one, other = (random_plugin(tmp_path, bytes([number, 5, 77, 3])) for number in (2, 3))
    assert read(reader, one) == read(reader, one) and one != other
    assert read(reader, random_plugin(tmp_path, b""))[0] == 3, "no byte, no plugin"
    answers = [read(reader, random_plugin(tmp_path, random.Random(seed).randbytes(300))) for seed in range(40)]
    assert {status for status, _ in answers} >= {0, 1}
    assert any(len(lines["parameter"]) > 2 for _, lines in answers)
