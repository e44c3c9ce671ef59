"""A plugin of the catalogue for scripts, and several of them in a row."""

from __future__ import annotations

import contextlib
import threading
import warnings
import weakref
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pluginary_tui import model
from pluginary_tui.api.values import NativeParameter, ParameterError, Value, in_error, number, put, set_values
from pluginary_tui.errors import NotFoundError, PluginaryError
from pluginary_tui.formatting import SWITCH_WORDS

if TYPE_CHECKING:
    from pluginary_tui.catalogue.store import Store
    from pluginary_tui.sound.passport import Passport

_loading = threading.Lock()
"""Held while pedalboard's class is changed: two threads that load would put each other's change in for good."""


class LoadError(PluginaryError):
    """Pedalboard does not load a plugin; the text says why."""


class LoadWarning(UserWarning):
    """A plugin is loaded that pedalboard could not load when it was checked."""


class Plugin:
    """A plugin of the catalogue, with settings for loading it.

    It is pickled as its id, path and settings, and loads where it lands, so that it can be sent to other processes and
    machines. Its facts are read there, from the catalogue of the same folder.
    """

    def __init__(self, facts: model.Plugin, data_dir: Path, settings: Mapping[str, Value] | None = None) -> None:
        self._facts = facts
        self._data_dir = data_dir
        self.settings: dict[str, Value] = dict(settings or {})
        """Values of parameters that `load` sets, by name."""

    def __reduce__(self) -> tuple[Any, ...]:
        facts = self._facts
        identity: tuple[Any, ...] = (facts.id, facts.path, facts.name, facts.format, facts.name_in_file)
        identity += (facts.loads, facts.load_error, facts.imported)
        return _unpickled, (identity, str(self._data_dir), self.settings)

    def __repr__(self) -> str:
        settings = "".join(f", {name}={value!r}" for name, value in self.settings.items())
        return f"Plugin({self.id!r}{settings})"

    def __add__(self, other: Plugin | Chain) -> Chain:
        return Chain([self, *(other if isinstance(other, Chain) else [other])])

    @property
    def id(self) -> str:
        """Stable across rescans and machines: `vst3/damien-zammit/zamverb`."""
        return self._facts.id

    @property
    def name(self) -> str:
        return self._facts.name

    @property
    def path(self) -> str:
        """The bundle's; empty for pedalboard's own effects."""
        return self._facts.path

    @property
    def format(self) -> str:
        return self._facts.format

    @property
    def facts(self) -> model.Plugin:
        """Its facts in the catalogue, except its parameters. Raises NotFoundError or CatalogueError."""
        if self._facts.key:
            return self._facts
        with self._store() as store:
            copies = store.copies(self.id)
        if not copies:
            raise NotFoundError(f"The catalogue in {self._data_dir} has no plugin {self.id}.")
        self._facts = next((copy for copy in copies if copy.path == self.path), copies[0])
        return self._facts

    @property
    def vendor(self) -> str:
        return self.facts.vendor

    @property
    def version(self) -> str:
        return self.facts.version

    @property
    def categories(self) -> tuple[str, ...]:
        return self.facts.categories

    @property
    def loads(self) -> bool | None:
        """Whether pedalboard loaded it when that was checked; None where it was not."""
        return self._facts.loads

    @property
    def parameters(self) -> list[model.Parameter]:
        """Its own parameters in its own order, without those that only hosts see."""
        key = self.facts.key
        with self._store() as store:
            return [each for each in store.parameters(key) if each.kind != model.HOST]

    @property
    def passport(self) -> Passport | None:
        """What measuring its sound found; None where it was not measured."""
        from pluginary_tui.catalogue.passports import Passports
        from pluginary_tui.sound.passport import from_json

        facts = self.facts
        with self._store() as store:
            kept = Passports(store).get(facts)
        return from_json(kept.data) if kept and kept.data else None

    @property
    def presets(self) -> list[str]:
        """Names of the programs that it holds."""
        key = self.facts.key
        with self._store() as store:
            return list(store.programs(key))

    def _store(self) -> Store:
        from pluginary_tui.catalogue.store import Store

        return Store.in_folder(self._data_dir)

    def with_settings(self, values: Mapping[str, Value] | None = None, **parameters: Value) -> Plugin:
        """The same plugin, to be loaded with these values besides those that it has."""
        return Plugin(self._facts, self._data_dir, {**self.settings, **(values or {}), **parameters})

    def load(self, values: Mapping[str, Value] | None = None, **parameters: Value) -> Any:
        """Load it in this process and return pedalboard's object, with `settings` and these values set.

        Names are pedalboard's attributes (`decay_s`) or those that the catalogue shows (`{"Decay time": 2}`). A value
        is a number in the parameter's unit, one of its texts, or a truth value for a switch. Pedalboard's search for
        the range of every parameter is left out; asking the object for `parameters` does it then. Warns with
        LoadWarning where the load check failed. Raises LoadError, or ParameterError for a name or a value.
        """
        from pluginary_tui.scan.snippet import not_for_pedalboard

        facts = self._facts
        wanted = {**self.settings, **(values or {}), **parameters}
        if reason := not_for_pedalboard(facts):
            raise LoadError(f"{facts.name}: {reason}")
        if facts.imported:
            raise LoadError(f"{facts.name} {model.NOT_SCANNED}.")
        if facts.loads is False:
            warnings.warn(f"Pedalboard could not load {facts.name}: {facts.load_error}", LoadWarning, stacklevel=2)
        if facts.format == "builtin":
            return builtin_effect(facts.name, wanted)
        if not Path(facts.path).exists():
            raise LoadError(f"{facts.name} is not at {facts.path} any more; scan again.")
        try:
            with _without_sweep():
                loaded = _load(facts)
        except Exception as error:
            raise LoadError(f"Pedalboard does not load {facts.name}: {error}") from error
        if wanted:
            offered: Sequence[NativeParameter] = loaded._parameters
            set_values(facts.name, offered, wanted)
            _keep_values(loaded)
        return loaded


class Chain(Sequence[Plugin]):
    """Plugins in a row, each with its settings. Pickled as they are."""

    def __init__(self, plugins: Sequence[Plugin]) -> None:
        self._plugins = list(plugins)

    def __len__(self) -> int:
        return len(self._plugins)

    def __getitem__(self, index: Any) -> Any:
        """A plugin; for a slice a chain."""
        return Chain(self._plugins[index]) if isinstance(index, slice) else self._plugins[index]

    def __iter__(self) -> Iterator[Plugin]:
        return iter(self._plugins)

    def __add__(self, other: Plugin | Chain) -> Chain:
        return Chain([*self, *(other if isinstance(other, Chain) else [other])])

    def __repr__(self) -> str:
        return " + ".join(map(repr, self._plugins))

    def load(self) -> Any:
        """A `pedalboard.Pedalboard` of all of them, loaded in this process. Raises as `Plugin.load` does."""
        import pedalboard

        return pedalboard.Pedalboard([plugin.load() for plugin in self._plugins])


def _unpickled(identity: tuple[Any, ...], data_dir: str, settings: dict[str, Value]) -> Plugin:
    id_, path, name, format_, name_in_file, loads, load_error, *imported = identity
    facts = model.Plugin(id_, name, format=format_, path=path, name_in_file=name_in_file)
    facts.loads, facts.load_error, facts.imported = loads, load_error, any(imported)
    return Plugin(facts, Path(data_dir), settings)


@contextlib.contextmanager
def _without_sweep() -> Iterator[None]:
    """Leave pedalboard's sweep of all parameters out within the block, and only there: the caller's own use of
    pedalboard stays as it is.
    """
    import pedalboard  # before its native part, which lacks mixins without it

    from pluginary_tui.scan.readers.pedalboard_loading import SWEEP

    with _loading:
        before = getattr(pedalboard.ExternalPlugin, SWEEP)
        setattr(pedalboard.ExternalPlugin, SWEEP, lambda plugin, values: None)
        try:
            yield
        finally:
            setattr(pedalboard.ExternalPlugin, SWEEP, before)


def _keep_values(loaded: Any) -> None:
    """Let the values of its parameters survive pedalboard's sweep, which runs at the first access by name.

    The sweep writes to parameters that show the same text everywhere. Where one of them selects a program, the plugin
    sets all others back to that program's values.
    """
    reference = weakref.ref(loaded)

    def get_parameters() -> Any:
        plugin: Any = reference()
        before = [(parameter, parameter.raw_value) for parameter in plugin._parameters]
        vars(plugin).pop("_get_parameters", None)
        found = plugin._get_parameters()
        put([(parameter, value) for parameter, value in before if parameter.raw_value != value])
        return found

    vars(loaded)["_get_parameters"] = get_parameters


def _load(facts: model.Plugin) -> Any:
    import pedalboard

    from pluginary_tui.scan.file_access import named_like_its_binary

    # `load_plugin` would read all names of the file once more to find out what the catalogue knows.
    made = pedalboard.VST3Plugin if facts.format == "vst3" else pedalboard.AudioUnitPlugin
    return made(named_like_its_binary(facts.path), plugin_name=facts.name_in_file or None)


def builtin_effect(name: str, values: Mapping[str, Value]) -> Any:
    """One of pedalboard's own effects; its constructor takes the values. Raises LoadError or ParameterError."""
    import inspect

    import pedalboard

    made = getattr(pedalboard, name, None)
    if made is None:
        raise LoadError(f"This pedalboard has no effect {name}.")
    arguments = {}
    for given, value in values.items():
        attribute = next((each for each in _attributes(made) if _matches(each, given)), None)
        if attribute is None:
            raise ParameterError(
                f"{name} has no parameter {model.clean(given)}; it has {', '.join(_attributes(made))}."
            )
        arguments[attribute] = _argument(made, attribute, value)
    try:
        return made(**arguments)
    except (TypeError, ValueError, RuntimeError) as error:
        if lacking := _lacking(made, arguments):
            raise ParameterError(f"{name} needs a value of {', '.join(lacking)}.") from error
        message = inspect.cleandoc(str(error)).partition("\n")[0]
        raise ParameterError(f"{name} does not take these values: {message}") from error


def _attributes(made: type) -> list[str]:
    """The arguments of a constructor of pedalboard, from the signature that its docstring begins with."""
    from pluginary_tui.scan.readers.builtin_effects import arguments

    return [name for name, _, _ in arguments(made)]


def _lacking(made: type, given: Mapping[str, Value]) -> list[str]:
    """The arguments without a default that are not given."""
    from pluginary_tui.scan.readers.builtin_effects import arguments

    return [name for name, _, default in arguments(made) if not default and name not in given]


def _matches(attribute: str, given: str) -> bool:
    from pluginary_tui.scan.snippet import attribute as spelled

    plain = spelled(model.Parameter(given))
    return plain == attribute or (attribute.startswith(f"{plain}_") and "_" not in attribute[len(plain) + 1 :])


def _argument(made: type, attribute: str, value: Value) -> Any:
    """The value as the constructor takes it: texts become members of an enumeration, or numbers."""
    from pluginary_tui.scan.readers.builtin_effects import options

    kind = _kind(made, attribute)
    text = in_error(value)
    if members := options(made, attribute):
        if isinstance(value, str):
            value = next((member for name, member in members.items() if name.casefold() == value.casefold()), value)
        if value not in members.values():
            raise ParameterError(f"{attribute} is one of {', '.join(members)}; not {text}.")
    elif kind == "bool":
        if (word := str(value).casefold()) not in SWITCH_WORDS:
            raise ParameterError(f"{attribute} is True or False; not {text}.")
        return SWITCH_WORDS[word]
    elif kind == "float":
        seconds = attribute.endswith("_seconds")
        found = number("" if isinstance(value, bool) else str(value), "s" if seconds else "")
        if found is None:
            raise ParameterError(f"{attribute} is a number; not {text}.")
        return found / 1000 if seconds else found
    return value


def _kind(made: type, attribute: str) -> str:
    """The type of an argument, from the same signature."""
    from pluginary_tui.scan.readers.builtin_effects import arguments

    return next((kind for name, kind, _ in arguments(made) if name == attribute), "")
