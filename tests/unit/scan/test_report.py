"""From a probe's words to a report and to Python code."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from pluginary_tui.formatting import plain_number
from pluginary_tui.isolation.jobs import JobEnded
from pluginary_tui.model import UNREAD, Bundle, Outcome, Parameter, Plugin, Report, base_id, clean, clean_log
from pluginary_tui.scan.report import PARAMETER_FIELDS, Cursor, ReportBuilder
from pluginary_tui.scan.snippet import attribute, snippet

pytestmark = pytest.mark.short


def finished(*messages: dict[str, object], ended: JobEnded | None = None) -> Report:
    """The report of a bundle whose only probe sent these messages and ended so."""
    builder, cursor = ReportBuilder(Bundle("/x/Thing.vst3", "vst3", "Thing")), Cursor()
    for message in messages:
        builder.take(message, cursor)
    if ended is None or ended.outcome is Outcome.OK:
        return builder.finish()
    assert ended.outcome is not None
    return builder.failed(ended, ended.outcome, cursor)


FACTORY = {"stage": "factory", "plugins": [{"position": 0, "name": "Verb", "vendor": "Acme", "uid": "AA"}]}
SHELL = {
    "stage": "factory",
    "plugins": [{"position": at, "name": n, "vendor": "Acme", "uid": n * 32} for at, n in enumerate("AB")],
}
PLUGIN = {
    "stage": "plugin",
    "position": 0,
    "name": "Verb",
    "vendor": "Acme",
    "uid": "AA",
    "kind": "effect",
    "parameters": [],
}


def test_a_whole_report() -> None:
    report = finished(FACTORY, {"stage": "load", "position": 0, "name": "Verb"}, PLUGIN)
    assert (report.outcome, report.stage, report.error) == (Outcome.OK, "done", "")
    assert [(p.name, p.vendor, p.uid, p.status) for p in report.plugins] == [("Verb", "Acme", "AA", "ok")]


@pytest.mark.parametrize(
    ("messages", "ended", "error", "stage"),
    [
        (
            [],
            JobEnded("k", Outcome.CRASHED, signal="SIGSEGV"),
            "Crashed (SIGSEGV) while it was being opened.",
            "factory",
        ),
        (
            [FACTORY],
            JobEnded("k", Outcome.TIMEOUT, error="did not answer within 3 s"),
            "did not answer within 3 s while the plugin was being created.",
            "load",
        ),
        (
            [SHELL, {"stage": "parameters", "name": "B"}],
            JobEnded("k", Outcome.CRASHED, signal="SIGABRT"),
            "Crashed (SIGABRT) while its parameters were being read.",
            "parameters",
        ),
        (
            [SHELL, {"stage": "load", "name": "B"}],
            JobEnded("k", Outcome.MEMORY, error="took more than 100 MiB"),
            "took more than 100 MiB while B was being created.",
            "load",
        ),
        ([], JobEnded("k", Outcome.FAILED, error="libx.so: cannot open"), "libx.so: cannot open.", "factory"),
    ],
)
def test_the_sentence_says_what_happened_and_when(
    messages: list[dict[str, object]], ended: JobEnded, error: str, stage: str
) -> None:
    report = finished(*messages, ended=ended)
    assert (report.error, report.stage) == (error, stage)


def test_a_crash_after_the_factory_keeps_names_and_vendors() -> None:
    report = finished(SHELL, ended=JobEnded("k", Outcome.CRASHED, signal="SIGSEGV"))
    assert [(p.name, p.vendor, p.status) for p in report.plugins] == [
        ("A", "Acme", "crashed"),
        ("B", "Acme", "crashed"),
    ]


def test_a_bundle_with_nothing_in_it_has_failed() -> None:
    report = finished({"stage": "factory", "plugins": []})
    assert (report.outcome, report.error) == (Outcome.FAILED, "It holds no effect and no instrument.")


def test_one_plugin_of_several_that_failed_leaves_the_bundle_ok() -> None:
    report = finished(SHELL, {"stage": "failed", "position": 0, "error": "It refuses"}, PLUGIN | {"position": 1})
    assert (report.outcome, report.stage) == (Outcome.OK, "done")
    assert [(p.status, p.error) for p in report.plugins] == [("failed", "It refuses."), ("ok", "")]


def test_a_bundle_whose_plugins_all_failed_has_failed() -> None:
    refused = [{"stage": "failed", "position": at, "error": "It refuses"} for at in (0, 1)]
    report = finished(SHELL, *refused)
    assert (report.outcome, report.stage, report.error) == (Outcome.FAILED, "load", "It refuses.")


def test_a_plugin_that_was_not_tried_is_neither_good_nor_bad() -> None:
    report = finished(SHELL, PLUGIN | {"position": 1})
    assert [p.status for p in report.plugins] == [UNREAD, "ok"]


def parameter(**fields: object) -> list[object]:
    """A parameter as the readers send it."""
    base: dict[str, object] = dict.fromkeys(PARAMETER_FIELDS, "")
    base |= {"id": 7, "title": "Mix", "default, normalized": 0.5, "start value, normalized": 0.25, "step count": 0}
    base |= {"flags": 1, "texts of all steps": []}
    return list((base | {name.replace("_", " "): value for name, value in fields.items()}).values())


@pytest.mark.parametrize(
    ("flags", "steps", "kind"),
    [
        (1, 0, "continuous"),
        (1, 1, "switch"),
        (1, 4, "stepped"),
        (1 | 1 << 16, 1, "bypass"),
        (1 | 1 << 15, 127, "program"),
        (1 | 1 << 4, 0, "host"),
        (1 | 1 << 30, 0, "host"),
        (1 | 1 << 4 | 1 << 16, 1, "host"),
    ],
)
def test_flags_tell_the_kind_of_a_parameter(flags: int, steps: int, kind: str) -> None:
    answer = parameter(flags=flags, step_count=steps)
    (plugin,) = finished(FACTORY, PLUGIN | {"parameters": [answer]}).plugins
    (found,) = plugin.parameters
    assert (found.kind, found.steps) == (kind, steps + 1 if steps else 0)
    assert (found.id, found.default_raw, found.initial_raw, found.automatable) == (7, 0.5, 0.25, True)


def test_what_came_before_an_interruption_is_as_if_it_had_come_now() -> None:
    whole = ReportBuilder(Bundle("/x/Thing.vst3", "vst3", "Thing"))
    for message in (SHELL, PLUGIN | {"position": 1}):
        whole.take(message, Cursor())
    whole.fail(0, Outcome.CRASHED, "Crashed (SIGSEGV) while A was being created.", "load", "SIGSEGV", "oh")
    again = ReportBuilder(whole.bundle)
    for message in (SHELL, PLUGIN | {"position": 1}, whole.kept(0)):
        again.restore(json.loads(json.dumps(message)))
    assert again.finish() == whole.finish()


def test_hostile_messages_do_no_harm() -> None:
    wild = [
        {},
        {"stage": 7},
        {"stage": "factory", "plugins": "none"},
        {"stage": "factory", "plugins": [1, None, {"name": None, "position": "x"}]},
        {"stage": "load", "position": []},
        {"stage": "failed", "position": 0, "error": 9},
        {
            "stage": "plugin",
            "name": "\x1b[31m[red]x\u202e\n",
            "latency_samples": float("inf"),
            "probe_ms": -1,
            "name_in_file": "\udcff",
            "buses": [1, [], ["audio", 3, None, "x", 1]],
            "programs": [None, "\x07"],
            "parameters": [
                parameter(
                    title="", **{"default, normalized": float("nan")}, step_count=1e300, flags="x", texts_of_all_steps=3
                ),
                "no",
                [],
                {"name": "old"},
            ],
        },
    ]
    report = finished(*wild)
    plugin = report.plugins[0]
    assert (plugin.name, plugin.latency_samples, plugin.probe_ms) == ("[31m[red]x", 0, 0)
    plugin.name_in_file.encode("utf-8")
    (found,) = plugin.parameters
    assert (found.name, found.default_raw, found.choices) == ("(unnamed)", None, ())
    assert (found.steps, found.kind) == (0, "continuous")
    assert [(bus.media, bus.direction, bus.channels, bus.main) for bus in plugin.buses] == [
        ("audio", "input", 0, False)
    ]
    assert plugin.programs == ["None", "(unnamed)"]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\x00b\nc", "a b c"),
        ("  x  ", "x"),
        (b"caf\xe9", "caf\ufffd"),
        ("\u202eevil", "evil"),
        ("x" * 300, "x" * 255 + "…"),
    ],
)
def test_text_from_outside_is_cleaned(text: str | bytes, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_logs_keep_their_lines_and_lose_their_escapes() -> None:
    assert clean_log("\x1b[31mred\x1b[0m\r\n\x1b]0;title\x07two\x9b1m\nthree\x08") == "red\ntwo\nthree"


def test_a_log_says_once_what_was_said_often() -> None:
    assert clean_log("a\na\na\n\n\nb\na\n") == "a  (x3)\n\nb\na"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("-30.000000", "-30"), ("0.500", "0.5"), ("-0.000", "0"), ("1,000", "1,000"), ("1.50 dB", "1.50 dB"),
        ("Off", "Off"), ("", ""), ("20", "20"), ("100", "100"), ("-19.999999", "-20"), ("0.001000", "0.001"),
        ("384000.000000", "384000"), ("2147483647.25", "2147483647"), ("-0.000001", "-0.000001"),
    ],
)  # fmt: skip
def test_numbers_lose_the_zeros_that_say_nothing(text: str, plain: str) -> None:
    assert plain_number(text) == plain


@pytest.mark.parametrize(
    ("name", "unit", "attribute_"),
    [
        ("Master level", "dB", "master_level_db"), ("Wet / Dry", "%", "wet_dry"), ("A#", "", "a_sharp"),
        ("Delay", ":", "delay"), ("[x] 1", "", "x_1"),
    ],
)  # fmt: skip
def test_attributes_are_named_as_pedalboard_names_them(name: str, unit: str, attribute_: str) -> None:
    assert attribute(Parameter(name, unit)) == attribute_


def test_snippets_are_python_whatever_the_names() -> None:
    odd = Plugin("id", "Evil", path='/x/it\'s "odd"\\\n.vst3', name_in_file="a'b\nimport os")
    code = snippet(odd, [Parameter("Mix", "%", "50", "0", "100"), Parameter("MIDI CC 1|1", kind="host")])
    compile(code, "snippet", "exec")
    assert "# plugin.mix  0 to 100 %, starts at 50" in code
    assert "midi" not in code
    many = snippet(odd, [Parameter(f"P{i}") for i in range(40)])
    assert "and 28 more" in many and "Loading it takes" not in many
    slow = snippet(odd, [Parameter(f"CC {i}", kind="host") for i in range(2083)])
    assert "# Loading it takes seconds: pedalboard reads each of its 2,083 parameters" in slow


def test_a_snippet_names_what_pedalboard_offers_and_python_can_say() -> None:
    plugin = Plugin("id", "Odd", path="/x/Odd.vst3", loads=True)
    knobs = [
        Parameter("3-Band Gain", ":dB", "0", "-60", "6", initial="-3"), Parameter("Class", default="A", initial="A"),
        Parameter("Mix"), Parameter("mix"), Parameter("音"), Parameter("Other"),
        Parameter("None", default="a\nb\u2028c"),
    ]  # fmt: skip
    code = snippet(plugin, knobs, {"3_band_gain", "class", "mix", "none"})
    assert code.splitlines()[3:] == [
        '# plugin.parameters["3_band_gain"]  -60 to 6 :dB, starts at -3',
        '# plugin.parameters["class"]  starts at A',
        "# plugin.mix",
        "# plugin.none  starts at a b c",
    ]
    assert "# plugin.other" in snippet(plugin, knobs), "where the names are not known they follow from the parameters"
    uncommented = "".join(f"{line.removeprefix('# ').partition('  ')[0]}\n" for line in code.splitlines())
    for text in (code, uncommented):
        compile(text, "snippet", "exec")


@pytest.mark.parametrize("name", ["Artistic Delay Mono", "Evil\nimport os", "\x0c\x85\u2028import os", '"""'])
def test_a_snippet_of_what_does_not_load_is_a_comment_that_says_why(name: str) -> None:
    error = f"Plugin '{name}' does not support 1-channel output. (Main bus currently expects 1 input channels and 2"
    plugin = Plugin("id", name, path="/x/X.vst3", loads=False, load_error=f"{error} output channels.)")
    code = snippet(plugin, [Parameter("Mix")])
    compile(code, "snippet", "exec")
    assert all(line.startswith("#") for line in code.splitlines()) and len(code.splitlines()) == 1
    assert code.endswith("pedalboard cannot load it: one channel in, two out; it may well work in your DAW.\n")


def test_a_built_ins_snippet_runs() -> None:
    code = snippet(Plugin("id", "Reverb", format="builtin"), [Parameter("Room size", default="0.5")])
    done = subprocess.run([sys.executable, "-c", code + "print(plugin.room_size)"], capture_output=True, check=True)
    assert done.stdout == b"0.5\n"


@pytest.mark.parametrize(
    ("parts", "id_"),
    [
        (("vst3", "FabFilter", "Pro-Q 3"), "vst3/fabfilter/pro-q-3"),
        (("vst3", "", "Ünï"), "vst3/unknown/uni"),
        (("builtin", "Spotify", "Reverb"), "builtin/pedalboard/reverb"),
        (("au", "東京", "音"), "au/東京/音"),
    ],
)
def test_ids_are_slugs(parts: tuple[str, str, str], id_: str) -> None:
    assert base_id(*parts) == id_
