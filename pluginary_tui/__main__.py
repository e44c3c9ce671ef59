"""`python -m pluginary_tui` and the `pluginary-tui` command."""

from __future__ import annotations


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        from pluginary_tui.cli import main as cli

        cli()
    except KeyboardInterrupt:  # before or behind what the command line itself looks after
        raise SystemExit("pluginary-tui: stopped.") from None


if __name__ == "__main__":
    main()
