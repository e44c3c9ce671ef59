"""Columns of tables: their names as people write them, and their cells as values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pluginary_tui.catalogue.exchange.import_record import KINDS, STATUSES, WHOLE, checked_id, class_id
from pluginary_tui.formats import FORMAT_NAMES, LABELS

COLUMNS = (
    *("id", "name", "vendor", "format", "kind", "categories", "raw_category", "version", "parameter_count"),
    *("latency_samples", "status", "error", "favourite", "hidden", "tags", "rating", "note", "uses", "used_at"),
    *("path", "name_in_file", "uid", "scanned_at", "added_at", "probe_ms"),
    *("audio_inputs", "audio_outputs", "sidechain_inputs", "midi_input", "midi_output", "program_count"),
    *("loads", "load_error", "size"),
)
"""Columns of a CSV file, in this order; it has no parameters and logs."""

NAMING = ("id", "name", "path")
"""Columns of which a table needs one: they say which plugin a row is about."""

LISTS = {"categories": "|", "tags": " "}
"""Columns of several values, and what stands between them."""

_OTHER_NAMES = {
    "id": ("pluginid", "plugin_id", "identifier"),
    "name": ("plugin", "pluginname", "plugin_name", "title"),
    "vendor": ("manufacturer", "developer", "maker", "brand", "company", "author", "by"),
    "format": ("pluginformat", "plugintype"),
    "categories": ("category", "genre"),
    "parameter_count": ("parameters", "params"),
    "latency_samples": ("latency",),
    "favourite": ("favorite", "favourites", "favorites", "fav", "favs", "starred", "star", "like", "liked", "loved"),
    "hidden": ("hide",),
    "tags": ("tag", "label", "labels", "keyword", "keywords"),
    "rating": ("ratings", "stars", "score", "rate", "rated"),
    "note": ("notes", "comment", "comments", "remark", "remarks"),
    "path": ("file", "filepath", "location", "filename"),
    "uid": ("classid", "uuid", "guid"),
}

_NAMES = {
    re.sub(r"[^a-z]", "", written): column for column in COLUMNS for written in (column, *_OTHER_NAMES.get(column, ()))
}


def column_of(written: str) -> str:
    """The column that a header cell means; empty where there is none.

    >>> column_of(" Raw Category"), column_of("Favorite?"), column_of("price")
    ('raw_category', 'favourite', '')
    """
    folded = unicodedata.normalize("NFKC", written).casefold()
    bare = re.sub(r"[\W\d_]+", "", folded)
    return _NAMES.get(bare) or _NAMES.get(bare.removeprefix("is"), "")


# Values. Each function gets a text that is not empty and raises ValueError, with the rest of a sentence that begins
# with that text, where it is none.

_YES = frozenset(
    {
        *("1", "y", "yes", "true", "t", "x", "on", "✓", "✔", "☑", "✅", "★", "*", "♥", "❤", "+"),
        *("ja", "wahr", "oui", "vrai", "si", "sí", "verdadero", "vero", "sim", "verdadeiro", "да", "истина"),
    }
)
_NO = frozenset(
    {
        *("0", "n", "no", "false", "f", "off", "none", "-", "–", "—", "☐", "✗", "✘", "☆"),
        *("nein", "falsch", "non", "faux", "falso", "não", "нет", "ложь"),
    }
)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:([.,'’\s])\d{3})(?:\1\d{3})*")
_WHOLE_DECIMAL = re.compile(r"([+-]?\d+)[.,]0*")
_EXPONENT = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE]\+?\d{1,2}")
_OUT_OF = re.compile(r"(\d+)\s*(?:/\s*5|of 5|out of 5|stars?)")
_STARS = re.compile(r"([★*⭐]{0,5})(?:\ufe0f)?[☆]*")


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def flag(text: str) -> bool:
    """Yes or no, as people and the spreadsheets of several languages write them."""
    word = _plain(text).casefold().rstrip(".!").replace("\ufe0f", "")
    if word in _YES:
        return True
    if word in _NO:
        return False
    if (number := _number(word)) in (0, 1):
        return bool(number)
    raise ValueError("is neither yes nor no")


def _number(text: str) -> int | None:
    if re.fullmatch(r"[+-]?\d{1,20}", text):
        return int(text)
    if found := _WHOLE_DECIMAL.fullmatch(text):
        return int(found[1]) if len(found[1]) <= 20 else None
    if _EXPONENT.fullmatch(text):
        value = float(text.replace(",", "."))
        return int(value) if value.is_integer() and abs(value) <= WHOLE else None
    return None


def whole(minimum: int, maximum: int = WHOLE) -> Callable[[str], int]:
    """Reads whole numbers within bounds, also `5,0`, `1.234` (thousands) and `1E+3`."""

    def read(text: str) -> int:
        plain = _plain(text)
        number = None
        if maximum > 999 and _THOUSANDS.fullmatch(plain):
            number = int(re.sub(r"[^\d+-]", "", plain))
        if number is None:
            number = _number(plain)
        if number is None or not minimum <= number <= maximum:
            most = f" to {maximum}" if maximum < WHOLE else " up"
            raise ValueError(f"is not a whole number from {minimum}{most}")
        return number

    return read


def rating(text: str) -> int:
    """0 to 5, also as stars and as `4/5`."""
    plain = text.strip()
    if plain and (found := _STARS.fullmatch(plain)) and len(plain.replace("\ufe0f", "")) <= 5:
        return len(found[1])
    found = _OUT_OF.fullmatch(_plain(text).casefold())
    return whole(0, 5)(found[1] if found else text)


def time(text: str) -> str:
    """A date and time in any ISO 8601 form."""
    try:
        datetime.fromisoformat(text.strip()).astimezone()
    except (ValueError, OverflowError, OSError):
        raise ValueError("is not a date and time such as 2025-03-31T12:00:00Z") from None
    return text.strip()


def choice(allowed: Mapping[str, str]) -> Callable[[str], str]:
    """Reads one of several words in any case; `allowed`: words in lower case without blanks, and what they mean."""

    def read(text: str) -> str:
        word = re.sub(r"[\s-]+", "", _plain(text).casefold())
        if word not in allowed:
            raise ValueError(f"is not one of {', '.join(dict.fromkeys(allowed.values()))}")
        return allowed[word]

    return read


def words(separators: str) -> Callable[[str], list[str]]:
    """Reads several values: at the separators where there is one, otherwise at blanks."""
    split = re.compile(rf"[{separators}\n]+")

    def read(text: str) -> list[str]:
        found = split.split(text) if split.search(text) else text.split()
        return [word for word in map(_plain, found) if word]

    return read


def _uid(text: str) -> str:
    if not (known := class_id(text)):
        raise ValueError("is not a class id")
    return known


def _categories(text: str) -> list[str]:
    return re.split(r"[|;]", text)


_FORMATS = {
    **{name: name for name in FORMAT_NAMES},
    **{re.sub(r"[\s-]+", "", label.casefold()): name for name, label in LABELS.items()},
    **dict.fromkeys(("audiounit", "audiounits", "component", "aufx"), "au"),
}
_KINDS = {kind: kind for kind in KINDS} | {
    "effects": "effect",
    "fx": "effect",
    "instruments": "instrument",
    "synth": "instrument",
    "vsti": "instrument",
}
_VALUES: dict[str, Callable[[str], Any]] = {
    "id": checked_id,
    "uid": _uid,
    "format": choice(_FORMATS),
    "kind": choice(_KINDS),
    "status": choice({status: status for status in STATUSES}),
    "rating": rating,
    "tags": words(",;|"),
    "categories": _categories,
    "latency_samples": whole(-WHOLE),
    **dict.fromkeys(("favourite", "hidden", "midi_input", "midi_output", "loads"), flag),
    **dict.fromkeys(("parameter_count", "uses", "probe_ms", "program_count"), whole(0)),
    **dict.fromkeys(("audio_inputs", "audio_outputs", "sidechain_inputs"), whole(0)),
    **dict.fromkeys(("used_at", "scanned_at", "added_at"), time),
}


def value_of(column: str, text: str) -> Any:
    """The value of a cell that is not empty. Raises ValueError with the rest of a sentence that begins with it."""
    return _VALUES[column](text) if column in _VALUES else text
