"""The binary interfaces of VST3 as ctypes sees them: ids, places in tables of functions, layouts of structures.

Source: the headers of Steinberg's VST3 interfaces (ipluginbase.h, ivstcomponent.h, ivstaudioprocessor.h,
ivsteditcontroller.h, ivstunits.h, ivstmessage.h, ivstattributes.h, ivsthostapplication.h, ibstream.h). A place or a
layout that differs from the headers makes every plugin crash.
"""

from __future__ import annotations

import codecs
import ctypes
import functools
import struct
import sys
from collections.abc import Callable
from ctypes import POINTER, c_char_p, c_double, c_int16, c_int32, c_uint32, c_void_p
from typing import Any

OK = 0
NO_INTERFACE = -1
FALSE = 1
INVALID_ARGUMENT = 2

EFFECT_CLASS = b"Audio Module Class"

POINTER_SIZE = ctypes.sizeof(c_void_p)
UTF_16 = f"utf-16-{sys.byteorder[0]}e"
_decode = codecs.getdecoder(UTF_16)
_LOWER_BYTE = 0 if sys.byteorder == "little" else 1
"""Place of a unit's lower byte among its two."""
NAME_BYTES = 256
"""Bytes of a String128: 128 units of UTF-16, ended by a zero where it is shorter."""


def interface_id(text: str) -> bytes:
    """The 16 bytes of an interface's id; Windows keeps the first three fields the other way round."""
    raw = bytes.fromhex(text.replace("-", ""))
    return swap_id(raw) if sys.platform == "win32" else raw


def swap_id(raw: bytes) -> bytes:
    """A class id between its order on Windows and everywhere else."""
    return raw[3::-1] + raw[5:3:-1] + raw[7:5:-1] + raw[8:]


UNKNOWN = interface_id("00000000-0000-0000-C000-000000000046")
PLUGIN_FACTORY_2 = interface_id("0007B650-F24B-4C0B-A464-EDB9F00B2ABB")
PLUGIN_FACTORY_3 = interface_id("4555A2AB-C123-4E57-9B12-291036878931")
PLUGIN_BASE = interface_id("22888DDB-156E-45AE-8358-B34808190625")
COMPONENT = interface_id("E831FF31-F2D5-4301-928E-BBEE25697802")
AUDIO_PROCESSOR = interface_id("42043F99-B7DA-453C-A569-E79D9AAEC33D")
EDIT_CONTROLLER = interface_id("DCD7BBE3-7742-448D-A874-AACC979C759E")
UNIT_INFO = interface_id("3D4BD6B5-913A-4FD2-A886-E768A5EB92C1")
MIDI_MAPPING = interface_id("DF0FF9F7-49B7-4669-B63A-B7327ADBF5E5")
CONNECTION_POINT = interface_id("70A4156F-6E6E-4026-9891-48BFAA60D8D1")
HOST_APPLICATION = interface_id("58E595CC-DB2D-4969-8B6A-AF8C36A664E5")
INTERFACE_SUPPORT = interface_id("4FB58B9E-9EAA-4E0F-AB36-1C1CCCB56FEA")
COMPONENT_HANDLER = interface_id("93A0BEA3-0BD0-45DB-8E89-0B0CC1E46AC6")
COMPONENT_HANDLER_2 = interface_id("F040B4B3-A360-45EC-ABCD-C045B4D5A2CC")
BUS_ACTIVATION = interface_id("067D02C1-5B4E-274D-A92D-90FD6EAF7240")
UNIT_HANDLER = interface_id("4B5147F8-4654-486B-8DAB-30BA163A3C56")
MESSAGE = interface_id("936F033B-C6C0-47DB-BB08-82F813C1E613")
ATTRIBUTE_LIST = interface_id("1E5F0AEB-CC7F-4533-A254-401138AD5EE4")
STREAM = interface_id("C3BF6EA2-3099-4752-9B6B-F9901EE33E9B")


class FactoryInfo(ctypes.Structure):
    _fields_ = (
        ("vendor", ctypes.c_char * 64),
        ("url", ctypes.c_char * 256),
        ("email", ctypes.c_char * 128),
        ("flags", c_int32),
    )


class ClassInfo(ctypes.Structure):
    _fields_ = (
        ("cid", ctypes.c_ubyte * 16),
        ("cardinality", c_int32),
        ("category", ctypes.c_char * 32),
        ("name", ctypes.c_char * 64),
    )


class ClassInfo2(ctypes.Structure):
    _fields_ = (
        *ClassInfo._fields_,
        ("flags", c_uint32),
        ("subcategories", ctypes.c_char * 128),
        ("vendor", ctypes.c_char * 64),
        ("version", ctypes.c_char * 64),
        ("sdk", ctypes.c_char * 64),
    )


class ClassInfoW(ctypes.Structure):
    _fields_ = (
        ("cid", ctypes.c_ubyte * 16),
        ("cardinality", c_int32),
        ("category", ctypes.c_char * 32),
        ("name", ctypes.c_uint16 * 64),
        ("flags", c_uint32),
        ("subcategories", ctypes.c_char * 128),
        ("vendor", ctypes.c_uint16 * 64),
        ("version", ctypes.c_uint16 * 64),
        ("sdk", ctypes.c_uint16 * 64),
    )


# Structures that are read thousands of times are read as bytes, by `struct`. Native alignment, as the headers have it.
PARAMETER_INFO = struct.Struct("@I256s256s256sidii")
"""id, title, short title, units, step count, default (normalized), unit id, flags."""
BUS_INFO = struct.Struct("@iii256siI")
"""media, direction, channels, name, kind, flags."""
UNIT = struct.Struct("@ii256si")
"""id, parent, name, program list."""
PROGRAM_LIST = struct.Struct("@i256si")
"""id, name, number of programs."""

# The types of what is passed to be filled, made once: each class of ctypes costs a forked process memory.
ClassId = ctypes.c_char * 16
Name = ctypes.c_char * NAME_BYTES
ParameterInfo = ctypes.c_char * PARAMETER_INFO.size
BusInfo = ctypes.c_char * BUS_INFO.size
Unit = ctypes.c_char * UNIT.size
ProgramList = ctypes.c_char * PROGRAM_LIST.size

CAN_AUTOMATE = 1 << 0
READ_ONLY = 1 << 1
IS_LIST = 1 << 3
IS_HIDDEN = 1 << 4
IS_PROGRAM_CHANGE = 1 << 15
IS_BYPASS = 1 << 16

MEDIA = ("audio", "event")
DIRECTIONS = ("input", "output")

# The kinds of functions, made once for all objects: each class of ctypes costs a forked process memory.
_F = ctypes.CFUNCTYPE


def callback(result: Any, *arguments: Any) -> Callable[[Callable[..., Any]], Any]:
    """A decorator that makes a C function of a Python one; the types are those of ctypes."""
    return _F(result, *arguments)


ENTRY = _F(ctypes.c_bool, c_void_p)
NO_ARGUMENTS = _F(ctypes.c_bool)
ADDRESS = _F(c_void_p)
_PLAIN = _F(c_int32, c_void_p)
_ONE_ADDRESS = _F(c_int32, c_void_p, c_void_p)
_INDEXED = _F(c_int32, c_void_p, c_int32, c_void_p)

QUERY_INTERFACE = 0, _F(c_int32, c_void_p, c_char_p, POINTER(c_void_p))
RELEASE = 2, _PLAIN
INITIALIZE, TERMINATE = (3, _ONE_ADDRESS), (4, _PLAIN)
GET_FACTORY_INFO, COUNT_CLASSES = (3, _ONE_ADDRESS), (4, _PLAIN)
CREATE_INSTANCE = 6, _F(c_int32, c_void_p, c_char_p, c_char_p, POINTER(c_void_p))
CLASS_INFO, CLASS_INFO_2, CLASS_INFO_W = (5, _INDEXED), (7, _INDEXED), (8, _INDEXED)
SET_HOST_CONTEXT = 9, _ONE_ADDRESS
GET_CONTROLLER_CLASS = 5, _ONE_ADDRESS
COUNT_BUSES = 7, _F(c_int32, c_void_p, c_int32, c_int32)
GET_BUS_INFO = 8, _F(c_int32, c_void_p, c_int32, c_int32, c_int32, c_void_p)
GET_STATE = 13, _ONE_ADDRESS
GET_LATENCY = 6, _F(c_uint32, c_void_p)
SET_COMPONENT_STATE = 5, _ONE_ADDRESS
COUNT_PARAMETERS = 8, _PLAIN
GET_PARAMETER_INFO = 9, _INDEXED
GET_PARAMETER_TEXT = 10, _F(c_int32, c_void_p, c_uint32, c_double, c_void_p)
GET_PARAMETER_VALUE = 14, _F(c_double, c_void_p, c_uint32)
SET_COMPONENT_HANDLER = 16, _ONE_ADDRESS
COUNT_UNITS, GET_UNIT = (3, _PLAIN), (4, _INDEXED)
COUNT_PROGRAM_LISTS, GET_PROGRAM_LIST = (5, _PLAIN), (6, _INDEXED)
GET_PROGRAM_NAME = 7, _F(c_int32, c_void_p, c_int32, c_int32, c_void_p)
GET_MIDI_ASSIGNMENT = 3, _F(c_int32, c_void_p, c_int32, c_int16, c_int16, POINTER(c_uint32))
CONNECT, DISCONNECT = (3, _ONE_ADDRESS), (4, _ONE_ADDRESS)


def method(address: int, place: tuple[int, Any]) -> Callable[..., Any]:
    """The function in this place of the object's table, bound to the object: it is called without its address."""
    slot, kind = place
    return functools.partial(kind(address_at(address_at(address) + slot * POINTER_SIZE)), address)


def address_at(address: int) -> int:
    """The address kept at this address."""
    return c_void_p.from_address(address).value or 0


def query(address: int, wanted: bytes) -> int:
    """The address of another interface of this object; 0 where it has none of this id, or returns OK without one."""
    found = c_void_p()
    code = method(address, QUERY_INTERFACE)(wanted, ctypes.byref(found))
    return found.value or 0 if code == OK else 0


def text_16(raw: bytes) -> str:
    """A text of UTF-16 up to its first zero, or whole where it has none.

    Texts whose bytes stand the wrong way round are turned: every unit of a Latin text then has an empty lower byte,
    which no two characters of another script in a row have.
    """
    end = raw.find(b"\0\0")
    while end & 1 and end > 0:  # the two zeros belong to two units, not to one
        end = raw.find(b"\0\0", end + 1)
    if end >= 0:
        raw = raw[:end]
    if len(raw) > 2 and not any(raw[_LOWER_BYTE::2]):
        raw = raw[1 - _LOWER_BYTE :: 2]
        return raw.decode("latin-1")
    return _decode(raw, "replace")[0]
