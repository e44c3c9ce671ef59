"""The documents hold: their commands run, their queries parse, their keys, settings and links exist.

A fenced block `sh` is run: every line that begins with `pluginary-tui`, in order, in a home of its own with a scanned
catalogue. A line ends with exit code 0, or with N where its comment says `exit N`. A block `sh no-run` opens the app,
takes long or changes files of other programs: only its commands and options are looked up. A block `json` behind such a
block shows what the last command printed: all its keys have to be there. A block `query`, and a column `query` or
`example` of a table in query-language.md, holds queries.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import _character_to_key

import pluginary_tui.tui
from pluginary_tui.catalogue.search_lookup import Lookup
from pluginary_tui.catalogue.store import Store
from pluginary_tui.cli.commands import COMMANDS, main
from pluginary_tui.config import SETTINGS
from pluginary_tui.search import fields
from pluginary_tui.search.query import strict
from pluginary_tui.sound.metrics import BEHAVIOURS, CURVES, FAULTS, METRICS, VERDICTS
from pluginary_tui.sound.overview import load_measurements
from tests.docs import failure_words, glossary_page, settings_page
from tests.docs.markdown import DOCUMENTS, ROOT, Block, anchors, blocks, links, sections, spans, tables, without_blocks
from tests.support.sound_files import write_wav

DOCS = ROOT / "docs"
COMMAND = re.compile(r'(eval "\$\()?pluginary-tui\b')
EXIT = re.compile(r"#.*\bexit (\d)")
COMMON = {"--help", "--version", "--json"}
"""Options that every command, or every one that prints data, has; the page says so once."""

EVERY = [(document, each) for document in DOCUMENTS for each in blocks(document)]
RUN = [each for _, each in EVERY if each.info == "sh" and any(COMMAND.match(line) for line in each.lines)]
SHOWN = [each for _, each in EVERY if each.info == "sh no-run"]
SHAPES = {
    before.place: shape
    for document in DOCUMENTS
    for before, shape in zip(blocks(document), blocks(document)[1:], strict=False)
    if shape.info == "json"
}
"""The block of JSON behind a block of commands, by the place of the latter."""


# Commands


@pytest.fixture(scope="session")
def scanned(zam: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with what the documents name, and a catalogue of this machine's plugins; it is copied, never used."""
    home = tmp_path_factory.mktemp("documents") / "home"
    shutil.copytree(zam / "ZamPhono.vst3", home / "plugins" / "ZamPhono.vst3")
    (home / "songs").mkdir()
    shutil.copy(
        ROOT / "tests" / "data" / "projects" / "reaper" / "vst3-track-and-take-fx.RPP", home / "songs" / "song.rpp"
    )
    time = np.arange(48000) / 48000
    write_wav(home / "take.wav", 0.5 * np.sin(2 * np.pi * 440 * time)[None].repeat(2, axis=0))
    (home / "ardour").mkdir()
    (home / "bin").mkdir()
    program = home / "bin" / "pluginary-tui"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m pluginary_tui "$@"\n')
    program.chmod(0o755)
    done = call(home, "pluginary-tui scan")
    assert done.returncode == 0, done.stderr
    return home


def call(home: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Run one line of a document."""
    ours = ("PLUGINARY_TUI_", "XDG_", "VST3_PATH")
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    env |= {"HOME": str(home), "PATH": f"{home / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"], cwd=home, env=env, capture_output=True, text=True, timeout=200
    )


@pytest.mark.parametrize("block", RUN, ids=lambda block: block.place)
def test_commands_end_as_the_text_says(block: Block, scanned: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(scanned, home)
    output = ""
    for line in block.lines:
        if COMMAND.match(line):
            done = call(home, line)
            code = int(found[1]) if (found := EXIT.search(line)) else 0
            assert done.returncode == code, (line, done.stdout, done.stderr)
            assert "Traceback" not in done.stderr
            output = done.stdout
    if shape := SHAPES.get(block.place):
        lacking = list(missing(json.loads(shape.text), json.loads(output)))
        assert not lacking, f"{shape.place} shows what is not printed: {lacking}"


def missing(shown: Any, printed: Any, where: str = "") -> Iterator[str]:
    """Keys of the document's JSON that the command's lacks, or whose value is of another type."""
    if isinstance(shown, dict):
        for name, value in shown.items():
            if not isinstance(printed, dict) or name not in printed:
                yield f"{where}.{name}"
            else:
                yield from missing(value, printed[name], f"{where}.{name}")
    elif isinstance(shown, list):
        if not isinstance(printed, list):
            yield where
        elif shown and printed:
            yield from missing(shown[0], printed[0], f"{where}[]")
    elif shown is not None and printed is not None and not alike(shown, printed):
        yield f"{where}: {shown!r} is not like {printed!r}"


def alike(one: object, other: object) -> bool:
    numbers = [isinstance(each, int | float) and not isinstance(each, bool) for each in (one, other)]
    return type(one) is type(other) or all(numbers)


def test_every_document_with_commands_is_run() -> None:
    assert {"README.md", "commands.md"} <= {block.document for block in RUN}
    assert len(SHAPES) > 10


@pytest.mark.parametrize("block", SHOWN, ids=lambda block: block.place)
def test_commands_that_are_not_run_exist(block: Block) -> None:
    for line in block.lines:
        if line.startswith("pluginary-tui"):
            command: click.Command = main
            for word in shlex.split(line, comments=True)[1:]:
                if word.startswith("--"):
                    assert word in options(command), line
                elif isinstance(command, click.Group):
                    found = command.get_command(click.Context(command), word)
                    assert found, line
                    command = found


def options(command: click.Command) -> set[str]:
    """The long options of a command."""
    with click.Context(command) as context:
        return {name for each in command.get_params(context) for name in each.opts if name.startswith("--")}


def subcommands(command: click.Command) -> Iterator[click.Command]:
    """A command and all below it."""
    yield command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below
            yield from subcommands(below)


def test_every_command_has_a_section_with_just_its_options() -> None:
    left = set(COMMANDS)
    for title, text in sections(DOCS / "commands.md").items():
        if here := left & set(re.split(r"\W+", title)):
            left -= here
            commands = [each for name in here for each in subcommands(named(name))]
            every = {option for each in commands for option in options(each)}
            answer = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))
            assert answer - every == set(), f"{title}: there are no such options"
            assert every - answer - COMMON == set(), f"{title}: these are not described"
    assert left == set(), "these have no section"


def named(name: str) -> click.Command:
    command = main.get_command(click.Context(main), name)
    assert command
    return command


# Queries

EXAMPLES = [
    *(line for _, block in EVERY if block.info == "query" for line in block.lines),
    *(
        query
        for table in tables(DOCS / "query-language.md")
        for cell in (*table.column("query"), *table.column("example"))
        for query in spans(cell)
    ),
]


@pytest.mark.parametrize("query", EXAMPLES)
def test_queries_are_understood_and_run(query: str, data_dir: Path) -> None:
    with Store.in_folder(data_dir) as store:
        known = load_measurements(store)
        assert strict(query, known.figures, known.states).messages == ()
        assert known.index(store.plugins(), Lookup(store)).search(query).messages == ()


def names(document: str, column: str) -> list[str]:
    return [name for table in tables(DOCS / document) for name in table.column(column)]


def test_every_field_and_state_is_described() -> None:
    assert names("query-language.md", "field") == [field.name for field in fields.FIELDS]
    shorts = dict(zip(names("query-language.md", "field"), names("query-language.md", "short"), strict=True))
    assert shorts == {field.name: field.alias for field in fields.FIELDS}
    assert names("query-language.md", "state") == list(fields.STATES)


# Keys, settings, words of sound, diagnoses


def bindings() -> set[tuple[str, str]]:
    """Name and key of every binding of the app's own classes."""
    for module in pkgutil.walk_packages(pluginary_tui.tui.__path__, "pluginary_tui.tui."):
        importlib.import_module(module.name)
    found, classes = set(), [DOMNode]
    while classes:
        class_ = classes.pop()
        classes += class_.__subclasses__()
        if class_.__module__.startswith("pluginary_tui."):
            for each in class_.__dict__.get("BINDINGS", ()):
                if isinstance(each, Binding) and each.id:
                    found |= {(each.id, key.strip()) for key in each.key.split(",")}
    return found


def test_the_keys_are_those_of_the_app() -> None:
    answer = {
        (name, _character_to_key(key) if len(key) == 1 else key)
        for table in tables(DOCS / "keys.md")
        for key_cell, name in zip(table.column("key"), table.column("name"), strict=True)
        for key in spans(key_cell)
    }
    there = {(name, _character_to_key(key) if len(key) == 1 else key) for name, key in bindings()}
    assert answer - there == set(), "keys.md tells of keys that do not exist"
    assert {name for name, _ in there} - {name for name, _ in answer} == set(), "keys.md leaves out actions"


def test_the_settings_are_those_of_the_table() -> None:
    text = settings_page.PAGE.read_text()
    assert text == settings_page.page(), "write it anew with: python -m tests.docs.settings_page"
    assert re.findall(r"^### (.+)$", text, re.MULTILINE) == [
        setting.name for section in dict.fromkeys(each.section for each in SETTINGS.values())
        for setting in settings_page.of_section(section)
    ]  # fmt: skip


def test_settings_that_a_document_names_exist() -> None:
    sections_ = {name.partition(".")[0] for name in SETTINGS}
    pattern = re.compile(rf"^(?:{'|'.join(sections_)})\.[a-z_]+$")
    for document in DOCUMENTS:
        for span in spans(without_blocks(document)):
            if pattern.match(span) and not span.endswith((".py", ".md")):
                assert span in SETTINGS, (document.name, span)


def test_the_words_of_sound_are_those_of_the_program() -> None:
    assert names("sound.md", "figure") == list(METRICS)
    assert names("sound.md", "verdict") == list(VERDICTS)
    assert {name for table in tables(DOCS / "sound.md") for name, kind in zip(
        table.column("verdict"), table.column("is a"), strict=True) if kind == "fault"} == FAULTS  # fmt: skip
    assert names("sound.md", "curve") == list(CURVES)
    behaviours = re.findall(r"^- `(.+)`:", sections(DOCS / "sound.md")["Behaviours"], re.MULTILINE)
    assert behaviours == list(BEHAVIOURS)


def test_failures_are_worded_as_the_app_words_them() -> None:
    text = failure_words.PAGE.read_text()
    assert text == failure_words.page(text), "write them anew with: python -m tests.docs.failure_words"
    assert {failure_words.READING, failure_words.LOADING} <= set(text.splitlines())


def test_words_are_explained_as_the_app_explains_them() -> None:
    text = glossary_page.PAGE.read_text()
    assert text == glossary_page.page(text), "write them anew with: python -m tests.docs.glossary_page"


# Links


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_links_lead_somewhere(document: Path) -> None:
    for link in links(document):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), link
        assert target.is_relative_to(ROOT)
        if anchor:
            assert anchor in anchors(target), link


def test_files_that_contributors_are_led_to_exist() -> None:
    named = re.findall(r"`((?:\w+/)+(?:\w+\.\w+)?)`", (ROOT / "CONTRIBUTING.md").read_text())
    assert named
    gone = [path for path in named if not any((base / path).exists() for base in (ROOT, ROOT / "pluginary_tui"))]
    assert not gone


def test_every_document_can_be_reached_from_the_readme() -> None:
    seen, left = set(), [ROOT / "README.md"]
    while left:
        document = left.pop()
        if document not in seen:
            seen.add(document)
            left += [
                (document.parent / link.partition("#")[0]).resolve()
                for link in links(document)
                if link.partition("#")[0].endswith(".md") and not link.startswith("https://")
            ]
    assert set(DOCUMENTS) - seen == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_no_package_registry_is_named(document: Path) -> None:
    found = re.search(r"pypi\.org|files\.pythonhosted|npmjs|index-url|crates\.io", document.read_text())
    assert not found, found
