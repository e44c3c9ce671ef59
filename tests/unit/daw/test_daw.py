"""What workstations are told: only what is ours changes in their files, and there is always a way back."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from pluginary_tui.daw import ardour, reaper
from pluginary_tui.daw.plan import Plan
from pluginary_tui.errors import CatalogueError, NotFoundError
from pluginary_tui.model import Plugin

pytestmark = pytest.mark.short

UID = "2046504473616C634252565A00000000"
OTHER = "5653544856525874616C2D7265766572"


def verb(**more: object) -> Plugin:
    known = {"id": "vst3/acme/verb", "name": 'Verb & "Co"', "vendor": "Acme", "uid": UID, "path": "/vst3/My Verb.vst3"}
    return Plugin(**known | more)  # type: ignore[arg-type]


def apply(plan: Plan) -> list[Path]:
    return [backup for change in plan.changes if change.changed and (backup := change.apply())]


def ardour_plan(plugins: list[Plugin], folder: Path, root: Path = Path("/nowhere")) -> Plan:
    """The plan for an Ardour whose installation, if any, is below `root` and not this machine's own."""
    return ardour.plan(plugins, folder, root)


def after(plan: Plan, at: int = 0) -> str:
    return plan.changes[at].after


# Ardour

STATUSES = f"LV2 Favorite http://x.org/a b\nVST3 Hidden {OTHER}\nVST3 Normal {UID}\r\nVST3 Future\n\n"
ELEMENT = f'  <Plugin type="VST3" id="{UID}" tags="Reverb  plate" name="Its name" user-set="0"/>\n'
XML = f"""<?xml version="1.0" encoding="UTF-8"?>
<PluginTags>
  <Plugin type="LV2" id="{UID}" tags="eq" name="a &gt; b" user-set="1"/>
{ELEMENT}  <Plugin type="VST3" id="{OTHER}" tags="delay" name="X" user-set="1"/>
</PluginTags>
"""


def write_ardour(folder: Path) -> None:
    (folder / ardour.STATUSES).write_bytes(STATUSES.encode())
    (folder / ardour.TAGS).write_text(XML)


def test_settings_of_flatpaks_are_found(tmp_path: Path) -> None:
    there = tmp_path / ".var" / "app" / "org.ardour.Ardour" / "config" / "ardour8"
    there.mkdir(parents=True)
    assert ardour.find_folder("Linux", tmp_path, {}) == there / "plugin_metadata"
    there = tmp_path / ".var" / "app" / "fm.reaper.Reaper" / "config" / "REAPER"
    there.mkdir(parents=True)
    assert reaper.find_folder("Linux", tmp_path, {}) == there


def test_ardours_other_lines_stay(tmp_path: Path) -> None:
    write_ardour(tmp_path)
    plan = ardour_plan(
        [verb(favourite=True, hidden=True, tags=("mix",)), verb(id="vst3/acme/no", uid="0" * 32)], tmp_path
    )
    assert (plan.plugins, plan.left_out) == (1, [])
    assert after(plan) == STATUSES.replace(f"VST3 Normal {UID}\r\n", f"VST3 Favorite {UID}\r\n")
    assert after(plan, 1) == XML.replace(
        ELEMENT, f'  <Plugin type="VST3" id="{UID}" tags="reverb plate mix" name="Its name" user-set="1"/>\n'
    )
    assert plan.changes[0].lines() == [f"-VST3 Normal {UID}", f"+VST3 Favorite {UID}"]


def test_ardour_is_told_once(tmp_path: Path) -> None:
    write_ardour(tmp_path)
    marked = [verb(hidden=True, tags=("MIX", "reverb"))]
    assert len(apply(ardour_plan(marked, tmp_path))) == 2
    assert not any(change.changed for change in ardour_plan(marked, tmp_path).changes)
    assert not any(change.changed for change in ardour_plan([verb()], tmp_path).changes), "what is not marked stays"


def test_ardours_files_are_made_where_there_are_none(tmp_path: Path) -> None:
    folder = tmp_path / "ardour8" / "plugin_metadata"
    shipped = tmp_path / "usr" / "share" / "ardour8" / ardour.FOLDER / ardour.TAGS
    shipped.parent.mkdir(parents=True)
    shipped.write_text(XML.replace(f'VST3" id="{OTHER}', f'VST3" id="{OTHER.lower()}'))
    plan = ardour_plan([verb(tags=("<b>&\"'",)), verb(uid=OTHER.lower(), hidden=True, tags=("dub",))], folder, tmp_path)
    assert apply(plan) == [], "nothing was there to copy"
    assert (folder / ardour.STATUSES).read_text() == f"VST3 Hidden {OTHER}\n"
    elements = ElementTree.fromstring((folder / ardour.TAGS).read_text())
    answer = {e.get("id"): (e.get("tags"), e.get("name"), e.get("user-set")) for e in elements}
    assert answer == {
        UID: ("reverb plate <b>&\"'", 'Verb & "Co"', "1"),
        OTHER: ("delay dub", 'Verb & "Co"', "1"),
    }, "with the tags that Ardour ships, which these go before"
    assert not ardour_plan([verb()], tmp_path / "nowhere").changes[1].changed


def test_an_empty_list_of_ardours_is_filled(tmp_path: Path) -> None:
    (tmp_path / ardour.TAGS).write_text('<?xml version="1.0"?>\n<PluginTags/>\n')
    (tmp_path / ardour.STATUSES).write_text(f"VST3 Hidden {OTHER}")
    apply(ardour_plan([verb(favourite=True, tags=("a",), categories=("Pitch Shift",))], tmp_path))
    assert (tmp_path / ardour.STATUSES).read_text() == f"VST3 Hidden {OTHER}\nVST3 Favorite {UID}\n"
    (element,) = ElementTree.fromstring((tmp_path / ardour.TAGS).read_text())
    assert element.get("tags") == "pitch-shift a"


@pytest.mark.parametrize(
    "text", ["<Other/>", "", "<!DOCTYPE x><PluginTags></PluginTags>", '<PluginTags><Plugin a="<"/></PluginTags>']
)
def test_what_ardour_did_not_write_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / ardour.TAGS).write_text(text or "junk")
    with pytest.raises(CatalogueError, match="nothing was changed"):
        ardour_plan([verb(tags=("a",))], tmp_path)


def test_files_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    (tmp_path / ardour.STATUSES).mkdir()
    with pytest.raises(CatalogueError, match="Cannot read"):
        ardour_plan([verb(favourite=True)], tmp_path)
    (tmp_path / "file").touch()
    plan = reaper.plan([verb(favourite=True)], tmp_path)
    plan.changes[0].path = tmp_path / "file" / "reaper-fxfolders.ini"
    with pytest.raises(CatalogueError, match="Cannot write"):
        apply(plan)


def test_every_backup_has_a_name_of_its_own(tmp_path: Path) -> None:
    write_ardour(tmp_path)
    first = apply(ardour_plan([verb(favourite=True)], tmp_path))
    second = apply(ardour_plan([verb(hidden=True)], tmp_path))
    assert [path.name for path in first + second] == [
        "plugin_statuses.pluginary-1.bak",
        "plugin_statuses.pluginary-2.bak",
    ]
    assert first[0].read_bytes() == STATUSES.encode()
    assert f"Favorite {UID}" in second[0].read_text()


def test_plugins_ardour_has_no_name_for_are_left_out(tmp_path: Path) -> None:
    plugins = [
        verb(format="au", uid="aufx", favourite=True),
        verb(uid="", tags=("a",)),
        verb(format="builtin", hidden=True),
    ]
    plan = ardour_plan(plugins, tmp_path)
    assert (plan.plugins, [id_ for id_, _ in plan.left_out]) == (0, ["vst3/acme/verb"] * 2)
    assert not any(change.changed for change in plan.changes)


def test_the_newest_ardour_is_found(tmp_path: Path) -> None:
    for name in ("ardour6", "ardour10", "ardour8", "ardour-old"):
        (tmp_path / ".config" / name).mkdir(parents=True)
    assert ardour.find_folder("Linux", tmp_path, {}) == tmp_path / ".config" / "ardour10" / "plugin_metadata"
    (tmp_path / "Library" / "Preferences" / "Ardour8").mkdir(parents=True)
    assert ardour.find_folder("Darwin", tmp_path, {}).parts[-2:] == ("Ardour8", "plugin_metadata")
    with pytest.raises(NotFoundError, match="--folder"):
        ardour.find_folder("Windows", tmp_path, {})
    tags = tmp_path / "usr" / "share" / "ardour8" / "plugin_metadata" / "plugin_tags"
    tags.parent.mkdir(parents=True)
    tags.touch()
    assert (ardour.shipped_tags(tmp_path), ardour.shipped_tags(tmp_path / "x")) == (tags, None)


# REAPER: as versions 5 to 7 write these files

FOLDERS = """[category]
DC1A2.vst=Dynamics
My_Verb.vst3=Plate
iZotope: iZotope Insight=Mastering

[Folder0]
Item0=meters/dynamics_meter
Item1=C:\\VST3\\WaveShell1-VST3 11.0_x64.vst3<1235610411
Nb=2
Type0=2
Type1=3

[Folder1]
Item0=Waves NOT JS
Nb=1
Type0=1048576

[Folders]
Id0=1
Id1=0
Name0=Smart
Name1=Избранное
NbFolders=2

"""
TAGS = "[category]\nmy_other.vst3=EQ|Dynamics\n\n[developer]\nMy_Other.vst3=Acme\n\n"
CACHE = f"""[vstcache]
My_Verb.vst3=00E7F5604BD5D601,1919246691{{{UID},Verb (Acme)
Shell_1.vst3=A02DCA0AEF15D601,0,<SHELL>
Shell_1.vst3<1303613859=A02DCA0AEF15D601,1303613859,Comp (Acme)
Shell_1.vst3<422242405=A02DCA0AEF15D601,422242405,Synth (Acme) (6->4ch)!!!VSTi
Shell_1.vst3<154145839=A02DCA0AEF15D601,154145839{{{OTHER},Another name
"""


def write_reaper(folder: Path, folders: str = FOLDERS) -> None:
    (folder / reaper.FOLDERS).write_bytes(folders.encode())
    (folder / reaper.TAGS).write_text(TAGS)
    (folder / reaper.CACHE).write_text(CACHE)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_reapers_other_lines_stay(tmp_path: Path, end: str) -> None:
    write_reaper(tmp_path, FOLDERS.replace("\n", end))
    plan = reaper.plan([verb(favourite=True, tags=("mix", "plate"))], tmp_path)
    expected = FOLDERS.replace("My_Verb.vst3=Plate\n", "My_Verb.vst3=Plate|mix\n")
    expected = expected.replace("<1235610411\n", "<1235610411\nItem2=/vst3/My Verb.vst3\n")
    expected = expected.replace("Nb=2\n", "Nb=3\n").replace("Type1=3\n", "Type1=3\nType2=3\n")
    assert after(plan) == expected.replace("\n", end)
    assert (plan.plugins, plan.left_out) == (1, [])
    (backup,) = apply(plan)
    assert backup.read_bytes() == FOLDERS.replace("\n", end).encode()
    again = reaper.plan([verb(favourite=True, path="/VST3/my verb.vst3", tags=("MIX",))], tmp_path)
    assert not again.changes[0].changed, "whatever the case"


def test_tags_come_with_what_reaper_found_by_itself(tmp_path: Path) -> None:
    write_reaper(tmp_path)
    plan = reaper.plan([verb(path="C:\\VST3\\My-Other.vst3", tags=("dub",))], tmp_path)
    assert plan.changes[0].lines() == ["+My_Other.vst3=EQ|Dynamics|dub"]


def test_reapers_file_is_made_where_there_is_none(tmp_path: Path) -> None:
    plan = reaper.plan([verb(favourite=True), verb(favourite=True), verb(format="au", favourite=True)], tmp_path)
    assert apply(plan) == []
    assert (tmp_path / reaper.FOLDERS).read_text() == (
        "[Folders]\nId0=0\nName0=Favorites\nNbFolders=1\n\n"
        '[Folder0]\nItem0=/vst3/My Verb.vst3\nItem1=Acme: Verb & "Co"\nType0=3\nType1=5\nNb=2\n'
    )


def test_plugins_of_one_file_have_reapers_numbers(tmp_path: Path) -> None:
    write_reaper(tmp_path)
    shell = {"path": "/vst3/Shell 1.vst3", "favourite": True, "tags": ("t",)}
    plugins = [
        verb(name="Comp", name_in_file="Comp", uid="0" * 32, **shell),
        verb(name="Synth", name_in_file="Synth", uid="1" * 32, **shell),
        verb(name="Third", name_in_file="Third", uid=OTHER, **shell),
        verb(id="vst3/acme/new", name="New", name_in_file="New", uid="2" * 32, **shell),
    ]
    plan = reaper.plan(plugins, tmp_path)
    assert [line for line in plan.changes[0].lines() if "Shell" in line] == [
        "+Shell_1.vst3<1303613859=t",
        "+Shell_1.vst3<422242405=t",
        "+Shell_1.vst3<154145839=t",
        "+Item2=/vst3/Shell 1.vst3<1303613859",
        "+Item3=/vst3/Shell 1.vst3<422242405",
        "+Item4=/vst3/Shell 1.vst3<154145839",
    ]
    assert [id_ for id_, _ in plan.left_out] == ["vst3/acme/new"]


def test_plugins_reaper_cannot_be_told_of_are_left_out(tmp_path: Path) -> None:
    plugins = [
        verb(hidden=True),
        verb(favourite=True, status="missing"),
        verb(format="builtin", favourite=True),
        verb(),
    ]
    plan = reaper.plan(plugins, tmp_path)
    assert (plan.plugins, len(plan.left_out), plan.changes[0].changed) == (0, 2, False)


def test_bytes_that_are_no_text_stay(tmp_path: Path) -> None:
    (tmp_path / reaper.FOLDERS).write_bytes(b"[Folders]\nName0=\xff\xe9\nId0=0\nNbFolders=1")
    apply(reaper.plan([verb(favourite=True)], tmp_path))
    assert (tmp_path / reaper.FOLDERS).read_bytes() == (
        b"[Folders]\nName0=\xff\xe9\nId0=0\nNbFolders=1\n\n[Folder0]\nItem0=/vst3/My Verb.vst3\nType0=3\nNb=1\n"
    )


def test_reapers_folder_is_found(tmp_path: Path) -> None:
    (tmp_path / "x" / "REAPER").mkdir(parents=True)
    assert reaper.find_folder("Linux", Path("/nowhere"), {"XDG_CONFIG_HOME": str(tmp_path / "x")}).name == "REAPER"
    assert reaper.find_folder("Windows", tmp_path, {"APPDATA": str(tmp_path / "x")}) == tmp_path / "x" / "REAPER"
    with pytest.raises(NotFoundError, match="--folder"):
        reaper.find_folder("Darwin", tmp_path, {})


# Other formats

LV2 = "http://acme.example/plugins#verb"


def of_formats() -> list[Plugin]:
    return [
        verb(id="lv2/acme/verb", format="lv2", uid=LV2, favourite=True, tags=("hall",), categories=("Reverb",)),
        verb(id="ladspa/acme/verb", format="ladspa", uid="1216", hidden=True, tags=("old",)),
        verb(id="ladspa/acme/odd", format="ladspa", uid="verb", hidden=True),
        verb(id="clap/acme/verb", format="clap", uid="com.acme.verb", favourite=True, tags=("hall",)),
    ]


def test_ardour_keeps_tags_and_statuses_of_lv2_and_ladspa(tmp_path: Path) -> None:
    write_ardour(tmp_path)
    plan = ardour_plan(of_formats(), tmp_path)
    assert after(plan) == f"{STATUSES}LADSPA Hidden 1216\r\nLV2 Favorite {LV2}\r\n"
    element = f'<Plugin type="LV2" id="{LV2}" tags="reverb hall"'
    assert element in after(plan, 1) and '<Plugin type="LADSPA" id="1216" tags="old"' in after(plan, 1)
    assert [id_ for id_, _ in plan.left_out] == ["ladspa/acme/odd", "clap/acme/verb"]
    assert "CLAP" in dict(plan.left_out)["clap/acme/verb"]
    apply(plan)
    assert not any(change.changed for change in ardour_plan(of_formats(), tmp_path).changes)
    other = verb(format="lv2", uid=LV2.upper(), favourite=True)
    assert f"LV2 Favorite {LV2.upper()}" in after(ardour_plan([other], tmp_path)), "URIs differ by case"


def test_reaper_is_told_nothing_about_formats_whose_names_there_are_unknown(tmp_path: Path) -> None:
    write_reaper(tmp_path)
    plan = reaper.plan(of_formats(), tmp_path)
    assert plan.plugins == 0 and not any(change.changed for change in plan.changes)
    assert {id_ for id_, _ in plan.left_out} == {each.id for each in of_formats()}
