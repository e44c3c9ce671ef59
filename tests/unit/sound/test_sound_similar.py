"""What is alike and why: by sound, by job, and what is better."""

from __future__ import annotations

import pytest

from pluginary_tui.model import Plugin
from pluginary_tui.sound.passport import Figure, Passport, Setting, Verdict
from pluginary_tui.sound.similar import (
    ALIKE,
    JOB,
    NEEDED,
    Likeness,
    Recommendation,
    better,
    by_sound,
    one_of_each,
    per_cent,
    same_job,
    vector,
)

pytestmark = pytest.mark.short

FLAT = dict.fromkeys(NEEDED, 0.0) | {"residue": -160.0, "null": -10.0}


def effect(behaves: str = "", cpu: float = 1.0, verdicts: tuple[str, ...] = (), **features: float) -> Passport:
    return Passport(
        settings=[Setting("default", features=FLAT | features)],
        behaves=behaves,
        costs={"cpu": Figure(cpu, 0.9)},
        verdicts=[Verdict(name, "seen") for name in verdicts],
    )


REVERB = effect("reverb", 4.0, decay=2.0, colour=1.0)


def test_the_nearest_does_the_same_and_it_is_said_why() -> None:
    assert per_cent(Likeness("x", 0.0, "")) == 100 and per_cent(Likeness("x", JOB + 0.5, "")) is None
    others = {
        "compressor": effect("compressor", squash=12.0, memory=-6.0),
        "hall": effect("reverb", decay=4.0, colour=1.5),
        "fuzz": effect("distortion", thd=10.0, thd_loud=30.0),
    }
    found = by_sound(REVERB, others)
    assert found[0].id == "hall"
    assert found[0].because == (
        "both behave like: reverb; both: bright tail; this one: a longer tail, a quarter of the processor time"
    )
    assert found[0].distance < 0.3 < found[1].distance < JOB
    assert (per_cent(found[0]) or 0) > 75 > ALIKE > (per_cent(found[1]) or 0)
    assert "most unlike in" in found[1].because


def test_one_is_at_no_distance_from_itself_and_what_says_too_little_is_left_out() -> None:
    found = by_sound(REVERB, {"twin": REVERB, "empty": Passport(), "old": Passport(method=0, settings=REVERB.settings)})
    assert [(each.id, each.distance) for each in found] == [("twin", 0.0)]
    assert vector(Passport(settings=[Setting("default", features={"colour": 1.0})])) is None
    assert by_sound(Passport(), {"twin": REVERB}) == []


def test_idling_is_no_likeness() -> None:
    idle = effect("identity", null=-150.0)
    assert vector(idle) is None and by_sound(idle, {"other": effect("identity", null=-150.0)}) == []
    active, still = effect("compressor", squash=12.0, memory=-6.0), Setting("default", features=FLAT | {"null": -150.0})
    idles_as_loaded = Passport(settings=[still, *active.settings], behaves="compressor")
    (found,) = by_sound(active, {"same": idles_as_loaded})
    assert found.distance == 0, "settings in which it idles say nothing"


def test_a_curve_without_trust_is_no_likeness() -> None:
    moving = effect("modulation", squash=15.0, depth=10.0, regular=1.0, curve_trust=0.0)
    steady = effect("compressor", squash=15.0, memory=-6.0, curve_trust=1.0)
    (found,) = by_sound(steady, {"moving": moving})
    assert (per_cent(found) or 0) < ALIKE


def test_instruments_are_compared_with_instruments() -> None:
    def synth(brightness: float, release: float) -> Passport:
        features = {"level": -20.0, "brightness": brightness, "attack": 0.01, "release": release}
        return Passport(kind="instrument", settings=[Setting("default", features=features)])

    found = by_sound(synth(1000, 0.1), {"near": synth(1100, 0.1), "far": synth(6000, 1.2), "reverb": REVERB})
    assert [each.id for each in found] == ["near", "far"]
    assert "brightness" in found[0].because


def test_better_is_less_cost_or_fewer_faults_for_the_same() -> None:
    mine = effect("reverb", 4.0, ("noisy",), decay=2.0)
    others = {
        "lean": effect("reverb", 1.0, ("noisy",), decay=2.0),
        "clean": effect("reverb", 4.0, decay=2.0),
        "worse": effect("reverb", 1.0, ("noisy", "unstable"), decay=2.0),
        "other": effect("delay", 0.1, decay=2.0),
        "same": effect("reverb", 3.9, ("noisy", "identity"), decay=2.0),
    }
    found = {each.id: each.because for each in better(mine, by_sound(mine, others), others)}
    assert found == {"lean": "1.0 % of a processor instead of 4.0 %", "clean": "not noisy"}


def test_the_same_job_is_told_by_categories_parameters_and_names() -> None:
    def plugin(name: str, *categories: str, kind: str = "effect") -> Plugin:
        return Plugin(f"vst3/x/{name.casefold()}", name, categories=categories, kind=kind)

    one = plugin("SuperComp", "Dynamics")
    others = [
        (plugin("BusComp", "Dynamics"), {"Threshold", "Ratio 2", "Attack"}),
        (plugin("Gate", "Dynamics"), {"Threshold"}),
        (plugin("Hall", "Reverb"), {"Decay", "Bypass"}),
        (plugin("CompSynth", "Dynamics", kind="instrument"), {"Threshold", "Ratio"}),
        (one, {"Threshold", "Ratio", "Attack"}),
    ]
    found = same_job(one, {"Threshold 1", "Ratio", "Attack", "Bypass"}, others)
    assert [each.id for each in found] == ["vst3/x/buscomp", "vst3/x/gate"]
    assert (
        found[0].because == "both are dynamics; 3 parameters in common (attack, ratio, threshold); both are named comp"
    )
    assert all(each.distance >= JOB for each in found)


def test_of_each_product_one_format_is_offered_and_not_the_plugin_itself() -> None:
    def plugin(format_: str, product: str, loads: bool | None = None) -> Plugin:
        return Plugin(f"{format_}/{product}", product, format=format_, product=f"x/{product}", loads=loads)

    mine = plugin("vst3", "comp")
    others = [
        *(plugin("clap", "comp"), plugin("lv2", "bus"), plugin("vst3", "bus"), plugin("clap", "gate")),
        plugin("vst3", "gate", loads=False),
    ]
    known = {each.id: each for each in others}
    found = [Recommendation(Likeness(each.id, 10.5, "why"), "") for each in others]
    assert [each.id for each, _ in one_of_each(mine, found, known)] == ["vst3/bus", "clap/gate"]
    nearer = [Recommendation(Likeness("lv2/bus", 0.1, "why"), ""), *found]
    assert [each.id for each, _ in one_of_each(mine, nearer, known)] == ["lv2/bus", "clap/gate"], "what sounds so"
    assert one_of_each(mine, [Recommendation(Likeness("gone", 1.0, ""), "")], known) == []
