"""The host's side of VST3: the objects that a plugin is given, or queries, while it is read.

Their functions may be called from any thread of the plugin's, at any time, so each is short and keeps no lock.
"""

from __future__ import annotations

import ctypes
from collections import deque
from collections.abc import Callable, Mapping
from ctypes import c_char_p, c_double, c_int32, c_int64, c_uint32, c_void_p
from typing import Any, ClassVar

from pluginary_tui.scan.readers import vst3_interfaces as vst3

HOST_NAME = "Pluginary TUI"

STATE_LIMIT = 256 << 20
"""Bytes that a plugin may write as its state; a longer one is refused."""

_F = vst3.callback
_QUERY = _F(c_int32, c_void_p, c_void_p, c_void_p)
_COUNT = _F(c_uint32, c_void_p)
_ACCEPT = _F(c_int32, c_void_p)


class HostObject:
    """An object that plugins see as a COM object: a pointer to a table of functions.

    A subclass names its functions in FUNCTIONS, after the first three that every object has. `objects` keeps each
    object alive until the plugin has released it as often as it took it.
    """

    FUNCTIONS: ClassVar[tuple[Any, ...]] = ()
    INTERFACES: ClassVar[frozenset[bytes]] = frozenset()
    objects: ClassVar[dict[int, HostObject]] = {}
    _table: ClassVar[Any] = None

    def __init__(self) -> None:
        self._block = (c_void_p * 1)(ctypes.addressof(self._table))
        self.address = ctypes.addressof(self._block)
        self.references = 1
        self.objects[self.address] = self

    def __init_subclass__(cls) -> None:
        functions = (_query_interface, _add_reference, _release, *cls.FUNCTIONS)
        cls._table = (c_void_p * len(functions))(*(ctypes.cast(each, c_void_p).value for each in functions))

    def interface(self, wanted: bytes) -> int:
        """The address of this object's interface of that id; 0 where it has none."""
        return self.address if wanted == vst3.UNKNOWN or wanted in self.INTERFACES else 0


_released: deque[HostObject] = deque(maxlen=256)
"""Objects that are done with: a plugin that releases one once too often must not write into memory of another."""


@_QUERY
def _query_interface(this: int, wanted: int, found: int) -> int:
    if not wanted or not found:
        return vst3.INVALID_ARGUMENT
    thing = HostObject.objects.get(this)
    address = thing.interface(ctypes.string_at(wanted, 16)) if thing else 0
    c_void_p.from_address(found).value = address or None
    if not address:
        return vst3.NO_INTERFACE
    HostObject.objects[address].references += 1
    return vst3.OK


@_COUNT
def _add_reference(this: int) -> int:
    thing = HostObject.objects.get(this)
    if thing is None:
        return 0
    thing.references += 1
    return thing.references


@_COUNT
def _release(this: int) -> int:
    thing = HostObject.objects.get(this)
    if thing is None:
        return 0
    thing.references -= 1
    if thing.references <= 0:
        _released.append(HostObject.objects.pop(this))
    return max(thing.references, 0)


@_ACCEPT
def _accept(this: int) -> int:
    """For notifications whose arguments do not matter here: by the calling conventions the caller disposes of them."""
    return vst3.OK


class ComponentHandler(HostObject):
    """Receives a controller's notifications of edits, restarts and units, and ignores them."""

    FUNCTIONS = (_accept,) * 4
    INTERFACES = frozenset({vst3.COMPONENT_HANDLER})

    def interface(self, wanted: bytes) -> int:
        return super().interface(wanted) or (_MORE_HANDLERS[wanted].address if wanted in _MORE_HANDLERS else 0)


class _OtherHandler(HostObject):
    """IComponentHandler2, IComponentHandlerBusActivation, IUnitHandler: all but accept."""

    FUNCTIONS = (_accept,) * 4

    def interface(self, wanted: bytes) -> int:
        return HANDLER.interface(wanted)


@_F(c_int32, c_void_p, c_void_p)
def _get_name(this: int, name: int) -> int:
    if not name:
        return vst3.INVALID_ARGUMENT
    raw = HOST_NAME.encode(vst3.UTF_16) + b"\0\0"
    ctypes.memmove(name, raw, len(raw))
    return vst3.OK


@_F(c_int32, c_void_p, c_void_p, c_void_p, c_void_p)
def _create_instance(this: int, cid: int, wanted: int, found: int) -> int:
    if not cid or not found:
        return vst3.INVALID_ARGUMENT
    kind = _CREATED.get(ctypes.string_at(cid, 16))
    c_void_p.from_address(found).value = kind().address if kind else None
    return vst3.OK if kind else vst3.FALSE


@_F(c_int32, c_void_p, c_void_p)
def _is_supported(this: int, wanted: int) -> int:
    return vst3.OK if wanted and ctypes.string_at(wanted, 16) in _SUPPORTED else vst3.FALSE


class _InterfaceSupport(HostObject):
    """IPlugInterfaceSupport of the host context."""

    FUNCTIONS = (_is_supported,)

    def interface(self, wanted: bytes) -> int:
        return CONTEXT.interface(wanted)


class HostContext(HostObject):
    """IHostApplication: what a factory, a component and a controller are given when they are made."""

    FUNCTIONS = (_get_name, _create_instance)
    INTERFACES = frozenset({vst3.HOST_APPLICATION})

    def interface(self, wanted: bytes) -> int:
        if wanted == vst3.INTERFACE_SUPPORT:
            return _SUPPORT.address
        return super().interface(wanted)


def _c_text(address: int) -> bytes:
    return ctypes.string_at(address) if address else b""


def _attributes(this: int) -> dict[tuple[str, bytes], Any]:
    thing = HostObject.objects.get(this)
    return thing.values if isinstance(thing, AttributeList) else {}


def _setter(name: str, kind: Any) -> Any:
    @_F(c_int32, c_void_p, c_void_p, kind)
    def put(this: int, key: int, value: Any) -> int:
        _attributes(this)[name, _c_text(key)] = value
        return vst3.OK

    return put


def _getter(name: str, kind: Any) -> Any:
    @_F(c_int32, c_void_p, c_void_p, c_void_p)
    def get(this: int, key: int, found: int) -> int:
        value = _attributes(this).get((name, _c_text(key)))
        if value is None or not found:
            return vst3.FALSE
        kind.from_address(found).value = value
        return vst3.OK

    return get


@_F(c_int32, c_void_p, c_void_p, c_void_p)
def _set_string(this: int, key: int, text: int) -> int:
    if not text:
        return vst3.INVALID_ARGUMENT
    length = 0
    while ctypes.c_uint16.from_address(text + 2 * length).value:
        length += 1
    _attributes(this)["string", _c_text(key)] = ctypes.string_at(text, 2 * length + 2)
    return vst3.OK


@_F(c_int32, c_void_p, c_void_p, c_void_p, c_uint32)
def _get_string(this: int, key: int, text: int, size: int) -> int:
    value = _attributes(this).get(("string", _c_text(key)))
    if value is None or not text or size < 2:
        return vst3.FALSE
    part = value[: size & ~1]
    ctypes.memmove(text, part, len(part))
    ctypes.c_uint16.from_address(text + len(part) - 2).value = 0
    return vst3.OK


@_F(c_int32, c_void_p, c_void_p, c_void_p, c_uint32)
def _set_binary(this: int, key: int, data: int, size: int) -> int:
    if not data and size:
        return vst3.INVALID_ARGUMENT
    copy = ctypes.create_string_buffer(ctypes.string_at(data, size), max(size, 1))
    _attributes(this)["binary", _c_text(key)] = copy, size
    return vst3.OK


@_F(c_int32, c_void_p, c_void_p, c_void_p, c_void_p)
def _get_binary(this: int, key: int, found: int, size: int) -> int:
    value = _attributes(this).get(("binary", _c_text(key)))
    if value is None or not found or not size:
        return vst3.FALSE
    buffer, length = value
    c_void_p.from_address(found).value = ctypes.addressof(buffer)
    c_uint32.from_address(size).value = length
    return vst3.OK


class AttributeList(HostObject):
    """IAttributeList: numbers, texts and bytes under names."""

    FUNCTIONS = (
        _setter("int", c_int64),
        _getter("int", c_int64),
        _setter("float", c_double),
        _getter("float", c_double),
        _set_string,
        _get_string,
        _set_binary,
        _get_binary,
    )
    INTERFACES = frozenset({vst3.ATTRIBUTE_LIST})

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[tuple[str, bytes], Any] = {}


@_F(c_void_p, c_void_p)
def _get_message_id(this: int) -> int | None:
    thing = HostObject.objects.get(this)
    return ctypes.cast(thing.name, c_void_p).value if isinstance(thing, Message) else None


@_F(None, c_void_p, c_void_p)
def _set_message_id(this: int, name: int) -> None:
    thing = HostObject.objects.get(this)
    if isinstance(thing, Message):
        thing.name = c_char_p(_c_text(name))


@_F(c_void_p, c_void_p)
def _get_attributes(this: int) -> int | None:
    thing = HostObject.objects.get(this)
    return thing.attributes.address if isinstance(thing, Message) else None


class Message(HostObject):
    """IMessage: what component and controller of a plugin send each other."""

    FUNCTIONS = (_get_message_id, _set_message_id, _get_attributes)
    INTERFACES = frozenset({vst3.MESSAGE})

    def __init__(self) -> None:
        super().__init__()
        self.name = c_char_p(b"")
        self.attributes = AttributeList()


@_F(c_int32, c_void_p, c_void_p, c_int32, c_void_p)
def _read(this: int, buffer: int, wanted: int, done: int) -> int:
    stream = HostObject.objects.get(this)
    if not isinstance(stream, Stream) or wanted < 0 or (wanted and not buffer):
        return vst3.INVALID_ARGUMENT
    position = stream.position
    length = max(0, min(wanted, len(stream.data) - position))
    if length:
        ctypes.memmove(buffer, bytes(stream.data[position : position + length]), length)
        stream.position = position + length
    if done:
        c_int32.from_address(done).value = length
    return vst3.OK


@_F(c_int32, c_void_p, c_void_p, c_int32, c_void_p)
def _write(this: int, buffer: int, wanted: int, done: int) -> int:
    stream = HostObject.objects.get(this)
    if not isinstance(stream, Stream) or wanted < 0 or (wanted and not buffer):
        return vst3.INVALID_ARGUMENT
    end = stream.position + wanted
    if end > STATE_LIMIT:
        return vst3.FALSE
    data = stream.data
    if stream.position == len(data):  # plugins write piece after piece, some of a byte each
        data += ctypes.string_at(buffer, wanted)
    else:
        if wanted and stream.position > len(data):
            data.extend(bytes(stream.position - len(data)))
        data[stream.position : end] = ctypes.string_at(buffer, wanted)
    stream.position = end
    if done:
        c_int32.from_address(done).value = wanted
    return vst3.OK


@_F(c_int32, c_void_p, c_int64, c_int32, c_void_p)
def _seek(this: int, offset: int, mode: int, result: int) -> int:
    stream = HostObject.objects.get(this)
    if not isinstance(stream, Stream) or mode not in (0, 1, 2):
        return vst3.INVALID_ARGUMENT
    position = (0, stream.position, len(stream.data))[mode] + offset
    if not 0 <= position <= STATE_LIMIT:
        return vst3.INVALID_ARGUMENT
    stream.position = position
    if result:
        c_int64.from_address(result).value = position
    return vst3.OK


@_F(c_int32, c_void_p, c_void_p)
def _tell(this: int, position: int) -> int:
    stream = HostObject.objects.get(this)
    if not isinstance(stream, Stream) or not position:
        return vst3.INVALID_ARGUMENT
    c_int64.from_address(position).value = stream.position
    return vst3.OK


class Stream(HostObject):
    """IBStream in memory: the component's state on its way to the controller."""

    FUNCTIONS = (_read, _write, _seek, _tell)
    INTERFACES = frozenset({vst3.STREAM})

    def __init__(self) -> None:
        super().__init__()
        self.data = bytearray()
        self.position = 0


_CREATED: Mapping[bytes, Callable[[], HostObject]] = {vst3.MESSAGE: Message, vst3.ATTRIBUTE_LIST: AttributeList}
_SUPPORTED = frozenset(
    {
        vst3.COMPONENT,
        vst3.AUDIO_PROCESSOR,
        vst3.EDIT_CONTROLLER,
        vst3.UNIT_INFO,
        vst3.MIDI_MAPPING,
        vst3.CONNECTION_POINT,
        vst3.HOST_APPLICATION,
        vst3.COMPONENT_HANDLER,
        vst3.COMPONENT_HANDLER_2,
        vst3.BUS_ACTIVATION,
        vst3.UNIT_HANDLER,
        vst3.MESSAGE,
        vst3.ATTRIBUTE_LIST,
        vst3.STREAM,
    }
)

CONTEXT = HostContext()
_SUPPORT = _InterfaceSupport()
HANDLER = ComponentHandler()
_MORE_HANDLERS = {id_: _OtherHandler() for id_ in (vst3.COMPONENT_HANDLER_2, vst3.BUS_ACTIVATION, vst3.UNIT_HANDLER)}
# Plugins may release these once too often; without them every later call would fail.
for _permanent in (CONTEXT, _SUPPORT, HANDLER, *_MORE_HANDLERS.values()):
    _permanent.references = 1 << 30
