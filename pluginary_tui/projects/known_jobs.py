"""What well-known plugins are for, where their names do not say it. A project names plugins that are not installed."""

from __future__ import annotations

import re
from functools import lru_cache
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
# ones have to be the whole name, or be followed by a number.
_JOBS: tuple[tuple[Job, str], ...] = (
    (
        Job("EQ", "effect", ("eq", "equalizer")),
        """proq reneq renaissanceeq maageq eqp pultec f6 heq slickeq neutron kirchhoff smarteq sslchannel ssle sslg
        q10 tdrnova nova bxdigital claritym gullfoss reaeq""",
    ),
    (
        Job("Dynamics", "effect", ("compressor", "comp")),
        """proc2 proc3 cla2a cla76 la2a la3a 1176 rvox rcomp api2500 distressor tdrkotelnikov kotelnikov vcacomp ott
        dbx160 fairchild puigchild shadowhills theglue glue mjuc presswerk reacomp molot sausagefattener""",
    ),
    (
        Job("Dynamics", "effect", ("limiter", "maximizer")),
        """prol l1 l2 l3 invisiblelimiter limitno6 elephant ozonemaximizer loudmax w1limiter realimit stealthlimiter""",
    ),
    (Job("Dynamics", "effect", ("gate", "expander")), "prog c1gate reagate smartgate drumgate"),
    (Job("Dynamics", "effect", ("deesser", "ess")), "prods eiosis sibilance spitfish techivation"),
    (Job("Dynamics", "effect", ("multiband", "multi")), "promb c4 c6 reaxcomp linmb"),
    (Job("Dynamics", "effect", ("transient",)), "transientmaster transientdesigner snapheap smack punctuate"),
    (
        Job("Reverb", "effect", ("reverb", "verb", "plate", "hall")),
        """valhallaroom valhallavintageverb valhallasupermassive supermassive valhallaplate valhallashimmer pror
        blackhole raum altiverb lx480 seventhheaven lexicon crystalline phoenix nimbus sir2 sir3 bigsky""",
    ),
    (
        Job("Delay", "effect", ("delay", "echo")),
        """echoboy valhallafreqecho timeless replika repeater colourcopy ubermod h3000 galaxytape re201""",
    ),
    (
        Job("Distortion", "effect", ("distortion", "saturat", "overdrive", "tape", "tube", "amp")),
        """saturn ffsaturn decapitator trash devilloc radiator camelcrusher camelphat kramertape j37 chowtape
        slatevtm vtm satin sdrr thermal saturationknob blackbox guitarrig amplitube biasamp neuraldsp archetype
        helixnative th3 thu ampire amproom emissary rc20 vinyl""",
    ),
    (
        Job("Modulation", "effect", ("chorus", "flanger", "phaser", "tremolo")),
        "microshift mondomod metaflanger phasemistress tremolator panman phasis",
    ),
    (
        Job("Pitch", "effect", ("pitch", "tune")),
        "melodyne autotune wavestune littlealterboy nectar vocalsynth metatune gsnap graillon soundshifter",
    ),
    (Job("Filter", "effect", ("filter",)), "volcano filterfreak simplon filtershaper"),
    (
        Job("Restoration", "effect", ("denoise", "noise")),
        "rx6 rx7 rx8 rx9 rx10 rx11 izotoperx clarityvx znoise reafir spectralayers",
    ),
    (Job("Mastering", "effect", ("master",)), "ozone izotopeozone landr"),
    (
        Job("Analyzer", "effect", ("meter", "analyzer", "spectrum")),
        "voxengospan span insight pazanalyzer minimeters youlean dpmeter",
    ),
    (Job("Spatial", "effect", ("imager", "stereo", "width", "pan")), "ozoneimager s1 widerer wider dearvr panagement"),
    (Job("Utility", "effect", ("gain", "utility")), "kickstart lfotool volumeshaper shaperbox"),
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


@lru_cache(1)
def _beginnings() -> tuple[tuple[str, Job], ...]:
    """Beginnings of names, the longest first."""
    pairs = [(beginning, job) for job, names in _JOBS for beginning in names.split()]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


_CHANNELS = frozenset({"stereo", "mono", "m", "s", "x64", "vst", "vst3"})
_DECLARING = (
    ("limit", "Dynamics", ("limiter", "maximizer")),
    ("maxim", "Dynamics", ("limiter", "maximizer")),
    ("gate", "Dynamics", ("gate", "expander")),
    ("comp", "Dynamics", ("compressor", "comp")),
    ("press", "Dynamics", ("compressor", "comp")),
    ("ess", "Dynamics", ("deesser", "ess")),
    ("eq", "EQ", ("eq", "equalizer")),
)


def job_of(name: str) -> Job | None:
    """What a plugin of this name is for; None where neither its name nor the table says it."""
    words = [re.sub(r"[\W_]+", "", word).casefold() for word in name.split()]
    while len(words) > 1 and words[-1] in _CHANNELS:
        words.pop()
    key = "".join(words)
    for first in range(min(len(words), 2)):  # a name may begin with its maker's
        rest = "".join(words[first:])
        known = next((job for beginning, job in _beginnings() if _begins(rest, beginning)), None)
        if known:
            return known
    for kind in ("effect", "instrument"):
        if category := guess(name, (), kind):
            named = next((named for part, of, named in _DECLARING if of == category and part in key), ())
            return Job(category, kind, named or (category.lower(),))
    return None


def _begins(key: str, beginning: str) -> bool:
    """Short names have to be all of it, or be followed by a number: `ace` is no `acecompressor`."""
    if not key.startswith(beginning):
        return False
    rest = key[len(beginning) :]
    return len(beginning) >= 6 or not rest or rest.isdigit()
