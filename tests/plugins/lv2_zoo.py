"""The zoo's LV2 bundles: Turtle that is right, broken, endless, or wants what it must not get."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PREFIXES = """@prefix lv2: <http://lv2plug.in/ns/lv2core#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix doap: <http://usefulinc.com/ns/doap#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix atom: <http://lv2plug.in/ns/ext/atom#> .
@prefix midi: <http://lv2plug.in/ns/ext/midi#> .
@prefix pg: <http://lv2plug.in/ns/ext/port-groups#> .
@prefix pprops: <http://lv2plug.in/ns/ext/port-props#> .
@prefix pset: <http://lv2plug.in/ns/ext/presets#> .
@prefix units: <http://lv2plug.in/ns/extensions/units#> .
@prefix urid: <http://lv2plug.in/ns/ext/urid#> .
@prefix : <urn:zoo:> .
"""

PORTS = """
    lv2:port [ a lv2:InputPort, lv2:AudioPort ; lv2:index 0 ; lv2:symbol "in" ; lv2:name "In" ],
    [ a lv2:OutputPort, lv2:AudioPort ; lv2:index 1 ; lv2:symbol "out" ; lv2:name "Out" ],
    [ a lv2:InputPort, lv2:ControlPort ; lv2:index 2 ; lv2:symbol "gain" ; lv2:name "Gain" ;
      lv2:default 0.0 ; lv2:minimum -60.0 ; lv2:maximum 24.0 ; units:unit units:db ]"""


def plugin(name: str = "Zoo Amp", extra: str = "", ports: str = PORTS, uri: str = ":amp") -> str:
    """The description of a plugin, without prefixes."""
    return f'{uri} a lv2:Plugin, lv2:AmplifierPlugin ; doap:name "{name}" ; {extra} {ports} .\n'


def write(bundle: Path, manifest: str, **files: str) -> Path:
    """Make a bundle of these files; prefixes are added, names get the ending `.ttl`."""
    bundle.mkdir(parents=True)
    (bundle / "manifest.ttl").write_text(PREFIXES + manifest)
    for name, text in files.items():
        (bundle / f"{name}.ttl").write_text(PREFIXES + text)
    return bundle


LISTED = ":amp a lv2:Plugin ; lv2:binary <amp.so> ; rdfs:seeAlso <amp.ttl> .\n"


@dataclass(frozen=True, slots=True)
class Lv2Kind:
    """One kind, and how a scan of it ends."""

    make: Callable[[Path], object]
    outcome: str = "ok"
    plugins: int = 1
    parameters: int = 1
    cause: str = ""
    """Part of the error."""
    log: str = ""
    """Part of what its reading printed."""


def _broken_file(bundle: Path) -> None:
    write(bundle, LISTED)
    (bundle / "amp.ttl").write_text(f"{PREFIXES}:amp a lv2:Plugin ;\n  lv2:port [ ( .\n")


def _not_utf8(bundle: Path) -> None:
    write(bundle, LISTED)
    (bundle / "amp.ttl").write_bytes(PREFIXES.encode() + b':amp doap:name "\xff\xfe" .\n')


def _pipe(bundle: Path) -> None:
    write(bundle, LISTED)
    os.mkfifo(bundle / "amp.ttl")


def _ports(bundle: Path, count: int = 100_000) -> None:
    port = '[ a lv2:InputPort, lv2:ControlPort ; lv2:index {n} ; lv2:symbol "p{n}" ; lv2:name "P {n}" ]'
    write(bundle, LISTED, amp=plugin(ports="lv2:port " + ",\n".join(port.format(n=n) for n in range(count))))


def _without_manifest(bundle: Path) -> None:
    bundle.mkdir(parents=True)
    (bundle / "amp.ttl").write_text(PREFIXES + plugin())


def _huge_file(bundle: Path) -> None:
    write(bundle, LISTED)
    with (bundle / "amp.ttl").open("wb") as file:
        file.truncate(1 << 32)


_DEEP = 200_000
NETWORK = "http://127.0.0.1:9/never.ttl"

KINDS = {
    "good": Lv2Kind(lambda b: write(b, LISTED, amp=plugin())),
    "in_manifest": Lv2Kind(lambda b: write(b, plugin())),
    "crossed_out": Lv2Kind(lambda b: write(b, "this is no Turtle\n"), "failed", cause="manifest.ttl, line 14"),
    "broken_file": Lv2Kind(_broken_file, "failed", cause="amp.ttl, line 15"),
    "half_broken": Lv2Kind(
        lambda b: write(b, f"{LISTED}:other a lv2:Plugin ; rdfs:seeAlso <other.ttl> .\n", amp=plugin(), other="<x"),
        plugins=2, parameters=1,
    ),
    "not_utf8": Lv2Kind(_not_utf8, "failed", cause="amp.ttl"),
    "missing_file": Lv2Kind(lambda b: write(b, LISTED), "failed", cause="amp.ttl cannot be read"),
    "no_manifest": Lv2Kind(_without_manifest, "failed", cause="manifest.ttl cannot be read"),
    "pipe": Lv2Kind(_pipe, "failed", cause="amp.ttl is no file"),
    "huge_file": Lv2Kind(_huge_file, "failed", cause="more than 64 MB"),
    "deep": Lv2Kind(lambda b: write(b, LISTED, amp=f":amp :x {'(' * _DEEP}{')' * _DEEP} .\n"), "failed"),
    "deep_blanks": Lv2Kind(lambda b: write(b, LISTED, amp=f":amp :x {'[ :y ' * _DEEP}1{']' * _DEEP} .\n"), "failed"),
    "loop": Lv2Kind(
        lambda b: write(
            b, LISTED + ":amp rdfs:seeAlso <manifest.ttl>, <a.ttl> .\n",
            amp=plugin() + ":amp rdfs:seeAlso <a.ttl>, <amp.ttl> .\n", a=":amp rdfs:seeAlso <amp.ttl>, <a.ttl> .\n",
        )
    ),
    "network": Lv2Kind(lambda b: write(b, f"{LISTED}:amp rdfs:seeAlso <{NETWORK}>, <ftp://x/y> .\n", amp=plugin())),
    "elsewhere": Lv2Kind(
        lambda b: write(b, LISTED + ":amp rdfs:seeAlso <file:///etc/passwd>, <../../x.ttl> .\n", amp=plugin())
    ),
    "ports_100000": Lv2Kind(_ports, parameters=16_384, log="100,000 ports"),
    "no_ports": Lv2Kind(lambda b: write(b, plugin(ports="")), parameters=0),
    "odd_numbers": Lv2Kind(
        lambda b: write(b, plugin(ports='lv2:port [ a lv2:InputPort, lv2:ControlPort ; lv2:index "x" ; '
                                        'lv2:minimum "nan" ; lv2:maximum 1e999 ; lv2:default "much" ]'))
    ),
    "no_name": Lv2Kind(lambda b: write(b, LISTED, amp=":amp a lv2:Plugin .\n"), parameters=0),
    "bad_texts": Lv2Kind(lambda b: write(b, plugin(name="Zo\\u001B[31m \\u202E red [b]x[/b]"))),
}  # fmt: skip


def build(kind: str, folder: Path) -> Path:
    """Make a bundle of one of the KINDS in a folder and give its path."""
    bundle = folder / f"{kind}.lv2"
    KINDS[kind].make(bundle)
    return bundle
