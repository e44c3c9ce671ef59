"""An interpreter in which the package finds only what Python has on Windows, to run it there on Linux.

`executable` writes a program that takes the place of `python`. In it, and in all that it starts by `sys.executable`:

- modules of the package see `sys.platform == "win32"`, but for those of READS, which are about this machine's plugins
  or about calls of Windows that nothing stands in for
- modules that Windows lacks cannot be imported by the package, and what Windows lacks of `os`, `signal`, `socket`,
  `select` and others is not there for it; which these are is taken from the type stubs of the standard library
- a stand-in for `msvcrt` locks files
- files are treated as in `windows_rules`
- text in files has an encoding that is named, where Windows would take one of its own

Other packages and the standard library keep what they have: they have branches of their own for Windows.
"""

from __future__ import annotations

import ast
import builtins
import json
import runpy
import sys
import warnings
from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGE = "pluginary_tui"

READS = (
    "scan.probe",
    "scan.readers",
    "file_iri",
    "isolation.c_library",
    "isolation.portable.launch",
    "isolation.portable.job_main",
)
"""Modules and packages of ours that see the real platform: reading plugins means loading Linux's here, and job objects
cannot be had."""

KEPT = {"os": ("uname", "RTLD_LAZY", "RTLD_NOW", "O_NONBLOCK", "O_NOFOLLOW")}
"""What READS use of Linux's: how plugins are loaded and files are opened."""

# Coverage starts with the interpreter and imports some of the package, which would find all of Linux there.
_WRAPPER = """#!/bin/sh
unset $(env | sed -n 's/^\\(COV[A-Z_]*\\)=.*/\\1/p')
flags=
while case "$1" in -P|-I|-S) true;; *) false;; esac; do flags="$flags $1"; shift; done
exec {python} -X warn_default_encoding $flags {script} {data} "$0" "$@"
"""


def executable(folder: Path) -> Path:
    """Write the program into a folder."""
    data, program = folder / "lacking.json", folder / "bare-python"
    data.write_text(json.dumps(lacking()))
    program.write_text(_WRAPPER.format(python=sys.executable, script=Path(__file__).absolute(), data=data))
    program.chmod(0o755)
    return program


# What Windows lacks


def lacking() -> dict[str, list[str] | None]:
    """Names by module; None for a module that is not there at all."""
    import mypy

    stubs = Path(mypy.__file__).parent / "typeshed" / "stdlib"
    found: dict[str, list[str] | None] = {}
    for path in sorted(stubs.rglob("*.pyi")):
        module = ".".join(path.relative_to(stubs).with_suffix("").parts).removesuffix(".__init__")
        if module.startswith("_") or "." in module:
            continue
        tree = ast.parse(path.read_text())
        here, there = names(tree, sys.platform), names(tree, "win32")
        if here and not there:
            found[module] = None
        elif lost := here - there:
            found[module] = sorted(lost)
    return found


def names(tree: ast.AST, platform: str) -> set[str]:
    """What a stub defines at its top level for a platform, and for this version of Python."""
    found: set[str] = set()
    todo = list(getattr(tree, "body", []))
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If):
            todo += node.body if _holds(node.test, platform) else node.orelse
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.asname for alias in node.names if alias.asname}
    return {name for name in found if not name.startswith("_")}


def _holds(test: ast.expr, platform: str) -> bool:
    """Whether a condition of a stub holds. They compare the platform and the version with constants."""
    code = compile(ast.Expression(test), "<stub>", "eval")
    facts = ModuleType("sys")
    vars(facts).update(platform=platform, version_info=sys.version_info)
    return bool(eval(code, {"sys": facts, "TYPE_CHECKING": True}))


# The interpreter


class _AsOnWindows(ModuleType):
    """`sys` with another platform."""

    platform = "win32"

    def __getattr__(self, name: str) -> Any:
        return getattr(sys, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(sys, name, value)


def bare(data: dict[str, list[str] | None]) -> None:
    """Take from the package, for the rest of this process, what Windows lacks."""
    absent = {name for name, lost in data.items() if lost is None}
    stand_ins: dict[tuple[str, bool], ModuleType] = {("sys", False): _AsOnWindows("sys"), ("sys", True): sys}
    stand_ins[("msvcrt", False)] = _msvcrt()
    real_import = builtins.__import__
    rules = _rules()

    def stand_in(name: str, reads: bool) -> ModuleType:
        if (name, reads) not in stand_ins:
            real = real_import(name)
            made = ModuleType(name, real.__doc__)
            lost = set(data[name] or ()) - set(KEPT.get(name, ()) if reads else ())
            vars(made).update({key: value for key, value in vars(real).items() if key not in lost})
            if name == "os" and not reads:
                rules.binary_or_text(made)
            stand_ins[name, reads] = made
        return stand_ins[name, reads]

    def hooked(name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0) -> Any:
        spec = (globals or {}).get("__spec__")
        importer = str(spec.name if spec else (globals or {}).get("__name__"))
        if level or importer.partition(".")[0] != PACKAGE:
            return real_import(name, globals, locals, fromlist, level)
        top = name.partition(".")[0]
        if top in absent:
            raise ModuleNotFoundError(f"No module named {name!r}: Windows has none", name=name)
        within = importer.removeprefix(f"{PACKAGE}.")
        reads = any(within == each or within.startswith(f"{each}.") for each in READS)
        if (top in data or (top, reads) in stand_ins) and (name == top or not fromlist):
            if name != top:
                real_import(name, globals, locals, fromlist, level)
            return stand_in(top, reads)
        return real_import(name, globals, locals, fromlist, level)

    builtins.__import__ = hooked
    rules.follow()
    warnings.simplefilter("ignore", EncodingWarning)
    warnings.filterwarnings("error", category=EncodingWarning, module=PACKAGE)


def _rules() -> ModuleType:
    """The module beside this one, wherever this one was started from."""
    spec = util.spec_from_file_location("windows_rules", Path(__file__).with_name("windows_rules.py"))
    assert spec and spec.loader
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _msvcrt() -> ModuleType:
    """Locks a file as `msvcrt.locking` does: for this process alone, at once or not at all."""
    import fcntl

    made = ModuleType("msvcrt")

    def locking(descriptor: int, mode: int, size: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    vars(made).update(LK_NBLCK=2, locking=locking)
    return made


def main() -> None:
    """Run what the command line asks for: `-c CODE`, `-m MODULE` or a script."""
    data, program, *rest = sys.argv[1:]
    sys.executable = program
    if not sys.flags.isolated and not sys.flags.safe_path:
        del sys.path[0]  # the folder of this file
    bare(json.loads(Path(data).read_text(encoding="utf-8")))
    kind, what = ("script", rest[0]) if not rest[0].startswith("-") else (rest[0], rest[1])
    sys.argv = [what if kind == "script" else kind, *rest[1 if kind == "script" else 2 :]]
    if kind == "-m":
        sys.path.insert(0, "")
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    elif kind == "-c":
        main_module = ModuleType("__main__")
        sys.modules["__main__"] = main_module
        exec(compile(what, "<string>", "exec"), vars(main_module))
    else:
        runpy.run_path(what, run_name="__main__")


if __name__ == "__main__":
    main()
