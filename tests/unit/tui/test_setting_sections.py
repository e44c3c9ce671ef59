"""Every section of the settings has a title on the screen, which cannot open otherwise."""

from __future__ import annotations

import pytest

from pluginary_tui.config.table import SECTIONS
from pluginary_tui.tui.settings import setting_details

pytestmark = pytest.mark.short


def test_every_section_has_a_title() -> None:
    assert set(setting_details.SECTIONS) == set(SECTIONS)
