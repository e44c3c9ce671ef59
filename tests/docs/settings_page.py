"""The page docs/settings.md, made of the table of settings. `python -m tests.docs.settings_page` writes it."""

from __future__ import annotations

import textwrap
from pathlib import Path

from pluginary_tui.config.document import render
from pluginary_tui.config.table import ENV_PREFIX, PROJECT_FILE, SECTIONS, Setting, of_section
from pluginary_tui.config.themes import COLOURS

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"

_HEAD = f"""\
# The settings

Settings live in one TOML file. `pluginary-tui config init` writes it with everything documented,
`pluginary-tui config path` says where it is, `pluginary-tui config show` where each value comes from, and
`pluginary-tui config check` what is wrong. The app changes the same file on its screen Settings (`4`). The file with
all defaults is [config.example.toml](../config.example.toml).

Where a setting is given more than once, the later of these wins:

1. its default,
2. your settings file,
3. the file `{PROJECT_FILE}` in the working folder or the nearest one above it, if it is yours
   ([some of its settings](troubleshooting.md#a-projects-folders-are-not-searched) need `config trust`),
4. the environment variable named with each setting,
5. an option of the command.

Two more variables: `{ENV_PREFIX}CONFIG` names another settings file, `{ENV_PREFIX}DATA_DIR` another folder for the
catalogue. In a variable, lists are separated by commas, folders and patterns as in `PATH`.
"""

_THEMES = f"""
## Theme files

A file `themes/NAME.toml` beside the settings file is a theme: NAME can be chosen where the app's own themes can, in
the dialog and as [app.theme](#apptheme).

```toml
primary = "#ffb000"
background = "#14110c"
foreground = "#e8dcc8"
dark = true
```

`primary` is needed; what is not given of the others is derived: {", ".join(f"`{name}`" for name in COLOURS[1:6])},
{", ".join(f"`{name}`" for name in COLOURS[6:-1])} and `{COLOURS[-1]}`. Colours are written `#rrggbb` or `#rgb`.
`config check` has a line for each file that cannot be used, and the app starts all the same.
"""


def page() -> str:
    """The text of docs/settings.md."""
    parts = [_HEAD]
    for section, class_ in SECTIONS.items():
        parts.append(f"\n## {section}\n\n{class_.__doc__}\n")
        parts.extend(_entry(setting) for setting in of_section(section))
    return "".join((*parts, _THEMES))


def default(setting: Setting) -> str:
    """A default as TOML writes it."""
    if setting.kind == "table":
        return "{}"
    value = setting.default
    return render(list(value) if isinstance(value, tuple) else value)


def _entry(setting: Setting) -> str:
    expects = setting.expects[:1].upper() + setting.expects[1:]
    lines = textwrap.wrap(f"{setting.doc} {expects}.".replace("*", "\\*"), 120, break_on_hyphens=False)
    about = "\n".join(lines)
    trust = " A project needs `config trust` for it." if setting.runs_code else ""
    trust += " A project cannot set it." if setting.personal else ""
    return f"\n### {setting.name}\n\n{about}\n\nDefault: `{default(setting)}`. Variable: `{setting.env}`.{trust}\n"


if __name__ == "__main__":
    PAGE.write_text(page())
