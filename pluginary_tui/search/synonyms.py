"""Words that musicians use for the same thing: each finds the others, too, behind what it finds itself.

Some stand for a state of `is:`; some say nothing about a plugin.
"""

from __future__ import annotations

from collections.abc import Mapping

LEAST = 4
"""Letters of the beginning of a word that already stand for the word."""

_SAME = (
    "eq equalizer equaliser",
    "comp compressor compression",
    "verb reverb reverberation",
    "delay echo",
    "bitcrusher bitcrush crusher decimator",
    "limiter maximizer maximiser",
    "distortion overdrive saturation saturator",
    "deesser desser sibilance",
    "analyzer analyser spectrum",
    "synth synthesizer synthesiser",
    "harmonizer harmoniser pitchshift",
    "exciter enhancer",
    "stereoizer imager widener",
    "rotary leslie",
    "vocoder talkbox",
)


STATES: Mapping[str, str] = {
    "sidechain": "sidechain",
    "mono": "mono",
    "stereo": "stereo",
    "midi": "midi",
    "instrument": "instrument",
    "instruments": "instrument",
    "effects": "effect",
    "favourites": "fav",
    "favorites": "fav",
}
"""A word -> the state of `is:` that it means, too. Whole words only: `side` and `mon` begin other words."""

ARTICLES = frozenset({"a", "an", "the"})
FILLERS = ARTICLES | {
    *("and", "any", "all", "for", "from", "good", "in", "me", "my", "of", "on", "or", "some", "that", "to", "which"),
    *("with", "plugin", "plugins"),
}
"""Words that a query is tried without where nothing has all of its words."""


def _table() -> Mapping[str, tuple[str, ...]]:
    table = {}
    for line in _SAME:
        words = tuple(line.split())
        for word in words:
            table[word] = tuple(other for other in words if word not in other)
    return table


OTHERS: Mapping[str, tuple[str, ...]] = _table()
"""A word -> the words of the same meaning in which it is not: those are found anyway."""


def of(term: str) -> tuple[str, ...]:
    """The other words for a folded word, or for the word that it begins; () where there are none.

    >>> of("equalizer"), of("equali"), of("eq"), of("room")
    (('eq', 'equaliser'), ('eq',), (), ())
    """
    if term in OTHERS:
        return OTHERS[term]
    if len(term) < LEAST:
        return ()
    begun = next((word for word in OTHERS if word.startswith(term)), "")
    return tuple(other for other in OTHERS.get(begun, ()) if term not in other)
