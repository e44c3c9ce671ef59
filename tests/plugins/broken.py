"""Bundles that are broken before anything of them runs: each function makes one at a path."""

from __future__ import annotations

import os
import struct
from pathlib import Path

from tests.plugins.module import Options, binary, configured, module

_E_MACHINE = 18
"""Offset of the architecture in an ELF header, 16 bits (System V ABI, chapter 4)."""
_OTHER_MACHINES = (183, 243)
"""AArch64 and RISC-V, so that one of them is not this machine's."""


def empty_folder(bundle: Path) -> None:
    bundle.mkdir()


def no_binary(bundle: Path) -> None:
    resources = bundle / "Contents" / "Resources"
    resources.mkdir(parents=True)
    (resources / "readme.txt").write_text("Everything but the plugin.\n")


def empty_binary(bundle: Path) -> None:
    binary(bundle).touch()


def empty_file(bundle: Path) -> None:
    bundle.touch()


def text_file(bundle: Path) -> None:
    bundle.write_text("This is no plugin.\n" * 100)


def text_binary(bundle: Path) -> None:
    binary(bundle).write_text("#!/bin/sh\n" + "echo this is no plugin\n" * 100)


def dangling_link(bundle: Path) -> None:
    bundle.symlink_to(bundle.with_name("nowhere.vst3"))


def dangling_binary(bundle: Path) -> None:
    binary(bundle).symlink_to("/nowhere/plugin.so")


def loop(bundle: Path) -> None:
    bundle.symlink_to(bundle.name)


def windows_only(bundle: Path) -> None:
    folder = bundle / "Contents" / "x86_64-win"
    folder.mkdir(parents=True)
    (folder / bundle.name).write_bytes(b"MZ" + bytes(510))


def pipe_binary(bundle: Path) -> None:
    os.mkfifo(binary(bundle))


def _good(bundle: Path, variant: str = "") -> bytes:
    return configured(Options(title=bundle.stem), variant)


def truncated(bundle: Path) -> None:
    code = _good(bundle)
    binary(bundle).write_bytes(code[: len(code) // 2])


def other_machine(bundle: Path) -> None:
    code = bytearray(_good(bundle))
    own = struct.unpack_from("<H", code, _E_MACHINE)[0]
    struct.pack_into("<H", code, _E_MACHINE, next(machine for machine in _OTHER_MACHINES if machine != own))
    binary(bundle).write_bytes(code)


def missing_library(bundle: Path) -> None:
    binary(bundle).write_bytes(_good(bundle, "absent"))


def missing_symbol(bundle: Path) -> None:
    binary(bundle).write_bytes(_good(bundle, "symbol"))


def missing_libraries(bundle: Path) -> None:
    binary(bundle).write_bytes(_good(bundle, "two_absent"))


def missing_variable(bundle: Path) -> None:
    binary(bundle).write_bytes(_good(bundle, "variable"))


def no_plugin(bundle: Path) -> None:
    binary(bundle).write_bytes(module("library"))


def unreadable(bundle: Path) -> None:
    path = binary(bundle)
    path.write_bytes(_good(bundle))
    path.chmod(0)


def single_file(bundle: Path) -> None:
    bundle.write_bytes(_good(bundle))


def loop_inside(bundle: Path) -> None:
    binary(bundle).write_bytes(_good(bundle))
    (bundle / "Contents" / "again").symlink_to(bundle.resolve().parent)
