"""The banner that offers to go on with an interrupted scan."""

from __future__ import annotations

from pluginary_tui.tui.browse.empty_states import Banner
from pluginary_tui.tui.browse.host import BrowseHost
from pluginary_tui.tui.core.session import Session


class ScanOffer:
    """Shows the banner while a scan can be taken up, until it is closed."""

    def __init__(self, host: BrowseHost, banner: Banner) -> None:
        self._host = host
        self._banner = banner
        self._closed = False

    def show(self) -> None:
        """Show or hide the banner as things are."""
        session = self._host.session
        self._banner.display = self._due(session)
        if session.interrupted is not None:
            self._banner.show(session.interrupted.left, session.key_of)
        self._host.refresh_bindings()

    def close(self) -> None:
        """Hide the banner for good."""
        self._closed = True
        self.show()

    def scan_changed(self, session: Session) -> None:
        if self._due(session) != self._banner.display:
            self.show()

    def _due(self, session: Session) -> bool:
        return session.interrupted is not None and not self._closed and not session.scanning
