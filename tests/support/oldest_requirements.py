"""The oldest versions that pyproject.toml allows, a line each: `python -m tests.support.oldest_requirements`."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

_LEAST = re.compile(r"(?P<name>[A-Za-z0-9_.-]+)>=(?P<version>[0-9.]+)(?P<rest>.*)")


def oldest(requirements: list[str]) -> list[str]:
    """`name==version` of each, with its marker. ValueError for one without a least version.

    >>> oldest(["rich>=13.9", "psutil>=6; sys_platform != 'linux'"])
    ['rich==13.9', "psutil==6; sys_platform != 'linux'"]
    """
    found = []
    for requirement in requirements:
        least = _LEAST.fullmatch(requirement)
        if least is None:
            raise ValueError(f"{requirement} names no least version")
        found.append(f"{least['name']}=={least['version']}{least['rest']}")
    return found


def main() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    print("\n".join(oldest(project["dependencies"])))


if __name__ == "__main__":
    main()
