"""The example file: every setting with its documentation, equal to the defaults."""

from __future__ import annotations

from pluginary_tui.config.document import render
from pluginary_tui.config.table import FORMAT, PROJECT_FILE, SECTIONS, Setting, of_section

_HEAD = f"""\
# Settings of Pluginary TUI. Every setting is here with its default; keep the lines you want to change.
#
# Where a setting is given more than once, the later of these wins: its default, this file, the project file
# {PROJECT_FILE} (in the working folder or the nearest one above it; never one that belongs to another user;
# what leads to code being run, such as folders, only after 'pluginary-tui config trust'),
# the environment variable named with each setting, a flag of the command. Tables are merged name by name.
#
# In a variable: true or false, a number, or a text as it is; names of columns and facets are separated by commas,
# folders and patterns as in PATH (a colon; on Windows a semicolon), a table is {{ name = "text" }}. An empty
# variable counts as not set.
#
# PLUGINARY_TUI_CONFIG names another file than this one, PLUGINARY_TUI_DATA_DIR another folder for the catalogue.
# 'pluginary-tui config show' tells where each value comes from, 'pluginary-tui config check' what is wrong.

# The version of this file. Older ones are understood, and brought up to date when a setting is next saved.
version = {FORMAT}
"""


def example() -> str:
    """The text of config.example.toml, which is also what `config init` writes."""
    parts = [_HEAD]
    for section, class_ in SECTIONS.items():
        parts.append(f"\n\n# {class_.__doc__}\n[{section}]\n")
        parts.extend(_entry(setting) for setting in of_section(section))
    return "".join(parts)


def _entry(setting: Setting) -> str:
    import textwrap  # needed for writing the example only

    about = textwrap.wrap(setting.doc, 110) + textwrap.wrap(f"{_capital(setting.expects)}. {setting.env}", 110)
    lines = [f"# {line}" for line in about]
    if setting.kind == "table":
        lines.append(f"[{setting.name}]")
        lines += [f"# {name} = {render(text)}" for name, text in setting.sample.items()]
    else:
        if setting.sample:
            lines.append(f"# {setting.key} = {render(list(setting.sample))}")
        default = list(setting.default) if isinstance(setting.default, tuple) else setting.default
        lines.append(f"{setting.key} = {render(default)}")
    return "\n" + "\n".join(lines) + "\n"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
