"""Runs snippets as a person would paste them, and compares what they say with what the loaded plugins answer.

Also a program, for a machine without the tests: `python snippet_check.py DATA_DIR [--quick] [ID...]` prints what is
wrong. With `--quick` it runs the snippets of QUICK plugins with few parameters, and compiles the others: pedalboard
tries 1001 values of each parameter, which takes minutes for some plugins.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Plugin
from pluginary_tui.scan.parameter_code import assignment, number
from pluginary_tui.scan.snippet import named_parameters, snippet

QUICK, FEW = 20, 10
"""How many snippets are run with `--quick`, and the parameters that their plugins have at most."""

LEFT_OUT = ("builtin/pedalboard/convolution", "vst3/damien-zammit/zamverb")
"""The first needs a file. The other reads one at each of the 1001 places where pedalboard tries its parameters."""

_COMMENT = re.compile(r'# (plugin\.(?:parameters\["[^"]*"\]|\w+))(?:  (.*))?')
"""A line of a snippet that names one parameter, with what it says of its values."""

_ANSWER = """
import json, sys
def answer(get):
    try:
        value = get()
        value = getattr(value, "string_value", value)
        shown = getattr(value, "name", value)
        return [str(value.real) if isinstance(value, float) else str(shown), callable(value)]
    except Exception as error:
        return [f"{type(error).__name__}: {error}", None]
def obey(line):
    try:
        exec(line, {"plugin": plugin, "print": lambda *values: None})
    except Exception as error:
        return f"{type(error).__name__}: {error}"
named = {place: answer(lambda: eval(place)) for place in PLACES}
print("ANSWERS" + json.dumps([named, {line: failed for line in LINES if (failed := obey(line))}]))
"""


def differences(plugin: Plugin, store: Store, *, execute: bool = True) -> Iterator[str]:
    """What is wrong with the snippet of a plugin and with the lines for its parameters: one text each.

    The snippet of a plugin that is not for pedalboard has to compile and to do nothing. Without `execute` none is run.
    """
    attributes = store.attributes(plugin.key)
    parameters = store.parameters(plugin.key)
    code = snippet(plugin, parameters, attributes)
    named = named_parameters(plugin, parameters, attributes)
    lines = [line for name, each in named.items() if (line := assignment(plugin, name, each))]
    for line in (code, *lines):
        try:
            compile(line, plugin.id, "exec")
        except SyntaxError as error:
            yield f"{plugin.id}: {error}"
            return
    if not plugin.loads:
        if any(line.strip() and not line.startswith("#") for line in code.splitlines()):
            yield f"{plugin.id}: does more than to say why it does not load"
        return
    if not execute:
        return
    answer = {found[1]: found[2] or "" for line in code.splitlines() if (found := _COMMENT.fullmatch(line))}
    whole = f"{code}\nPLACES = {list(answer)!r}\nLINES = {lines!r}\n{_ANSWER}"
    done = subprocess.run([sys.executable, "-c", whole], capture_output=True, text=True, check=False)
    if done.returncode:
        yield f"{plugin.id}: exit code {done.returncode}: {done.stderr[-300:]}"
        return
    answers, refused = json.loads(done.stdout.rpartition("ANSWERS")[2])
    yield from (f"{plugin.id}: {line} gives {failure}" for line, failure in refused.items())
    for place, notes in answer.items():
        value, is_call = answers[place]
        if is_call is not False:
            yield f"{plugin.id}: {place} gives {value}"
        elif (start := notes.rpartition("starts at ")[2]) and "starts at " in notes and not _same(start, value):
            yield f"{plugin.id}: {place} is said to start at {start}, and is {value}"


def _same(answer: str, found: str) -> bool:
    """Whether two texts are the same value; numbers may be rounded in either of them."""
    one, other = number(answer), number(found)
    if one is not None and other is not None:
        return one == other or abs(one - other) <= max(0.011, abs(one) * 0.01)
    on = {"true": "on", "false": "off", "1": "on", "0": "off", "yes": "on", "no": "off"}
    a, b = (on.get(text.strip().lower(), text.strip().lower()) for text in (answer, found))
    return a == b or a.startswith(b) or b.startswith(a)


def main(folder: Path, ids: Sequence[str], *, quick: bool = False) -> int:
    """Check these plugins, or all that pedalboard loads and the text of all others; the number of differences."""
    count = run = 0
    with Store.in_folder(folder) as store:
        for plugin in store.plugins():
            if (ids and plugin.id not in ids) or plugin.id in LEFT_OUT:
                continue
            execute = not quick or (run < QUICK and plugin.loads is True and plugin.parameter_count <= FEW)
            run += execute
            for line in differences(plugin, store, execute=execute):
                print(line, flush=True)
                count += 1
    print(f"{count} differences")
    return count


if __name__ == "__main__":
    words = [word for word in sys.argv[2:] if word != "--quick"]
    sys.exit(bool(main(Path(sys.argv[1]), words, quick="--quick" in sys.argv)))
