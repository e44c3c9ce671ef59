"""The command group: imports subcommands when they are invoked, and reports wrong usage in one line."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, NoReturn

import click

from pluginary_tui import __version__
from pluginary_tui.cli.errors import COMPLETE_VARIABLE, NAME, fail, one_line
from pluginary_tui.cli.shell_completion import register_shells


class LazyGroup(click.Group):
    """A group of lazily imported commands. Wrong usage is one line on stderr and exit code 2."""

    def __init__(self, *args: Any, lazy_subcommands: Mapping[str, str], **extra: Any) -> None:
        """`lazy_subcommands`: name of each command -> its module in this package and its name there (`scan.probe`)."""
        super().__init__(*args, **extra)
        self._lazy_subcommands = lazy_subcommands

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._lazy_subcommands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in self._lazy_subcommands and cmd_name not in self.commands:
            module, _, name = self._lazy_subcommands[cmd_name].partition(".")
            command: click.Command = getattr(import_module(f"pluginary_tui.cli.{module}"), name)
            self.add_command(command)
            for each in (command, *(command.commands.values() if isinstance(command, click.Group) else ())):
                click.version_option(__version__, prog_name=NAME)(each)
        return super().get_command(ctx, cmd_name)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run, and exit the process unless `standalone_mode` is false; always under the name of the program."""
        if not standalone_mode:
            return super().main(args, prog_name or NAME, complete_var or COMPLETE_VARIABLE, False, **extra)
        if COMPLETE_VARIABLE in os.environ:
            register_shells()
        try:
            code = super().main(args, NAME, COMPLETE_VARIABLE, False, **extra)
        except click.UsageError as error:
            _wrong_usage(error, sys.argv[1:] if args is None else args)
        except click.ClickException as error:
            fail(one_line(error.format_message()))
        except click.Abort:
            fail("stopped.")
        sys.exit(code if isinstance(code, int) else 0)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As in click, but an unknown command is answered with the most similar one."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, self.list_commands(ctx), 1)
            ctx.fail(f"There is no command {one_line(name)}{f', did you mean {near[0]}?' if near else '.'}")
        return super().resolve_command(ctx, args)


def _wrong_usage(error: click.UsageError, args: Sequence[str]) -> NoReturn:
    path = error.ctx.command_path if error.ctx else NAME
    message = one_line(error.format_message())
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        message = "a command is missing."
    message = message if message.endswith((".", "?")) else f"{message}."
    if isinstance(error, click.NoSuchOption) and (meant := _negated_query(error, args)):
        fail(f"{message} A query that begins with a hyphen stands behind --: {one_line(meant)}", 2)
    fail(f"{message} '{path} --help' tells more.", 2)


def _negated_query(error: click.NoSuchOption, args: Sequence[str]) -> str:
    """The command line with `--` before a term such as `-is:failed`; empty where the command takes no query."""
    takes = error.ctx is not None and any(each.name == "query" for each in error.ctx.command.params)
    at = next((n for n, arg in enumerate(args) if re.match(r"-[^\W\d-].", arg)), None)
    if not takes or at is None or not args[at].startswith(error.option_name):
        return ""
    return f"{NAME} {shlex.join([*args[:at], '--', *args[at:]])}"
