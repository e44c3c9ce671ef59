"""The zoo itself: it compiles cleanly, its good plugins are good, and its kinds do what they are for."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.build import KINDS, build, compiler, good
from tests.plugins.module import binary, module

pytestmark = [
    pytest.mark.short,
    pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler"),
]

# Not the program's own probe: what the zoo is measured with must not be what it measures.
HOST = """
import json, os, sys
import pedalboard_native as native
native.ExternalPlugin.__set_initial_parameter_values__ = lambda self, values: None
path, name, out = sys.argv[1], sys.argv[2] or None, int(sys.argv[3])
try:
    p = native.VST3Plugin(path, plugin_name=name, initialization_timeout=0.05)
    result = {
        "name": p.name, "vendor": p.manufacturer_name, "category": p.category, "version": p.version,
        "instrument": p.is_instrument, "latency": p.reported_latency_samples, "id": p.identifier,
        "parameters": [
            [q.name, q.label, q.default_raw_value, q.num_steps, *map(q.get_text_for_raw_value, (0, 1))]
            for q in p._parameters
        ],
    }
except Exception as error:
    result = {"error": str(error)}
os.write(out, json.dumps(result).encode())
os._exit(0)
"""


def host(bundle: Path, name: str = "") -> tuple[int, dict[str, Any]]:
    """Load a bundle in a session of its own: the exit status, and what was said of it (nothing where it died)."""
    out = bundle.with_suffix(".json")
    with out.open("wb") as file:
        ended = subprocess.run(
            [sys.executable, "-c", HOST, bundle, name, str(file.fileno())],
            pass_fds=[file.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            timeout=60,
        )
    return ended.returncode, json.loads(out.read_text() or "{}")


@pytest.mark.parametrize("variant", ["", "absent", "symbol", "library"])
def test_compiles_without_a_warning(variant: str) -> None:
    assert module(variant).startswith(b"\x7fELF")


def test_every_kind_can_be_built(tmp_path: Path) -> None:
    made = {kind: build(kind, tmp_path) for kind in KINDS}
    assert all(os.path.lexists(bundle) for bundle in made.values())
    assert len(set(made.values())) == len(KINDS) >= 25
    assert {kind.outcome for kind in KINDS.values()} == {"ok", "failed", "crashed", "timeout", "memory"}
    assert {kind.stage for kind in KINDS.values()} == {"factory", "load", "parameters", "done"}
    # Each is a plugin of its own, not the same bytes under many names.
    modules = [binary(bundle) for kind, bundle in made.items() if KINDS[kind].make is None]
    assert len({path.read_bytes() for path in modules}) == len(modules)


def test_a_kind_takes_another_name(tmp_path: Path) -> None:
    bundle = build("slow", tmp_path, name="Snail")
    assert bundle == tmp_path / "Snail.vst3"
    assert b"Snail\0" in binary(bundle).read_bytes()


def test_a_good_plugin_is_what_it_says(tmp_path: Path) -> None:
    status, output = host(good(tmp_path, "Größe", vendor="Zoo & Söhne", version="2.0", parameters=5, latency=64))
    assert status == 0
    continuous = 0x7FFFFFFF
    assert output.pop("id")
    assert output == {
        "name": "Größe",
        "vendor": "Zoo & Söhne",
        "category": "Fx|Dynamics",
        "version": "2.0",
        "instrument": False,
        "latency": 64,
        "parameters": [
            ["Gain", "dB", 0.5, continuous, "-24.0", "24.0"],
            ["Mode", "", 0.0, 3, "Soft", "Off"],
            ["Bypass", "", 0.0, 2, "Off", "On"],
            ["Dry/Wet", "%", 0.5, continuous, "0", "100"],
            ["Parameter 5", "", 0.5, continuous, "0.00", "1.00"],
        ],
    }


def test_a_shell_holds_as_many_as_asked_for(tmp_path: Path) -> None:
    shell = good(tmp_path, "Shell", classes=3)
    status, output = host(shell)
    assert status == 0
    assert all(f'"Shell 00{n}"' in output["error"] for n in (1, 2, 3))
    assert host(shell, "Shell 002")[1]["name"] == "Shell 002"


def test_ids_follow_the_title_or_what_is_asked_for(tmp_path: Path) -> None:
    one, other, copy = (
        binary(good(tmp_path / name, "Same", **options)).read_bytes()
        for name, options in (("a", {}), ("b", {"id_from": "another"}), ("c", {"vendor": "Zoo Works"}))
    )
    assert one == copy != other


AUDIO = """
import os, sys
import numpy as np
import pedalboard
effect = pedalboard.VST3Plugin(sys.argv[1])
ramp = np.linspace(0, 0.5, 4410, dtype=np.float32)
heard = effect(np.stack([ramp, -ramp]), 44100)
assert np.allclose(heard, [ramp, -ramp], atol=1e-6), "unity gain, its latency taken back"
synth = pedalboard.VST3Plugin(sys.argv[2])
heard = synth([(bytes([0x90, 69, 100]), 0.0)], duration=1.0, sample_rate=44100)
spectrum = np.abs(np.fft.rfft(heard[0]))
assert abs(int(spectrum.argmax()) - 440) <= 1 and np.abs(heard).max() > 0.2, "a sine of 440 Hz"
silent = pedalboard.VST3Plugin(sys.argv[3], initialization_timeout=0.05)
assert not silent([(bytes([0x90, 69, 100]), 0.0)], duration=0.1, sample_rate=44100).any(), "not a sound"
os._exit(0)
"""


def test_good_plugins_make_the_sound_they_should(tmp_path: Path) -> None:
    plugins = [
        good(tmp_path, "Gain", latency=100),
        good(tmp_path, "Sine", instrument="sine", category="Instrument|Synth"),
        build("silent_instrument", tmp_path),
    ]
    ended = subprocess.run([sys.executable, "-c", AUDIO, *plugins], capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr


# The host above walks no factory, so these kinds are measured by pedalboard's loading alone.
# It catches what they throw, which ends a process that does not.
DYING = [name for name, kind in KINDS.items() if kind.signal and not kind.beyond and "throw" not in name]


@pytest.mark.parametrize("name", DYING)
def test_it_dies_of_its_own_signal(name: str, tmp_path: Path) -> None:
    plugin = f"{name} 001" if KINDS[name].options.get("classes") else ""
    status, output = host(build(name, tmp_path), plugin)
    assert (status, output) == (-getattr(signal, KINDS[name].signal), {})


def test_leaving_early_looks_like_success_but_says_nothing(tmp_path: Path) -> None:
    for name in ("exit", "exit_at_once", "exit_create"):
        assert host(build(name, tmp_path)) == (0, {})


def test_what_it_throws_can_be_read(tmp_path: Path) -> None:
    assert host(build("throw_create", tmp_path)) == (0, {"error": "the zoo threw this"})


@pytest.mark.skipif(shutil.which("localedef") is None, reason="needs localedef for a locale with a decimal comma")
def test_the_wild_locale_has_a_decimal_comma(tmp_path: Path) -> None:
    _, output = host(build("wild_locale", tmp_path))
    assert output["parameters"][0][4:] == ["-24,0", "24,0"]
