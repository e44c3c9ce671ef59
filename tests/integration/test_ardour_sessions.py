"""Sessions that Ardour itself makes, read back: which plugins, in which format, on which tracks, on or off."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from pluginary_tui.catalogue.projects import Projects
from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import ScanSettings, Settings
from pluginary_tui.projects.scan import ProjectScan
from tests.conftest import ZAM_FOLDER

LUA = next(iter(sorted(Path("/usr/bin").glob("ardour[0-9]*-lua"))), None)
LIBRARY = next(iter(sorted(Path("/usr/lib").glob("ardour*/ardour-vst3-scanner"))), Path("/nowhere")).parent

pytestmark = pytest.mark.skipif(
    LUA is None or not ZAM_FOLDER.exists() or not Path("/usr/lib/lv2/ZamComp.lv2").exists(),
    reason="needs Ardour and zam-plugins",
)

COMP = "2046504473616C63504D435A00000000"
"""Class id of the VST3 ZamComp."""

# Made with Ardour's own functions; what it makes of each is printed, so that a machine that lacks one says which.
SESSION = f"""
AudioEngine:set_backend("None (Dummy)", "", "")
local session = create_session(os.getenv("SESSION_DIR"), "song", 48000)
assert(session, "no session")
local T = ARDOUR.PluginType

local function add(route, id, kind)
  local processor = ARDOUR.LuaAPI.new_plugin(session, id, kind, "")
  assert(not processor:isnil(), "there is no " .. id)
  assert(route:add_processor_by_index(processor, -1, nil, true) == 0, "cannot be added: " .. id)
end
local function track(channels, name)
  return session:new_audio_track(channels, channels, nil, 1, name, ARDOUR.PresentationInfo.max_order,
    ARDOUR.TrackMode.Normal, true, false):front()
end

local voice = track(1, "Vox & \\"Lead\\" <1>")
add(voice, "urn:zamaudio:ZamComp", T.LV2)
add(voice, "{COMP}", T.VST3)
local bus = session:new_audio_route(2, 2, nil, 1, "FX bus", ARDOUR.PresentationInfo.Flag.AudioBus,
  ARDOUR.PresentationInfo.max_order):front()
add(bus, "urn:zamaudio:ZamDelay", T.LV2)
bus:nth_plugin(0):to_insert():deactivate()
add(bus, "urn:zamaudio:ZamDelay", T.LV2)
add(bus, "1515476290", T.LADSPA)
add(session:master_out(), "urn:zamaudio:ZaMaximX2", T.LV2)
session:save_state("", false, false, false, false, false)
close_session()
print("the session is saved")
"""


@pytest.fixture
def song(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    script = tmp_path / "make.lua"
    script.write_text(SESSION)
    world = os.environ | {"HOME": str(home), "SESSION_DIR": str(tmp_path / "song")}
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        world.pop(name, None)
    # Ardour reads a cache of VST3s when it starts, which its own scanner writes.
    scanner = [str(LIBRARY / "ardour-vst3-scanner"), "-f", str(ZAM_FOLDER / "ZamComp.vst3")]
    with_libraries = world | {"LD_LIBRARY_PATH": str(LIBRARY)}
    subprocess.run(scanner, env=with_libraries, check=True, capture_output=True, timeout=120)
    done = subprocess.run([str(LUA), str(script)], env=world, capture_output=True, text=True, timeout=300)
    assert "the session is saved" in done.stdout, done.stdout[-2000:] + done.stderr[-2000:]
    return tmp_path / "song" / "song.ardour"


@pytest.mark.slow
def test_what_ardour_writes_is_read_back_with_exact_ids(song: Path, tmp_path: Path) -> None:
    before = song.read_bytes()
    summary = ProjectScan(Settings(scan=ScanSettings(workers=1)), tmp_path / "data", [song.parent]).run()
    assert (summary.found, summary.failed) == (1, 0)
    with Store.in_folder(tmp_path / "data") as store:
        projects = Projects(store)
        (row,) = projects.all()
        assert row.program.startswith("Ardour")
        used = {each.key: each for each in projects.used_plugins()}
        found = [(used[use.used].format, used[use.used].uid, use.track, use.active) for use in projects.uses(row.key)]
    voice = 'Vox & "Lead" <1>'
    assert sorted(found) == sorted(
        [
            ("lv2", "urn:zamaudio:ZamComp", voice, True),
            ("vst3", COMP, voice, True),
            ("lv2", "urn:zamaudio:ZamDelay", "FX bus", False),
            ("lv2", "urn:zamaudio:ZamDelay", "FX bus", True),
            ("ladspa", "1515476290", "FX bus", True),
            ("lv2", "urn:zamaudio:ZaMaximX2", "Master", True),
        ]
    )
    assert song.read_bytes() == before
