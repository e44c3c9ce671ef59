"""What is read of a plugin does not depend on where it lies, and is what pedalboard has after loading it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Plugin
from pluginary_tui.scan.run import Options, Scan
from tests.plugins.build import KINDS, compiler, copies
from tests.support.scans import settings

pytestmark = pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler")

APART = {"path", "key", "name_in_file", "probe_ms", "added_at", "scanned_at", "copies", "change"}
"""What differs between a plugin alone and the same one in a shell, and times."""
COPIED = [
    name
    for name, kind in KINDS.items()
    if kind.direct and kind.outcome == "ok" and kind.plugins == 1 and not kind.make and name != "endless_names"
]

# Not the program's own way to load: what it is compared with must not be what is compared.
HOST = """
import json, os, sys
import pedalboard_native as native
native.ExternalPlugin.__set_initial_parameter_values__ = lambda self, values: None
plugin = native.VST3Plugin(sys.argv[1], initialization_timeout=0.05)
found = []
for parameter in plugin._parameters:
    raw = parameter.raw_value
    found.append([parameter.name, raw, *map(parameter.get_text_for_raw_value, (raw, 0.0, 1.0))])
with open(sys.argv[2], "w") as file:
    json.dump(found, file)
os._exit(0)
"""


def facts(store: Store, plugin: Plugin) -> dict[str, Any]:
    """All that is known of it but APART."""
    fields = {name: value for name, value in asdict(plugin).items() if name not in APART}
    fields["parameters"] = store.parameters(plugin.key)
    fields["programs"] = store.programs(plugin.key)
    fields["buses"] = store.db.execute(
        "SELECT position, name, media, direction, channels, main FROM bus WHERE plugin = ? ORDER BY position",
        (plugin.key,),
    ).fetchall()
    return fields


@pytest.mark.parametrize("kind", COPIED)
def test_a_plugin_is_the_same_alone_and_in_a_shell(kind: str, folder: Path, data_dir: Path) -> None:
    alone, shell = copies(kind, folder)
    summary = Scan(settings(timeout_s=3.0), data_dir, Options(only=(folder,))).run(lambda event: None)
    assert (summary.ok, summary.plugins) == (2, 6)
    with Store.in_folder(data_dir) as store:
        (one,) = [plugin for plugin in store.plugins() if plugin.path == str(alone)]
        (other,) = [p for p in store.plugins() if p.path == str(shell) and p.uid == one.uid]
        assert facts(store, one) == facts(store, other)
        assert (one.name_in_file, other.name_in_file) == ("", other.name.strip())
        assert one.id == other.id and one.copies == other.copies == 2


def test_what_a_plugin_starts_with_is_what_pedalboard_has_after_loading_it(
    zam: Path, data_dir: Path, tmp_path: Path
) -> None:
    Scan(settings(), data_dir, Options(only=(zam,))).run(lambda event: None)
    with Store.in_folder(data_dir) as store:
        known = {plugin.path: store.parameters(plugin.key) for plugin in store.plugins()}
    assert len(known) == 17
    compared = 0
    wrong: list[tuple[str, str, object, object]] = []
    for path, parameters in known.items():
        out = tmp_path / "out.json"
        subprocess.run([sys.executable, "-c", HOST, path, out], check=True, capture_output=True)
        loaded = json.loads(out.read_text())
        assert [parameter.name for parameter in parameters] == [name for name, *_ in loaded]
        for parameter, (_, raw, *texts) in zip(parameters, loaded, strict=True):
            if parameter.kind == "host":
                continue
            found = (parameter.initial_raw, parameter.initial, parameter.minimum, parameter.maximum)
            for mine, theirs in zip(found, (raw, *texts), strict=True):
                compared += 1
                if not alike(mine, theirs):
                    wrong.append((path, parameter.name, mine, theirs))
    assert compared > 700
    assert len(wrong) <= 0.03 * compared, wrong


def alike(mine: object, theirs: object) -> bool:
    """Numbers of 32 bits, as numbers or as texts, or equal texts. A float in a text has up to six digits."""
    try:
        one, other = float(str(mine)), float(str(theirs))
    except ValueError:
        return str(mine).strip() == str(theirs).strip()
    return abs(one - other) <= 1e-5 * max(1.0, abs(one), abs(other))
