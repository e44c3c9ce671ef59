"""Earlier queries in the query line."""

from __future__ import annotations

from pluginary_tui.tui.browse.host import BrowseHost


class QueryHistory:
    """Goes through the queries that were used before, the last one first."""

    def __init__(self, host: BrowseHost) -> None:
        self._host = host
        self._back = 0
        """How many queries back the query line is."""

    def remember(self) -> None:
        """Keep the query in the history."""
        self._host.session.state.remember(self._host.query_text)
        self._back = 0

    def older(self) -> None:
        """Put the query before this one into the line."""
        host, state = self._host, self._host.session.state
        if not self._back and host.query_text.strip():
            state.remember(host.query_text)
            self._back = 1
        if self._back < len(state.history):
            self._back += 1
            host.query_text = state.history[-self._back]

    def newer(self) -> bool:
        """Put the query behind this one into the line, an empty one behind the last. False where there is none."""
        host = self._host
        if self._back > 1:
            self._back -= 1
            host.query_text = host.session.state.history[-self._back]
        elif self._back:
            self._back, host.query_text = 0, ""
        else:
            return False
        return True

    def shorten(self) -> bool:
        """Keep the query and take its last term out of the line. False where it is empty."""
        from pluginary_tui.search.query_edit import without_last

        host, text = self._host, self._host.query_text
        if not text.strip():
            return False
        self.remember()
        host.query_text = without_last(text, host.session.catalogue.index.parse(text))
        return True
