"""The zoo: plugins that misbehave in every known way, made for the tests and described in README.md."""

from __future__ import annotations
