"""Makes the zoo's bundles: `build` one of the KINDS, or `good` plugins to order."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import Any

from tests.plugins.kind import Kind
from tests.plugins.kinds import KINDS
from tests.plugins.module import Options, binary, comma_locale, compiler, configured, with_answers

__all__ = ["KINDS", "Kind", "build", "compiler", "copies", "good", "random_plugin"]


def build(kind: str, folder: Path, *, name: str | None = None) -> Path:
    """Make a bundle of one of the KINDS in a folder and give its path; `name` is the file's and the plugin's.

    Raises KeyError for an unknown kind, RuntimeError where a compiler is needed and there is none.
    """
    what = KINDS[kind]
    name = kind if name is None else name
    bundle = Path(folder, f"{name}.vst3")
    if what.make is not None:
        folder.mkdir(parents=True, exist_ok=True)
        what.make(bundle)
        return bundle
    binary(bundle).write_bytes(configured(Options(**{"title": name, **what.options})))
    if what.options.get("behaviour") == "locale":
        comma_locale(bundle)
    return bundle


def good(folder: Path, name: str, **options: Any) -> Path:
    """Make a bundle of good plugins in a folder and give its path; options as in `Options`, the title is the name."""
    bundle = Path(folder, f"{name}.vst3")
    binary(bundle).write_bytes(configured(dataclasses.replace(Options(title=name), **options)))
    return bundle


def copies(kind: str, folder: Path, *, of: int = 5, at: int = 2) -> tuple[Path, Path]:
    """Make a kind's plugin twice: alone in a bundle, and as the plugin `at` (from 0) of a shell of `of`.

    Both have the same name and class id, and all that is read of them must be the same.
    """
    options = {"title": kind, **KINDS[kind].options}
    return good(folder / "alone", kind, **options), good(folder / "shell", kind, classes=of, plain=at, **options)


def random_plugin(folder: Path, data: bytes) -> Path:
    """Make a bundle that answers every question with these bytes, one after another and round again, and give its path.

    The same bytes give the same file; the first of a new process get the same answers. No byte at all makes every
    answer zero, and a bundle without plugins.
    """
    bundle = Path(folder, f"random-{hashlib.blake2b(data, digest_size=8).hexdigest()}.vst3")
    binary(bundle).write_bytes(with_answers(data))
    return bundle
