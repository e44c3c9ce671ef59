"""The factory of a VST3 module: opening it, the classes of plugins in it, new instances of them."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from pluginary_tui.scan.readers import vst3_interfaces as vst3
from pluginary_tui.scan.readers.module import Library, ModuleError, module_path, this_machine
from pluginary_tui.scan.readers.sequence import Message
from pluginary_tui.scan.readers.vst3_host import CONTEXT

CLASS_LIMIT = 4_096
"""The largest shells known hold some hundreds. Each class is read, so this bounds what a wrong count can cost."""
REFUSALS = 64
"""Entries in a row that a plugin may refuse before its count is taken for wrong."""


class PluginClass(NamedTuple):
    """An effect or instrument class as its factory describes it. Texts are raw."""

    cid: bytes
    name: str
    vendor: str
    version: str
    category: str
    sdk: str

    @property
    def uid(self) -> str:
        """The class id as 32 hexadecimal digits, alike on all platforms."""
        return (vst3.swap_id(self.cid) if sys.platform == "win32" else self.cid).hex().upper()

    def described(self, position: int) -> Message:
        """What is known of it before an instance has been made."""
        return {
            "position": position,
            "name": self.name,
            "vendor": self.vendor,
            "version": self.version,
            "category": self.category,
            "uid": self.uid,
            "kind": "instrument" if self.category.startswith("Instrument") else "effect",
        }


class Module:
    """A VST3 module that is open for good: its factory and the classes of plugins in it.

    `lazy` as in Library. Raises ModuleError where it cannot be opened or has no factory.
    """

    def __init__(self, bundle: str, *, lazy: bool = True) -> None:
        path = module_path(bundle, *this_machine())
        self._factory = _factory(Library(path, lazy=lazy), path)
        if third := vst3.query(self._factory, vst3.PLUGIN_FACTORY_3):
            vst3.method(third, vst3.SET_HOST_CONTEXT)(CONTEXT.address)
        self.classes = list(_classes(self._factory, third))

    def create(self, cid: bytes, wanted: bytes) -> int:
        """The address of a new instance's interface; 0 where the factory makes none."""
        found = ctypes.c_void_p()
        code = vst3.method(self._factory, vst3.CREATE_INSTANCE)(cid, wanted, ctypes.byref(found))
        return found.value or 0 if code == vst3.OK else 0


def _factory(library: Library, path: str) -> int:
    """Enter the module the way its platform demands and ask for the factory; returns its address."""
    if sys.platform == "linux":
        entry = library.function(vst3.ENTRY, "ModuleEntry")
        if entry is None:
            raise ModuleError("It has no ModuleEntry, so it is not a VST3 for Linux")
        if not entry(library.handle):
            raise ModuleError("Its ModuleEntry refused")
    elif sys.platform == "win32" and (init := library.function(vst3.NO_ARGUMENTS, "InitDll")) and not init():
        raise ModuleError("Its InitDll refused")
    get = library.function(vst3.ADDRESS, "GetPluginFactory")
    if get is None:
        raise ModuleError("It has no GetPluginFactory, so it is not a VST3")
    factory = get()
    if not factory:
        raise ModuleError("Its GetPluginFactory gave nothing")
    return int(factory)


def _classes(factory: int, third: int) -> Iterator[PluginClass]:
    """The effect and instrument classes of a factory.

    Vendor and version come from the 8-bit class info where there is one: the 16-bit one of some plugins has its bytes
    the wrong way round (LSP 1.2).
    """
    count = int(vst3.method(factory, vst3.COUNT_CLASSES)())
    second = vst3.query(factory, vst3.PLUGIN_FACTORY_2)
    plain = vst3.method(factory, vst3.CLASS_INFO)
    narrow = vst3.method(second, vst3.CLASS_INFO_2) if second else None
    wide = vst3.method(third, vst3.CLASS_INFO_W) if third else None
    maker = ""
    refused = 0
    for index in range(max(0, min(count, CLASS_LIMIT))):
        info, info_2, info_w = vst3.ClassInfo(), vst3.ClassInfo2(), vst3.ClassInfoW()
        has_2 = narrow is not None and narrow(index, ctypes.addressof(info_2)) == vst3.OK
        # The third is wanted only where the second is not there, or where its name is cut short or not plain ASCII.
        cut = has_2 and (len(info_2.name) >= 63 or not info_2.name.isascii())
        has_w = wide is not None and (not has_2 or cut) and wide(index, ctypes.addressof(info_w)) == vst3.OK
        if not has_2 and not has_w and plain(index, ctypes.addressof(info)) != vst3.OK:
            refused += 1
            if refused > REFUSALS:
                return
            continue
        refused = 0
        best = info_2 if has_2 else info_w if has_w else info
        if best.category != vst3.EFFECT_CLASS:
            continue
        vendor = text_8(info_2.vendor) if has_2 else _text_w(info_w.vendor)
        if not vendor:
            maker = vendor = maker or _factory_vendor(factory)
        yield PluginClass(
            cid=bytes(best.cid),
            name=(_text_w(info_w.name) if has_w else "") or text_8(info_2.name if has_2 else info.name),
            vendor=vendor,
            version=text_8(info_2.version) if has_2 else _text_w(info_w.version),
            category=text_8(getattr(best, "subcategories", b"")),
            sdk=text_8(info_2.sdk) if has_2 else _text_w(info_w.sdk),
        )


def _factory_vendor(factory: int) -> str:
    info = vst3.FactoryInfo()
    code = vst3.method(factory, vst3.GET_FACTORY_INFO)(ctypes.addressof(info))
    return text_8(info.vendor) if code == vst3.OK else ""


def text_8(raw: bytes) -> str:
    """A text of a class info: UTF-8 by the standard, Latin-1 in some plugins."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _text_w(raw: Any) -> str:
    return vst3.text_16(bytes(raw))
