"""Favourites, hidden plugins and tags for the files of digital audio workstations."""

from __future__ import annotations
