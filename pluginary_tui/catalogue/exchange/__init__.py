"""Export and import of the catalogue, in every file format."""

from __future__ import annotations
