"""Project files of formats of which no real one is here, written as the programs' files look."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from pathlib import Path

FILES = Path(__file__).parents[1] / "data" / "projects"
"""Real files of several programs; `SOURCES.tsv` says where each is from and what a careful reading finds in it."""


def archive(**members: str | bytes) -> bytes:
    """A ZIP archive; `__` stands for a slash and `_xml` at the end for the ending."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as zip_:
        for name, content in members.items():
            zip_.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return stream.getvalue()


def dawproject() -> bytes:
    """The sample of the format's documentation, in its archive."""
    text = (FILES / "dawproject" / "bitwig-studio-5.0-readme-sample.project.xml").read_bytes()
    return archive(project_xml=text, metadata_xml="<MetaData/>")


def live_set(devices: str, track: str = "Bass &amp; Co") -> bytes:
    return gzip.compress(
        f"""<?xml version="1.0" encoding="UTF-8"?>
<Ableton MajorVersion="5" MinorVersion="12.0_12300" Creator="Ableton Live 12.3.6"><LiveSet><Tracks>
<AudioTrack Id="8"><Name><EffectiveName Value="{track}" /><UserName Value="" /></Name><DeviceChain>
<DeviceChain><Devices>
{devices}
</Devices></DeviceChain></DeviceChain></AudioTrack></Tracks></LiveSet></Ableton>""".encode()
    )


LIVE_VST3 = """<PluginDevice Id="0"><On><Manual Value="false" /></On>
<SourceContext><Value><BranchSourceContext>
<BranchDeviceId Value="device:vst3:audiofx:56535473-4d61-7376-616c-68616c6c6173" /></BranchSourceContext></Value>
</SourceContext><PluginDesc><Vst3PluginInfo Id="0"><Preset><Value><Vst3Preset Id="1"><Uid>
<Fields.0 Value="1448301683" /><Fields.1 Value="1298232182" /><Fields.2 Value="1634494561" />
<Fields.3 Value="1819042163" /></Uid><Name Value="" /></Vst3Preset></Value></Preset>
<Name Value="ValhallaSupermassive" /><Uid><Fields.0 Value="1448301683" /><Fields.1 Value="1298232182" />
<Fields.2 Value="1634494561" /><Fields.3 Value="1819042163" /></Uid><DeviceType Value="2" />
</Vst3PluginInfo></PluginDesc><ParameterList /></PluginDevice>"""

LIVE_AU = """<AuPluginDevice Id="1"><On><Manual Value="true" /></On><PluginDesc><AuPluginInfo Id="0">
<Preset><Value><AuPreset Id="2"><Name Value="Init" /></AuPreset></Value></Preset>
<ComponentType Value="1635085670" /><ComponentSubType Value="1179869556" />
<ComponentManufacturer Value="1180787270" /><Name Value="FF Saturn" /><Manufacturer Value="FabFilter" />
</AuPluginInfo></PluginDesc></AuPluginDevice>"""


def song() -> bytes:
    """As Studio One 7 writes it: a byte order mark, and a prefix without a namespace."""
    mixer = """\ufeff<?xml version="1.0" encoding="UTF-8"?>
<AudioMixer><Attributes x:id="channels"><ChannelGroup name="AudioTrack"><AudioTrackChannel label="Vox &lt;1&gt;">
<Attributes x:id="Inserts"><Attributes name="FX01">
<UID x:id="deviceClassID" uid="{5653545A-6E4F-3569-7A6F-746F7065206F}"/>
<Attributes x:id="deviceData" name="Ozone"/><Attributes x:id="ghostData"><Attributes x:id="classInfo"
 classID="{5653545A-6E4F-3569-7A6F-746F7065206F}" name="iZotope Ozone 5" category="AudioEffect" subCategory="VST2"/>
</Attributes></Attributes><Attributes name="FX02"><Attributes x:id="deviceData" name="EQ" bypass="1"/>
<Attributes x:id="ghostData"><Attributes x:id="classInfo" classID="{72C4DB71-7A4D-459A-B97E-51745D84B39D}"
 name="Pro-Q 3" category="AudioEffect" subCategory="VST3"/></Attributes></Attributes>
<Attributes name="FX03"><Attributes x:id="ghostData"><Attributes x:id="classInfo"
 classID="{D9AE9ACD-69B4-4B43-B8D5-983E39C559A5}" name="Pro EQ" category="AudioEffect" subCategory="(Native)/EQ"/>
</Attributes></Attributes></Attributes></AudioTrackChannel></ChannelGroup></Attributes></AudioMixer>"""
    synths = """\ufeff<?xml version="1.0" encoding="UTF-8"?><SynthFolder><Attributes name="Sylenth1">
<Attributes x:id="ghostData"><Attributes x:id="classInfo" classID="{56535473-796C-3173-796C-656E74683100}"
 name="Sylenth1" category="AudioSynth" subCategory="VST2"/></Attributes></Attributes></SynthFolder>"""
    meta = '<MetaInformation><Attribute id="Document:Generator" value="Studio One/7.2.3.108761"/></MetaInformation>'
    return archive(
        metainfo_xml=meta, Devices__audiomixer_xml=mixer, Devices__audiosynthfolder_xml=synths, Song__song_xml="<Song/>"
    )


QTRACTOR = b"""<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE qtractorSession>
<session version="0.9.39" name="demo"><tracks><track name="Lead" type="audio"><properties/><plugins>
<plugin type="LV2"><filename>urn:zamaudio:ZamComp</filename><index>0</index><label>ZamComp</label>
<activated>1</activated></plugin>
<plugin type="VST2"><filename>/usr/lib/vst/ZamTube-vst.so</filename><unique-id>1515476290</unique-id>
<label>ZamTube</label><activated>0</activated></plugin></plugins></track></tracks>
<devices><audio-engine><audio-bus name="Master" mode="duplex"><output-plugins>
<plugin type="VST3"><filename>/usr/lib/vst3/MVerb.vst3</filename><unique-id>998877</unique-id><label>MVerb</label>
<activated>1</activated></plugin></output-plugins></audio-bus></audio-engine></devices></session>"""


def bitwig_text(text: str) -> bytes:
    if text.isascii():
        return b"\x08" + struct.pack(">I", len(text)) + text.encode()
    return b"\x08" + struct.pack(">I", len(text) | 1 << 31) + text.encode("utf-16-be")


def bitwig_project() -> bytes:
    """The real project's beginning, and records of plugins as the format's notes describe them."""
    data = (FILES / "bitwig" / "NKS-Preview-Generator.bwproject").read_bytes()
    records = b""
    for uid, name in (
        ("vst3:ABCDEF019182FAEB446C647944736D70:1.11.17", "Decent Sämpler"),
        ("vst:1835167331:0", "Ambience"),
        ("vst:1835167331:0", "Ambience"),
    ):
        records += b"\x00\x00\x1b\xfa" + bitwig_text(uid) + b"\x00\x00\x1b\xe6" + bitwig_text(name)
    return data + records
