"""Numbers, durations, sizes and times as short text for a person."""

from __future__ import annotations

import re
from datetime import UTC, datetime

SWITCH_WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
"""What a switch may be set to by a person, in lower case."""

_DECIMAL = re.compile(r"([+-]?\d+)\.(\d+)")


def duration(seconds: float) -> str:
    """`0.48 s`, `9.4 s`, `42 s`, `3 min 05 s`, `2 h 07 min`."""
    seconds = max(0.0, seconds)
    if seconds < 0.995:
        return f"{seconds:.2f} s"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def rough_duration(seconds: float) -> str:
    """An estimate, without decimals."""
    return duration(seconds) if seconds >= 9.5 else f"{max(1, round(seconds))} s"


def plain_number(text: str) -> str:
    """A text that is one decimal number without what carries nothing: zeros at the end, and digits beyond the sixth,
    which a float of 32 bits does not hold. Any other text as it is.

    >>> plain_number("-30.000000"), plain_number("9.999999"), plain_number("1.0 dB")
    ('-30', '10', '1.0 dB')
    """
    text = text.strip()
    match = _DECIMAL.fullmatch(text) if "." in text else None
    if match is None:
        return text
    places = max(0, 6 - len(match[1].lstrip("+-0")))
    number = f"{float(text):.{min(places, len(match[2]))}f}"
    number = number.rstrip("0").rstrip(".") if "." in number else number
    return "0" if number == "-0" else number


def day(seconds: float) -> str:
    """The day of a moment since 1970, here: `2025-03-01`; empty for one that the calendar or the system does not have.

    >>> day(1e15)
    ''
    """
    try:
        return str(datetime.fromtimestamp(seconds).date())
    except (ValueError, OverflowError, OSError):  # a file may have any time; Windows knows none before 1970
        return ""


def counted(number: int, noun: str) -> str:
    """`1 plugin`, `1,204 plugins`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def ago(stamp: str, now: datetime | None = None) -> str:
    """How long ago an ISO 8601 time was, in one short word; empty for no time.

    >>> ago("2025-03-01T12:00:00Z", datetime(2025, 3, 1, 14, 0, tzinfo=UTC))
    '2h ago'
    """
    if not stamp:
        return ""
    seconds = ((now or datetime.now(UTC)) - datetime.fromisoformat(stamp)).total_seconds()
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:.0f}{unit} ago" if seconds < 60 * 86400 else stamp[:10]
    return "just now"


def moment(nanoseconds: int) -> str:
    """A time since the epoch as the catalogue writes it: ISO 8601, UTC, to the second; empty for an impossible one.

    >>> moment(10**18)
    '2001-09-09T01:46:40Z'
    """
    try:
        return datetime.fromtimestamp(nanoseconds / 1e9, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):  # a clock far off
        return ""


def file_size(size: int) -> str:
    """`412 bytes`, `96.0 kB`, `2.4 MB`, `1.1 GB`."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= scale:
            return f"{size / scale:.1f} {unit}"
    return f"{size} bytes"


def amount(value: float) -> str:
    """A figure with two significant digits and no exponent.

    >>> amount(0.000002), amount(0.0123), amount(4.56), amount(1234.5)
    ('under 0.01', '0.012', '4.6', '1,234')
    """
    if 0 < abs(value) < 0.01:
        return "under 0.01" if value > 0 else "about 0"
    if abs(value) >= 10:
        return f"{value:,.0f}"
    places = 1 if abs(value) >= 1 else 2 if abs(value) >= 0.1 else 3
    return f"{value:.{places}f}".rstrip("0").rstrip(".") or "0"


_DECIMALS = re.compile(r"(?<![\w.])([+-]?)(\d+)\.(\d+)(e[+-]?\d+)?(?![\w.])", re.IGNORECASE)


def short_decimals(text: str) -> str:
    """A plugin's own text for a value, with at most three significant decimals instead of six zeros.

    >>> short_decimals("1.000000"), short_decimals("0.849999 dB"), short_decimals("2.00 kHz"), short_decimals("1.2.0")
    ('1', '0.85 dB', '2 kHz', '1.2.0')
    """
    return _DECIMALS.sub(_shorter, text)


def _shorter(found: re.Match[str]) -> str:
    value = abs(float(found[0]))
    if found[4] and value >= 1e6:
        return found[0]
    places = 0 if value >= 1000 else 1 if value >= 100 else 2 if value >= 1 else 3
    shown = f"{value:.{places}f}"
    shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
    return f"{found[1] if shown != '0' else ''}{shown}"


def with_unit(value: str, unit: str) -> str:
    """A value with its unit, where the plugin's own text does not have it already.

    >>> with_unit("-3", "dB"), with_unit("50 %", "%"), with_unit("", "Hz")
    ('-3 dB', '50 %', '')
    """
    return value if not unit or not value or value.endswith(unit) else f"{value} {unit}"


def value_range(low: str, high: str, unit: str = "", *, either: bool = False) -> str:
    """From where to where a parameter goes, alike on all screens and in all commands; empty where no end is known.

    `either`: there is no value between the two ends.

    >>> value_range("-30", "30", "dB"), value_range("Off", "On", either=True), value_range("", "8")
    ('-30 to 30 dB', 'Off or On', 'up to 8')
    """
    if low == high:
        return with_unit(high, unit)
    if not low or not high:
        return with_unit(f"up to {high}" if high else f"from {low}", unit)
    return f"{low} {'or' if either else 'to'} {with_unit(high, unit)}"
