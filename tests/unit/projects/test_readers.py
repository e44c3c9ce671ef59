from __future__ import annotations

import io
from collections import Counter

import pytest

from pluginary_tui.bounded_reading import UnreadableFileError
from pluginary_tui.projects.facts import NATIVE, ProjectFacts, Use
from pluginary_tui.projects.read import KINDS, READABLE, read_project
from tests.support import project_files
from tests.support.project_files import FILES


def read(data: bytes, name: str) -> ProjectFacts:
    facts = ProjectFacts()
    read_project(io.BytesIO(data), name, facts)
    return facts


def real(path: str) -> ProjectFacts:
    return read((FILES / path).read_bytes(), path)


def plugins(facts: ProjectFacts) -> list[tuple[str, str, str]]:
    return [(use.format, use.uid, use.name) for use in facts.uses if use.format != NATIVE]


def use_of(facts: ProjectFacts, uid: str) -> Use:
    return next(use for use in facts.uses if use.uid == uid)


def test_reaper_names_vst2_clap_and_its_own_effects() -> None:
    facts = real("reaper/issue-846-clap-support.RPP")
    assert facts.program == "REAPER 6.78+dev0416"
    assert plugins(facts) == [
        ("vst2", "hbrl", "ReaLearn"),
        ("clap", "org.surge-synth-team.surge-xt", "Surge XT"),
    ]
    assert use_of(facts, "hbrl").vendor == "Helgoboss"
    assert use_of(facts, "org.surge-synth-team.surge-xt").track == "Surge XT"
    assert use_of(facts, "loser/3BandEQ").format == NATIVE


def test_reaper_plugins_on_tracks_and_on_takes() -> None:
    facts = real("reaper/vst3-track-and-take-fx.RPP")
    assert plugins(facts) == [
        ("vst3", "565354436F6D702374636F6D70726573", "#TCompressor"),
        ("vst3", "565354455173722374657175616C6973", "#TEqualiser"),
    ]
    assert {use.track for use in facts.uses} == {"kick"}
    assert {use.vendor for use in facts.uses} == {"Tracktion"}


def test_reaper_without_plugins() -> None:
    assert not real("reaper_chain/tricky-strings.RPP-bak").uses


def test_reaper_au_containers_quotes_old_files_and_bypass() -> None:
    chain = b"""BYPASS 1 0 0\r
<AU "AU: SIR2 (Knufinke)" "Knufinke: SIR2" "" 1635083896 1129009993 1265530214\r
>\r
BYPASS 0 1 0
<VST 'VST: "Best" (5 out) (A (B) C) (5 out)' "best.dll"
>
<CONTAINER Container ""
  BYPASS 0 0 0
  <VST "VST: ReaLearn (Helgoboss)" realearn.vst.dylib 0 "my name" 1919250531
  >
  <VST "VST: ReaPitch (Cockos)" reapitch.vst.dylib 0 "my name" 1919250531
  >
  <LV2 "LV2: ZamComp (Damien Zammit)" urn:zamaudio:ZamComp ""
  >
>
"""
    facts = read(chain, "x.RfxChain")
    assert plugins(facts) == [
        ("au", "aufx:CKSI:Knuf", "SIR2"),
        ("vst2", "", '"Best" (5 out)'),
        ("vst2", "repc", "ReaLearn"),
        ("lv2", "urn:zamaudio:ZamComp", "ZamComp"),
    ]
    assert [use.active for use in facts.uses] == [False, False, True, None, None]
    assert use_of(facts, "ReaPitch").format == NATIVE, "it is in REAPER itself, and so never missing"
    assert facts.uses[0].vendor == "Knufinke"
    assert facts.uses[1].file == "best.dll"


def test_reaper_containers_and_chains_that_are_switched_off_as_a_whole() -> None:
    def effect(number: int, bypass: str = "0 0 0") -> str:
        return f'BYPASS {bypass}\n<VST "VST: {number} (X)" {number}.dll 0 "" {number + 1449751649}\n>\n'

    def container(bypass: str, inside: str) -> str:
        return f'BYPASS {bypass}\n<CONTAINER Container "Par" ""\nCONTAINER_CFG 2 2 2 0\n{inside}>\n'

    nested = container("0 1 0", effect(1) + container("0 0 0", effect(2)) + effect(3, "1 0 0"))
    chain = f"<FXCHAIN\n{nested}{effect(4)}>\n"
    item = f"<ITEM\nNAME take\n<TAKEFX\n{effect(6)}>\n>\n"
    text = (
        f'<REAPER_PROJECT 0.1 "7.22/linux-x86_64" 1\nMASTER_FX 0\n<MASTERFXLIST\n{effect(0)}>\n'
        f"<TRACK {{1}}\nNAME On\nFX 1\n{chain}>\n"
        f"<TRACK {{2}}\nNAME Off\nFX 0\n<FXCHAIN_REC\n{effect(5)}>\n{chain}{item}>\n<TRACK {{3}}\n{chain}>\n>\n"
    )
    uses = read(text.encode(), "x.rpp").uses
    states = [(use.track, int(use.name), use.active) for use in uses]
    assert states[:5] == [
        ("Master", 0, False), ("On", 1, False), ("On", 2, False), ("On", 3, False), ("On", 4, True),
    ]  # fmt: skip
    assert [state for state in states if state[0] == "Off"] == [
        ("Off", 5, True), ("Off", 1, False), ("Off", 2, False), ("Off", 3, False), ("Off", 4, False), ("Off", 6, True),
    ]  # fmt: skip
    assert states[-1] == ("", 4, True), "the switch of one track is not that of the next one"


def test_ableton_vst2() -> None:
    facts = real("als/plugins.als")
    assert facts.program == "Ableton Live 9.1.7"
    assert plugins(facts) == [("vst2", "syl1", "Sylenth1"), ("vst2", "MYPL", "SausageFattener")]
    assert all(use.active and use.track == "1-Sylenth1" for use in facts.uses)


@pytest.mark.parametrize("comment", ["", "<!-- a comment, so all of it is parsed -->"])
def test_ableton_vst3_and_audio_units(comment: str) -> None:
    facts = read(project_files.live_set(comment + project_files.LIVE_VST3 + project_files.LIVE_AU), "a.als")
    assert plugins(facts) == [
        ("vst3", "565354734D617376616C68616C6C6173", "ValhallaSupermassive"),
        ("au", "aumf:FSat:FabF", "FF Saturn"),
    ]
    assert facts.uses[1].vendor == "FabFilter"
    assert [use.active for use in facts.uses] == [False, True]
    assert {use.track for use in facts.uses} == {"Bass & Co"}


@pytest.mark.parametrize("comment", ["", "<!-- a comment, so all of it is parsed -->"])
def test_ableton_racks_that_are_switched_off(comment: str) -> None:
    def rack(inside: str, on: str, kind: str) -> str:
        chain = (
            f"<DeviceChain><AudioToAudioDeviceChain><Devices>{inside}</Devices></AudioToAudioDeviceChain></DeviceChain>"
        )
        return (
            f'<{kind} Id="3"><LomId Value="0" /><On><LomId Value="0" /><Manual Value="{on}" /></On>'
            f'<UserName Value="R" /><Branches><AudioEffectBranch Id="1">'
            f'<Name><EffectiveName Value="Chain" /></Name>{chain}<MixerDevice>'
            '<On><Manual Value="false" /></On></MixerDevice></AudioEffectBranch></Branches>'
            f'<MacroControls.0><Manual Value="false" /></MacroControls.0></{kind}>'
        )

    device = project_files.LIVE_AU
    inner = rack(device, "true", "MidiEffectGroupDevice")
    devices = rack(device + inner, "false", "AudioEffectGroupDevice") + rack(device, "true", "DrumGroupDevice") + device
    facts = read(project_files.live_set(comment + devices), "a.als")
    assert [use.active for use in facts.uses] == [False, False, True, True]
    assert {use.track for use in facts.uses} == {"Bass & Co"}


def test_ableton_falls_back_to_the_reference_of_the_browser() -> None:
    device = """<PluginDevice><SourceContext><BranchDeviceId
 Value="device:vst:instr:1449751649?n=Vital%20One" /></SourceContext><PluginDesc /></PluginDevice>"""
    assert plugins(read(project_files.live_set(device), "a.als")) == [("vst2", "Vita", "Vital One")]


def test_ardour_session() -> None:
    facts = real("ardour/session.ardour")
    assert facts.program.startswith("Ardour 8.12.0")
    assert plugins(facts) == [
        ("lv2", "urn:zamaudio:ZaMaximX2", "ZaMaximX2"),
        ("vst3", "2046504473616C633172666400000000", "Dragonfly Hall Reverb"),
        ("vst3", "84E8DE5F92554F5396FAE4133C935A18", "AGain VST3"),
        ("vst3", "0CDBB66985D548A9BFD8371909D24BB3", "ADelay"),
        ("lv2", "urn:ardour:a-eq", "ACE EQ"),
        ("lv2", "urn:zamaudio:ZamComp", "ZamComp"),
        ("vst3", "2046504473616C63504D435A00000000", "ZamComp"),
        ("lv2", "urn:ardour:a-fluidsynth", "ACE Fluid Synth"),
        ("vst3", "2046504473616C636272564D00000000", "MVerb"),
        ("lv2", "urn:zamaudio:ZamVerb", "ZamVerb"),
        ("ladspa", "1515476290", "ZamTube"),
    ]
    off = [use.name for use in facts.uses if use.active is False]
    assert off == ["ZamVerb"]
    assert Counter(use.track for use in facts.uses)["Guitar"] == 4


def test_ardour_template_and_old_sessions() -> None:
    assert plugins(real("ardour/MT-PowerDrumKit.template")) == [("vst2", "MTPD", "MT-PowerDrumKit")]
    old = b"""<Session version="2.0.0" name="x"><Routes><Route flags=""><IO name="Drums"/>
<Insert type="ladspa" unique-id="1648644921" count="1"><Redirect active="no"/></Insert></Route></Routes></Session>"""
    facts = read(old, "x.ardour")
    assert plugins(facts) == [("ladspa", "1648644921", "")]
    assert (facts.uses[0].track, facts.uses[0].active) == ("Drums", False)


def test_fl_studio_project() -> None:
    facts = real("flp/FL 20.8.4.flp")
    assert facts.program == "FL Studio 20.8.4.2576"
    assert plugins(facts) == [("vst2", "syl1", "Sylenth1"), ("vst3", "565345586654546F7474000000000000", "OTT")]
    own = Counter(use.name for use in facts.uses if use.format == NATIVE)
    assert own["Fruity NoteBook 2"] == 3
    assert own["BooBass"] == own["Soundgoodizer"] == 1
    assert sum(own.values()) == 13
    assert (use_of(facts, "syl1").track, use_of(facts, "syl1").active) == ("VST2", True)
    assert [use.active for use in facts.uses if use.track == "Bypassed"] == [False]


def test_fl_studio_preset_holds_a_class_id_in_windows_order() -> None:
    facts = real("flp_preset/fruity-wrapper.fst")
    assert plugins(facts) == [("vst3", "5653544C434C446C6F6F70636C6F7564", "Loopcloud")]


def test_dawproject() -> None:
    facts = read(project_files.dawproject(), "x.dawproject")
    assert facts.program == "Bitwig Studio 5.0"
    assert plugins(facts) == [("clap", "org.surge-synth-team.surge-xt", "Surge XT")]
    assert (facts.uses[0].track, facts.uses[0].active) == ("Bass", True)


def test_dawproject_without_ids_has_them_in_the_states() -> None:
    preset = (FILES / "vstpreset" / "csa.vstpreset").read_bytes()
    text = """<Project><Application name="Cubase" version="14"/><Structure><Track name="A"><Channel><Devices>
<Vst3Plugin deviceName="drumlabooh"><State path="plugins/a.vstpreset"/><Enabled value="false"/></Vst3Plugin>
<Vst2Plugin deviceID="1449751649" deviceName="Vital" deviceVendor="Tytel"/>
<BuiltinDevice deviceName="EQ+"/></Devices></Channel></Track></Structure></Project>"""
    facts = read(project_files.archive(project_xml=text, **{"plugins__a.vstpreset": preset}), "x.dawproject")
    assert plugins(facts) == [
        ("vst3", "ABCDEF019182FAEB5065745250657472", "drumlabooh"),
        ("vst2", "Vita", "Vital"),
    ]
    assert facts.uses[0].active is False
    assert facts.uses[2].format == NATIVE


def test_studio_one() -> None:
    facts = read(project_files.song(), "x.song")
    assert facts.program == "Studio One 7.2.3.108761"
    assert plugins(facts) == [
        ("vst2", "ZnO5", "iZotope Ozone 5"),
        ("vst3", "72C4DB717A4D459AB97E51745D84B39D", "Pro-Q 3"),
        ("vst2", "syl1", "Sylenth1"),
    ]
    assert facts.uses[0].track == "Vox <1>"
    assert facts.uses[1].active is False
    assert facts.uses[2].format == NATIVE


def test_lmms() -> None:
    facts = real("lmms/rave-story.mmpz")
    assert facts.program.startswith("LMMS 1.3.0")
    assert Counter((use.format, use.uid) for use in facts.uses if use.format != NATIVE) == {
        ("ladspa", "PreampIII"): 3,
        ("ladspa", "AmpIII"): 1,
        ("lv2", "urn:ardour:a-comp"): 1,
        ("lv2", "https://github.com/Madadog/three_osc"): 1,
        ("lv2", "http://calf.sourceforge.net/plugins/VintageDelay"): 2,
    }
    assert use_of(facts, "AmpIII").active is False
    preamps = [(use.track, use.active) for use in facts.uses if use.uid == "PreampIII"]
    assert preamps == [("pad", True), ("TripleOscillator", False), ("bass", True)], "one in a chain that is off"
    assert use_of(facts, "https://github.com/Madadog/three_osc").track == "Three Osc"
    assert [use.file for use in real("lmms/logs.mmpz").uses if use.uid == "Reverb"] == ["calf"] * 4


def test_lmms_vst2_by_its_path() -> None:
    text = b"""<lmms-project creatorversion="1.2.2"><song><track name="Lead"><instrumenttrack>
<instrument name="vestige"><vestige plugin="C:/VST\\Synth1 VST64.dll"/></instrument>
<fxchain><effect name="vsteffect" on="0"><key><attribute name="file" value="TAL-Reverb.dll"/></key></effect></fxchain>
</instrumenttrack></track></song></lmms-project>"""
    facts = read(text, "x.mmp")
    assert [(use.format, use.name, use.file, use.active) for use in facts.uses] == [
        ("vst2", "Synth1 VST64", "Synth1 VST64.dll", None),
        ("vst2", "TAL-Reverb", "TAL-Reverb.dll", False),
    ]


def test_carla() -> None:
    assert plugins(real("carla/zynayumi-test.carxp")) == [("lv2", "https://github.com/zynayumi", "Zynayumi")]
    facts = real("carla/EEEBox-carla.carxp")
    assert plugins(facts) == [("vst2", "NiG5", "Guitar Rig 5")]
    assert (facts.uses[0].file, facts.uses[0].active) == ("Guitar Rig 5.dll", True)


def test_qtractor() -> None:
    facts = read(project_files.QTRACTOR, "x.qtr")
    assert plugins(facts) == [
        ("lv2", "urn:zamaudio:ZamComp", "ZamComp"),
        ("vst2", "ZTUB", "ZamTube"),
        ("vst3", "", "MVerb"),
    ]
    assert [(use.track, use.active) for use in facts.uses] == [("Lead", True), ("Lead", False), ("Master", True)]
    assert facts.uses[2].file == "MVerb.vst3"


def test_bitwig() -> None:
    assert not real("bitwig/NKS-Preview-Generator.bwproject").uses
    facts = read(project_files.bitwig_project(), "x.bwproject")
    assert facts.program == "Bitwig Studio 3.2.7"
    assert plugins(facts) == [
        ("vst3", "ABCDEF019182FAEB446C647944736D70", "Decent Sämpler"),
        ("vst2", "mbnc", "Ambience"),
        ("vst2", "mbnc", "Ambience"),
    ]


def test_a_record_across_two_windows_of_a_large_project_is_read_once() -> None:
    project = project_files.bitwig_project()
    record = project.index(b"vst3:ABCDEF")
    for shift in (0, 3, 17, 60):
        filler = b"\0" * ((8 << 20) + (1 << 16) - record + shift)
        at = project.rindex(b"\x00\x00\x1b\xfa", 0, record)
        facts = read(project[:at] + filler + project[at:], "x.bwproject")
        assert [use.uid for use in facts.uses] == ["ABCDEF019182FAEB446C647944736D70", "mbnc", "mbnc"]


NO_PROJECTS = (b"", b"no project", b"\0" * 5000, b"PK\x05\x06" + b"\0" * 18, b"<x/>", b"\x1f\x8b\x08")


@pytest.mark.parametrize("ending", sorted(READABLE))
@pytest.mark.parametrize(
    "data", [b"", b"no project", b"\0" * 5000, b"PK\x05\x06" + b"\0" * 18, b"<x/>", b"\x1f\x8b\x08"]
)
def test_what_is_no_project_is_refused_in_one_line(ending: str, data: bytes) -> None:
    with pytest.raises(UnreadableFileError) as error:
        read(data, "x" + ending)
    assert "\n" not in str(error.value)


def test_every_kind_has_an_ending_of_its_own() -> None:
    endings = [ending for kind in KINDS for ending in (*kind.endings, *kind.others)]
    assert len(endings) == len(set(endings))
