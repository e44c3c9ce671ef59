"""A passport as a page in HTML that needs nothing else: no file, no script, no network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pluginary_tui.sound.passport import DEFAULT
from pluginary_tui.sound.passport_text import knob_lines
from pluginary_tui.sound.share.drawing import plots
from pluginary_tui.sound.share.facts import Shared, escaped
from pluginary_tui.sound.share.report import steps

_STYLE = """
body { font: 15px/1.45 "DejaVu Sans", Verdana, Helvetica, sans-serif; color: #1b1f24; background: #fff;
  max-width: 960px; margin: 2em auto; padding: 0 1em; overflow-wrap: anywhere; }
h1 { margin-bottom: 0; } h2 { margin-top: 1.6em; font-size: 18px; } .quiet { color: #5b6470; }
.fault { color: #b3261e; } table { border-collapse: collapse; } td, th { text-align: left; padding: 2px 12px 2px 0;
  vertical-align: top; border-bottom: 1px solid #e4e8ec; } code { background: #f1f3f5; padding: 0 3px; }
svg { max-width: 100%; height: auto; }
"""


def page(shared: Shared) -> str:
    """The whole page."""
    return (
        "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escaped(shared.name)}</title><style>{_STYLE}</style></head><body>\n"
        + "\n".join(_parts(shared))
        + "\n</body></html>\n"
    )


def _parts(shared: Shared) -> Iterator[str]:
    passport = shared.passport
    yield f"<h1>{escaped(shared.name)}</h1>"
    yield f"<p class='quiet'>{escaped(shared.subtitle)}</p>"
    if shared.behaves:
        yield f"<p>{escaped(shared.behaves)}</p>"
    if passport.sounds:
        words = "; ".join(f"{word} ({reason})" for word, reason in passport.sounds.items())
        yield f"<p>sounds: {escaped(words)}</p>"
    for label, meaning, fault in shared.verdicts():
        yield f"<p{' class=fault' if fault else ''}><b>{escaped(label)}</b>: {escaped(meaning)}</p>"
    drawn = plots(passport)
    if drawn:
        yield "<h2>Curves</h2><p class='quiet'>Solid: as loaded. Dashed: other settings.</p>"
        yield from drawn
    yield "<h2>Figures</h2>"
    rows = [(label, value, f"{trust:.0%}", about) for label, value, about, trust in shared.figures()]
    yield _table(("figure", "value", "sure", "is"), rows)
    if knobs := knob_lines(passport):
        yield "<h2>What the parameters do</h2>" + _table(("parameter", "from where it starts"), knobs)
    if passport.checks:
        yield "<h2>Checked as hosts use it</h2>" + _table(("check", "result"), passport.checks.items())
    yield "<h2>How to repeat it</h2><ol>"
    yield from (f"<li>{escaped(step)}</li>" for step in steps(shared))
    yield "</ol>" + _table(("", ""), shared.made())
    for setting in passport.settings:
        if setting.label != DEFAULT and setting.turned:
            yield f"<h2>Setting {escaped(setting.label)}</h2>"
            yield _table(("parameter", "value"), setting.turned.items())


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    top = "".join(f"<th>{escaped(cell)}</th>" for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{escaped(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table>{f'<tr>{top}</tr>' if any(head) else ''}{body}</table>"
