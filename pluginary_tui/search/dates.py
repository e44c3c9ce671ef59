"""Dates as typed: a year, a month, a day, `today`, `7d`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

NEVER = "never"
EXAMPLES = ("today", "yesterday", "7d", "4w", "6m", "1y")

_ISO = re.compile(
    r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2})(?:[Tt]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?[Zz]?)?)?)?"
)
_AGO = re.compile(r"([0-9]{1,6})([hdwmy])")
_HOURS = {"h": 1, "d": 24, "w": 24 * 7, "m": 24 * 30, "y": 24 * 365}


def span(text: str, now: datetime) -> tuple[datetime, datetime] | None:
    """Start and end (exclusive) of the time that a text stands for, or None where it is no date.

    `7d`, `12h`, `2w`, `3m` (30 days each) and `1y` (365 days) are the moment that long before `now`; start and end are
    equal. Days are those of `now`'s time zone; a time of day with a `Z` is UTC.
    """
    text = text.strip().casefold()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    day = timedelta(days=1)
    try:
        if text == "today":
            return midnight, midnight + day
        if text == "yesterday":
            return midnight - day, midnight
        if ago := _AGO.fullmatch(text):
            moment = now - timedelta(hours=int(ago[1]) * _HOURS[ago[2]])
            return moment, moment
        if parts := _ISO.fullmatch(text):
            return _calendar(parts, now)
    except (ValueError, OverflowError):
        pass
    return None


def _calendar(parts: re.Match[str], now: datetime) -> tuple[datetime, datetime]:
    year, month, date, hour, minute, second = (int(part) if part else None for part in parts.groups())
    assert year is not None
    zone = UTC if parts[0][-1] in "zZ" else now.tzinfo
    start = datetime(year, month or 1, date or 1, hour or 0, minute or 0, second or 0, tzinfo=zone)
    if month is None:
        return start, start.replace(year=year + 1)
    if date is None:
        return start, (start + timedelta(days=31)).replace(day=1)
    if hour is None:
        return start, start + timedelta(days=1)
    return start, start + (timedelta(minutes=1) if second is None else timedelta(seconds=1))


def bounds(op: str, low: str, high: str, now: datetime) -> tuple[str, str]:
    """Lower (inclusive) and upper (exclusive) bound as ISO texts (UTC, to the second); "" leaves a side open.

    `low` and `high` are two ends with the op `..`, otherwise `low` is the whole value. A value that is not a date
    leaves both sides open; the parser has reported it.
    """
    first, last = span(low, now), span(high, now)
    if op == "..":
        return (_iso(first[0]) if first else ""), (_iso(last[1]) if last else "")
    if not first:
        return "", ""
    start, end = _iso(first[0]), _iso(first[1])
    sides = {">": (end, ""), ">=": (start, ""), "<": ("", start), "<=": ("", end)}
    return sides.get(op, (start, "" if start == end else end))


def _iso(moment: datetime) -> str:
    try:
        return moment.astimezone(UTC).isoformat(timespec="seconds")[:19]
    except OverflowError:  # within a day of the calendar's first or last day
        return moment.isoformat(timespec="seconds")[:19]
