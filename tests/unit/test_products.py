"""Which plugins are one product in several formats."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pluginary_tui.products import maker, product_id, title

PAIRS = Path(__file__).parents[1] / "data" / "product_pairs.tsv"
"""Vendors and names of pairs of real plugins (Debian's packages) and of the ways in which other makers name theirs."""


def pairs() -> list[tuple[str, str, str, str, bool]]:
    with PAIRS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    return [(vendor, name, vendor_2, name_2, kind == "same") for vendor, name, vendor_2, name_2, kind in rows]


def test_there_are_enough_pairs_of_both_kinds() -> None:
    same = [pair[-1] for pair in pairs()]
    assert len(same) >= 200 and 60 < sum(same) < len(same) - 60


@pytest.mark.parametrize(("vendor", "name", "vendor_2", "name_2", "same"), pairs())
def test_pairs(vendor: str, name: str, vendor_2: str, name_2: str, same: bool) -> None:
    assert (product_id(vendor, name) == product_id(vendor_2, name_2)) == same


def test_a_vendor_or_name_that_is_nothing_but_a_format_stays() -> None:
    assert maker("CLAP") == "CLAP" and title("VST3", "Acme") == "VST3" and product_id("", "") == "unknown/unknown"
    assert maker("") == "" and title("Acme", "Acme") == "Acme" and title("Acme 3", "Acme") == "Acme 3"
