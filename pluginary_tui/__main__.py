"""`python -m pluginary_tui` and the `pluginary-tui` command. Imported again by every worker, so it stays empty."""

from __future__ import annotations


def main() -> None:
    """Run the command line and leave with its exit code."""
    from pluginary_tui.cli import main as cli

    cli()


if __name__ == "__main__":
    main()
