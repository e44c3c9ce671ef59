"""What makes a plugin the same plugin: its id, and what ties one that is gone to one that is there."""

from __future__ import annotations

import re
import sqlite3
import zlib
from collections.abc import Iterable
from typing import NamedTuple

from pluginary_tui.model import slug

LEAST_PREFIX = 3
"""Least length of a name that counts as the beginning of another one."""

_SUFFIX = re.compile(r"-[0-9a-f]{8}$")
"""What `identity` puts behind an id where two plugins have the same names."""

COMMON = frozenset(
    {
        *("audio", "dsp", "effects", "instruments", "media", "music", "plugin", "plugins", "productions", "software"),
        *("sound", "sounds", "studio", "studios", "lab", "labs", "technologies", "technology", "vst", "vst2", "vst3"),
        *("and", "by", "the", "co", "company", "corp", "gmbh", "inc", "limited", "llc", "ltd", "unknown"),
    }
)
"""Words in the names of vendors that do not tell one from another."""


class Sighting(NamedTuple):
    """What tells one plugin from another, as it is or was in one bundle."""

    id: str
    base: str
    """The id without its suffix: format, vendor and name."""
    uid: str = ""
    """The class id; empty where it is not known."""
    bundle: str = ""
    """The path of the bundle; empty where it is not known."""
    alone: bool = False
    """Whether it is the only plugin of that bundle."""
    new: bool = True
    """Whether the catalogue did not know its id before this scan."""


def successor(gone: Sighting, there: Iterable[Sighting]) -> str:
    """The id of the plugin, of those that are there, that `gone` has become; empty where nothing ties it to one.

    The ties, the strongest first:

    1. The same class id. Vendors who leave their framework's default class ids as they are share them with others.
       So a plugin that was known before also needs a vendor or a name that is alike.
    2. The same vendor and name. In the same bundle the name is enough, since vendors respell themselves.
    3. The only plugin of a bundle before and after, if vendor or name are alike, or if the bundle could not be read
       before. One that has neither in common is another plugin.

    Where a tie holds for several ids, those in the same bundle count, of these the ones with the same name, and if
    these are several, none: a wrong guess would be worse than one that the user has to make.
    """
    candidates = [each for each in there if _format(each) == _format(gone) and each.id != gone.id]
    for tie in (_same_class, _same_names, _same_bundle):
        tied = [each for each in candidates if tie(gone, each)]
        if tied:
            return _only(gone, tied)
    return ""


def _only(gone: Sighting, tied: list[Sighting]) -> str:
    in_bundle = [each for each in tied if gone.bundle and each.bundle == gone.bundle] or tied
    named = [each for each in in_bundle if _name(each) == _name(gone)] or in_bundle
    ids = {each.id for each in named}
    return ids.pop() if len(ids) == 1 else ""


def _same_class(gone: Sighting, there: Sighting) -> bool:
    return bool(gone.uid) and gone.uid == there.uid and (there.new or _alike(gone, there))


def _same_names(gone: Sighting, there: Sighting) -> bool:
    in_bundle = gone.bundle and gone.bundle == there.bundle
    return gone.base == there.base or bool(in_bundle and _name(gone) == _name(there))


def _same_bundle(gone: Sighting, there: Sighting) -> bool:
    alone = bool(gone.bundle) and gone.bundle == there.bundle and gone.alone and there.alone
    return alone and (not gone.uid or _alike(gone, there))


def _alike(one: Sighting, other: Sighting) -> bool:
    return alike(_vendor(one), _vendor(other), COMMON) or alike(_name(one), _name(other))


def alike(one: str, other: str, common: frozenset[str] = frozenset()) -> bool:
    """Whether two slugs share a word that is not `common`, or one begins with the other, hyphens aside.

    >>> alike("lsp-vst3", "lsp", frozenset({"vst3"})), alike("valhalla-dsp", "valhalladsp"), alike("acme", "zoo")
    (True, True, False)
    """
    words = [
        {word for word in slug.split("-") if len(word) > 1 and not word.isdigit()} - common for slug in (one, other)
    ]
    if words[0] & words[1]:
        return True
    short, long = sorted(("".join(one.split("-")), "".join(other.split("-"))), key=len)
    return len(short) >= LEAST_PREFIX and short not in common and long.startswith(short)


def _format(sighting: Sighting) -> str:
    return sighting.base.partition("/")[0]


def _vendor(sighting: Sighting) -> str:
    return sighting.base.split("/")[1] if sighting.base.count("/") == 2 else ""


def _name(sighting: Sighting) -> str:
    return sighting.base.rpartition("/")[2]


def canonical_id(text: str) -> str:
    """An id as the catalogue has it, whatever its case and the signs that stand for one letter.

    >>> canonical_id("VST3/Sonic-Charge/\N{MICRO SIGN}Tonic ") == "vst3/sonic-charge/\N{GREEK SMALL LETTER MU}tonic"
    True
    """
    format_, *names = text.strip().split("/")
    return "/".join([format_.casefold(), *(name and slug(name) for name in names)])


def suffixed(base: str, uid: str) -> str:
    """The id of class `uid` where another class has the plain one: eight digits of a checksum of its class id.

    Vendors fill the front of a class id alike, so no cut of the id itself tells two of theirs apart.
    """
    return f"{base}-{zlib.crc32(uid.encode()):08x}"


def identity(db: sqlite3.Connection, base: str, uid: str) -> str:
    """The stable id of class `uid` under the readable id `base`, given once and kept.

    The first class of a name has the plain id, another one a suffix behind it. A class id that is not known (its
    factory could not be read) takes the plain id.
    """
    if not uid:
        return base
    row = db.execute("SELECT id FROM identity WHERE base = ? AND uid = ?", (base, uid)).fetchone()
    if row:
        return str(row[0])
    taken = db.execute("SELECT 1 FROM identity WHERE base = ?", (base,)).fetchone()
    id_ = suffixed(base, uid) if taken else base
    db.execute("INSERT OR IGNORE INTO identity VALUES (?, ?, ?)", (id_, base, uid))
    return id_


def known_as(db: sqlite3.Connection, id_: str) -> Sighting:
    """The facts kept for an id, with or without a plugin that has it."""
    row = db.execute("SELECT base, uid FROM identity WHERE id = ?", (id_,)).fetchone()
    return Sighting(id_, *row) if row else Sighting(id_, _SUFFIX.sub("", id_))
