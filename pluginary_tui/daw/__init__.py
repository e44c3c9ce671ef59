"""Writes favourites, hidden plugins and tags to the files of digital audio workstations."""

from __future__ import annotations
