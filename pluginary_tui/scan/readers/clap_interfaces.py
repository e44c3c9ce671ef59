"""The binary interface of CLAP as ctypes sees it: layouts of structures and kinds of functions.

Source: the headers of CLAP 1.2 (entry.h, plugin.h, host.h, ext/params.h, ext/audio-ports.h, ext/note-ports.h,
ext/latency.h, factory/preset-discovery.h). A layout that differs from the headers makes every plugin crash.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_bool, c_char, c_char_p, c_double, c_int32, c_uint32, c_uint64, c_void_p

PLUGIN_FACTORY = b"clap.plugin-factory"
PRESET_FACTORIES = (b"clap.preset-discovery-factory/2", b"clap.preset-discovery-factory/draft-2")
PARAMS, AUDIO_PORTS, NOTE_PORTS, LATENCY = b"clap.params", b"clap.audio-ports", b"clap.note-ports", b"clap.latency"

STEPPED, HIDDEN, READ_ONLY, BYPASS, AUTOMATABLE, ENUM = 1 << 0, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 16
MAIN_PORT = 1
FILE, INSIDE_PLUGIN = 0, 1
"""Where presets are."""

_F = ctypes.CFUNCTYPE
Addressed = _F(None, c_void_p)
Answers = _F(c_bool, c_void_p)
Counts = _F(c_uint32, c_void_p)
GivesAddress = _F(c_void_p, c_void_p, c_char_p)
TakesText = _F(None, c_void_p, c_char_p)
TakesNumber = _F(None, c_void_p, c_uint32)
Declares = _F(c_bool, c_void_p, c_void_p)
CountsPorts = _F(c_uint32, c_void_p, c_bool)
GivesPort = _F(c_bool, c_void_p, c_uint32, c_bool, c_void_p)


class Version(ctypes.Structure):
    _fields_ = (("major", c_uint32), ("minor", c_uint32), ("revision", c_uint32))


VERSION = Version(1, 2, 2)


class Entry(ctypes.Structure):
    _fields_ = (
        ("version", Version),
        ("init", _F(c_bool, c_char_p)),
        ("deinit", _F(None)),
        ("get_factory", _F(c_void_p, c_char_p)),
    )


class Descriptor(ctypes.Structure):
    _fields_ = (
        ("version", Version),
        ("id", c_char_p),
        ("name", c_char_p),
        ("vendor", c_char_p),
        ("url", c_char_p),
        ("manual_url", c_char_p),
        ("support_url", c_char_p),
        ("plugin_version", c_char_p),
        ("description", c_char_p),
        ("features", POINTER(c_char_p)),
    )


class Factory(ctypes.Structure):
    _fields_ = (
        ("count", Counts),
        ("descriptor", _F(c_void_p, c_void_p, c_uint32)),
        ("create", _F(c_void_p, c_void_p, c_void_p, c_char_p)),
    )


class Plugin(ctypes.Structure):
    _fields_ = (
        ("descriptor", c_void_p),
        ("data", c_void_p),
        ("init", Answers),
        ("destroy", Addressed),
        ("activate", _F(c_bool, c_void_p, c_double, c_uint32, c_uint32)),
        ("deactivate", Addressed),
        ("start_processing", Answers),
        ("stop_processing", Addressed),
        ("reset", Addressed),
        ("process", c_void_p),
        ("get_extension", GivesAddress),
        ("on_main_thread", Addressed),
    )


class Host(ctypes.Structure):
    _fields_ = (
        ("version", Version),
        ("data", c_void_p),
        ("name", c_char_p),
        ("vendor", c_char_p),
        ("url", c_char_p),
        ("host_version", c_char_p),
        ("get_extension", GivesAddress),
        ("request_restart", Addressed),
        ("request_process", Addressed),
        ("request_callback", Addressed),
    )


class Params(ctypes.Structure):
    _fields_ = (
        ("count", Counts),
        ("get_info", _F(c_bool, c_void_p, c_uint32, c_void_p)),
        ("get_value", _F(c_bool, c_void_p, c_uint32, POINTER(c_double))),
        ("value_to_text", _F(c_bool, c_void_p, c_uint32, c_double, c_void_p, c_uint32)),
    )


class ParamInfo(ctypes.Structure):
    _fields_ = (
        ("id", c_uint32),
        ("flags", c_uint32),
        ("cookie", c_void_p),
        ("name", c_char * 256),
        ("module", c_char * 1024),
        ("minimum", c_double),
        ("maximum", c_double),
        ("default", c_double),
    )


class Ports(ctypes.Structure):
    """Audio ports and note ports alike."""

    _fields_ = (("count", CountsPorts), ("get", GivesPort))


class AudioPortInfo(ctypes.Structure):
    _fields_ = (
        ("id", c_uint32),
        ("name", c_char * 256),
        ("flags", c_uint32),
        ("channels", c_uint32),
        ("kind", c_char_p),
        ("in_place_pair", c_uint32),
    )


class NotePortInfo(ctypes.Structure):
    _fields_ = (
        ("id", c_uint32),
        ("supported_dialects", c_uint32),
        ("preferred_dialect", c_uint32),
        ("name", c_char * 256),
    )


class Latency(ctypes.Structure):
    _fields_ = (("get", Counts),)


class ProviderDescriptor(ctypes.Structure):
    _fields_ = (("version", Version), ("id", c_char_p), ("name", c_char_p), ("vendor", c_char_p))


class Provider(ctypes.Structure):
    _fields_ = (
        ("descriptor", c_void_p),
        ("data", c_void_p),
        ("init", Answers),
        ("destroy", Addressed),
        ("get_metadata", _F(c_bool, c_void_p, c_uint32, c_char_p, c_void_p)),
        ("get_extension", GivesAddress),
    )


class FileType(ctypes.Structure):
    _fields_ = (("name", c_char_p), ("description", c_char_p), ("extension", c_char_p))


class Location(ctypes.Structure):
    _fields_ = (("flags", c_uint32), ("name", c_char_p), ("kind", c_uint32), ("location", c_char_p))


class UniversalId(ctypes.Structure):
    _fields_ = (("abi", c_char_p), ("id", c_char_p))


class Indexer(ctypes.Structure):
    _fields_ = (
        ("version", Version),
        ("name", c_char_p),
        ("vendor", c_char_p),
        ("url", c_char_p),
        ("host_version", c_char_p),
        ("data", c_void_p),
        ("declare_filetype", Declares),
        ("declare_location", Declares),
        ("declare_soundpack", Declares),
        ("get_extension", GivesAddress),
    )


class Receiver(ctypes.Structure):
    _fields_ = (
        ("data", c_void_p),
        ("on_error", _F(None, c_void_p, c_int32, c_char_p)),
        ("begin_preset", _F(c_bool, c_void_p, c_char_p, c_char_p)),
        ("add_plugin_id", _F(None, c_void_p, c_void_p)),
        ("set_soundpack_id", TakesText),
        ("set_flags", TakesNumber),
        ("add_creator", TakesText),
        ("set_description", TakesText),
        ("set_timestamps", _F(None, c_void_p, c_uint64, c_uint64)),
        ("add_feature", TakesText),
        ("add_extra_info", _F(None, c_void_p, c_char_p, c_char_p)),
    )
