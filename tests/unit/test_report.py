"""From a probe's words to a report and to Python code."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pluginary_tui.isolation.jobs import JobEnded
from pluginary_tui.model import Bundle, Outcome, Parameter, Plugin, base_id, clean, clean_log
from pluginary_tui.scan.report import ReportBuilder, plain_number
from pluginary_tui.scan.snippet import attribute, snippet

pytestmark = pytest.mark.short


def collector(*messages: dict[str, object]) -> ReportBuilder:
    made = ReportBuilder(Bundle("/x/Thing.vst3", "vst3", "Thing"))
    for message in messages:
        made.take(message)
    return made


FACTORY = {"stage": "factory", "plugins": [{"name": "Verb", "vendor": "Acme", "uid": "AA"}]}
SHELL = {"stage": "factory", "plugins": [{"name": n, "vendor": "Acme", "uid": n * 32} for n in "AB"]}
PLUGIN = {"stage": "plugin", "name": "Verb", "vendor": "Acme", "uid": "AA", "kind": "effect", "parameters": []}


def test_a_whole_report() -> None:
    report = collector(FACTORY, {"stage": "load", "name": "Verb"}, PLUGIN).finish(JobEnded("k", Outcome.OK), Outcome.OK)
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
    assert ended.outcome is not None
    report = collector(*messages).finish(ended, ended.outcome)
    assert (report.error, report.stage) == (error, stage)


def test_a_crash_after_the_factory_keeps_names_and_vendors() -> None:
    report = collector(SHELL).finish(JobEnded("k", Outcome.CRASHED, signal="SIGSEGV"), Outcome.CRASHED)
    assert [(p.name, p.vendor, p.status) for p in report.plugins] == [
        ("A", "Acme", "crashed"),
        ("B", "Acme", "crashed"),
    ]


def test_a_bundle_with_nothing_in_it_has_failed() -> None:
    report = collector({"stage": "factory", "plugins": []}).finish(JobEnded("k", Outcome.OK), Outcome.OK)
    assert (report.outcome, report.error) == (Outcome.FAILED, "It holds no effect and no instrument.")


def test_a_second_try_without_the_factory_takes_class_ids_from_the_first() -> None:
    first = collector(FACTORY)
    second = ReportBuilder(first.bundle, classes=first.classes)
    second.take(PLUGIN | {"uid": "VST3-Verb-1-2"})
    report = second.finish(JobEnded("k", Outcome.OK), Outcome.OK)
    assert [(p.name, p.uid, p.status) for p in report.plugins] == [("Verb", "AA", "ok")]


def test_hostile_messages_do_no_harm() -> None:
    wild = [
        {},
        {"stage": 7},
        {"stage": "factory", "plugins": "none"},
        {"stage": "factory", "plugins": [1, None, {"name": None}]},
        {
            "stage": "plugin",
            "name": "\x1b[31m[red]x\u202e\n",
            "latency_samples": float("inf"),
            "probe_ms": -1,
            "name_in_file": "\udcff",
            "parameters": [{"name": "", "default_raw": float("nan"), "steps": 1e300, "kind": "evil"}, "no"],
        },
    ]
    report = collector(*wild).finish(JobEnded("k", Outcome.OK), Outcome.OK)
    plugin = report.plugins[0]
    assert (plugin.name, plugin.latency_samples, plugin.probe_ms) == ("[31m[red]x", 0, 0)
    plugin.name_in_file.encode("utf-8")
    (parameter,) = plugin.parameters
    assert (parameter.name, parameter.default_raw) == ("(unnamed)", None)
    assert (parameter.steps, parameter.kind) == (0, "continuous")


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
    assert "# plugin.mix  0 to 100 %, default 50" in code
    assert "midi" not in code
    many = snippet(odd, [Parameter(f"P{i}") for i in range(40)])
    assert "and 28 more" in many


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
