"""An INI file as lines; unchanged lines stay as they are, byte for byte."""

from __future__ import annotations

from pluginary_tui.daw.plan import line_end


class Ini:
    """Sections and keys, ignoring case as Windows' own functions do."""

    def __init__(self, text: str) -> None:
        self._return = line_end(text)[:-1]
        self._lines = text.split("\n")

    def text(self) -> str:
        return "\n".join(self._lines)

    def values(self, section: str) -> dict[str, str]:
        """Keys and values of a section, in their spelling."""
        pairs = (self._lines[at].rstrip("\r").partition("=") for at in self._inside(section) or ())
        return {key: value for key, equals, value in pairs if equals}

    def get(self, section: str, key: str) -> str:
        """The value of a key; empty where it is missing."""
        at = self._find(section, key)
        return "" if at is None else self._lines[at].rstrip("\r").partition("=")[2]

    def put(self, section: str, key: str, value: str) -> None:
        """Set a value in place; a new key goes after similar ones (`Item1` after `Item0`) or ends its section."""
        at = self._find(section, key)
        if at is not None:
            present = self._lines[at].partition("=")[0]
            if self.get(section, key) != value:
                self._lines[at] = f"{present}={value}{self._return}"
            return
        inside = self._inside(section)
        if inside is None:
            inside = self._begin(section)
        like = [at for at in inside if _kind(self._lines[at]) == _kind(key)]
        used = [at for at in inside if self._lines[at].strip()]
        behind = (like or used or [inside.start - 1])[-1]
        self._lines.insert(behind + 1, f"{key}={value}{self._return}")

    def _find(self, section: str, key: str) -> int | None:
        wanted = key.casefold()
        inside = self._inside(section) or ()
        return next((at for at in inside if self._lines[at].partition("=")[0].casefold() == wanted), None)

    def _inside(self, section: str) -> range | None:
        """The lines after a section's header, up to the next one."""
        headers = [at for at, line in enumerate(self._lines) if line.startswith("[")]
        for number, at in enumerate(headers):
            if self._lines[at].strip().casefold() == f"[{section}]".casefold():
                return range(at + 1, headers[number + 1] if number + 1 < len(headers) else len(self._lines))
        return None

    def _begin(self, section: str) -> range:
        """Append a section, after an empty line."""
        while self._lines and not self._lines[-1].strip():
            self._lines.pop()
        if self._lines:
            self._lines.append(self._return)
        self._lines += [f"[{section}]{self._return}", ""]
        return range(len(self._lines) - 1, len(self._lines))


def _kind(key: str) -> str:
    return key.partition("=")[0].rstrip("0123456789").casefold()
