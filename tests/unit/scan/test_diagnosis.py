from __future__ import annotations

import pytest

from pluginary_tui.model import MISSING
from pluginary_tui.scan.diagnosis import diagnose, diagnose_load

pytestmark = pytest.mark.short

LICENCE_LOG = "RoboLicense: no dongle found\n"


@pytest.mark.parametrize(
    ("error", "kind", "named"),
    [
        ("libzoo.so.1: cannot open shared object file: No such file or directory.", "library", "libzoo.so.1"),
        ("/opt/x/libzoo.so.1: cannot open shared object file: No such file or directory.", "library", "libzoo.so.1"),
        ("Error loading shared library libzoo.so.1: No such file (needed by X.so)", "library", "libzoo.so.1"),
        ("Library not loaded: @rpath/libzoo.dylib Referenced from: /Library/X", "library", "libzoo.dylib"),
        ("Could not find module 'C:\\X.vst3' (or one of its dependencies).", "library", "Visual C++"),
        ("libc.so.6: version `GLIBC_2.99' not found (required by X.so).", "system", "GLIBC_2.99"),
        ("X.so: undefined symbol: zoo_symbol.", "symbol", "zoo_symbol"),
        ("X.so: cannot open shared object file: Permission denied.", "permission", "read"),
        ("X.so: cannot enable executable stack as shared object requires: Invalid argument", "system", "stack"),
        ("X.so: failed to map segment from shared object: Operation not permitted", "noexec", "noexec"),
        ("X.so: failed to map segment from shared object: Cannot allocate memory", "memory", "memory"),
        ("X.so: cannot enable executable stack as shared object requires: Permission denied", "system", "stack"),
        ("X.so: cannot restore segment prot after reloc: Permission denied", "system", "its own code"),
        ("libgomp.so.1: cannot allocate memory in static TLS block", "system", "thread"),
        ("libz.so.1: cannot open shared object file: Too many open files", "limit", "ulimit"),
        ("Cannot be read: Transport endpoint is not connected.", "disk", "network drive"),
        ("It is a bridge to /home/me/.wine/x.vst3, where nothing is.", "bridge", "/home/me/.wine/x.vst3,"),
        ("The binary is for aarch64, not for this machine.", "machine", "aarch64"),
        ("No binary for this machine (x86_64-linux); it holds x86_64-win.", "machine", "x86_64-win."),
        ("X.so: wrong ELF class: ELFCLASS32.", "machine", "processor"),
        ("The binary is not one for Linux.", "machine", "Linux"),
        ("The binary is cut short: 22316 of at least 44632 bytes are there.", "incomplete", "cut short"),
        ("The binary is empty.", "incomplete", "nothing in it"),
        ("There is no binary inside.", "incomplete", "not"),
        ("Cannot be read: a dangling link to /nowhere/x.vst3.", "link", "/nowhere/x.vst3,"),
        ("Its name on the disk is not UTF-8; rename it.", "name", "Rename"),
        ("It is a single file, and a VST3 for Linux is a folder.", "format", "folder"),
        ("It has no ModuleEntry, so it is not a VST3 for Linux.", "format", "not a VST3"),
        ("Its ModuleEntry refused.", "refused", "refused to start"),
        ("Unable to scan plugin /x.vst3: unsupported plugin format or scan failure.", "refused", "refuses to be used"),
        ("It holds no effect and no instrument.", "empty", "shell"),
        ("closed the channel that it reports on.", "report", "whole"),
        ("the zoo threw this.", "refused", "it says: the zoo threw this."),
        ("", "refused", "does not say why"),
        ("Your trial has ended", "licence", "activate"),
    ],
)
def test_what_was_said_is_understood(error: str, kind: str, named: str) -> None:
    reason = diagnose("failed", error, "factory")
    assert reason.kind == kind
    assert named in f"{reason.why} {reason.advice}"
    assert len(reason.short) <= 32
    assert "{" not in f"{reason.short}{reason.why}{reason.advice}"


@pytest.mark.parametrize(
    ("error", "kind", "clause"),
    [
        (
            "Plugin 'Artistic Delay Mono' does not support 1-channel output. (Main bus currently expects 1 input "
            "channels and 2 output channels.).", "channels", "one channel in, two out",
        ),
        (
            "Plugin 'X' does not support 2-channel output, but (Main bus currently expects 0 input channels and 17 "
            "output channels.)", "channels", "no channels in, 17 out",
        ),
        ("It crashed in pedalboard (SIGSEGV).", "crash", "it crashes there (SIGSEGV)"),
        ("It crashed in pedalboard.", "crash", "it crashes there"),
        ("X.so: undefined symbol: zoo_symbol.", "symbol", "a library does not have the function zoo_symbol"),
        ("/x/libzoo.so.1: cannot open shared object file: No such file or directory", "library",
         "it needs the library libzoo.so.1, which is not installed"),
        ("pedalboard did not finish loading it: no answer within 30 s.", "hang", "it does not finish"),
        ("pedalboard did not finish loading it: it took too much memory.", "memory", "it takes too much memory there"),
        ("Skipped by you after 3.0 s, while pedalboard was loading it.", "skipped", "you skipped it"),
        ("This program was killed 2 times in a row while pedalboard was loading it.", "killer",
         "this program was killed 2 times while it was being loaded"),
        ("pedalboard finds plugins of a bundle by name, and an earlier one of this bundle has the same.", "name",
         "an earlier plugin of its bundle has the same name"),
        ("Unable to load plugin /x.vst3: unsupported plugin format or load failure.", "refused", "it does not say why"),
        ("", "refused", "it does not say why"),
        ("The {zoo} threw\x1b[31m this.", "refused", "it says: The {zoo} threw [31m this"),
    ],
)  # fmt: skip
def test_why_pedalboard_does_not_load_a_plugin_is_a_clause(error: str, kind: str, clause: str) -> None:
    reason = diagnose_load(error)
    assert (reason.kind, reason.short) == (kind, clause)
    assert reason.why == f"pedalboard cannot load it: {clause}; it may well work in your DAW."
    assert reason.advice


def test_what_the_loader_printed_says_why_pedalboard_gave_up() -> None:
    log = "dlopen failed: /x/X.so: undefined symbol: zoo_symbol\nbye"
    assert diagnose_load("Unable to load plugin: unsupported plugin format or load failure.", log).kind == "symbol"


def test_a_missing_library_is_named_with_what_to_do() -> None:
    reason = diagnose("failed", "libcurl-gnutls.so.4: cannot open shared object file: No such file or directory.")
    assert reason.short == "needs libcurl-gnutls.so.4"
    assert reason.why == "It needs the library libcurl-gnutls.so.4, which is not installed."
    assert reason.advice.startswith("Install the package that holds libcurl-gnutls.so.4")


@pytest.mark.parametrize(
    ("stage", "short", "when"),
    [
        ("factory", "crashes when opened", "while it was being opened"),
        ("load", "crashes when created", "while the plugin was being created"),
        ("parameters", "crashes when read", "while its parameters were being read"),
    ],
)
def test_a_crash_says_when_and_how(stage: str, short: str, when: str) -> None:
    reason = diagnose("crashed", f"Crashed (SIGSEGV) {when}.", stage, "SIGSEGV")
    assert reason == diagnose("crashed", "", stage, "SIGSEGV")  # the sentence of the error is not needed for it
    assert (reason.kind, reason.short) == ("crash", short)
    assert reason.why == f"It crashed {when}: it reached into memory that is not its own (SIGSEGV)."


def test_a_crash_in_a_shell_names_the_plugin() -> None:
    reason = diagnose("crashed", "Crashed (SIGABRT) while Zoo 137 was being created.", "load", "SIGABRT")
    assert "while Zoo 137 was being created: it gave up by itself (SIGABRT)" in reason.why


def test_an_instruction_of_another_processor_has_advice_of_its_own() -> None:
    assert "newer processor" in diagnose("crashed", "", "factory", "SIGILL").advice


def test_a_signal_without_words_is_named() -> None:
    assert "(SIGSYS)" in diagnose("crashed", "", "factory", "SIGSYS").why


def test_leaving_without_an_answer_is_told_as_that() -> None:
    reason = diagnose("crashed", "Exited with status 0 before reporting while it was being opened.", "factory")
    assert reason.why == "It crashed while it was being opened: it ended its process instead of answering."


def test_what_killed_this_program_is_told_as_that() -> None:
    reason = diagnose("crashed", "This program was killed 2 times in a row while it was being probed.", "launch")
    assert reason.kind == "killer"
    assert "2 times in a row" in reason.why


def test_silence_is_most_likely_a_licence() -> None:
    reason = diagnose("timeout", "did not answer within 30 s while it was being opened.", "factory")
    assert (reason.kind, reason.short) == ("hang", "does not answer")
    assert reason.why == "It did not answer within 30 s, while it was being opened."
    assert "licence" in reason.advice
    assert "scan.timeout_s" in reason.advice


@pytest.mark.parametrize("outcome", ["skipped", "timeout"])
def test_what_was_skipped_is_not_called_a_hang(outcome: str) -> None:
    reason = diagnose(outcome, "Skipped by you after 3.2 s while it was being opened.", "factory")
    assert reason.kind == "skipped"
    assert reason.why == "You skipped it after 3.2 s, while it was being opened."


@pytest.mark.parametrize("outcome", ["crashed", "timeout"])
def test_a_log_that_speaks_of_a_licence_is_heard(outcome: str) -> None:
    reason = diagnose(outcome, "", "load", "", LICENCE_LOG)
    assert reason.kind == "licence"
    assert "activate" in reason.advice
    assert diagnose("failed", "Its ModuleEntry refused.", "factory", "", LICENCE_LOG).kind == "licence"


def test_the_limit_and_the_machine_s_own_want_of_memory_differ() -> None:
    limit = diagnose("memory", "used more than 4096 MB of memory while it was being opened.", "factory")
    assert limit.short == "takes over 4,096 MB"
    assert "scan.memory_limit_mb" in limit.advice
    machine = diagnose("memory", "The machine ran out of memory while it was being opened.", "factory")
    assert "Close other programs" in machine.advice


def test_the_want_of_a_display_is_nobodys_fault() -> None:
    error = "Crashed (SIGABRT) while it was being opened. There is no display here; scan where there is one."
    assert diagnose("crashed", error, "factory", "SIGABRT").kind == "display"


def test_what_is_gone_can_come_back() -> None:
    assert diagnose(MISSING).kind == "gone"


def test_a_good_one_has_no_reason() -> None:
    reason = diagnose("ok")
    assert (reason.kind, reason.short, reason.why, reason.advice) == ("", "", "", "")


def test_untrusted_text_is_made_harmless() -> None:
    reason = diagnose("failed", "\x1b[31mno {it} [bold]\n\u202eno")
    assert "\x1b" not in reason.why
    assert "\u202e" not in reason.why
    assert "no {it} [bold]" in reason.why


def test_words_that_only_look_like_a_licence_are_none() -> None:
    assert diagnose("crashed", "", "load", "", "Industrial kilokelvin reverb, authority 3").kind == "crash"
