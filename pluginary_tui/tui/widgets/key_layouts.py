"""Letters of keyboards without Latin ones, as keys of a US layout."""

from __future__ import annotations

from textual import events
from textual.keys import _character_to_key

_ROWS = {
    "йцукенгшщзхъфывапролджэячсмитьбю": "qwertyuiop[]asdfghjkl;'zxcvbnm,.",
    "іїєґў": "s]'\\o",
    ";ςερτυθιοπασδφγηξκλζχψωβνμ": "qwertyuiopasdfghjklzxcvbnm",
    "קראטוןםפשדגכעיחלךףזסבהנמצתץ": "ertyuiopasdfghjkl;zxcvbnm,.",
}
"""Letters of layouts without Latin ones (Russian, more of Ukrainian and Belarusian, Greek, Hebrew), by what a US layout
has on the same keys."""

_PAIRS = [pair for row, latin in _ROWS.items() for pair in zip(row, latin, strict=True)]

LATIN = {theirs: ours for theirs, ours in _PAIRS if not theirs.isascii()}
LATIN |= {theirs.upper(): ours.upper() for theirs, ours in LATIN.items() if theirs.upper() != theirs}


def as_latin(key: events.Key) -> events.Key:
    """The key as a US layout has it; the same one where that has no other."""
    character = LATIN.get(key.character or "")
    return events.Key(_character_to_key(character), character) if character else key
