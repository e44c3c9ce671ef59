"""What well-known plugins are for, where their names do not say it. A project names plugins that are not installed."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from pluginary_tui.search.categories import guess


class Job(NamedTuple):
    """What a plugin is for."""

    category: str
    """A readable category (`search.categories`)."""
    kind: str
    """`effect` or `instrument`."""
    words: tuple[str, ...] = ()
    """Words by which plugins of the category that do just this name themselves."""


# A job, and how the names of its plugins begin: lower case, without spaces and marks, makers' names left out. Short
# ones have to end where a word does, or be followed by a number. The first job of a category is also that of names
# which say no more than the category.
_JOBS: tuple[tuple[Job, str], ...] = (
    (
        Job("EQ", "effect", ("eq", "equalizer")),
        """proq reneq renaissanceeq maageq eqp pultec f6 heq slickeq neutron kirchhoff smarteq sslchannel ssle sslg
        q10 tdrnova nova bxdigital claritym gullfoss reaeq soothe""",
    ),
    (
        Job("Dynamics", "effect", ("compressor", "comp")),
        """proc2 proc3 cla2a cla76 la2a la3a 1176 rvox rcomp api2500 distressor tdrkotelnikov kotelnikov vcacomp
        dbx160 fairchild puigchild shadowhills theglue glue mjuc presswerk reacomp molot sausagefattener""",
    ),
    (
        Job("Dynamics", "effect", ("limiter", "maxim")),
        """prol l1 l2 l3 invisiblelimiter limitno6 elephant ozonemaximizer loudmax w1limiter realimit stealthlimiter""",
    ),
    (Job("Dynamics", "effect", ("gate", "expander")), "prog c1gate reagate smartgate drumgate"),
    (Job("Dynamics", "effect", ("deesser", "esser")), "prods eiosis sibilance spitfish techivation"),
    (Job("Dynamics", "effect", ("multiband", "multicomp")), "promb c4 c6 reaxcomp linmb ott"),
    (Job("Dynamics", "effect", ("transient",)), "transientmaster transientdesigner smack punctuate"),
    (
        Job("Reverb", "effect", ("reverb", "verb", "plate", "hall")),
        """valhallaroom valhallavintageverb valhallasupermassive supermassive valhallaplate valhallashimmer pror
        ambience blackhole raum altiverb lx480 seventhheaven lexicon crystalline phoenix nimbus sir2 sir3 bigsky""",
    ),
    (
        Job("Delay", "effect", ("delay", "echo")),
        """echoboy valhallafreqecho timeless replika repeater colourcopy ubermod h3000 galaxytape re201""",
    ),
    (
        Job("Distortion", "effect", ("distortion", "saturat", "overdrive", "tape", "tube", "amp")),
        """saturn ffsaturn decapitator trash devilloc radiator camelcrusher camelphat kramertape j37 chowtape
        slatevtm vtm satin sdrr thermal saturationknob blackbox rc20 vinyl""",
    ),
    (
        Job("Simulation", "effect", ("amp", "guitar", "head", "combo")),
        """guitarrig amplitube biasamp biasfx neuraldsp archetype helixnative th3 thu ampire amproom emissary ampiii
        preampiii ampvts""",
    ),
    (Job("Modulation", "effect", ("chorus", "doubl")), "microshift dimensiond tallchorus"),
    (Job("Modulation", "effect", ("flanger", "flange")), "metaflanger"),
    (Job("Modulation", "effect", ("phaser", "phase")), "phasemistress phasis"),
    (Job("Modulation", "effect", ("tremolo", "pan")), "mondomod tremolator panman"),
    (Job("Modulation", "effect", ("vibrato", "rotary", "leslie")), ""),
    (Job("Pitch", "effect", ("autotune", "tune")), "melodyne wavestune metatune gsnap graillon nectar"),
    (Job("Pitch", "effect", ("pitch",)), "littlealterboy vocalsynth soundshifter"),
    (Job("Filter", "effect", ("filter",)), "volcano filterfreak simplon filtershaper"),
    (
        Job("Restoration", "effect", ("denoise", "noise", "repellent")),
        "rx6 rx7 rx8 rx9 rx10 rx11 izotoperx clarityvx znoise reafir spectralayers",
    ),
    (Job("Mastering", "effect", ("master",)), "ozone izotopeozone landr"),
    (
        Job("Analyzer", "effect", ("analyzer", "analyser", "spectr")),
        "voxengospan span pazanalyzer",
    ),
    (Job("Analyzer", "effect", ("meter", "loudness")), "insight minimeters youlean dpmeter"),
    (Job("Spatial", "effect", ("imager", "stereo", "width", "pan")), "ozoneimager s1 widerer wider dearvr panagement"),
    (Job("Utility", "effect", ("gain", "amplifier", "utility")), "kickstart lfotool volumeshaper shaperbox"),
    (
        Job("Synth", "instrument", ("synth",)),
        """serum massive sylenth vital vitalium spire diva zebra hive tyrelln6 repro pigments phaseplant omnisphere
        nexus avenger dune surge dexed fm8 reaktor tunefish synth1 helm zynaddsubfx obxd bazille ace podolski juno
        jup8 jupiter cs80 prophet5 minimoog monark talnoisemaker noisemaker charlatan absynth predator blade odin
        triplecheese""",
    ),
    (
        Job("Sampler", "instrument", ("sampler", "sample", "kontakt")),
        "kontakt battery decentsampler sforzando sfizz halion spitfire bbcso sampletank uvi falcon eastwest loopcloud",
    ),
    (
        Job("Drum", "instrument", ("drum",)),
        """superiordrummer ezdrummer addictivedrums mtpowerdrumkit powerdrumkit stevenslate ssd5 bfd microtonic geist
        maschine drumlabooh kick2 bigkick""",
    ),
    (
        Job("Piano", "instrument", ("piano", "rhodes", "keys")),
        "pianoteq keyscape addictivekeys loungelizard thegrandeur noire alicia ivory lalabs velvet",
    ),
)


ALIKE = frozenset({"EQ", "Reverb", "Delay", "Distortion", "Filter", "Synth", "Sampler", "Drum", "Piano"})
"""Categories of which any plugin could stand in for another one."""
MIXED = frozenset({"Utility"})
"""Categories that say nothing about what a plugin does."""


@lru_cache(1)
def _beginnings() -> tuple[tuple[str, Job], ...]:
    """Beginnings of names, the longest first."""
    pairs = [(beginning, job) for job, names in _JOBS for beginning in names.split()]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


_CHANNELS = frozenset({"stereo", "mono", "m", "s", "x64", "vst", "vst3"})

_DISTINCT, _LEAST = 6, 4
"""Letters of a beginning that may end within a word, and of one that may be the first of several words."""

# Beginnings of the words of jobs; the first one that is in a name says which job of its category it has.
_DECLARING = {
    "Dynamics": ("multi", "limit", "maxim", "gate", "expan", "esser", "transient"),
    "Modulation": ("flang", "phas", "trem", "vibrato", "rotary", "leslie"),
    "Pitch": ("autotune",),
    "Analyzer": ("meter", "loudness"),
}


@lru_cache(16_384)
def job_of(name: str) -> Job | None:
    """What a plugin of this name is for; None where neither its name nor the table says it."""
    words = [re.sub(r"[\W_]+", "", word).casefold() for word in name.split()]
    while len(words) > 1 and words[-1] in _CHANNELS:
        words.pop()
    beginnings = [words[first:] for first in range(min(len(words), 2))]  # a name may begin with its maker's
    # What a name says counts for more than its first word: "Ace Compressor" is no synthesizer, "Surge XT" is one.
    return (
        next(filter(None, (_known(each, whole=True) for each in beginnings)), None)
        or next(filter(None, (_declared(name, kind, "".join(words)) for kind in ("effect", "instrument"))), None)
        or next(filter(None, (_known(each, whole=False) for each in beginnings)), None)
    )


def _known(words: list[str], *, whole: bool) -> Job | None:
    """The job of the table's longest beginning that a name has.

    A short one has to be the `whole` name, or be followed by a number; otherwise it has to be its first words.
    """
    key = "".join(words)
    ends: set[int] = set() if whole else set(accumulate(map(len, words)))
    for beginning, job in _beginnings():
        rest = key[len(beginning) :]
        alone = not rest or rest.isdigit() or (len(beginning) >= _LEAST and len(beginning) in ends)
        if key.startswith(beginning) and (alone or len(beginning) >= _DISTINCT):
            return job
    return None


def _declared(name: str, kind: str, key: str) -> Job | None:
    """The job that a name says; `key` is the name without spaces and marks."""
    category = guess(name, (), kind)
    if not category:
        return None
    jobs = [job for job, _ in _JOBS if (job.category, job.kind) == (category, kind)]
    part = next((part for part in _DECLARING.get(category, ()) if part in key), None)
    named = [job for job in jobs if part and any(word.startswith(part) for word in job.words)]
    return next(iter([*named, *jobs]), Job(category, kind, (category.lower(),)))
