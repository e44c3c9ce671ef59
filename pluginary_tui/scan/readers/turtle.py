"""Turtle files of one bundle as graphs. Runs only in a process of its own. Nothing is ever fetched from a network."""

from __future__ import annotations

import errno
import gc
import os
import re
from collections.abc import Iterable, Iterator

import pyoxigraph as rdf

from pluginary_tui.file_iri import iri_of, path_of
from pluginary_tui.safe_open import open_regular
from pluginary_tui.scan.readers.module import ModuleError

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

FILE_LIMIT = 64 << 20
"""Bytes of one file; the largest descriptions of plugins known have half a megabyte."""

TRIPLE_LIMIT = 4_000_000
"""Statements kept of one bundle: more of them would take more memory than a plugin may."""

_TAIL = re.compile(r"[^/#:]+(?=[/#:]*$)")

Term = rdf.NamedNode | rdf.BlankNode | rdf.Literal
Properties = dict[str, list[Term]]
Statements = dict[str, Properties]
"""Of one file: the properties of each subject."""

_NOTHING: Properties = {}


class Graph:
    """What several files state: the properties of each subject. Subjects and properties are IRIs, or ids of blank
    nodes.
    """

    def __init__(self, files: list[Statements]) -> None:
        self._files = files

    def of(self, subject: str) -> Properties:
        """The properties of a subject, in the order of the files; none where it is not mentioned."""
        found = [file[subject] for file in self._files if subject in file]
        if len(found) < 2:
            return found[0] if found else _NOTHING
        merged: Properties = {}
        for properties in found:
            for key, terms in properties.items():
                merged.setdefault(key, []).extend(terms)
        return merged

    def subjects(self, kind: str) -> Iterator[str]:
        """All that are stated to be of a class, in the order of the files."""
        for file in self._files:
            for subject, properties in file.items():
                if any(term.value == kind for term in properties.get(RDF_TYPE, ())):
                    yield subject


class BundleFiles:
    """The Turtle files of one bundle. No other file is read, whatever the bundle names."""

    def __init__(self, bundle: str) -> None:
        self.path = os.path.abspath(bundle)
        self._kept: dict[str, Statements] = {}
        self._left = TRIPLE_LIMIT
        self.shared: set[str] = set()
        """Names of files that are needed more than once, so that they are kept."""

    def iri(self, name: str) -> str:
        """The IRI of a file of the bundle, as a text in it that names it by itself has it."""
        return iri_of(os.path.join(self.path, name))

    def graph(self, *names: str) -> Graph:
        """What these files state together. Raises ModuleError, with the line where a text is broken."""
        return Graph([self._statements(name) for name in dict.fromkeys(names)])

    def names(self, iris: Iterable[str]) -> list[str]:
        """The names of those files that are in the bundle: another's, and all of a network, are left out."""
        found = []
        for iri in iris:
            # `#` is no fragment here: Ardour's own bundles have it in names of files.
            path = path_of(iri)
            if path.startswith(self.path + os.sep):
                found.append(os.path.relpath(path, self.path))
        return found

    def _statements(self, name: str) -> Statements:
        if name in self._kept:
            return self._kept[name]
        statements = self._parse(name)
        if name in self.shared:
            self._kept[name] = statements
        return statements

    def _parse(self, name: str) -> Statements:
        path = os.path.join(self.path, name)
        data = _file(path, name)
        found: Statements = {}
        count = 0
        # What is found here makes no cycles; to look for some takes longer than to read it.
        gc.disable()
        try:
            for subject, predicate, term, _ in rdf.parse(
                data, format=rdf.RdfFormat.TURTLE, base_iri=self.iri(name), lenient=True
            ):
                found.setdefault(subject.value, {}).setdefault(predicate.value, []).append(term)
                count += 1
                if count > self._left:
                    raise ModuleError(f"{name} states too much: more than {TRIPLE_LIMIT:,} facts in its bundle")
        except SyntaxError as error:
            raise ModuleError(f"{name}{f', line {error.lineno}' if error.lineno else ''}: {_message(error)}") from error
        except ValueError as error:
            raise ModuleError(f"{name}: {error}") from error
        self._left -= count
        return found


def iris(properties: Properties, key: str) -> list[str]:
    """The resources that a property names: IRIs, or ids of blank nodes."""
    return [term.value for term in properties[key] if term.__class__ is not rdf.Literal] if key in properties else []


def text(properties: Properties, key: str) -> str:
    """A text: without a language, else in English, else the first; empty where there is none."""
    if key not in properties:
        return ""
    found = [term for term in properties[key] if isinstance(term, rdf.Literal)]
    return (found[0] if len(found) == 1 else min(found, key=_rank)).value if found else ""


def number(properties: Properties, key: str) -> float | None:
    """A number; None where there is none, or something else."""
    for term in properties.get(key, ()):
        if isinstance(term, rdf.Literal):
            return number_of(term.value)
    return None


def _rank(text: rdf.Literal) -> int:
    """The order in which texts of several languages are wanted."""
    language = text.language or ""
    return 0 if not language else 1 if language.startswith("en") else 2


def tail(uri: str) -> str:
    """The last part of a URI."""
    found = _TAIL.search(uri)
    return found[0] if found else uri


def number_of(text: str) -> float | None:
    """The number that a literal writes; a truth value is 0 or 1."""
    if text in ("true", "false"):
        return float(text == "true")
    try:
        return float(text)
    except ValueError:
        return None


def _file(path: str, shown: str) -> bytes:
    try:
        with open_regular(path, foreign_links=True) as file:
            if os.fstat(file.fileno()).st_size > FILE_LIMIT:
                raise ModuleError(f"{shown} has more than {FILE_LIMIT >> 20} MB")
            return file.read(FILE_LIMIT)
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.EISDIR):
            raise ModuleError(f"{shown} is no file") from error
        raise ModuleError(f"{shown} cannot be read: {error.strerror}") from error


def _message(error: SyntaxError) -> str:
    """The parser's reason without its own words for the place."""
    return str(error.msg or error).rpartition(": ")[2] or "it is no Turtle"
